"""The sections, checked against plain pandas and arithmetic by hand."""

import math
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from msgspec import structs

from engine.core.inputs import HistoryReady, QuotesArrived, Stamp
from engine.core.state import EngineState, new_state
from engine.core.step import step
from engine.core.trading import Trading
from engine.core.view_books import books_view
from engine.core.view_health import health_view
from engine.core.view_market import matrix_view, quotes_view, series_view
from engine.core.view_trades import blotter_view, proposals_view
from engine.core.warmup import prepare_history
from engine.domain.basket import Side
from engine.domain.config import Estimator
from engine.domain.errors import RefusedError
from engine.domain.facts import Deposited, PositionAdopted
from engine.domain.sections import View
from engine.domain.units import HOUR_MS, Asset, BasketName, Ms
from engine.domain.views import ALL_ASSETS, BasketState, MatrixKind, Section
from engine.market.correlation_state import CorrelationState
from engine.quant.arrays import Floats
from engine.wire.codec import decode_view, encode_view
from support.books import START, basket, correlated_closes, long_basket, quote_at, small_config, symbol_of
from support.some_facts import ACTOR

DEPOSIT = Deposited(at=START, amount=Decimal(50_000), note="", actor=ACTOR)


def adopted(basket_name: str, asset: str, quantity: str, *, price: str) -> PositionAdopted:
    return PositionAdopted(
        at=START,
        basket=BasketName(basket_name),
        asset=Asset(asset),
        symbol=symbol_of(asset),
        quantity=Decimal(quantity),
        price=Decimal(price),
        note="",
        actor=ACTOR,
    )


SLOTS = 121 * 24
FIRST = Ms(START - SLOTS * HOUR_MS)
CONFIG = small_config(
    long_basket("longs", "AAA", "BBB", "CCC"),
    basket("hedged", {"AAA": Side.LONG, "DDD": Side.SHORT}, notional=8_000),
)
CLOSES = correlated_closes(11, SLOTS, 4)


@pytest.fixture(scope="module")
def state() -> EngineState:
    fresh = new_state(CONFIG)
    item = HistoryReady(history=prepare_history(CONFIG, FIRST, CLOSES), fetched=0)
    step(fresh, Stamp(market_ms=START, monotonic=0.0), item)
    return fresh


def pandas_corr(days: int) -> Floats:
    returns = pd.DataFrame(np.log(CLOSES)).diff()
    rho: Floats = returns.iloc[-days * 24 :].corr().to_numpy(dtype=np.float64)
    return rho


@pytest.mark.parametrize("days", [30, 60, 90])
def test_a_window_is_what_pandas_says(state: EngineState, days: int) -> None:
    view = matrix_view(
        state,
        scope=ALL_ASSETS,
        kind=MatrixKind.WINDOW,
        window_days=days,
        estimator=Estimator.PEARSON,
        dtype="f8",
    )
    rho = np.frombuffer(view.values, dtype="<f8").reshape(4, 4)
    assert np.max(np.abs(rho - pandas_corr(days))) < 1e-12
    assert set(np.frombuffer(view.counts, dtype="<u2")) == {days * 24}


def test_a_basket_matrix_is_signed_by_side(state: EngineState) -> None:
    view = matrix_view(
        state, scope="hedged", kind=MatrixKind.WINDOW, window_days=30, estimator=Estimator.PEARSON, dtype="f4"
    )
    rho = np.frombuffer(view.values, dtype="<f4").reshape(2, 2)
    assert view.assets == ("AAA", "DDD")
    assert rho[0, 1] == pytest.approx(-pandas_corr(30)[0, 3], abs=1e-6)


def test_delta_is_now_minus_base(state: EngineState) -> None:
    def values(kind: MatrixKind) -> Floats:
        view = matrix_view(state, scope="longs", kind=kind, window_days=30, estimator=Estimator.WINSORIZED, dtype="f8")
        return np.frombuffer(view.values, dtype="<f8")

    now, base = values(MatrixKind.NOW), values(MatrixKind.BASE)
    assert values(MatrixKind.DELTA) == pytest.approx(now - base, abs=1e-15)


def test_live_is_now_with_the_unfinished_bar_and_commits_nothing(state: EngineState) -> None:
    before = state.correlation.now(Estimator.PEARSON).rho.copy()
    closes = CLOSES[-1] * np.array([1.02, 0.97, 1.01, 1.0])
    quotes = tuple(
        structs.replace(quote_at(symbol_of(asset), received=1.0), last=Decimal(repr(float(close))))
        for asset, close in zip(state.assets, closes, strict=True)
    )
    step(state, Stamp(market_ms=START, monotonic=1.0), QuotesArrived(quotes=quotes))
    view = matrix_view(
        state, scope=ALL_ASSETS, kind=MatrixKind.LIVE, window_days=30, estimator=Estimator.PEARSON, dtype="f8"
    )
    shown = np.frombuffer(view.values, dtype="<f8").reshape(4, 4)
    following = CorrelationState(state.assets, CONFIG.rules)
    following.warm_up(FIRST, np.vstack([CLOSES, closes]))
    np.testing.assert_allclose(shown, following.now(Estimator.PEARSON).rho, atol=1e-12)
    np.testing.assert_array_equal(state.correlation.now(Estimator.PEARSON).rho, before)
    state.quotes.clear()  # the other tests of this module read the state without prices


def test_calm_and_stress_share_the_bars_between_them(state: EngineState) -> None:
    def counts(kind: MatrixKind) -> int:
        view = matrix_view(state, scope="longs", kind=kind, window_days=30, estimator=Estimator.WINSORIZED, dtype="f8")
        return int(np.frombuffer(view.counts, dtype="<u2")[0])

    calm, stress = counts(MatrixKind.CALM), counts(MatrixKind.STRESS)
    assert 0 < calm + stress < SLOTS
    assert state.calm_and_stress is not None
    rho, _ = state.calm_and_stress.matrix(stress=calm < stress)
    assert 0.5 < rho[0, 1] < 0.9
    longs = books_view(state, START).baskets[0]
    expected = rho[:3, :3][np.triu_indices(3, 1)].mean()
    assert (longs.mean_rho_stress if calm < stress else longs.mean_rho_calm) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("scope", "days", "estimator", "why"),
    [
        ("nowhere", 30, Estimator.PEARSON, "no basket 'nowhere'"),
        ("longs", 31, Estimator.PEARSON, "31 days"),
        ("longs", 30, Estimator.SPEARMAN, "spearman"),
    ],
)
def test_what_is_not_kept_is_refused_by_name(
    state: EngineState, scope: str, days: int, estimator: Estimator, why: str
) -> None:
    with pytest.raises(RefusedError, match=why):
        matrix_view(state, scope=scope, kind=MatrixKind.WINDOW, window_days=days, estimator=estimator, dtype="f4")


def test_a_flat_basket_shows_what_it_would_open_at(state: EngineState) -> None:
    longs, hedged = books_view(state, START).baskets
    assert longs.planned
    assert (longs.state, longs.gross, longs.net) == (BasketState.FLAT, 0.0, 0.0)
    assert (hedged.gross, longs.notional, hedged.notional) == (0.0, 12_000, 8_000)
    assert [leg.side for leg in hedged.assets] == [Side.LONG, Side.SHORT]
    window = state.correlation.window(30, Estimator.WINSORIZED).rho[:3, :3]
    rho = np.maximum(window, state.correlation.now(Estimator.WINSORIZED).rho[:3, :3])
    expected = [(1 - (rho[leg].sum() - 1) / 2) / 3 for leg in range(3)]
    assert [leg.target_weight for leg in longs.assets] == pytest.approx(expected, abs=1e-12)
    assert [leg.weight for leg in longs.assets] == [0.0, 0.0, 0.0]


def test_hidden_leverage_by_hand(state: EngineState) -> None:
    longs = books_view(state, START).baskets[0]
    sigma = state.correlation.sigma_ann()[:3]
    rho = state.correlation.window(30, Estimator.WINSORIZED).rho[:3, :3]
    w = np.array([leg.target_weight for leg in longs.assets]) * sigma
    vol = math.sqrt(w @ rho @ w)
    assert longs.vol_ann == pytest.approx(vol, rel=1e-12)
    assert longs.hidden_leverage == pytest.approx(vol / math.sqrt(w @ w), rel=1e-12)
    assert longs.effective_bets == pytest.approx(w.sum() ** 2 / vol**2, rel=1e-12)


def test_the_account_nets_what_baskets_share_and_books_what_they_made(state: EngineState) -> None:
    held = {("longs", "AAA"): "3", ("longs", "BBB"): "2", ("hedged", "AAA"): "-1", ("hedged", "DDD"): "-2"}
    with_money = replace(state, trading=Trading([DEPOSIT, *(adopted(*key, q, price="90") for key, q in held.items())]))
    quotes = tuple(
        structs.replace(quote_at(symbol_of(asset), received=0.0), last=Decimal(100))
        for asset in ("AAA", "BBB", "CCC", "DDD")
    )
    with_money.quotes = {with_money.asset_of[quote.symbol]: quote for quote in quotes}
    view = books_view(with_money, START)
    longs, hedged = view.baskets
    assert (longs.gross, longs.net, longs.pnl) == (500.0, 500.0, 50.0)
    assert (hedged.gross, hedged.net, hedged.pnl) == (300.0, -300.0, -30.0)
    assert hedged.assets[0].weight == -100 / 8_000  # a long leg that is held short
    assert "mends it" in hedged.flag
    assert (view.portfolio.gross, view.portfolio.net) == (800.0, 200.0)
    w = np.array([200.0, 200.0, 0.0, -200.0]) / 50_020 * with_money.correlation.sigma_ann()
    rho = with_money.correlation.window(30, Estimator.WINSORIZED).rho
    assert view.portfolio.vol_ann == pytest.approx(math.sqrt(w @ rho @ w), rel=1e-9)
    assert 0 < view.portfolio.es95_1d_rho95 < view.portfolio.es95_1d  # a hedge gains where all move together
    health = health_view(with_money, market_ms=START, monotonic=1.0, uptime_s=1.0, pid=1, seq=9)
    assert (health.equity, health.pnl_day, health.equity_partial) == (50_020.0, 20.0, False)


def test_mean_rho_is_the_mean_of_the_pairs(state: EngineState) -> None:
    longs = books_view(state, START).baskets[0]
    rho = pandas_corr(60)[:3, :3]
    assert longs.mean_rho["60"] == pytest.approx(rho[np.triu_indices(3, 1)].mean(), abs=1e-12)


def test_before_history_everything_measured_is_undefined() -> None:
    fresh = new_state(CONFIG)
    view = books_view(fresh, START)
    assert {b.state for b in view.baskets} == {BasketState.NO_DATA}
    assert math.isnan(view.baskets[0].hidden_leverage)
    assert view.as_of_ms is None
    matrix = matrix_view(
        fresh, scope="longs", kind=MatrixKind.NOW, window_days=30, estimator=Estimator.PEARSON, dtype="f4"
    )
    assert np.isnan(np.frombuffer(matrix.values, dtype="<f4")).all()


def test_the_course_ends_with_the_newest_reading(state: EngineState) -> None:
    view = series_view(state, scope="longs")
    longs = books_view(state, START).baskets[0]
    assert (len(view.mean_now), view.mean_now[-1]) == (720, longs.mean_rho_now)
    assert {frozenset((p.first, p.second)) for p in view.pairs} == {
        frozenset(pair) for pair in (("AAA", "BBB"), ("AAA", "CCC"), ("BBB", "CCC"))
    }
    with pytest.raises(RefusedError, match="no basket"):
        series_view(state, scope=ALL_ASSETS)


def test_a_row_without_a_price_is_stale_and_undefined() -> None:
    fresh = new_state(CONFIG)
    quotes = (quote_at(symbol_of("AAA"), received=100.0),)
    step(fresh, Stamp(market_ms=START, monotonic=100.0), QuotesArrived(quotes=quotes))
    first, second, *_ = quotes_view(fresh, monotonic=116.0).rows
    assert first.age_s == pytest.approx(16.0)
    assert first.stale
    assert math.isnan(second.last)
    assert second.stale


def test_every_section_can_travel(state: EngineState) -> None:
    health = health_view(state, market_ms=START, monotonic=1.0, uptime_s=1.0, pid=1, seq=9)
    matrix = matrix_view(
        state, scope="longs", kind=MatrixKind.NOW, window_days=30, estimator=Estimator.PEARSON, dtype="f4"
    )
    views: dict[Section, View] = {
        Section.HEALTH: health,
        Section.QUOTES: quotes_view(state, monotonic=1.0),
        Section.BOOKS: books_view(state, START),
        Section.MATRIX: matrix,
        Section.SERIES: series_view(state, scope="longs"),
        Section.PROPOSALS: proposals_view(state, Stamp(market_ms=START, monotonic=1.0)),
        Section.BLOTTER: blotter_view(state),
    }
    assert {type(decode_view(section, encode_view(view))) for section, view in views.items()} == {
        type(view) for view in views.values()
    }
    assert repr(decode_view(Section.BOOKS, encode_view(books_view(state, START)))) == repr(
        books_view(state, START)
    )  # NaN != NaN


def test_health_names_the_simulated_market_and_the_next_check(state: EngineState) -> None:
    view = health_view(state, market_ms=Ms(START + 1), monotonic=1.0, uptime_s=1.0, pid=1, seq=9)
    assert (view.market, view.market_label, view.ready, view.seq) == ("sim", "fake", True, 9)
    assert view.next_check_ms == START + 4 * HOUR_MS
    assert math.isnan(view.last_event_age_s)
