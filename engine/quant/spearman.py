"""Owns Spearman's rank correlation of a window, for analysis only: ranks do not update incrementally.

Never used by a signal. `driftdeck corr` asks for it.
"""

import numpy as np
from scipy.stats import rankdata

from engine.quant.arrays import Flags, Floats
from engine.quant.correlation import pearson
from engine.quant.ranges import exact_pair


def spearman(returns: Floats, min_count: int) -> Floats:
    """Return Spearman's correlation [N, N] of `returns` [T, N]: Pearson of the ranks, ties ranked at their mean.

    Each pair is ranked over the rows both have (pairwise-complete). NaN rule: as `pearson`, NaN with fewer than
    `min_count` common rows or where one of the two is flat over them. Source: CONTRACT, "Conventions of every figure".

    >>> spearman(np.array([[1.0, 10.0], [2.0, 100.0], [3.0, 1000.0]]), 3).round(12).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    present = ~np.isnan(returns)
    whole: Flags = np.count_nonzero(present, axis=0) == len(returns)
    ranks = np.full_like(returns, np.nan)
    if whole.any():
        ranks[:, whole] = rankdata(returns[:, whole], axis=0)
    rho = pearson(ranks, min_count)
    for i in np.flatnonzero(~whole):
        for j in range(returns.shape[1]):
            both = present[:, i] & present[:, j]
            if np.count_nonzero(both) < max(min_count, 2):
                rho[i, j] = rho[j, i] = np.nan
            elif i == j:
                rho[i, i] = 1.0 if np.ptp(returns[both, i]) > 0 else np.nan
            elif whole[j] or i < j:
                pair = rankdata(np.column_stack((returns[both, i], returns[both, j])), axis=0)
                rho[i, j] = rho[j, i] = exact_pair(pair[:, 0], pair[:, 1], None)
    return rho
