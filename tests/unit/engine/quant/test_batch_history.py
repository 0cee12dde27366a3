"""The batch forms of base, now and the usual hour equal the incremental state and the plain sentence."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.config import Estimator, RulesConfig
from engine.domain.units import HOUR_MS, Asset, Ms
from engine.market.correlation_state import CorrelationState
from engine.quant.now_history import now_matrices
from engine.quant.pair_history import flat_runs, pair_history
from engine.quant.returns import log_returns
from engine.quant.rolling import fading_sums, rolling_sums
from engine.quant.volatility import usual_size, usual_size_history
from engine.quant.winsor import winsorize
from support.quant_oracles import Floats, fat_returns, worst_difference

FIRST, SECOND = np.triu_indices(4, 1)


@given(window=st.integers(1, 60), length=st.integers(1, 200), seed=st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_rolling_sums_are_sums_of_what_the_window_holds(window: int, length: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=(2, length))
    expected = [[row[max(0, end - window) : end].sum() for end in range(1, length + 1)] for row in values]
    np.testing.assert_allclose(rolling_sums(values, window), expected, atol=1e-12)


def test_an_outlier_leaves_a_rolling_sum_without_a_trace() -> None:
    values = np.full((1, 3000), 1e-12)
    values[0, 100] = 1e6
    assert rolling_sums(values, 720)[0, 900:] == pytest.approx(720e-12, rel=1e-12)
    with pytest.raises(ValueError, match="at least 1"):
        rolling_sums(values, 0)


def test_fading_sums_follow_their_recursion() -> None:
    values = np.random.default_rng(1).normal(size=(2, 200))
    state, expected = np.zeros(2), []
    for column in values.T:
        state = 0.97 * state + column
        expected.append(state)
    np.testing.assert_allclose(fading_sums(values, 0.97), np.array(expected).T, atol=1e-12)


def _nasty_closes() -> Floats:
    """Gaps of one and of all, a late listing, a delisting, a flat stretch, a stablecoin that loses its peg."""
    rng = np.random.default_rng(5)
    closes: Floats = 50 * np.exp(np.cumsum(fat_returns(rng, 4000, 4), axis=0))
    closes[:, 3] = 1 + 1e-5 * rng.normal(size=4000)
    closes[2600:2640, 3] = 0.9
    closes[1200:2300, 2] = closes[1200, 2]
    closes[rng.random(closes.shape) < 0.01] = np.nan
    closes[1000:1006] = np.nan
    closes[:300, 1] = np.nan
    closes[3600:, 0] = np.nan
    return closes


def test_base_and_now_of_a_whole_history_equal_the_incremental_state() -> None:
    closes, rules = _nasty_closes(), RulesConfig()
    start = Ms(472_224 * HOUR_MS)
    returns = log_returns(closes)
    both = {Estimator.PEARSON: returns, Estimator.WINSORIZED: winsorize(returns, 472_224, 24)}
    batch = {k: pair_history(rows, FIRST, SECOND, halflife_bars=24, base_slots=720) for k, rows in both.items()}
    state = CorrelationState(tuple(Asset(name) for name in "ABCD"), rules)
    state.warm_up(start, closes[:1])
    compared = 0
    for row in range(1, 4000):
        state.append(Ms(start + row * HOUR_MS), closes[row])
        if row % 37 and not 2590 < row < 2660:
            continue
        for kind, found in batch.items():
            base, now = state.base(kind), state.now(kind)
            assert worst_difference(found.base[:, row], base.rho[FIRST, SECOND]) < 1e-9, (row, kind)
            assert worst_difference(found.now[:, row], now.rho[FIRST, SECOND]) < 1e-9, (row, kind)
            compared += int(np.count_nonzero(~np.isnan(found.now[:, row])))
    assert compared > 500


def test_the_baseline_is_the_window_of_69_bars_ago_and_nothing_before() -> None:
    history = pair_history(log_returns(_nasty_closes()), FIRST, SECOND, halflife_bars=24, base_slots=720)
    assert history.lag == 69
    assert np.isnan(history.base[:, :69]).all()
    np.testing.assert_array_equal(history.base[:, 69:], history.window[:, :-69])
    short = pair_history(np.full((20, 4), 0.1), FIRST, SECOND, halflife_bars=24, base_slots=720)
    assert np.isnan(short.base).all()


def test_now_matrices_equal_the_pairs_of_the_whole_history() -> None:
    returns = log_returns(_nasty_closes())
    history = pair_history(returns, FIRST, SECOND, halflife_bars=24, base_slots=720)
    ends = list(range(4, 4001, 4))
    for end, rho in zip(ends, now_matrices(returns, ends, 24), strict=True):
        assert worst_difference(rho[FIRST, SECOND], history.now[:, end - 1]) < 1e-9
        assert worst_difference(rho, rho.T) < 1e-12


def test_a_run_of_equal_returns_is_flat_from_its_720th_on_across_gaps() -> None:
    returns = np.full((900, 2), 0.0)
    returns[400:420, 0] = np.nan
    returns[:, 1] = np.arange(900)
    flat = flat_runs(returns)
    assert flat[:, 0].tolist() == [row >= 719 + 20 for row in range(900)]
    assert not flat[:, 1].any()


def test_the_usual_hour_is_mean_and_sd_of_the_720_bars_before() -> None:
    returns = fat_returns(np.random.default_rng(2), 1700, 3, missing=0.05)
    returns[:900, 2] = np.nan
    mean, sd = usual_size_history(returns)
    for row in (0, 400, 720, 721, 1000, 1450, 1699):
        before = np.abs(returns[max(row - 720, 0) : row])
        for column in range(3):
            values = before[~np.isnan(before[:, column]), column]
            known = len(values) >= 480
            expected = (values.mean(), values.std(ddof=1)) if known else (np.nan, np.nan)
            assert (mean[row, column], sd[row, column]) == pytest.approx(expected, rel=1e-10, nan_ok=True)
        live = usual_size(returns[max(row - 720, 0) : row])
        np.testing.assert_allclose(live, (mean[row], sd[row]), rtol=1e-10)
    with pytest.raises(ValueError, match="720 bars"):
        usual_size(returns[:721])
