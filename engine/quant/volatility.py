"""Owns the size of a usual hour: mean and spread of absolute returns, which a breakout of volatility is held against.

Live over the last rows, for the lab over a whole history; tested equal. Never decides: the volatility signal does.
"""

import numpy as np

from engine.quant.arrays import Floats
from engine.quant.rolling import rolling_sums

USUAL_BARS = 720
_LEAST = 480  # two thirds, as for every other window


def usual_size(returns: Floats) -> tuple[Floats, Floats]:
    """Return mean and sd (ddof 1) of abs(r) of each column of `returns` [<= 720, N], the bars before the judged one.

    NaN rule: NaN with fewer than 480 returns. Errors: ValueError for more than 720 rows. Source: CALIBRATION, "VOL".

    >>> mean, sd = usual_size(np.tile([[0.01], [-0.03]], (360, 1)))
    >>> mean.round(6).tolist(), sd.round(6).tolist()
    ([0.02], [0.010007])
    """
    if len(returns) > USUAL_BARS:
        raise ValueError(f"the usual size looks at {USUAL_BARS} bars, got {len(returns)}")
    size = np.abs(returns)
    present = ~np.isnan(size)
    count = present.sum(axis=0)
    mean = np.where(present, size, 0.0).sum(axis=0) / np.where(count >= _LEAST, count, np.nan)
    squares = np.where(present, (size - mean) ** 2, 0.0).sum(axis=0)
    return mean, np.sqrt(squares / np.where(count >= _LEAST, count - 1, np.nan))


def usual_size_history(returns: Floats) -> tuple[Floats, Floats]:
    """Return the same for every row of `returns` [T, N], each by the 720 rows before it (not including itself)."""
    size = np.abs(returns.T)
    present = ~np.isnan(size)
    values = np.where(present, size, 0.0)
    count, total, squares = (
        _before(rolling_sums(part, USUAL_BARS)) for part in (present.astype(np.float64), values, values * values)
    )
    enough = np.where(count >= _LEAST, count, np.nan)
    mean = total / enough
    spread = np.maximum(squares - total * mean, 0.0) / (enough - 1)
    return mean.T, np.sqrt(spread).T


def _before(sums: Floats) -> Floats:
    """Return the sums moved by one bar, so that a bar is judged by those before it."""
    result = np.zeros_like(sums)
    result[:, 1:] = sums[:, :-1]
    return result
