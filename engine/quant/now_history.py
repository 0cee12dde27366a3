"""Owns the now-estimate of many assets at a few instants of a history: exponentially weighted, blocks of rows at once.

The same definition as ewma, for the lab: one matrix product per block instead of one update per bar; tested equal.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from engine.quant.arrays import Flags, Floats
from engine.quant.ewma import MEMORY_BARS, decay
from engine.quant.pair_history import flat_runs

_NEEDED = 2.0 / 3.0


def now_matrices(returns: Floats, ends: Sequence[int], halflife_bars: float) -> Iterator[Floats]:
    """Yield the now-correlation [N, N] after the first `ends[k]` rows of `returns` [T, N], for ascending `ends`.

    NaN rule: as `CoMoments.now`, on the diagonal too.
    """
    fade, width = decay(halflife_bars), returns.shape[1]
    present = (~np.isnan(returns)).astype(np.float64)
    values = np.where(np.isnan(returns), 0.0, returns)
    flat = flat_runs(returns)
    sums = np.zeros((4, width, width))  # weight, x, x^2, xy of asset i over the rows common with j
    start = 0
    for end in ends:
        rows = slice(start, end)
        age = fade ** np.arange(end - start - 1, -1, -1, dtype=np.float64)[:, None]
        x, mask = values[rows], present[rows]
        sums *= fade ** (end - start)
        sums[0] += (age * mask).T @ mask
        sums[1] += (age * x).T @ mask
        sums[2] += (age * x * x).T @ mask
        sums[3] += (age * x).T @ x
        start = end
        moving = ~flat[end - 1] if end else np.zeros(width, dtype=np.bool_)
        yield _correlation(sums, _NEEDED / (1 - fade), moving)


def now_matrix(returns: Floats, halflife_bars: float) -> Floats:
    """Return the now-correlation [N, N] after the last row of `returns` [T, N], from these rows alone.

    NaN rule: as `CoMoments.now`. Forty half-lives of rows carry all but 1e-12 of the weight.
    """
    fade = decay(halflife_bars)
    mask = (~np.isnan(returns)).astype(np.float64)
    x = np.where(np.isnan(returns), 0.0, returns)
    age = fade ** np.arange(len(returns) - 1, -1, -1, dtype=np.float64)[:, None]
    aged = age * x
    sums = np.stack(((age * mask).T @ mask, aged.T @ mask, (aged * x).T @ mask, aged.T @ x))
    tail = returns[-MEMORY_BARS:]
    flat = np.all(tail == tail[:1], axis=0) & (len(tail) == MEMORY_BARS)  # a gap in it is not flat: NaN is unequal
    return _correlation(sums, _NEEDED / (1 - fade), ~flat)


def _correlation(sums: Floats, needed: float, moving: Flags) -> Floats:
    weight, x, xx, xy = sums
    mass = np.where(weight >= needed, weight, np.nan)
    variance = xx - x * x / mass
    defined = (variance > 0) & moving[:, None]
    sd = np.sqrt(np.where(defined, variance, np.nan))
    rho: Floats = np.clip((xy - x * x.T / mass) / (sd * sd.T), -1.0, 1.0)
    np.fill_diagonal(rho, np.where(np.isnan(rho.diagonal()), np.nan, 1.0))
    return rho
