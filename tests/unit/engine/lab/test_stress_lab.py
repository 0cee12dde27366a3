"""The stress lab on a book: stakes, shocks, past crashes without looking ahead, and the book sized by the rule."""

import math
from dataclasses import replace

import numpy as np
import pytest

from engine.adapters.price_file import PriceTable
from engine.domain.config import Config, Estimator
from engine.domain.units import HOUR_MS, Asset, BasketName, Ms, parse_iso
from engine.lab.correlate import correlations
from engine.lab.sized_book import sized_positions
from engine.lab.stress_book import Shock, StressMarket, base_positions, stress_market
from engine.lab.stress_lab import lab_book, stakes
from support.books import correlated_closes, long_basket, small_config

NAMES = ("AAA", "BBB", "CCC")
FIRST = parse_iso("2022-01-01T00:00:00Z")
FALL = Shock(asset=Asset("AAA"), move=-0.08)


def table(slots: int = 220 * 24) -> PriceTable:
    opens = np.arange(FIRST, FIRST + slots * HOUR_MS, HOUR_MS)
    return PriceTable(open_ms=opens, assets=NAMES, closes=correlated_closes(4, slots, 3), bar_ms=HOUR_MS)


def config(leverage: float = 10.0) -> Config:
    return small_config(replace(long_basket("longs", *NAMES), leverage=leverage))


def market(source: PriceTable, at: Ms | None = None) -> StressMarket:
    return stress_market(config(), source, at=at, benchmarks=(Asset("AAA"),))


def test_the_account_stands_on_equity_and_a_basket_on_its_own_margins() -> None:
    account, basket = stakes(config(), base_positions(config()), equity=50_000.0)
    assert (account.basket, account.balance) == (None, 50_000.0)
    assert basket.basket == "longs"
    assert basket.balance == pytest.approx(1_200.0)
    assert basket.margins.tolist() == pytest.approx([400.0] * 3)


def test_a_position_that_the_rule_cut_keeps_its_margin() -> None:
    cut = {name: {asset: value / 4 for asset, value in held.items()} for name, held in base_positions(config()).items()}
    _, basket = stakes(config(), cut, equity=50_000.0)
    assert basket.balance == pytest.approx(1_200.0)
    assert np.abs(basket.values).sum() == pytest.approx(3_000.0)


def test_a_shock_liquidates_at_ten_times_leverage_what_it_leaves_alone_at_three() -> None:
    source = table()
    shock = Shock(asset=Asset("AAA"), move=-0.2)
    walks = {}
    for leverage in (3.0, 10.0):
        _, stake = stakes(config(leverage), base_positions(config()), equity=50_000.0)
        walks[leverage] = lab_book(stake, market(source), source, [shock]).cascades[0]
    three, ten = walks[3.0].isolated, walks[10.0].isolated
    assert three is not None
    assert ten is not None
    assert three.taken == ()
    assert len(ten.taken) >= 1
    assert ten.loss <= 1_200.0


def test_a_past_crash_is_replayed_once_it_is_over_and_not_before() -> None:
    source = table()
    _, stake = stakes(config(), base_positions(config()), equity=50_000.0)
    before = lab_book(stake, market(source, parse_iso("2022-05-12T23:00:00Z")), source, [])
    after = lab_book(stake, market(source, parse_iso("2022-05-13T00:00:00Z")), source, [])
    assert before.cascades == ()
    assert [cascade.name for cascade in after.cascades] == ["LUNA"]
    walk = after.cascades[0].cross
    assert walk is not None
    closed = source.open_ms + HOUR_MS
    begin, end = (int(np.searchsorted(closed, parse_iso(f"2022-05-{day}T00:00:00Z"))) for day in ("05", "13"))
    moves = source.closes[end] / source.closes[begin] - 1
    if not walk.taken:
        assert walk.loss == pytest.approx(-4_000 * moves.sum())


def test_an_asset_without_prices_in_a_crash_is_named_and_no_loss_is_made_up() -> None:
    source = table()
    source.closes[: 130 * 24, 1] = np.nan
    _, stake = stakes(config(), base_positions(config()), equity=50_000.0)
    (crash,) = lab_book(stake, market(source), source, []).cascades
    assert (crash.unknown, crash.isolated, crash.cross) == (("BBB",), None, None)


def test_the_odds_stand_side_by_side_and_wilder_markets_are_worse() -> None:
    source = table()
    _, stake = stakes(config(), base_positions(config()), equity=50_000.0)
    odds = dict(lab_book(stake, market(source), source, []).odds)
    assert list(odds) == ["independent", "today", "rho_0.95", "rho_0.95_sigma_1.5"]
    assert odds["rho_0.95_sigma_1.5"][1].cross > odds["rho_0.95"][1].cross


def test_the_sized_book_is_base_times_one_minus_the_mean_of_the_larger_correlation() -> None:
    source, setup = table(), config()
    rule = replace(setup, sizing=replace(setup.sizing, rho="30d"))
    held = sized_positions(rule, market(source), source)[BasketName("longs")]
    found = correlations(source, assets=NAMES, windows=(30,), at=None, method=Estimator.WINSORIZED).windows[0].rho
    for place, asset in enumerate(map(Asset, NAMES)):
        others = [found[place, k] for k in range(3) if k != place]
        assert held[asset] == pytest.approx(4_000 * (1 - sum(others) / 2), rel=1e-9)
    cautious = sized_positions(setup, market(source), source)[BasketName("longs")]
    assert all(cautious[asset] <= held[asset] + 1e-9 for asset in map(Asset, NAMES))
    assert not math.isnan(sum(cautious.values()))
