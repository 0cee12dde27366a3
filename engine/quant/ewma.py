"""Owns the now-estimate: exponentially weighted pairwise Pearson, as a plain recursion and as a batch formula.

Weights halve every `halflife` bars; weighted means are removed; a gap of one asset leaves only its own pairs behind.
Errors of the recursion fade with the weights, so nothing drifts. Never clips: raw and winsorized have a state each.
"""

import numpy as np

from engine.quant.arrays import Counts, Floats

MEMORY_BARS = 720  # an asset whose last 720 returns are all equal is flat, whatever the fading past says
_NEEDED = 2.0 / 3.0


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


class EwmaState:
    """Weighted moments of every pair; matrices [N, N], cell (i, j) = asset i over the bars where i and j exist."""

    __slots__ = ("_comoment", "_fade", "_halflife", "_last", "_mean", "_run", "_square", "_weight")

    def __init__(self, width: int, halflife_bars: float) -> None:
        self._halflife = halflife_bars
        self._fade = decay(halflife_bars)
        self._weight: Floats = np.zeros((width, width))
        self._mean: Floats = np.zeros((width, width))
        self._square: Floats = np.zeros((width, width))
        self._comoment: Floats = np.zeros((width, width))
        self._last: Floats = np.full(width, np.nan)
        self._run: Floats = np.zeros(width)  # how many returns in a row were equal

    def update(self, row: Floats) -> None:
        """Add one bar's returns [N]; NaN = no return."""
        present = ~np.isnan(row)
        self._run = np.where(present, np.where(row == self._last, self._run + 1, 1), self._run)
        self._last = np.where(present, row, self._last)
        fresh: Floats = np.outer(present, present).astype(np.float64)
        self._weight = self._fade * self._weight + fresh
        total = np.maximum(self._weight, 1.0)  # below 1 only where nothing is fresh, and then nothing is added
        step = np.where(fresh > 0, row[:, None] - self._mean, 0.0)
        share = (total - fresh) / total
        self._square = self._fade * self._square + share * step * step
        self._comoment = self._fade * self._comoment + share * (step * step.T)
        self._mean = self._mean + step / total

    def correlation(self) -> Floats:
        """Return rho [N, N]; NaN where the pair's weight is below 2/3 of its limit 1 / (1 - l), or one is flat.

        Source: CALIBRATION, "Definitions".
        """
        moving = (self._run < MEMORY_BARS)[:, None] & (self._square > 0)
        defined = moving & (self._weight >= _NEEDED / (1 - self._fade))
        sd = np.sqrt(np.where(defined, self._square, np.nan))
        return _bounded(self._comoment / (sd * sd.T))

    def counts(self) -> Counts:
        """Return the bars each pair is worth [N, N]: the effective length times the share of weight present."""
        share = self._weight * (1 - self._fade)
        return np.rint(share * effective_length(self._halflife)).astype(np.int64)


def ewma_pearson(returns: Floats, halflife_bars: float) -> Floats:
    """Return the exponentially weighted correlation [N, N] at the last row of `returns` [T, N], by its formula.

    Weight 0.5 ** (age / halflife), weighted means over the pair's common rows removed. NaN rule and source as
    `EwmaState.correlation`, to which it is equal.

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
            mass = float(weight[both].sum())
            if mass < _NEEDED / (1 - fade) or flat[i] or flat[j]:
                continue
            w, x, y = weight[both], returns[both, i], returns[both, j]
            dx, dy = x - (w @ x) / mass, y - (w @ y) / mass
            scale = float(np.sqrt((w @ (dx * dx)) * (w @ (dy * dy))))
            if scale > 0 and np.ptp(x) > 0 and np.ptp(y) > 0:
                result[i, j] = result[j, i] = (w @ (dx * dy)) / scale
    return _bounded(result)


def _is_flat(values: Floats) -> bool:
    """Return True where the last `MEMORY_BARS` values exist and are all equal."""
    tail = values[-MEMORY_BARS:]
    return len(tail) == MEMORY_BARS and bool((tail == tail[0]).all())


def _bounded(rho: Floats) -> Floats:
    """Return `rho` clipped to [-1, 1] with an exact 1 wherever the diagonal is defined."""
    result: Floats = np.clip(rho, -1.0, 1.0)
    np.fill_diagonal(result, np.where(np.isnan(rho.diagonal()), np.nan, 1.0))
    return result
