"""Owns the course of one pair's correlation over plain windows that slide: for charts, not for signals."""

import numpy as np
from numpy.typing import NDArray

from engine.quant.arrays import Floats


def rolling_correlation(x: Floats, y: Floats, window: int, ends: NDArray[np.int64]) -> Floats:
    """Return Pearson's rho of `x` and `y` [T] over the `window` rows before each of `ends` [K], exclusive.

    Rows where one is NaN count for neither; fewer than 2/3 of the window, or a window that begins before the data, is
    NaN. Two passes through sums of centered values: good to 1e-9, which a chart does not show.
    """
    both = ~(np.isnan(x) | np.isnan(y))
    dx, dy = (np.where(both, each - np.mean(each[both]) if both.any() else 0.0, 0.0) for each in (x, y))
    sums = [np.concatenate(([0.0], np.cumsum(each))) for each in (both, dx, dy, dx * dx, dy * dy, dx * dy)]
    begins = np.maximum(ends - window, 0)
    n, sx, sy, sxx, syy, sxy = (each[ends] - each[begins] for each in sums)
    with np.errstate(divide="ignore", invalid="ignore"):
        covariance, one, other = sxy - sx * sy / n, sxx - sx * sx / n, syy - sy * sy / n
        rho: Floats = covariance / np.sqrt(one * other)
    rho[(ends < window) | (3 * n < 2 * window) | ~np.isfinite(rho)] = np.nan
    return np.clip(rho, -1.0, 1.0)
