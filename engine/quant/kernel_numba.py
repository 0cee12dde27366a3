"""Owns the numba kernel of the extra `fast`: the elementwise work fused into one pass, and compensated sliding sums.

No fastmath anywhere: the compensation of `slide` is exact only where every product and sum is rounded on its own.
Machine code is cached beside this file, else in the user's cache, else not at all (a read-only install still works).
Loops count in unsigned integers, which spares numba the test for negative indices and lets it vectorize.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np

from engine.quant.arrays import Floats
from engine.quant.kernels import DISTRUST, TINY
from engine.quant.workspace import Workspace

_U = np.uintp
_TILE = 16
Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Return the jitted function, cached on disk where any cache directory can be written."""
    try:
        return cast(Function, numba.njit(cache=True, nogil=True, error_model="numpy")(function))
    except RuntimeError:  # numba found no directory for its cache
        return cast(Function, numba.njit(nogil=True, error_model="numpy")(function))


class NumbaKernel:
    """The numba kernel; shapes and rules in `engine.quant.kernels.Kernel`."""

    name = "numba"
    slides = True

    def normalize(self, out: Floats, anchor: Floats, scale: float, inverse: Floats, work: Workspace) -> None:
        """Add the scaled anchor to `out` and bound it."""
        _normalize(out, anchor, scale, inverse)

    def correlate_pairs(
        self, sums: Floats, anchor: Floats, scale: float, needed: float, out: Floats, work: Workspace
    ) -> int:
        """Turn pairwise sums into correlations."""
        return _correlate_pairs(sums, anchor, scale, needed, out)


@compiled
def _normalize(out: Floats, anchor: Floats, scale: float, inverse: Floats) -> None:
    width = _U(len(inverse))
    for i in range(_U(0), width):
        own = inverse[i]
        for j in range(_U(0), width):
            rho = out[i, j] + scale * anchor[i, j] * (own * inverse[j])
            rho = 1.0 if rho > 1.0 else rho
            out[i, j] = -1.0 if rho < -1.0 else rho


@compiled
def _pair(one: float, other: float, x: float, y: float, product: float, mass: float) -> float:
    """Return the correlation of one pair from its centered sums; inf where they lost digits."""
    if not (one > TINY and other > TINY):
        return float(np.nan)
    left, right = one - x * x / mass, other - y * y / mass
    if left <= DISTRUST * one or right <= DISTRUST * other:
        return float(np.inf)
    return float(min(max((product - x * y / mass) / np.sqrt(left * right), -1.0), 1.0))


@compiled
def _correlate_pairs(sums: Floats, anchor: Floats, scale: float, needed: float, out: Floats) -> int:
    width, tile = _U(sums.shape[1]), _U(_TILE)
    for k in range(_U(0), _U(4)):
        for i in range(_U(0), width):
            for j in range(_U(0), width):
                sums[k, i, j] += scale * anchor[k, i, j]
    bad = 0
    for above in range(_U(0), width, tile):
        for left in range(above, width, tile):
            for i in range(above, min(above + tile, width)):
                for j in range(max(left, i), min(left + tile, width)):
                    mass, rho = sums[0, i, j], np.nan
                    if mass >= needed:
                        x, y = sums[1, i, j], sums[1, j, i]
                        rho = _pair(sums[2, i, j], sums[2, j, i], x, y, sums[3, i, j], mass)
                        if np.isinf(rho):
                            bad += 1
                    out[i, j] = rho
                    out[j, i] = rho
    return bad


@compiled
def accumulate(rows: Floats, lo: int, hi: int, vectors: Floats, sums: Floats) -> None:
    """Fill sums [2, N, N] (sum and compensation) with the rows [lo, hi) around the center; a NaN adds nothing.

    vectors [5, N]: the center (given), the sum of deviations and its compensation, the last return, and how many
    returns in a row equaled it. Of the cells below the diagonal only those of a tile on it are filled. The products
    are those of `slide`, to the bit, so that sliding takes out exactly what went in.
    """
    width = _U(vectors.shape[1])
    sums[:] = 0.0
    vectors[1:] = 0.0
    value = np.empty(vectors.shape[1])
    for k in range(lo, hi):
        for j in range(_U(0), width):
            _count_run(rows[k, j], vectors, j)
            deviation = rows[k, j] - vectors[0, j]
            value[j] = 0.0 if np.isnan(deviation) else deviation
            one = vectors[1, j] + value[j]
            part = one - vectors[1, j]
            vectors[2, j] += (vectors[1, j] - (one - part)) + (value[j] - part)
            vectors[1, j] = one
        for i in range(_U(0), width):
            own = value[i]
            for j in range(i - i % _U(_TILE), width):
                product = own * value[j]
                before = sums[0, i, j]
                after = before + product
                part = after - before
                sums[1, i, j] += (before - (after - part)) + (product - part)
                sums[0, i, j] = after


@compiled
def _count_run(value: float, vectors: Floats, j: int) -> None:
    if not np.isnan(value):
        vectors[4, j] = vectors[4, j] + 1.0 if value == vectors[3, j] else 1.0
        vectors[3, j] = value


@compiled
def _slid(before: float, lost: float, entering: float, leaving: float) -> tuple[float, float]:
    """Return a compensated sum after two more terms."""
    middle = before + entering
    part = middle - before
    gone = (before - (middle - part)) + (entering - part)
    after = middle + leaving
    part = after - middle
    return after, lost + (gone + ((middle - (after - part)) + (leaving - part)))


@compiled
def _shift(rows: Floats, new: int, old: int, vectors: Floats, moved: Floats) -> None:
    """Write the deviations of the new and the old row to moved [2, N] and slide their sums."""
    for j in range(_U(0), _U(vectors.shape[1])):
        _count_run(rows[new, j], vectors, j)
    for j in range(_U(0), _U(vectors.shape[1])):
        entering, leaving = rows[new, j] - vectors[0, j], rows[old, j] - vectors[0, j]
        moved[0, j] = 0.0 if np.isnan(entering) else entering
        moved[1, j] = 0.0 if np.isnan(leaving) else leaving
        vectors[1, j], vectors[2, j] = _slid(vectors[1, j], vectors[2, j], moved[0, j], -moved[1, j])


@compiled
def _scales(sums: Floats, vectors: Floats, moved: Floats, count: float, needed: float, scale: Floats) -> int:
    """Write 1 / sd (NaN: undefined) and mean / sd to scale [2, N]; return how many assets lost digits."""
    bad, share, enough = 0, 1.0 / count, count >= needed
    root = np.sqrt(share)
    for j in range(_U(0), _U(vectors.shape[1])):
        one, lost = _slid(sums[0, j, j], sums[1, j, j], moved[0, j] * moved[0, j], -moved[1, j] * moved[1, j])
        square, mean = one + lost, vectors[1, j] + vectors[2, j]
        spread = square - mean * mean * share
        moves = enough and vectors[4, j] < count and square > TINY
        trusted = spread > DISTRUST * square
        bad += 1 if moves and not trusted else 0
        inverse = 1.0 / np.sqrt(spread if moves and trusted else np.nan)
        scale[0, j] = inverse
        scale[1, j] = mean * inverse * root
    return bad


@compiled
def slide(rows: Floats, new: int, numbers: Floats, vectors: Floats, sums: Floats, outs: Floats) -> int:
    """Move W windows by one row each, write their correlations to outs [W, N, N], return how many assets lost digits.

    new: index of the entering row in `rows`. numbers [W, 4]: slots of the window (the leaving row stands that far
    before the entering one), filled slots, needed ones, and the answer how many of its assets lost digits. vectors
    [W, 5, N] and sums [W, 2, N, N] as `accumulate` makes them.
    """
    width, tile = _U(vectors.shape[2]), _U(_TILE)
    moved, scale = np.empty((2, vectors.shape[2])), np.empty((2, vectors.shape[2]))
    bad = 0
    for w in range(_U(0), _U(len(numbers))):
        _shift(rows, new, new - int(numbers[w, 0]), vectors[w], moved)
        lost_digits = _scales(sums[w], vectors[w], moved, numbers[w, 1], numbers[w, 2], scale)
        numbers[w, 3] = lost_digits
        bad += lost_digits
        for start in range(_U(0), width, tile):
            stop = min(start + tile, width)
            for i in range(start, stop):
                entering, leaving, inverse, mean = moved[0, i], -moved[1, i], scale[0, i], scale[1, i]
                for j in range(start, width):
                    product = entering * moved[0, j]
                    before = sums[w, 0, i, j]
                    middle = before + product
                    part = middle - before
                    lost = (before - (middle - part)) + (product - part)
                    product = leaving * moved[1, j]
                    after = middle + product
                    part = after - middle
                    lost = sums[w, 1, i, j] + (lost + ((middle - (after - part)) + (product - part)))
                    sums[w, 0, i, j] = after
                    sums[w, 1, i, j] = lost
                    rho = (after + lost) * (inverse * scale[0, j]) - mean * scale[1, j]
                    rho = 1.0 if rho > 1.0 else rho
                    outs[w, i, j] = -1.0 if rho < -1.0 else rho
                outs[w, i, i] = np.nan if np.isnan(inverse) else 1.0
            for j in range(stop, width):
                for i in range(start, stop):
                    outs[w, j, i] = outs[w, i, j]
    return bad
