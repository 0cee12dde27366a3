"""Owns log returns: from closes on a regular grid of slots to one return per slot.

Never fills a gap: a return exists where both closes do. Returns go to winsor, comoments and ewma.
"""

import numpy as np

from engine.quant.arrays import Floats


def log_returns(closes: Floats) -> Floats:
    """Return log returns close to close, one per slot.

    Shapes: closes [T, N], T consecutive slots; result [T, N], its first row NaN.
    Units: natural log of a price ratio. NaN where either close is missing (NaN).
    Errors: ValueError where a close is zero, negative or infinite.
    Source: CONTRACT, "Conventions of every figure".

    >>> log_returns(np.array([[1.0], [1.0], [np.nan], [2.0]])).ravel().tolist()
    [nan, 0.0, nan, nan]
    """
    check_closes(closes)
    result = np.full_like(closes, np.nan)
    # the ratio, not a difference of logs: equal closes give exactly 0 on every CPU, so a flat stretch stays flat
    np.log(closes[1:] / closes[:-1], out=result[1:])
    return result


def log_return(before: Floats, after: Floats) -> Floats:
    """Return the log returns of one slot from the closes [N] of two neighboring slots; rules as `log_returns`."""
    check_closes(after)
    result: Floats = np.log(after / before)
    return result


def check_closes(closes: Floats) -> None:
    """Raise ValueError where a close is not a positive finite number or NaN."""
    bad = (closes <= 0) | np.isinf(closes)
    if bad.any():
        where = tuple(int(k) for k in np.argwhere(bad)[0])
        raise ValueError(f"close {closes[where]} at {where} is not a positive price; pass NaN where there is no bar")
