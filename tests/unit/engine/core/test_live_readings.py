"""The live side of the readings: frozen baselines, the rolling hour, the account, and a regime learned in silence."""

from dataclasses import replace

import numpy as np
import pytest

from engine.core.anchors import anchor_of
from engine.core.baskets import drift_snapshot
from engine.core.live_readings import LiveReader
from engine.core.portfolio_track import PortfolioTrack
from engine.core.regime_history import learn_silently
from engine.core.signal_state import Signals
from engine.core.signals_check import run_instant
from engine.core.warmup import new_tracks
from engine.domain.alerts import Regime
from engine.domain.basket import Side
from engine.domain.config import Config, Estimator
from engine.domain.events import BaselineAnchored, CheckCompleted, VolatilityBroadened
from engine.domain.units import HOUR_MS, MINUTE_MS, Ms
from engine.market.correlation_state import CorrelationState
from engine.market.usage import used_history
from engine.quant.basket_returns import basket_returns
from engine.quant.returns import log_returns
from engine.signals.regime import RegimeFilter
from support.books import START, basket, long_basket, small_config
from support.markets import Floats, switching_closes

CONFIG = small_config(long_basket("one", "AAA", "BBB", "CCC"), basket("two", {"AAA": Side.LONG, "DDD": Side.SHORT}))
ROWS = 3000


@pytest.fixture(scope="module")
def closes() -> Floats:
    return switching_closes(7, ROWS, 4, together={1200: 72, 2000: 48, 2940: 60})


@pytest.fixture(scope="module")
def state(closes: Floats) -> CorrelationState:
    found = CorrelationState(tuple(CONFIG.symbols), CONFIG.rules)
    found.warm_up(START, closes)
    return found


END = Ms(START + ROWS * HOUR_MS)


def test_an_anchored_basket_is_judged_against_its_frozen_baseline(state: CorrelationState) -> None:
    config = replace(CONFIG, rules=replace(CONFIG.rules, baseline="anchored"))
    tracks = new_tracks(config)
    one = tracks[config.baskets[0].name]
    fact = replace_values(anchor_of(one, drift_snapshot(state, config.rules), END), 0.2)
    reader = LiveReader(config)
    judged = reader.readings(state, tracks, {one.basket.name: fact})[0].drift
    plain = reader.readings(state, tracks, {})[0].drift
    assert {move.rho_base for move in judged.moves} == {0.2}
    assert [move.rho_now for move in judged.moves] == [move.rho_now for move in plain.moves]
    rolling = LiveReader(CONFIG).readings(state, tracks, {one.basket.name: fact})[0].drift
    assert rolling == plain


def replace_values(fact: BaselineAnchored, value: float) -> BaselineAnchored:
    """Return the anchor with every pair at one value."""
    pairs = (value,) * len(fact.raw)
    return BaselineAnchored(at=fact.at, basket=fact.basket, assets=fact.assets, raw=pairs, win=pairs)


def test_an_anchor_of_other_legs_is_not_used(state: CorrelationState) -> None:
    config = replace(CONFIG, rules=replace(CONFIG.rules, baseline="anchored"))
    tracks = new_tracks(config)
    one, two = tracks.values()
    wrong = anchor_of(two, drift_snapshot(state, config.rules), END)
    reader = LiveReader(config)
    assert (
        reader.readings(state, tracks, {one.basket.name: wrong})[0].drift == reader.readings(state, tracks, {})[0].drift
    )


def test_inside_the_hour_only_the_rolling_hour_is_looked_at(state: CorrelationState) -> None:
    signals = Signals(CONFIG.rules, {one.name: one.assets for one in CONFIG.baskets})
    reader, tracks = LiveReader(CONFIG), new_tracks(CONFIG)
    at = Ms(END + 15 * MINUTE_MS)
    quiet = run_instant(signals, reader.instant(state, tracks, at, anchors={}))
    assert quiet == []
    jump = np.array([0.2, -0.2, np.nan, np.nan])
    said = run_instant(signals, reader.instant(state, tracks, at, anchors={}, rolling=jump))
    first, last = said[0], said[-1]
    assert isinstance(first, VolatilityBroadened)
    assert (first.assets, first.judged, first.rolling) == (("AAA", "BBB"), 4, True)
    assert isinstance(last, CheckCompleted)  # the cycle is fast from this very instant
    assert last.as_of == END
    with pytest.raises(ValueError, match="needs bars closed by then"):
        reader.instant(state, tracks, Ms(END - HOUR_MS), anchors={})


def test_the_account_is_correlated_by_the_returns_of_its_baskets(closes: Floats) -> None:
    whole, grown = PortfolioTrack(CONFIG), PortfolioTrack(CONFIG)
    holes = closes.copy()
    holes[2500:2506] = np.nan
    holes[2700, 1:3] = np.nan
    whole.warm_up(START, holes)
    grown.warm_up(START, holes[:2400])
    for row in range(2400, ROWS):
        grown.append(Ms(START + row * HOUR_MS), holes[row])
    returns = basket_returns(holes, whole.weights)
    for track in (whole, grown):
        mine = track.correlation.returns(Estimator.PEARSON, 600)
        np.testing.assert_allclose(mine, returns[-600:], atol=1e-12)
    np.testing.assert_allclose(
        whole.correlation.now(Estimator.WINSORIZED).rho, grown.correlation.now(Estimator.WINSORIZED).rho, atol=1e-9
    )
    assert np.isnan(returns[2500:2507, 0]).all()
    assert whole.weights[1].tolist() == [0.5, 0.0, 0.0, -0.5]


def test_the_regime_learns_from_stored_bars_without_a_word(state: CorrelationState) -> None:
    reader, regime = LiveReader(CONFIG), RegimeFilter()
    samples, win = reader.past_samples(state)
    assert state.first_open is not None
    kept = learn_silently(regime, samples, win, first_open=state.first_open, bar_ms=HOUR_MS)
    assert regime.reading.regime is Regime.UNKNOWN
    calm, stress = kept.matrix(stress=False)[0], kept.matrix(stress=True)[0]
    assert stress[0, 1] > calm[0, 1] + 0.05
    last = max(samples)
    regime.take(
        Ms(state.first_open + (last + 1) * HOUR_MS), samples[last]
    )  # seen already: it is told, not learned twice
    assert regime.reading.regime in (Regime.CALM, Regime.STRESS)


def test_live_and_past_samples_agree(state: CorrelationState) -> None:
    reader = LiveReader(CONFIG)
    samples, _ = reader.past_samples(state)
    assert reader.sample(state).values() == pytest.approx(samples[max(samples)].values(), abs=1e-9)


def test_who_counts_in_a_history_is_who_counts_live(closes: Floats) -> None:
    holes = closes.copy()
    holes[:600, 0] = np.nan
    holes[1500:2300, 1] = np.nan
    holes[2200:, 2] = np.nan
    holes[2700:2740, 3] = holes[2700, 3]  # a halted market whose close is repeated
    history = used_history(~np.isnan(holes), log_returns(holes), 24)
    for rows in (2000, 2300, 2600, 2720, 2725, 2730, 2741, 2760, 3000):
        found = CorrelationState(tuple(CONFIG.symbols), Config().rules)
        found.warm_up(START, holes[:rows])
        assert found.used().tolist() == history[rows - 1].tolist()
    assert 0 < np.count_nonzero(history) < history.size
    assert not history[2730, 3]
    assert history[2745, 3]
