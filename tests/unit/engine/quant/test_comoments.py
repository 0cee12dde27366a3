"""Windows equal the exact two-pass correlation at every bar, with both kernels, and are NaN exactly where undefined."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.comoments import CoMoments, required
from engine.quant.correlation import pearson
from engine.quant.deviations import deviations
from engine.quant.workspace import Workspace
from support.quant_kernels import BOTH_KERNELS, kernel_named
from support.quant_oracles import Floats, exact_pearson, fat_returns, nasty_returns, worst_difference

both_kernels = pytest.mark.parametrize("fast", BOTH_KERNELS)
WINDOWS = ((96, 0), (48, 0), (240, 0), (96, 7))
OTHERS = ((1, 0), (24, 0), (30, 3))  # not read every bar, and no whole day in them


def _state(returns: Floats, first: int, fast: bool, *, loaded: int = 0) -> CoMoments:
    state = CoMoments(returns.shape[1], 24, windows=WINDOWS, kernel=kernel_named(fast))
    state.load(first, returns[:loaded])
    return state


def _fed(returns: Floats, first: int, *, loaded: int = 0, fast: bool = False) -> CoMoments:
    state = _state(returns, first, fast, loaded=loaded)
    for row in returns[loaded:]:
        state.append(row)
    return state


def _oracle(returns: Floats, slots: int, lag: int) -> Floats:
    end = len(returns) - lag
    return exact_pearson(returns[max(end - slots, 0) : max(end, 0)], required(slots))


def _counts(rows: Floats) -> list[list[int]]:
    present = ~np.isnan(rows)
    counts: list[list[int]] = (present.T.astype(int) @ present.astype(int)).tolist()
    return counts


@both_kernels
@pytest.mark.parametrize("missing", [0.0, 0.001, 0.08])
def test_every_window_equals_the_exact_answer_through_nasty_series(fast: bool, missing: float) -> None:
    rng = np.random.default_rng(4)
    returns = nasty_returns(rng, 1300)
    returns[rng.random(returns.shape) < missing] = np.nan
    returns[700] = np.nan  # a halt of the whole market
    state = _state(returns, 24 * 19_000 + 7, fast, loaded=60)
    for end in range(61, len(returns) + 1):
        state.append(returns[end - 1])
        readings = {key: state.window(*key) for key in WINDOWS}
        if end % 23 == 0:
            readings |= {key: state.window(*key) for key in OTHERS}
            for (slots, lag), reading in readings.items():
                assert worst_difference(reading.rho, _oracle(returns[:end], slots, lag)) < 1e-12
                np.testing.assert_array_equal(reading.rho, reading.rho.T)
                rows = returns[max(end - lag - slots, 0) : end - lag]
                assert reading.counts.tolist() == _counts(rows)


@both_kernels
def test_a_hundred_thousand_bars_leave_no_error_behind(fast: bool) -> None:
    returns = nasty_returns(np.random.default_rng(5), 100_000)
    windows = ((720, 0), (1440, 0), (2160, 0))
    state = CoMoments(8, 24, windows=windows, kernel=kernel_named(fast))
    state.load(0, returns[:2500])
    worst, undefined = 0.0, 0
    for end in range(2501, len(returns) + 1):
        state.append(returns[end - 1])
        if end % 240 == 0:
            state.drop_before(end - 2400)
        if fast or end % 3331 < 2:
            readings = {slots: state.window(slots).rho for slots, _ in windows}
        if end % 3331 == 1:
            for slots, rho in readings.items():
                worst = max(worst, worst_difference(rho, _oracle(returns[:end], slots, 0)))
                undefined += int(np.isnan(rho).any())
    assert worst < 1e-12
    assert undefined > 1


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    first=st.integers(0, 60),
    loaded=st.integers(0, 150),
    window=st.tuples(st.integers(1, 170), st.integers(0, 60)),
    missing=st.sampled_from([0.0, 0.05, 0.3]),
)
@pytest.mark.parametrize("fast", BOTH_KERNELS)
def test_any_window_of_any_state_equals_the_exact_answer(
    fast: bool, seed: int, first: int, loaded: int, window: tuple[int, int], missing: float
) -> None:
    returns = fat_returns(np.random.default_rng(seed), 150, 3, missing=missing)
    state = CoMoments(3, 24, windows=(window,), kernel=kernel_named(fast))
    state.load(first, returns[:loaded])
    for row in returns[loaded:]:
        state.append(row)
        state.window(*window)
    slots, lag = window
    reading = state.window(slots, lag)
    assert worst_difference(reading.rho, _oracle(returns, slots, lag)) < 1e-12
    np.testing.assert_array_equal(reading.rho, reading.rho.T)
    assert not (np.abs(reading.rho) > 1).any()
    assert reading.counts.tolist() == _counts(returns[max(150 - lag - slots, 0) : 150 - lag])


@both_kernels
def test_an_outlier_leaves_the_window_without_a_trace(fast: bool) -> None:
    calm = fat_returns(np.random.default_rng(5), 24 * 12, 4) * 1e-3
    wild = calm.copy()
    wild[30] = 0.9
    ends = [_state(rows, 0, fast) for rows in (calm, wild)]
    for one, other in zip(calm, wild, strict=True):
        ends[0].append(one)
        ends[1].append(other)
        matrices = [state.window(96).rho for state in ends]
    assert worst_difference(*matrices) < 1e-14
    assert worst_difference(matrices[1], exact_pearson(calm[-96:], 64)) < 1e-14


@both_kernels
def test_rows_that_are_replaced_are_as_good_as_rows_that_were_always_there(fast: bool) -> None:
    rng = np.random.default_rng(6)
    returns = fat_returns(rng, 400, 3)
    state = _state(returns, 5, fast, loaded=300)
    for row in returns[300:]:
        state.append(row)
        for key in WINDOWS:
            state.window(*key)
        state.overlay_row(96, 0, row)
        state.now(24)
        at, column = int(rng.integers(state.first, state.end - 3)), int(rng.integers(3))
        values = np.array([0.3, np.nan, 0.3])[: int(rng.integers(1, 4))]
        state.replace(at, column, values)
        returns[at - 5 : at - 5 + len(values), column] = values
        seen = returns[: state.end - 5]
        for slots, lag in WINDOWS:
            assert worst_difference(state.window(slots, lag).rho, _oracle(seen, slots, lag)) < 1e-12
    with pytest.raises(ValueError, match="are not held"):
        state.replace(state.end - 1, 0, np.zeros(2))


@both_kernels
def test_flat_and_too_short_assets_are_undefined_on_the_diagonal_too(fast: bool) -> None:
    returns = fat_returns(np.random.default_rng(6), 200, 3)
    returns[:, 1] = 3e-7
    returns[:150, 2] = np.nan
    rho = _fed(returns, 0, fast=fast).window(96).rho
    assert rho[0, 0] == 1.0
    assert np.isnan(rho[1]).all()
    assert np.isnan(rho[:, 2]).all()
    whole = _fed(returns[:, :2].copy(), 0, fast=fast).window(96).rho
    assert np.isnan(whole[1]).all()
    assert whole[0, 0] == 1.0


@both_kernels
@pytest.mark.parametrize("missing", [0.0, 0.05])
def test_an_asset_whose_squares_underflow_is_undefined_and_harms_no_other(fast: bool, missing: float) -> None:
    rng = np.random.default_rng(7)
    returns = fat_returns(rng, 200, 3)
    returns[:, 1] *= 1e-160
    returns[rng.random(returns.shape) < missing] = np.nan
    rho = _fed(returns, 0, fast=fast).window(96).rho
    assert np.isnan(rho[1]).all()
    assert np.isnan(rho[:, 1]).all()
    assert worst_difference(rho[np.ix_([0, 2], [0, 2])], _oracle(returns[:, [0, 2]], 96, 0)) < 1e-12


def test_forgetting_old_days_changes_no_window_that_is_left() -> None:
    returns = fat_returns(np.random.default_rng(7), 400, 3, missing=0.03)
    state = _fed(returns, 0)
    before = state.window(240).rho.copy()
    state.drop_before(125)
    assert state.first == 120
    np.testing.assert_array_equal(state.window(240).rho, before)


def test_assets_that_stay_keep_their_returns_when_others_come_and_go() -> None:
    returns = fat_returns(np.random.default_rng(8), 300, 4, missing=0.02)
    state = _fed(returns, 3)
    state.select([2, None, 0], Workspace(3, 24), kernel_named(False))
    rho = state.window(96).rho
    expected = _oracle(returns[:, [2, 0]], 96, 0)
    assert worst_difference(rho[np.ix_([0, 2], [0, 2])], expected) < 1e-12
    assert np.isnan(rho[1]).all()


def test_batch_pearson_equals_pandas_with_and_without_gaps() -> None:
    for missing in (0.0, 0.1):
        returns = fat_returns(np.random.default_rng(8), 720, 6, missing=missing)
        theirs = pd.DataFrame(returns).corr(min_periods=500).to_numpy()
        assert worst_difference(pearson(returns, 500), theirs) < 1e-12


def test_deviations_are_sample_standard_deviations_and_zero_where_flat() -> None:
    for missing in (0.0, 0.1):
        returns = fat_returns(np.random.default_rng(9), 200, 4, missing=missing)
        returns[:, 3] = np.where(np.isnan(returns[:, 3]), np.nan, 0.25)
        mine = deviations(returns, 100)
        np.testing.assert_allclose(mine[:3], pd.DataFrame(returns).std(ddof=1).to_numpy()[:3], rtol=1e-13)
        assert mine[3] == 0.0
        assert np.isnan(deviations(returns, 201)).all()


def test_two_thirds_are_rounded_up() -> None:
    assert [required(slots) for slots in (1, 2, 3, 720, 721)] == [1, 2, 2, 480, 481]
