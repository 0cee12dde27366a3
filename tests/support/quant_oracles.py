"""Owns slow, plain recomputations in 80-bit floats that the quant tests compare with; imports nothing of the engine."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def exact_pearson(returns: Floats, min_count: int) -> Floats:
    """Return pairwise-complete Pearson by two passes in extended precision, pair by pair."""
    return exact_weighted_pearson(returns, np.ones(len(returns)), float(max(min_count, 2)))


def exact_weighted_pearson(returns: Floats, weights: Floats, needed: float) -> Floats:
    """Return weighted Pearson; NaN where the weight of common rows is below `needed` or a side is constant."""
    wide, mass = returns.astype(np.longdouble), weights.astype(np.longdouble)
    size = returns.shape[1]
    result = np.full((size, size), np.nan)
    for i in range(size):
        for j in range(size):
            both = ~np.isnan(returns[:, i]) & ~np.isnan(returns[:, j])
            x, y, w = wide[both, i], wide[both, j], mass[both]
            if w.sum() < needed or len(set(returns[both, i])) < 2 or len(set(returns[both, j])) < 2:
                continue
            dx, dy = x - (w * x).sum() / w.sum(), y - (w * y).sum() / w.sum()
            result[i, j] = float((w * dx * dy).sum() / np.sqrt((w * dx * dx).sum() * (w * dy * dy).sum()))
    return result


def plain_winsorized(returns: Floats, first_slot: int) -> Floats:
    """Return hourly returns clipped one by one, straight from the sentence in CALIBRATION."""
    result = returns.copy()
    for row, column in np.argwhere(~np.isnan(returns)):
        midnight = row - (first_slot + row) % 24
        before = returns[max(midnight - 720, 0) : max(midnight, 0), column]
        before = before[~np.isnan(before)]
        if len(before) >= 360:
            median = float(np.median(before))
            reach = 3 * 1.4826 * float(np.median(np.abs(before - median)))
            result[row, column] = min(max(returns[row, column], median - reach), median + reach)
    return result


def fat_returns(rng: np.random.Generator, rows: int, assets: int, *, missing: float = 0.0) -> Floats:
    """Return one-factor returns with Student t(3) tails, a share of them missing."""
    factor = rng.standard_t(3, size=(rows, 1)) * 0.006
    result: Floats = factor + rng.standard_t(3, size=(rows, assets)) * 0.005
    result[rng.random(result.shape) < missing] = np.nan
    return result


def nasty_returns(rng: np.random.Generator, rows: int) -> Floats:
    """Return eight assets of everything that breaks running sums, again and again every 1,000 rows.

    In order: crash bars of -40 %; a stablecoin (1e-6) with depegs; long flat stretches at 0; flat at a non-zero value;
    tick-rounded prices; a near copy of the first; a mean far from zero; volatility between 1e-6 and 3e-2.
    """
    returns = fat_returns(rng, rows, 8)
    returns[200::1000, 0] = -0.51
    returns[:, 1] *= 1e-4
    returns[333::1000, 1], returns[334::1000, 1] = -0.12, 0.13
    flat = (np.arange(rows) // 1000) % 3 == 1
    returns[flat, 2] = 0.0
    returns[flat, 3] = 1e-6
    returns[:, 4] = np.round(returns[:, 4], 2)
    returns[:, 5] = returns[:, 0] * 0.5 + rng.normal(0, 1e-6, rows)
    returns[:, 6] += 0.5
    returns[:, 7] *= 10.0 ** rng.uniform(-4.3, 0.7, rows // 100 + 1).repeat(100)[:rows]
    return returns


def worst_difference(mine: Floats, theirs: Floats) -> float:
    """Return the largest absolute difference; inf where one is NaN and the other is not."""
    if not np.array_equal(np.isnan(mine), np.isnan(theirs)):
        return float("inf")
    defined = ~np.isnan(mine)
    return float(np.abs(mine[defined] - theirs[defined]).max(initial=0.0))
