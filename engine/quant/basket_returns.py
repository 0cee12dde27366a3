"""Owns the return of a basket as one thing: the weighted, signed returns of the legs that have one.

A leg without a price leaves the others to carry the basket, as long as they hold half of its weight. Never clips.
The correlations between baskets (row `portfolio`) are made of these returns.
"""

import numpy as np

from engine.quant.arrays import Flags, Floats

_LEAST_WEIGHT = 0.5


def basket_returns(closes: Floats, weights: Floats) -> Floats:
    """Return the log returns [T, B] of B baskets from `closes` [T, N] and signed `weights` [B, N], sizes summing to 1.

    Rule: sum of weight * r over the legs with a return, divided by the size of their weights. NaN rule: NaN where
    legs of less than half the weight have a close now or had one before, or none has both; the bar after such a one
    is NaN as well, as after a missing close. The first row is NaN.
    """
    with np.errstate(invalid="ignore"):
        returns = np.log(closes[1:] / closes[:-1])
    size = np.abs(weights)
    quoted = (~np.isnan(closes)).astype(np.float64) @ size.T >= _LEAST_WEIGHT
    present = ~np.isnan(returns)
    carried = present.astype(np.float64) @ size.T
    sound: Flags = quoted.copy()
    sound[1:] &= ~(quoted[1:] & quoted[:-1] & (carried == 0))
    total = np.where(present, returns, 0.0) @ weights.T
    result = np.full(quoted.shape, np.nan)
    both = sound[1:] & sound[:-1]
    result[1:] = np.where(both, total / np.where(both, carried, 1.0), np.nan)
    return result
