"""Owns what is said about correlation matrices: the batch Pearson, its sign by side, its mean, the Fisher difference.

Never keeps state: the incremental heart is comoments. Matrices go to the signals and to the risk figures.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.quant.arrays import Counts, Floats
from engine.quant.comoments import CoMoments

RHO_CAP = 0.9999


def pearson(returns: Floats, min_count: int) -> Floats:
    """Return the pairwise-complete Pearson correlation [N, N] of `returns` [T, N], in one batch.

    NaN rule: NaN where a pair has fewer than `min_count` common rows or one of the two is flat over them, on the
    diagonal too. Source: CONTRACT, "Conventions of every figure".

    >>> pearson(np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]]), 3).round(12).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    state = CoMoments(returns.shape[1], max(len(returns), 1))
    state.load(0, returns)
    return state.window(len(returns), needed=min_count).rho


def common_counts(returns: Floats) -> Counts:
    """Return how many rows of `returns` [T, N] each pair has in common, [N, N].

    >>> common_counts(np.array([[1.0, np.nan], [2.0, 3.0]])).tolist()
    [[2, 1], [1, 1]]
    """
    present = (~np.isnan(returns)).astype(np.float64)
    return np.rint(present.T @ present).astype(np.int64)


def signed(rho: Floats, signs: Floats) -> Floats:
    """Return rho_eff [N, N] = side_i * side_j * rho, with `signs` [N] of +1 (long) and -1 (short). NaN stays NaN.

    >>> signed(np.array([[1.0, 0.8], [0.8, 1.0]]), np.array([1.0, -1.0])).tolist()
    [[1.0, -0.8], [-0.8, 1.0]]
    """
    result: Floats = rho * np.outer(signs, signs)
    return result


def pairs_of(matrix: Floats) -> Floats:
    """Return the cells above the diagonal of [N, N], row by row: N * (N - 1) / 2 values."""
    return matrix[_upper(len(matrix))]


@lru_cache(maxsize=64)
def _upper(size: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the cells above the diagonal; asked for thousands of times with the few sizes of the baskets."""
    rows, columns = np.triu_indices(size, 1)
    return rows, columns


def mean_pair_correlation(rho: Floats) -> float:
    """Return the mean over the defined pairs of [N, N]; NaN where fewer than half of them (or none) are defined."""
    return mean_if_half(pairs_of(rho))


def mean_if_half(values: Floats) -> float:
    """Return the mean of the defined values [P]; NaN where fewer than half of them are defined, or there are none.

    Source: CALIBRATION, "basket".
    """
    found = values[~np.isnan(values)]
    if len(found) == 0 or 2 * len(found) < len(values):
        return float("nan")
    return float(found.mean())


def fisher_difference(now: Floats, base: Floats) -> Floats:
    """Return dz = atanh(now) - atanh(base), elementwise, with |rho| capped at 0.9999; NaN where either is NaN.

    Source: CALIBRATION, "Definitions".

    >>> float(fisher_difference(np.array(0.9), np.array(0.9)))
    0.0
    """
    capped_now = np.clip(now, -RHO_CAP, RHO_CAP)
    capped_base = np.clip(base, -RHO_CAP, RHO_CAP)
    result: Floats = np.arctanh(capped_now) - np.arctanh(capped_base)
    return result
