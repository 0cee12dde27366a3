"""Owns how far an equity curve lies below its highest point so far. The lab's figures and charts read it."""

import numpy as np

from engine.quant.arrays import Floats


def drawdowns(equity: Floats) -> Floats:
    """Return 1 - E_t / max(E_1 ... E_t) along the last axis of `equity` [..., T]; a fraction, 0 at a new high.

    NaN rule: NaN from the first NaN on. An equity below nothing gives more than 1.

    >>> drawdowns(np.array([100.0, 80.0, 120.0])).round(12).tolist()
    [0.0, 0.2, 0.0]
    """
    result: Floats = 1.0 - equity / np.maximum.accumulate(equity, axis=-1)
    return result
