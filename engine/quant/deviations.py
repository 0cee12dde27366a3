"""Owns the standard deviation of returns. Never annualizes: who asks knows the bar. Feeds the risk figures."""

import numpy as np

from engine.quant.arrays import Floats


def deviations(returns: Floats, min_count: int) -> Floats:
    """Return the sample standard deviations (ddof 1) of each asset.

    Shapes: returns [T, N], NaN = no return; result [N], in the unit of the returns. NaN with fewer than `min_count`
    returns (at least 2); exactly 0 where all of them are equal. By two passes.

    >>> deviations(np.array([[1.0, 5.0], [3.0, 5.0]]), 2).tolist()
    [1.4142135623730951, 0.0]
    """
    present = ~np.isnan(returns)
    counts = np.count_nonzero(present, axis=0)
    safe = np.maximum(counts, 1)
    values = np.where(present, returns, 0.0)
    mean = values.sum(axis=0) / safe
    centered = np.where(present, returns - mean, 0.0)
    variance = (centered * centered).sum(axis=0) / np.maximum(counts - 1, 1)
    flat = np.min(returns, axis=0, initial=np.inf, where=present) >= np.max(
        returns, axis=0, initial=-np.inf, where=present
    )
    result = np.sqrt(np.where(flat, 0.0, variance))
    return np.where(counts >= max(min_count, 2), result, np.nan)
