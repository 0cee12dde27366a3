"""The overlay of the unfinished bar equals a state that got the bar, and commits nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.comoments import CoMoments, required
from support.quant_oracles import Floats, exact_pearson, exact_weighted_pearson, fat_returns, worst_difference


def _state(returns: Floats) -> CoMoments:
    state = CoMoments(returns.shape[1], 24)
    state.load(5, returns)
    return state


def _with(returns: Floats, provisional: Floats) -> Floats:
    return np.vstack((returns, provisional))


def _now_oracle(returns: Floats) -> Floats:
    weights = 0.5 ** (np.arange(len(returns) - 1, -1, -1) / 24)
    return exact_weighted_pearson(returns, weights, 2 / 3 / (1 - 0.5 ** (1 / 24)))


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    rows=st.integers(80, 260),
    slots=st.sampled_from([24, 48, 96]),
    missing=st.sampled_from([0.0, 0.1]),
    absent=st.sets(st.integers(0, 3)),
)
def test_a_row_of_the_overlay_equals_the_batch_with_the_provisional_bar(
    seed: int, rows: int, slots: int, missing: float, absent: set[int]
) -> None:
    rng = np.random.default_rng(seed)
    returns = fat_returns(rng, rows, 4, missing=missing)
    provisional = fat_returns(rng, 1, 4)[0]
    provisional[list(absent)] = np.nan
    state = _state(returns)
    window = exact_pearson(_with(returns, provisional)[-slots:], required(slots))
    now = _now_oracle(_with(returns, provisional))
    for column in range(4):
        assert worst_difference(state.overlay_row(slots, column, provisional), window[column]) < 1e-12
        assert worst_difference(state.overlay_now_row(24, column, provisional), now[column]) < 1e-12


@pytest.mark.parametrize("missing", [0.0, 0.02])
def test_ticks_and_bars_take_turns_without_leaving_anything_behind(missing: float) -> None:
    rng = np.random.default_rng(3)
    returns = fat_returns(rng, 300, 3, missing=missing)
    state, untouched = _state(returns[:200]), _state(returns[:200])
    for end in range(200, 300):
        for tick in range(3):
            provisional = fat_returns(rng, 1, 3)[0]
            rho = state.overlay_row(96, tick, provisional)
            expected = exact_pearson(_with(returns[:end], provisional)[-96:], required(96))
            assert worst_difference(rho, expected[tick]) < 1e-12
            state.overlay_now_row(24, tick, provisional)
        for one in (state, untouched):
            one.append(returns[end])
        np.testing.assert_array_equal(state.window(96).rho, untouched.window(96).rho)
        np.testing.assert_array_equal(state.now(24).rho, untouched.now(24).rho)


@pytest.mark.parametrize("missing", [0.0, 0.02])
def test_a_tick_ends_a_flat_stretch_and_the_same_value_does_not(missing: float) -> None:
    rng = np.random.default_rng(4)
    returns = fat_returns(rng, 300, 3)
    returns[:, 0][rng.random(300) < missing] = np.nan
    returns[100:, 2] = 1e-5
    state = _state(returns)
    still, moved = np.array([0.01, 0.02, 1e-5]), np.array([0.01, 0.02, 2e-5])
    assert np.isnan(state.overlay_row(96, 2, still)).all()
    assert np.isnan(state.overlay_row(96, 0, still)[2])
    expected = exact_pearson(_with(returns, moved)[-96:], required(96))
    assert worst_difference(state.overlay_row(96, 2, moved), expected[2]) < 1e-12


def test_a_frozen_price_stays_undefined_in_the_overlay_of_the_now_estimate() -> None:
    for gap in (False, True):
        returns = fat_returns(np.random.default_rng(5), 900, 2)
        returns[100:, 1] = 0.0
        if gap:
            returns[300, 0] = np.nan
        state = _state(returns)
        assert np.isnan(state.overlay_now_row(24, 1, np.array([0.01, 0.0]))).all()
        assert np.isnan(state.overlay_now_row(24, 0, np.array([0.01, 0.0]))[1])
        assert not np.isnan(state.overlay_now_row(24, 0, np.array([0.01, 0.1]))[1])


def test_a_far_away_tick_is_read_exactly_where_the_sums_would_lose_digits() -> None:
    returns = fat_returns(np.random.default_rng(6), 200, 3) * 1e-4
    returns[::7, 1] = np.nan
    returns[100:110, 2] += 0.3
    provisional = np.array([-0.4, 0.2, 0.3])
    expected = exact_pearson(_with(returns, provisional)[-72:], required(72))
    for column in range(3):
        assert worst_difference(_state(returns).overlay_row(72, column, provisional), expected[column]) < 1e-12
