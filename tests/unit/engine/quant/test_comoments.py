"""Day blocks give the exact two-pass correlation of any range of slots, and NaN exactly where it is undefined."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.comoments import CoMoments, required
from engine.quant.correlation import pearson
from engine.quant.moments import correlation, deviations, pair_counts
from support.quant_oracles import Floats, exact_pearson, fat_returns, worst_difference


def _fed(returns: Floats, first: int, *, loaded: int = 0) -> CoMoments:
    state = CoMoments(returns.shape[1], 24)
    state.load(first, returns[:loaded])
    for row in returns[loaded:]:
        state.append(row)
    return state


def _nasty(rng: np.random.Generator, rows: int) -> Floats:
    """Return returns of mixed scale with a -40 % bar, a depeg, flat stretches, a constant climb and tick rounding."""
    returns = fat_returns(rng, rows, 8)
    returns[:, 1] *= 1e-4  # a stablecoin
    returns[rows // 3, 1], returns[rows // 3 + 1, 1] = -0.12, 0.13  # its depeg
    returns[rows // 4, 0] = -0.5
    returns[rows // 2 :, 2] = 0.0
    returns[rows // 2 :, 3] = 1e-6  # the same non-zero value: flat as well
    returns[:, 4] = np.round(returns[:, 4], 2)
    returns[:, 5] = returns[:, 0] * 0.5 + rng.normal(0, 1e-6, rows)
    returns[:, 6] += 0.5  # a mean far from zero
    return returns


@pytest.mark.parametrize("missing", [0.0, 0.08])
def test_every_range_equals_the_exact_two_pass_answer_through_nasty_series(missing: float) -> None:
    rng = np.random.default_rng(4)
    returns = _nasty(rng, 24 * 20)
    returns[rng.random(returns.shape) < missing] = np.nan
    first = 24 * 19_000 + 7
    state = _fed(returns, first, loaded=100)
    for lo, hi in [(0, 480), (5, 300), (118, 119), (100, 140), (150, 400), (290, 470), (241, 480), (17, 17 + 48)]:
        mine = correlation(state.moments(first + lo, first + hi), 2)
        assert worst_difference(mine, exact_pearson(returns[lo:hi], 2)) < 1e-12


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    first=st.integers(0, 60),
    loaded=st.integers(0, 150),
    span=st.tuples(st.integers(-30, 160), st.integers(0, 170)),
    missing=st.sampled_from([0.0, 0.02, 0.5]),
)
def test_any_range_is_symmetric_bounded_and_equal_to_a_recomputation(
    seed: int, first: int, loaded: int, span: tuple[int, int], missing: float
) -> None:
    returns = fat_returns(np.random.default_rng(seed), 150, 3, missing=missing)
    state = _fed(returns, first, loaded=loaded)
    lo, length = span
    block = state.moments(first + lo, first + lo + length)
    rho = correlation(block, 5)
    rows = returns[max(lo, 0) : max(lo + length, 0)]
    assert worst_difference(rho, exact_pearson(rows, 5)) < 1e-12
    np.testing.assert_array_equal(rho, rho.T)
    assert not (np.abs(rho) > 1).any()
    present = ~np.isnan(rows)
    np.testing.assert_array_equal(pair_counts(block), present.T.astype(int) @ present.astype(int))


def test_an_outlier_leaves_the_window_without_a_trace() -> None:
    calm = fat_returns(np.random.default_rng(5), 24 * 12, 4) * 1e-3
    wild = calm.copy()
    wild[30] = 0.9
    after = slice(72 + 3, 288)
    mine = correlation(_fed(wild, 0).moments(after.start, after.stop), 2)
    np.testing.assert_array_equal(mine, correlation(_fed(calm, 0).moments(after.start, after.stop), 2))


def test_flat_and_too_short_assets_are_undefined_on_the_diagonal_too() -> None:
    returns = fat_returns(np.random.default_rng(6), 90, 3)
    returns[:, 1] = 3e-7
    returns[:40, 2] = np.nan
    rho = correlation(_fed(returns, 0).moments(0, 90), required(90))
    assert rho[0, 0] == 1.0
    assert np.isnan(rho[1]).all()
    assert np.isnan(rho[:, 2]).all()


def test_forgetting_old_days_changes_no_range_that_is_left() -> None:
    returns = fat_returns(np.random.default_rng(7), 400, 3, missing=0.03)
    state = _fed(returns, 0)
    before = correlation(state.moments(130, 400), 10)
    state.drop_before(125)
    assert state.first == 120
    state.append(returns[0])
    np.testing.assert_array_equal(correlation(state.moments(130, 400), 10), before)


def test_batch_pearson_equals_pandas_with_and_without_gaps() -> None:
    for missing in (0.0, 0.1):
        returns = fat_returns(np.random.default_rng(8), 720, 6, missing=missing)
        theirs = pd.DataFrame(returns).corr(min_periods=500).to_numpy()
        assert worst_difference(pearson(returns, 500), theirs) < 1e-12


def test_deviations_are_sample_standard_deviations_and_zero_where_flat() -> None:
    for missing in (0.0, 0.1):
        returns = fat_returns(np.random.default_rng(9), 200, 4, missing=missing)
        returns[:, 3] = np.where(np.isnan(returns[:, 3]), np.nan, 0.25)
        mine = deviations(_fed(returns, 3).moments(3, 203), 100)
        np.testing.assert_allclose(mine[:3], pd.DataFrame(returns).std(ddof=1).to_numpy()[:3], rtol=1e-13)
        assert mine[3] == 0.0
        assert np.isnan(deviations(_fed(returns, 3).moments(3, 203), 201)).all()


def test_two_thirds_are_rounded_up() -> None:
    assert [required(slots) for slots in (1, 2, 3, 720, 721)] == [1, 2, 2, 480, 481]
