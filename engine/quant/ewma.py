"""Owns the definition of the now-estimate: its weights, its length, and its formula as a plain batch.

The incremental readout is in comoments; both are tested equal. Never clips: raw and winsorized returns are read alike.
"""

import numpy as np

from engine.quant.arrays import Floats
from engine.quant.ranges import exact_pair

MEMORY_BARS = 720  # an asset whose last 720 returns are all equal is flat, whatever the fading past says
NEEDED_SHARE = 2.0 / 3.0  # of the weight's limit 1 / (1 - l), for a pair to be defined


def decay(halflife_bars: float) -> float:
    """Return the weight of a bar relative to the next one: 0.5 ** (1 / halflife)."""
    return float(0.5 ** (1.0 / halflife_bars))


def effective_length(halflife_bars: float) -> int:
    """Return how many equally weighted bars the estimate is worth: round((1 + l) / (1 - l)).

    >>> effective_length(24)
    69
    """
    fade = decay(halflife_bars)
    return round((1 + fade) / (1 - fade))


def ewma_pearson(returns: Floats, halflife_bars: float) -> Floats:
    """Return the exponentially weighted correlation [N, N] at the last row of `returns` [T, N], by its formula.

    Weight 0.5 ** (age / halflife), weighted means over the pair's common rows removed. NaN where the pair's weight is
    below 2/3 of 1 / (1 - l), or one of the two is flat over the common rows or over its own last 720 returns. Slow and
    plain; `CoMoments.now` gives the same. Source: CALIBRATION, "Definitions".

    >>> x = np.sin(np.arange(200.0))
    >>> ewma_pearson(np.column_stack([x, 2 * x, -x]), 24).round(9).tolist()[0]
    [1.0, 1.0, -1.0]
    """
    width = returns.shape[1]
    fade = decay(halflife_bars)
    present = ~np.isnan(returns)
    weight = fade ** np.arange(len(returns) - 1, -1, -1, dtype=np.float64)
    result = np.full((width, width), np.nan)
    flat = [_is_flat(returns[present[:, k], k]) for k in range(width)]
    for i in range(width):
        for j in range(i, width):
            both = present[:, i] & present[:, j]
            if weight[both].sum() < NEEDED_SHARE / (1 - fade) or flat[i] or flat[j]:
                continue
            result[i, j] = result[j, i] = exact_pair(returns[both, i], returns[both, j], weight[both])
        if not np.isnan(result[i, i]):
            result[i, i] = 1.0
    return result


def _is_flat(values: Floats) -> bool:
    """Return True where the last `MEMORY_BARS` values exist and are all equal."""
    tail = values[-MEMORY_BARS:]
    return len(tail) == MEMORY_BARS and bool((tail == tail[0]).all())
