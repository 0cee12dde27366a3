"""Owns the returns of consecutive slots and what is cheap to know about them: gaps, empty slots, runs of equal values.

The only state of the correlation heart: every sum beside it is a cache that can be made anew from these rows. An empty
slot (a halt of the whole market) is no gap: it only makes a range shorter. comoments and its readers look at ranges.
"""

import numpy as np

from engine.quant.arrays import Floats
from engine.quant.row_buffer import RowBuffer


class ReturnRows:
    """Rows [N] of returns by slot; NaN = no return."""

    __slots__ = ("_filled", "_gaps", "_last", "_rows", "_runs", "width")

    def __init__(self, width: int) -> None:
        self.width = width
        self._rows = RowBuffer(width)
        self._runs = RowBuffer(width)  # how many returns in a row were equal up to the slot; a missing one is skipped
        self._last: Floats = np.full(width, np.nan)
        self._filled = [
            0
        ]  # how many slots of [first, first + k) have a return of anyone, one more than there are slots
        self._gaps = [-1]  # the last slot before first + k where some but not all have a return

    @property
    def first(self) -> int:
        """Return the first slot held."""
        return self._rows.first

    @property
    def end(self) -> int:
        """Return the slot after the last one held."""
        return self._rows.end

    @property
    def last(self) -> Floats:
        """Return the newest return of each asset [N], however old; NaN where it has none."""
        self.runs(self.end)
        return self._last

    def load(self, first: int, rows: Floats) -> None:
        """Replace everything by `rows` [T, N], the first of them at slot `first`."""
        self._rows.load(first, rows)
        runs, self._last = _runs_of(rows)
        self._runs.load(first, runs)
        self._filled, self._gaps = _marks_of(rows, first)

    def append(self, row: Floats) -> None:
        """Add the returns [N] of slot `end`."""
        found = int(np.count_nonzero(row == row))  # noqa: PLR0124 - False for NaN, and the quickest test of it
        self._gaps.append(self._rows.end if 0 < found < self.width else self._gaps[-1])
        self._filled.append(self._filled[-1] + (found > 0))
        self._rows.append(row)

    def replace(self, lo: int, column: int, values: Floats) -> None:
        """Overwrite one asset's returns of the slots from `lo` on by `values` [K]; all of them must be held."""
        if lo < self.first or lo + len(values) > self.end:
            raise ValueError(f"slots [{lo}, {lo + len(values)}) are not held: there are [{self.first}, {self.end})")
        self.runs(self.end)
        rows = self._rows.view(self.first, self.end)
        rows[lo - self.first : lo - self.first + len(values), column] = values
        runs, last = _runs_of(rows[:, column : column + 1])
        self._runs.view(self.first, self.end)[:, column] = runs[:, 0]
        self._last[column] = last[0]
        self._filled, self._gaps = _marks_of(rows, self.first)

    def view(self, lo: int, hi: int) -> Floats:
        """Return the rows of slots [lo, hi) that are held, as a view that the next change may outdate."""
        return self._rows.view(lo, hi)

    def table(self) -> tuple[Floats, int]:
        """Return the rows as they lie in memory [>= T, N] and the slot of the first of them, for the kernel."""
        return self._rows.table()

    def drop_before(self, slot: int) -> None:
        """Forget the slots before `slot`."""
        self.runs(self.end)
        gone = min(max(slot, self.first), self.end) - self.first
        del self._filled[:gone]
        del self._gaps[:gone]
        self._rows.drop_before(slot)
        self._runs.drop_before(slot)

    def filled(self, lo: int, hi: int) -> int:
        """Return how many of the held slots [lo, hi) have a return of anyone."""
        first, end = self.first, self.end
        lo, hi = max(lo, first), min(hi, end)
        return self._filled[hi - first] - self._filled[lo - first] if lo < hi else 0

    def filled_before(self, hi: int, lengths: list[int]) -> list[int]:
        """Return `filled(hi - length, hi)` of several lengths; all of these slots must be held."""
        filled, offset = self._filled, hi - self._rows.first
        newest = filled[offset]
        return [newest - filled[offset - length] for length in lengths]

    def whole(self, lo: int, hi: int) -> bool:
        """Return True where every held slot of [lo, hi) has the returns of all or of none."""
        first, end = self.first, self.end
        lo, hi = max(lo, first), min(hi, end)
        return lo >= hi or self._gaps[hi - first] < lo

    def last_gap(self, hi: int) -> int:
        """Return the last slot before `hi` (held or newest) where some but not all have a return; -1 without one."""
        return self._gaps[hi - self._rows.first]

    def runs(self, hi: int) -> Floats:
        """Return how many equal returns in a row each asset [N] shows up to slot hi - 1; its missing ones skipped."""
        while self._runs.end < self._rows.end:
            self._count_run(self._runs.end)
        hi = min(hi, self.end)
        return self._runs.view(hi - 1, hi)[0] if hi > self.first else np.zeros(self.width)

    def _count_run(self, slot: int) -> None:
        """Add the runs of one more slot; done when somebody asks, because the sliding sums count their own."""
        row = self._rows.view(slot, slot + 1)[0]
        present = ~np.isnan(row)
        before = self._runs.view(slot - 1, slot)
        runs = before[0] if len(before) else np.zeros(self.width)
        self._runs.append(np.where(present, np.where(row == self._last, runs + 1.0, 1.0), runs))
        self._last = np.where(present, row, self._last)


def _runs_of(rows: Floats) -> tuple[Floats, Floats]:
    """Return the runs [T, N] and the last value of each column [N] of `rows` [T, N]."""
    runs, last = np.zeros_like(rows), np.full(rows.shape[1], np.nan)
    for column in range(rows.shape[1]):
        at = np.flatnonzero(~np.isnan(rows[:, column]))
        if len(at) == 0:
            continue
        values = rows[at, column]
        order = np.arange(len(at))
        starts = np.maximum.accumulate(np.where(np.append(True, values[1:] != values[:-1]), order, 0))
        lengths = np.append(0.0, order - starts + 1)
        runs[:, column] = lengths[np.searchsorted(at, np.arange(len(rows)), side="right")]
        last[column] = values[-1]
    return runs, last


def _marks_of(rows: Floats, first: int) -> tuple[list[int], list[int]]:
    """Return the counts of filled slots and the last gaps (see `ReturnRows`) of `rows` [T, N] from slot `first` on."""
    found = np.count_nonzero(~np.isnan(rows), axis=1)
    slots = first + np.arange(len(rows))
    gaps = np.maximum.accumulate(np.where((found > 0) & (found < rows.shape[1]), slots, -1))
    return [0, *np.cumsum(found > 0).tolist()], [-1, *gaps.tolist()]
