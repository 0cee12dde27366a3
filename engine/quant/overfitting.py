"""Owns whether choosing the best of many rows was worth anything: rank stability and the odds of overfitting.

Never picks a row. The walk-forward puts the answer into words.
"""

from itertools import combinations

import numpy as np
from scipy.stats import rankdata, spearmanr

from engine.quant.arrays import Floats

BLOCKS = 10


def ratios(returns: Floats) -> Floats:
    """Return mean / population sd of each column of `returns` [T, R]; NaN where nothing moves."""
    spread = returns.std(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Floats = np.where(spread > 0, returns.mean(axis=0) / spread, np.nan)
    return result


def rank_stability(train: Floats, test: Floats) -> float:
    """Return Spearman's correlation of two scores [R] of the same rows; NaN with fewer than three that have both.

    >>> rank_stability(np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0, 30.0]))
    1.0
    """
    both = ~np.isnan(train) & ~np.isnan(test)
    if np.count_nonzero(both) < 3 or np.ptp(train[both]) == 0 or np.ptp(test[both]) == 0:
        return float("nan")
    return round(float(spearmanr(train[both], test[both]).statistic), 12)


def overfitting_probability(returns: Floats, blocks: int = BLOCKS) -> float:
    """Return how often the best row of one half of the time is below the median of the rows in the other half.

    `returns` [T, R] of R rows is cut into `blocks` stretches; every way to take half of them is tried. A half means
    that being best says nothing about the time to come. NaN with fewer than two rows or days than twice the blocks.
    Source: Bailey, Borwein, Lopez de Prado and Zhu (2017), combinatorially symmetric cross-validation.
    """
    length, rows = returns.shape
    if rows < 2 or length < 2 * blocks or blocks % 2:
        return float("nan")
    parts = np.array_split(np.arange(length), blocks)
    worse = []
    for chosen in combinations(range(blocks), blocks // 2):
        inside = np.concatenate([parts[k] for k in chosen])
        outside = np.concatenate([parts[k] for k in range(blocks) if k not in chosen])
        scores, later = ratios(returns[inside]), ratios(returns[outside])
        known = ~np.isnan(scores) & ~np.isnan(later)
        if np.count_nonzero(known) < 2:
            continue
        ranks = rankdata(later[known]) / (np.count_nonzero(known) + 1)
        worse.append(float(ranks[int(np.argmax(scores[known]))]) <= 0.5)
    return float(np.mean(worse)) if worse else float("nan")
