"""Owns the winsor limits: which range a return is clipped to before the robust correlation sees it.

Limits are frozen per UTC day, so each return is clipped once and keeps that value, live and in replay. Never fetches
history: the caller passes the returns before the day. Clipped returns go to comoments and ewma.
"""

import numpy as np

from engine.quant.arrays import Floats

LOOKBACK_SLOTS = 720
MIN_RETURNS = 360
MAD_TO_SD = 1.4826
WIDTH_SD = 3.0


def winsor_limits(history: Floats) -> tuple[Floats, Floats]:
    """Return the lowest and highest return each asset keeps on one UTC day.

    Shapes: history [<= 720, N], the returns of the 720 slots before 00:00 UTC of the day; results [N].
    Rule: median -+ 3 * 1.4826 * MAD of the returns that exist. NaN rule: missing returns are left out; with fewer
    than 360 of them the limits are -inf and inf (unclipped).
    Errors: ValueError where more than 720 rows come in.
    Source: CALIBRATION, "Definitions".

    >>> low, high = winsor_limits(np.tile([[-1.0], [0.0], [1.0]], (240, 1)))
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([-4.4478], [4.4478])
    """
    if len(history) > LOOKBACK_SLOTS:
        raise ValueError(f"winsor limits look at {LOOKBACK_SLOTS} slots, got {len(history)}")
    width = history.shape[1]
    if len(history) < MIN_RETURNS:
        return np.full(width, -np.inf), np.full(width, np.inf)
    enough = np.count_nonzero(~np.isnan(history), axis=0) >= MIN_RETURNS
    median = _median(history)
    reach = WIDTH_SD * MAD_TO_SD * _median(np.abs(history - median))
    return np.where(enough, median - reach, -np.inf), np.where(enough, median + reach, np.inf)


def clip(returns: Floats, limits: tuple[Floats, Floats]) -> Floats:
    """Return `returns` ([N] or [T, N]) clipped to `limits`; NaN stays NaN."""
    result: Floats = np.minimum(np.maximum(returns, limits[0]), limits[1])
    return result


def winsorize(returns: Floats, first_slot: int, day_slots: int) -> Floats:
    """Return every return clipped by the limits of its own UTC day.

    Shapes: returns [T, N] of consecutive slots, result [T, N]. `first_slot` counts slots since the epoch, so that
    `slot // day_slots` is the UTC day. NaN stays NaN. The same as `winsor_limits` and `clip` day by day.
    Source: CALIBRATION, "Definitions".
    """
    result = np.empty_like(returns)
    end_slot = first_slot + len(returns)
    start = first_slot
    while start < end_slot:
        midnight = start - start % day_slots
        stop = min(midnight + day_slots, end_slot)
        until = max(midnight - first_slot, 0)
        since = max(midnight - LOOKBACK_SLOTS - first_slot, 0)
        today = slice(start - first_slot, stop - first_slot)
        result[today] = clip(returns[today], winsor_limits(returns[since:until]))
        start = stop
    return result


def _median(values: Floats) -> Floats:
    """Return the median of each column over its non-NaN values; NaN for a column without any."""
    found = np.count_nonzero(~np.isnan(values), axis=0)
    if found.all() and len(values) == found.min():  # no gap: the same two places in every column
        places = [(len(values) - 1) // 2, len(values) // 2]
        middle = np.partition(np.ascontiguousarray(values.T), places, axis=1)[:, places]
        whole: Floats = (middle[:, 0] + middle[:, 1]) / 2
        return whole
    ordered = np.sort(values, axis=0)  # NaN sorts to the end
    column = np.arange(values.shape[1])
    low = ordered[np.maximum(found - 1, 0) // 2, column]
    high = ordered[np.minimum(found // 2, len(values) - 1), column]
    result: Floats = (low + high) / 2
    return result
