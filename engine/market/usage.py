"""Owns when an asset counts for correlation, over a whole history: old enough, not too patchy, not frozen (DESIGN 2).

The batch twin of `CorrelationState.used`, tested equal. Never looks at prices, only at whether they are there and move.
"""

import numpy as np

from engine.market.correlation_state import HISTORY_DAYS
from engine.quant.arrays import Flags, Floats
from engine.quant.comoments import required
from engine.quant.rolling import rolling_sums


def used_history(present: Flags, returns: Floats, day_slots: int) -> Flags:
    """Return, for every row of `present` [T, N] and `returns` [T, N], who counts with that bar closed [T, N].

    First bar at least 90 days old, two thirds of the slots of the last 90 days filled, and a price that moved in the
    last day: a venue that repeats a halted market's close tells nothing about how it moves with others.
    """
    if len(present) == 0:
        return present
    slots = HISTORY_DAYS * day_slots
    filled = required(slots) - 0.5 <= rolling_sums(present.T.astype(np.float64), slots).T
    rows = np.arange(len(present))[:, None]
    first = np.where(present.any(axis=0), present.argmax(axis=0), len(present))
    old: Flags = rows + 1 - first >= slots
    return old & filled & ~_frozen(returns, day_slots)


def _frozen(returns: Floats, day_slots: int) -> Flags:
    """Return where an asset had returns in the last day and all of them are exactly 0 [T, N]."""
    there = rolling_sums((~np.isnan(returns)).T.astype(np.float64), day_slots).T > 0.5
    moved = rolling_sums((np.nan_to_num(returns) != 0.0).T.astype(np.float64), day_slots).T > 0.5
    result: Flags = there & ~moved
    return result
