"""Whole histories equal the incremental readouts at every bar, and extended precision at some."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.comoments import CoMoments, required
from engine.quant.window_history import window_history
from support.quant_oracles import (
    Floats,
    exact_pearson,
    fat_returns,
    nasty_returns,
    worst_difference,
)

PAIRS = [*combinations(range(8), 2), (5, 0), (7, 1)]


def _cells(rho: Floats) -> Floats:
    return np.array([rho[i, j] for i, j in PAIRS])


@pytest.mark.parametrize("missing", [0.0, 0.04])
def test_every_bar_of_nasty_series_reads_like_the_incremental_state(missing: float) -> None:
    rng = np.random.default_rng(1)
    returns = nasty_returns(rng, 1250)
    returns[rng.random(returns.shape) < missing] = np.nan
    returns[600] = np.nan
    windows = {key: window_history(returns, PAIRS, *key, required(key[0])) for key in ((72, 0), (240, 0), (96, 69))}
    state = CoMoments(8, 24)
    for end, row in enumerate(returns, start=1):
        state.append(row)
        if end % 7 == 0:
            for (slots, lag), series in windows.items():
                assert worst_difference(series[end - 1], _cells(state.window(slots, lag).rho)) < 1e-12
        if end % 250 == 0:
            exact = exact_pearson(returns[max(end - 240, 0) : end], 160)
            assert worst_difference(windows[240, 0][end - 1], _cells(exact)) < 1e-12


@settings(deadline=None, max_examples=30)
@given(
    seed=st.integers(0, 1000),
    rows=st.integers(1, 120),
    slots=st.integers(1, 60),
    lag=st.integers(0, 30),
    missing=st.sampled_from([0.0, 0.2]),
)
def test_any_window_of_any_history_equals_the_exact_answer(
    seed: int, rows: int, slots: int, lag: int, missing: float
) -> None:
    returns = fat_returns(np.random.default_rng(seed), rows, 2, missing=missing)
    found = window_history(returns, [(0, 1)], slots, lag, required(slots))
    expected = [
        exact_pearson(returns[max(t + 1 - lag - slots, 0) : max(t + 1 - lag, 0)], required(slots))[0, 1]
        for t in range(rows)
    ]
    assert worst_difference(found[:, 0], np.array(expected)) < 1e-12


def test_many_pairs_are_worked_on_in_parts() -> None:
    returns = fat_returns(np.random.default_rng(3), 20_000, 12)
    found = window_history(returns, list(combinations(range(12), 2)), 720, 0, 480)
    state = CoMoments(12, 24)
    state.load(0, returns)
    assert worst_difference(found[-1], state.window(720).rho[np.triu_indices(12, 1)]) < 1e-12
    assert len(found[0]) == 66
    assert np.isnan(found[:479]).all()
