"""Owns when an asset counts for correlation, over a whole history: old enough, and not too patchy (DESIGN 2).

The batch twin of `CorrelationState.used`, tested equal. Never looks at prices, only at whether there are any.
"""

import numpy as np

from engine.market.correlation_state import HISTORY_DAYS
from engine.quant.arrays import Flags
from engine.quant.comoments import required
from engine.quant.rolling import rolling_sums


def used_history(present: Flags, day_slots: int) -> Flags:
    """Return, for every row of `present` [T, N], who counts with that bar closed [T, N].

    First bar at least 90 days old, and two thirds of the slots of the last 90 days filled.
    """
    slots = HISTORY_DAYS * day_slots
    filled = required(slots) - 0.5 <= rolling_sums(present.T.astype(np.float64), slots).T
    rows = np.arange(len(present))[:, None]
    first = np.where(present.any(axis=0), present.argmax(axis=0), len(present))
    old: Flags = rows + 1 - first >= slots
    return old & filled
