"""Owns Spearman's rank correlation of a window, for analysis only: ranks do not update incrementally.

Never used by a signal. `driftdeck corr` asks for it.
"""

import numpy as np
from scipy.stats import rankdata

from engine.quant.arrays import Floats
from engine.quant.correlation import pearson


def spearman(returns: Floats, min_count: int) -> Floats:
    """Return Spearman's correlation [N, N] of `returns` [T, N]: Pearson of the ranks, ties ranked at their mean.

    Each pair is ranked over the rows both have (pairwise-complete). NaN rule: as `pearson`, NaN with fewer than
    `min_count` common rows or where one of the two is flat over them. Source: CONTRACT, "Conventions of every figure".

    >>> spearman(np.array([[1.0, 10.0], [2.0, 100.0], [3.0, 1000.0]]), 3).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    present = ~np.isnan(returns)
    whole = present.all(axis=0)
    ranks = np.full_like(returns, np.nan)
    if whole.any():
        ranks[:, whole] = rankdata(returns[:, whole], axis=0)
    rho = pearson(ranks, min_count)
    for i in np.flatnonzero(~whole):
        for j in range(returns.shape[1]):
            both = present[:, i] & present[:, j]
            pair = rankdata(np.column_stack((returns[both, i], returns[both, j])), axis=0)
            rho[i, j] = rho[j, i] = pearson(pair, min_count)[0, 1] if i != j else _own(pair, min_count)
    return rho


def _own(pair: Floats, min_count: int) -> float:
    """Return the diagonal cell: 1 where the asset has enough rows and is not flat, else NaN."""
    return float(pearson(pair[:, :1], min_count)[0, 0])
