"""Owns the return of a basket as one thing: the weighted, signed returns of the legs that have one.

A leg without a price leaves the others to carry the basket, as long as they hold half of its weight. Never clips.
The correlations between baskets (row `portfolio`) are made of these returns.
"""

import numpy as np

from engine.quant.arrays import Flags, Floats

_LEAST_WEIGHT = 0.5
_ROUNDING = 1e-9  # weights such as three times 1/6 must not miss the half


def basket_returns(closes: Floats, weights: Floats) -> Floats:
    """Return the log returns [T, B] of B baskets from `closes` [T, N] and signed `weights` [B, N], sizes summing to 1.

    Rule: sum of weight * r over the legs with a return, divided by the size of their weights. NaN rule: NaN where
    legs of less than half the weight have a close now or had one before, or none has both; the bar after such a one
    is NaN as well, as after a missing close. The first row is NaN.
    """
    return basket_history(closes, weights)[0]


def basket_history(closes: Floats, weights: Floats) -> tuple[Floats, Flags]:
    """Return the log returns [T, B], and where a basket has a level, as `quoted_baskets` says [T, B]."""
    returns, present = _returns(closes)
    carried = present @ np.abs(weights).T
    sound = _quoted(closes, np.abs(weights), carried)
    both = sound[1:] & sound[:-1]
    result = np.full(sound.shape, np.nan)
    result[1:] = np.where(both, (returns @ weights.T) / np.where(both, carried, 1.0), np.nan)
    return result, sound


def quoted_baskets(closes: Floats, weights: Floats) -> Flags:
    """Return where a basket has a level [T, B]: legs of half its weight have a close, one of them before as well.

    A basket that was quoted before, but by other legs, has no return and starts anew with the bar after.
    """
    return basket_history(closes, weights)[1]


def _quoted(closes: Floats, size: Floats, carried: Floats) -> Flags:
    """Return the same from the sizes [B, N] and the weight that has a return [T - 1, B]."""
    quoted: Flags = (~np.isnan(closes)).astype(np.float64) @ size.T >= _LEAST_WEIGHT - _ROUNDING
    quoted[1:] &= ~(quoted[1:] & quoted[:-1] & (carried == 0))
    return quoted


def _returns(closes: Floats) -> tuple[Floats, Floats]:
    """Return the legs' returns [T - 1, N], 0 where there is none, and 1 or 0 for which there are."""
    returns: Floats = np.log(closes[1:] / closes[:-1])
    present = ~np.isnan(returns)
    return np.where(present, returns, 0.0), present.astype(np.float64)
