"""Owns the way from rows in any order to one complete bar grid: order, duplicates, spacing, resampling.

Never fills a gap: a bar that is not there is NaN. Takes what `price_columns` read; the grid leaves as arrays.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.adapters.config_values import duration_text
from engine.adapters.price_columns import Place
from engine.domain.errors import ConfigError
from engine.domain.units import DAY_MS, HOUR_MS, Ms, iso

LARGEST_GRID = 100_000_000  # cells: 800 MB; a longer span is a typing error in a timestamp

Times = NDArray[np.int64]
Closes = NDArray[np.float64]


def in_order(times: Times, closes: Closes, warnings: list[str]) -> tuple[Times, Closes, NDArray[np.int64]]:
    """Return rows ascending and unique, the last of each duplicate kept, and where each stood.

    `warnings` counts what was done.
    """
    backwards = int(np.count_nonzero(times < np.maximum.accumulate(times)))
    order = np.argsort(times, kind="stable")
    times = times[order]
    kept = np.append(times[1:] != times[:-1], True)
    warn_of_order(backwards, int(np.count_nonzero(~kept)), warnings)
    order = order[kept]
    return times[kept], closes[order], order.astype(np.int64)


def warn_of_order(backwards: int, duplicates: int, warnings: list[str]) -> None:
    """Note how many rows were out of order and how many were dropped."""
    if backwards:
        warnings.append(f"{_rows(backwards)} out of order: sorted")
    if duplicates:
        warnings.append(f"{_rows(duplicates)} with the time of another: dropped, the last of each kept")


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def base_interval(times: Times, rows: NDArray[np.int64], bar_ms: int, place: Place) -> int:
    """Return the file's own bar interval: its most frequent spacing. `times` is ascending and unique.

    Raises ConfigError where a spacing is no multiple of it, or the bars do not open on the UTC grid.
    """
    if len(times) < 2:
        base = bar_ms
    else:
        spacings, counts = np.unique(np.diff(times), return_counts=True)
        base = int(spacings[np.argmax(counts)])
    off = np.flatnonzero(np.diff(times) % base)
    if off.size:
        later = int(off[0]) + 1
        gap = _span(int(times[later] - times[later - 1]))
        raise ConfigError(
            f"{place.path}: {place.row(rows[later])}: {iso(Ms(int(times[later])))} opens {gap} after the bar before "
            f"it, which is no multiple of the file's interval of {_span(base)}; mend or delete that row"
        )
    if base > bar_ms or bar_ms % base:
        raise ConfigError(
            f"{place.path}: its bars are {_span(base)} apart and cannot make bars of {_span(bar_ms)}; use a finer file"
        )
    if times[0] % base:
        raise ConfigError(
            f"{place.path}: {place.row(rows[0])}: {iso(Ms(int(times[0])))} is off the UTC grid of {_span(base)}; "
            "timestamps must be open times of bars"
        )
    return base


def on_grid(
    times: Times, closes: Closes, *, base_ms: int, bar_ms: int, place: Place, warnings: list[str]
) -> tuple[Times, Closes]:
    """Return open times, shape (T,), and closes, shape (T, N), on the complete grid of `bar_ms`.

    An hour closes with its last finer bar that exists; a day closes with the bar that ends it (23:00 of hourly bars)
    and is NaN without that one. A last bar that the file does not finish is left out with a warning.
    """
    span = (int(times[-1]) - int(times[0])) // bar_ms + 1
    if span * closes.shape[1] > LARGEST_GRID:
        raise ConfigError(
            f"{place.path}: {iso(Ms(int(times[0])))} to {iso(Ms(int(times[-1])))} would be {span:,} bars of "
            f"{closes.shape[1]} assets; check the first and the last timestamp"
        )
    if base_ms == bar_ms:
        return _complete(times, closes, bar_ms)
    if bar_ms == DAY_MS and base_ms < HOUR_MS:
        times, closes = _finished(times, closes, base_ms, HOUR_MS, [])
        if not len(times):
            raise _too_short(bar_ms, place)
        base_ms = HOUR_MS
    if bar_ms == DAY_MS:
        closing = times % DAY_MS == DAY_MS - base_ms
        closes = np.where(closing[:, None], closes, np.nan)
    times, closes = _finished(times, closes, base_ms, bar_ms, warnings)
    if not len(times):
        raise _too_short(bar_ms, place)
    return times, closes


def _finished(times: Times, closes: Closes, base_ms: int, bar_ms: int, warnings: list[str]) -> tuple[Times, Closes]:
    """Return each `bar_ms` slot's last close, without the slot that goes on after the last row."""
    slots = times // bar_ms
    parts = (times % bar_ms) // base_ms
    first, last = int(slots[0]), int(slots[-1])
    merged = np.full((last - first + 1, closes.shape[1]), np.nan)
    for part in range(bar_ms // base_ms):
        rows = np.flatnonzero(parts == part)
        target = slots[rows] - first
        merged[target] = np.where(np.isnan(closes[rows]), merged[target], closes[rows])
    opens = (first + np.arange(len(merged), dtype=np.int64)) * bar_ms
    if int(times[-1]) + base_ms < (last + 1) * bar_ms:
        warnings.append(f"the bar of {iso(Ms(int(opens[-1])))} is not finished in the file and was left out")
        return opens[:-1], merged[:-1]
    return opens, merged


def _complete(times: Times, closes: Closes, bar_ms: int) -> tuple[Times, Closes]:
    """Return the rows on the gapless grid, NaN where the file has no row."""
    opens = np.arange(int(times[0]), int(times[-1]) + 1, bar_ms, dtype=np.int64)
    if len(opens) == len(times):
        return times, closes
    full = np.full((len(opens), closes.shape[1]), np.nan)
    full[(times - times[0]) // bar_ms] = closes
    return opens, full


def _too_short(bar_ms: int, place: Place) -> ConfigError:
    return ConfigError(f"{place.path} holds no finished bar of {_span(bar_ms)}; use a longer file")


def _span(ms: int) -> str:
    """Return a spacing as text: 5m, 1h, 90s."""
    return duration_text(ms) if ms % 1000 == 0 else f"{ms} ms"


def pivoted(
    times: Times, codes: NDArray[np.int64], values: Closes, names: Sequence[str], warnings: list[str]
) -> tuple[Times, Closes, NDArray[np.int64]]:
    """Return long rows (time, column code, close) as ascending unique times, a matrix and each time's first row."""
    order = np.lexsort((np.arange(len(times)), times, codes))
    backwards = 0
    for code in range(len(names)):
        own = times[codes == code]
        backwards += int(np.count_nonzero(own < np.maximum.accumulate(own))) if own.size else 0
    same = (times[order][1:] == times[order][:-1]) & (codes[order][1:] == codes[order][:-1])
    warn_of_order(backwards, int(np.count_nonzero(same)), warnings)
    unique, rows, slot = np.unique(times, return_index=True, return_inverse=True)
    closes = np.full((len(unique), len(names)), np.nan)
    closes[slot[order], codes[order]] = values[order]  # ascending by row within a pair: the last one stays
    return unique, closes, rows.astype(np.int64)
