"""Owns the correlation of chosen pairs over one window, at every bar of a history: for the lab and for charts.

The same definition as `CoMoments.window`, tested equal, but vectorized over time. Baseline and now-estimate of a
basket's drift are in pair_history. Raw or winsorized is the caller's choice of returns. Never used live.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.quant.anchors import middle_of
from engine.quant.arrays import Floats
from engine.quant.kernels import DISTRUST, TINY
from engine.quant.ranges import exact_pair

Pairs = Sequence[tuple[int, int]]
_CELLS = 1_000_000  # bars times pairs that are worked on together


def window_history(returns: Floats, pairs: Pairs, slots: int, lag: int, needed: int) -> Floats:
    """Return Pearson over the window of `slots` bars that ends `lag` bars before each bar, for each pair.

    Shapes: returns [T, N]; result [T, P], row t on the rows up to and including t. Rows before the first count as
    missing. NaN with fewer than `needed` common returns or where one of the two is flat over them.
    Each window is the end of one block of `slots` rows plus the beginning of the next: running sums within blocks are
    added, never subtracted (van Herk 1992), so an outlier leaves without a trace. Equal to `CoMoments.window`.

    >>> x = np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 1.0], [4.0, 4.0]])
    >>> window_history(x, [(0, 1)], 2, 0, 2).ravel().tolist()
    [nan, 1.0, -1.0, 1.0]
    """
    blocks = len(returns) // slots + 1
    padded = np.full((blocks + 1, slots, returns.shape[1]), np.nan)
    padded.reshape(-1, returns.shape[1])[slots : slots + len(returns)] = returns
    center = np.stack([middle_of(np.concatenate((padded[k], padded[k + 1]))) for k in range(blocks)])[:, None, :]
    before, after = padded[:-1] - center, padded[1:] - center
    result = np.full((len(returns), len(pairs)), np.nan)
    step = max(1, _CELLS // padded.shape[0] // slots)
    for start in range(0, len(pairs), step):
        left, right = _columns(pairs[start : start + step])
        ending = _terms(before[..., left], before[..., right])
        beginning = _terms(after[..., left], after[..., right])
        sums = np.cumsum(beginning, axis=2)
        sums[:, :, :-1] += np.cumsum(ending[:, :, :0:-1], axis=2)[:, :, ::-1]
        rho = _correlations(sums.reshape(6, -1, len(left)), max(needed, 2))[: len(returns)]
        result[lag:, start : start + len(left)] = rho[: max(len(returns) - lag, 0)]
    for t, p in np.argwhere(np.isinf(result)):
        rows = returns[max(t + 1 - lag - slots, 0) : t + 1 - lag, list(pairs[p])]
        both = ~np.isnan(rows).any(axis=1)
        result[t, p] = exact_pair(rows[both, 0], rows[both, 1], None)
    return result


def _columns(pairs: Pairs) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    table = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _terms(x: Floats, y: Floats) -> Floats:
    """Return [6, ...]: 1, x, y, x x, y y, x y where both exist, else 0."""
    both = ~(np.isnan(x) | np.isnan(y))
    x, y = np.where(both, x, 0.0), np.where(both, y, 0.0)
    return np.stack((both.astype(np.float64), x, y, x * x, y * y, x * y))


def _correlations(sums: Floats, needed: float) -> Floats:
    """Return rho [T, P] of sums [6, T, P]; NaN where undefined, inf where the sums lost digits."""
    mass, x, y, xx, yy, xy = sums
    defined = (mass >= needed) & (xx > TINY) & (yy > TINY)
    safe = np.maximum(mass, 1e-9)
    left, right = xx - x * x / safe, yy - y * y / safe
    doubtful = defined & ((left <= DISTRUST * xx) | (right <= DISTRUST * yy))
    defined &= ~doubtful
    rho = np.full(mass.shape, np.nan)
    np.divide(xy - x * y / safe, np.sqrt(np.where(defined, left * right, 1.0)), out=rho, where=defined)
    np.clip(rho, -1.0, 1.0, out=rho)
    rho[doubtful] = np.inf
    return rho
