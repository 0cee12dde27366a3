"""Owns the winsor limits: which range a return is clipped to before the robust correlation sees it.

Limits are frozen per UTC day, so each return is clipped once and keeps that value, live and in replay. Never fetches
history: the caller passes the returns before the day. Clipped returns go to comoments and ewma.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from engine.quant.arrays import Floats

LOOKBACK_SLOTS = 720
MIN_RETURNS = 360
MAD_TO_SD = 1.4826
WIDTH_SD = 3.0
_WINDOWS_AT_ONCE = 128  # are sorted together: they stay in the processor's cache


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
    return _limits(history.T)


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
    rows, assets = returns.shape
    late = first_slot % day_slots  # slots of the first day that lie before the first row
    days = -(-(rows + late) // day_slots)
    padded = np.full((assets, LOOKBACK_SLOTS + days * day_slots), np.nan)
    padded[:, LOOKBACK_SLOTS + late :][:, :rows] = returns.T
    before = sliding_window_view(padded, LOOKBACK_SLOTS, axis=1)[:, : days * day_slots : day_slots]
    low, high = np.empty((days, assets)), np.empty((days, assets))
    together = max(_WINDOWS_AT_ONCE // max(assets, 1), 1)  # days
    for begin in range(0, days, together):
        some = slice(begin, begin + together)
        found = _limits(before[:, some].reshape(-1, LOOKBACK_SLOTS))
        low[some], high[some] = (each.reshape(assets, -1).T for each in found)
    own = slice(late, late + rows)
    result = np.empty_like(returns)  # laid out as the returns are
    result[:] = clip(returns, (np.repeat(low, day_slots, axis=0)[own], np.repeat(high, day_slots, axis=0)[own]))
    return result


def _limits(windows: Floats) -> tuple[Floats, Floats]:
    """Return the limits [K] of K windows of returns [K, <= 720]; missing ones are NaN, in any place."""
    ordered = np.sort(windows, axis=1)  # NaN sorts to the end
    counts = windows.shape[1] - np.isnan(windows).sum(axis=1)
    low, high = np.full(len(windows), -np.inf), np.full(len(windows), np.inf)
    for count in np.unique(counts[counts >= MIN_RETURNS]).tolist():  # without gaps there is one
        alike = counts == count
        median, mad = _median_and_mad(ordered[alike, :count])
        reach = WIDTH_SD * MAD_TO_SD * mad
        low[alike], high[alike] = median - reach, median + reach
    return low, high


def _median_and_mad(ordered: Floats) -> tuple[Floats, Floats]:
    """Return the median of each row of ascending values [K, n], and that of their distances from it.

    The k + 1 values nearest to the median stand side by side, so the k-th distance is the least, over all runs of
    k + 1, of the larger of its two ends': one sorting does for both medians.
    """
    count = ordered.shape[1]
    middles = (count - 1) // 2, count // 2
    median = (ordered[:, middles[0]] + ordered[:, middles[1]]) / 2
    away = ordered - median[:, None]
    np.abs(away, out=away)
    near, far = (np.maximum(away[:, : count - k], away[:, k:]).min(axis=1) for k in middles)
    return median, (near + far) / 2
