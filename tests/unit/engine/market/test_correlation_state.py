"""The state equals pandas on the same bars, a rebuild after a correction, and a warm start after a long run."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.config import Estimator, RulesConfig
from engine.domain.units import DAY_MS, HOUR_MS, Asset, Ms
from engine.market.correlation_state import CorrelationState
from engine.quant.ewma import ewma_pearson
from support.quant_oracles import Floats, fat_returns, plain_winsorized, worst_difference

ASSETS = (Asset("ETH"), Asset("SOL"), Asset("AVAX"), Asset("NEAR"))
START = Ms(1_693_440_000_000)  # 2023-08-31, midnight UTC
RULES = RulesConfig()
SHORT = RulesConfig(windows_days=(2, 3), baseline_days=2)
BOTH = (Estimator.PEARSON, Estimator.WINSORIZED)


@dataclass(frozen=True)
class _Prices:
    """Closes from `first` on; a plain table that the tests recompute from."""

    first: Ms
    closes: Floats

    def at(self, row: int) -> Ms:
        return Ms(self.first + row * HOUR_MS)

    def returns(self) -> Floats:
        logs = pd.DataFrame(np.log(self.closes))
        return logs.diff().to_numpy()


def _prices(seed: int, rows: int, *, missing: float = 0.0, width: int = 4, first: Ms = START) -> _Prices:
    rng = np.random.default_rng(seed)
    closes = 100 * np.exp(np.cumsum(fat_returns(rng, rows, width), axis=0))
    closes[rng.random(closes.shape) < missing] = np.nan
    return _Prices(first=first, closes=closes)


def _fed(prices: _Prices, *, loaded: int, rules: RulesConfig = RULES) -> CorrelationState:
    state = CorrelationState(ASSETS[: prices.closes.shape[1]], rules)
    state.warm_up(prices.first, prices.closes[:loaded])
    for row in range(loaded, len(prices.closes)):
        state.append(prices.at(row), prices.closes[row])
    return state


def _readouts(state: CorrelationState, rules: RulesConfig) -> list[Floats]:
    found = [state.sigma_ann()]
    for kind in BOTH:
        found += [state.window(days, kind).rho for days in rules.windows_days]
        found += [state.base(kind).rho, state.now(kind).rho]
    return found


def _assert_same(one: CorrelationState, other: CorrelationState, rules: RulesConfig, *, within: float = 1e-12) -> None:
    for mine, theirs in zip(_readouts(one, rules), _readouts(other, rules), strict=True):
        assert worst_difference(mine, theirs) <= within


@pytest.mark.parametrize("missing", [0.0, 0.05])
def test_windows_equal_pandas_at_every_hour_of_a_day(missing: float) -> None:
    prices = _prices(1, 2905, missing=missing)
    prices.closes[:1200, 1] = np.nan  # listed mid-way
    prices.closes[1500:2500, 2] = 7.0  # frozen for a while, but never for a whole window
    frame = pd.DataFrame(prices.returns())
    state = _fed(_Prices(first=prices.first, closes=prices.closes[:2875]), loaded=2875)
    for row in range(2875, 2905):
        state.append(prices.at(row), prices.closes[row])
        for days in RULES.windows_days:
            theirs = frame.iloc[row + 1 - 24 * days : row + 1].corr(min_periods=16 * days).to_numpy()
            assert worst_difference(state.window(days, Estimator.PEARSON).rho, theirs) < 1e-12


def test_winsorized_windows_baseline_and_now_equal_a_plain_recomputation() -> None:
    prices = _prices(2, 2905, missing=0.02, first=Ms(START + 5 * HOUR_MS))
    state = _fed(prices, loaded=2890)
    raw = prices.returns()
    clipped = plain_winsorized(raw, prices.first // HOUR_MS)
    for kind, returns in ((Estimator.PEARSON, raw), (Estimator.WINSORIZED, clipped)):
        frame = pd.DataFrame(returns)
        for days in RULES.windows_days:
            theirs = frame.iloc[-24 * days :].corr(min_periods=16 * days).to_numpy()
            assert worst_difference(state.window(days, kind).rho, theirs) < 1e-12
        theirs = frame.iloc[-789:-69].corr(min_periods=480).to_numpy()
        assert worst_difference(state.base(kind).rho, theirs) < 1e-12
        assert worst_difference(state.now(kind).rho, ewma_pearson(returns, 24)) < 1e-12
    sigma = pd.DataFrame(clipped).iloc[-720:].std(ddof=1).to_numpy() * np.sqrt(8760)
    np.testing.assert_allclose(state.sigma_ann(), sigma, rtol=1e-12)


def test_a_flat_window_is_undefined_and_its_other_pairs_are_not() -> None:
    prices = _prices(3, 800)
    prices.closes[70:, 2] = 7.0
    rho = _fed(prices, loaded=790).window(30, Estimator.PEARSON).rho
    assert np.isnan(rho[2]).all()
    assert np.isnan(rho[:, 2]).all()
    assert worst_difference(rho[:2, :2], pd.DataFrame(prices.returns()[-720:, :2]).corr().to_numpy()) < 1e-12


def test_appending_for_weeks_equals_a_warm_start_and_counts_pairs() -> None:
    prices = _prices(4, 1600, missing=0.01)
    run, warm = _fed(prices, loaded=1), _fed(prices, loaded=1600)
    _assert_same(run, warm, RULES)
    present = ~np.isnan(prices.returns()[-720:])
    expected = present.T.astype(int) @ present.astype(int)
    np.testing.assert_array_equal(run.window(30, Estimator.PEARSON).counts, expected)


def test_a_ring_that_was_cut_several_times_equals_a_fresh_state() -> None:
    rules = SHORT
    prices = _prices(5, 24 * 140, width=2)
    run = _fed(prices, loaded=24 * 120, rules=rules)
    recent = _Prices(first=prices.at(24 * 18), closes=prices.closes[24 * 18 :])
    _assert_same(run, _fed(recent, loaded=len(recent.closes), rules=rules), rules)
    assert run.history_days().tolist() == [140.0, 140.0]
    assert len(run.returns(Estimator.PEARSON, 10_000)) < 24 * 131


@settings(deadline=None, max_examples=20)
@given(data=st.data(), seed=st.integers(0, 1000))
def test_any_sequence_of_bars_gaps_and_corrections_equals_a_rebuild(data: st.DataObject, seed: int) -> None:
    prices = _prices(seed, 540, missing=0.02, width=3, first=Ms(START + 9 * HOUR_MS))
    loaded = data.draw(st.integers(440, 500))
    state = _fed(_Prices(first=prices.first, closes=prices.closes[:loaded]), loaded=loaded, rules=SHORT)
    for row in range(loaded, len(prices.closes)):
        state.append(prices.at(row), prices.closes[row])
        if row % 13 == 0:
            slot = data.draw(st.integers(0, row))
            column = data.draw(st.integers(0, 2))
            price = data.draw(st.one_of(st.just(float("nan")), st.floats(50, 200)))
            prices.closes[slot, column] = price
            state.correct(prices.at(slot), ASSETS[column], price)
    fresh = _fed(prices, loaded=len(prices.closes), rules=SHORT)
    _assert_same(state, fresh, SHORT)
    for rho in _readouts(state, SHORT)[1:]:
        np.testing.assert_array_equal(rho, rho.T)
        assert not (np.abs(rho) > 1).any()
    np.testing.assert_array_equal(state.history_days(), fresh.history_days())


def test_a_corrected_bar_far_back_changes_its_two_returns_and_nothing_stays_of_the_old_one() -> None:
    right = _prices(6, 900)
    wrong = _Prices(first=right.first, closes=right.closes.copy())
    wrong.closes[500, 1] *= 3
    state = _fed(wrong, loaded=900)
    assert worst_difference(_readouts(state, RULES)[1], _readouts(_fed(right, loaded=900), RULES)[1]) > 0.01
    state.correct(right.at(500), ASSETS[1], float(right.closes[500, 1]))
    _assert_same(state, _fed(right, loaded=900), RULES, within=0.0)


def test_an_asset_is_used_from_90_days_on_and_with_two_thirds_of_its_slots() -> None:
    prices = _prices(7, 24 * 100)
    prices.closes[: 24 * 10 + 1, 1] = np.nan  # first bar one hour short of 90 days ago
    prices.closes[24 * 10 : 24 * 41, 2] = np.nan  # 59 of 90 days
    prices.closes[:, 3] = np.nan
    state = _fed(prices, loaded=24 * 100 - 1)
    assert state.used().tolist() == [True, False, False, False]
    assert state.history_days()[:3].tolist() == [100.0, 90 - 1 / 24, 100.0]
    assert np.isnan(state.history_days()[3])
    state.append(prices.at(24 * 100), np.array([1.0, 1.0, 1.0, np.nan]))
    assert state.used().tolist() == [True, True, False, False]
    assert not np.isnan(state.window(60, Estimator.PEARSON).rho[1, 2])  # shown all the same


def test_time_and_version_follow_the_bars() -> None:
    state = CorrelationState(ASSETS, RULES)
    assert (state.last_open, state.as_of, state.version) == (None, None, 0)
    assert np.isnan(state.window(30, Estimator.PEARSON).rho).all()
    assert np.isnan(state.now(Estimator.WINSORIZED).rho).all()
    assert not state.used().any()
    state.append(START, np.ones(4))
    assert (state.last_open, state.as_of, state.version) == (START, START + HOUR_MS, 1)
    state.append(Ms(START + HOUR_MS), np.full(4, np.nan))
    assert (state.last_open, state.version) == (START + HOUR_MS, 2)


def test_readouts_are_shared_within_a_version_and_cannot_be_overwritten() -> None:
    state = _fed(_prices(8, 800), loaded=800)
    first = state.window(30, Estimator.PEARSON)
    assert state.window(30, Estimator.PEARSON) is first
    with pytest.raises(ValueError, match="read-only"):
        first.rho[0, 1] = 0.0
    state.append(Ms(START + 800 * HOUR_MS), np.ones(4))
    assert state.window(30, Estimator.PEARSON) is not first


def test_what_does_not_fit_is_refused_in_words_and_changes_nothing() -> None:
    state = _fed(_prices(9, 50), loaded=50)
    version = state.version
    with pytest.raises(ValueError, match="not the next one"):
        state.append(Ms(START + 51 * HOUR_MS), np.ones(4))
    with pytest.raises(ValueError, match="not on the grid"):
        state.append(Ms(START + 50 * HOUR_MS + 1), np.ones(4))
    with pytest.raises(ValueError, match="closes of 3 assets, expected 4"):
        state.append(Ms(START + 50 * HOUR_MS), np.ones(3))
    with pytest.raises(ValueError, match="not a positive price"):
        state.append(Ms(START + 50 * HOUR_MS), np.array([1.0, -1.0, 1.0, 1.0]))
    with pytest.raises(ValueError, match="is not held"):
        state.correct(Ms(START - DAY_MS), ASSETS[0], 1.0)
    with pytest.raises(ValueError, match="spearman is not kept live"):
        state.window(30, Estimator.SPEARMAN)
    with pytest.raises(ValueError, match="divide a day evenly"):
        CorrelationState(ASSETS, RulesConfig(bar_ms=7 * HOUR_MS))
    assert state.version == version
