"""Both kernels allocate no array of N^2 per bar, and the choice between them follows what is installed and asked."""

import tracemalloc

import numpy as np
import pytest

from engine.quant import kernels
from engine.quant.comoments import CoMoments
from engine.quant.kernels import FAST_FROM_WIDTH, kernel_for
from support.quant_kernels import BOTH_KERNELS, WITHOUT_NUMBA, kernel_named
from support.quant_oracles import Floats, fat_returns

WIDTH = 320
WINDOWS = ((96, 0), (240, 0), (96, 9))


def _run(state: CoMoments, rows: Floats) -> None:
    for row in rows:
        state.append(row)
        for key in WINDOWS:
            state.window(*key)
        state.now(24)


@pytest.mark.parametrize("fast", BOTH_KERNELS)
@pytest.mark.parametrize("missing", [0.0, 0.05])
def test_a_bar_allocates_no_array_of_all_pairs(fast: bool, missing: float) -> None:
    rng = np.random.default_rng(1)
    returns = fat_returns(rng, 400, WIDTH)
    returns[rng.random(returns.shape) < missing] = np.nan
    state = CoMoments(WIDTH, 24, windows=WINDOWS, kernel=kernel_named(fast))
    state.load(0, returns[:340])
    _run(state, returns[340:370])  # over a midnight, so that everything has been made once
    tracemalloc.start()
    try:
        _run(state, returns[370:374])
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        _run(state, returns[374:])  # over the next midnight
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert state.end // 24 > 374 // 24
    # all temporaries of a bar, and of midnight, together stay below one [N, N] of floats
    assert peak - before < WIDTH * WIDTH * 8


def test_without_numba_numpy_is_taken_and_asking_for_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kernels, "find_spec", lambda name: None)
    assert kernel_for(1000, None).name == "numpy"
    with pytest.raises(RuntimeError, match="extra 'fast'"):
        kernel_for(1000, fast=True)


@WITHOUT_NUMBA
def test_numba_is_taken_where_there_are_enough_assets_to_win_something() -> None:
    assert kernel_for(FAST_FROM_WIDTH, None).name == "numba"
    assert kernel_for(FAST_FROM_WIDTH - 1, None).name == "numpy"
    assert kernel_for(1000, fast=False).name == "numpy"
    assert kernel_for(2, fast=True).name == "numba"


@WITHOUT_NUMBA
def test_a_place_where_no_cache_can_be_written_only_costs_the_compilation(monkeypatch: pytest.MonkeyPatch) -> None:
    from numba.core import caching

    from engine.quant.kernel_numba import compiled

    def double(value: float) -> float:
        return 2 * value

    monkeypatch.setattr(caching.FunctionCache._impl_class, "_locator_classes", [])
    assert compiled(double)(21.0) == 42.0
