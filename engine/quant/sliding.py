"""Owns the compensated sliding sums: windows that move by one row a bar, each row added and taken out without error.

The quickest way for windows without gaps, and only with the numba kernel (2Sum on the add and on the subtract: what a
row brought in leaves to the last bit). A cache like the anchors: whatever is unusual (a gap, a correction, an asset far
off its center) makes the window start anew from the rows, or be read by its range. comoments asks here first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.quant.anchors import middle_of
from engine.quant.arrays import Floats
from engine.quant.kernel_numba import accumulate, slide
from engine.quant.ranges import Reading
from engine.quant.return_rows import ReturnRows

_FILLED, _LOST = 1, 3  # columns of the numbers that the kernel takes and gives
_CATCH_UP = 24  # slots that are slid through one by one; after a longer break the sums are made anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """A window of `slots`; a pair needs `needed` of them."""

    slots: int
    needed: float


class SlidingWindows:
    """Windows of several lengths that all end `lag` slots before the newest row."""

    def __init__(self, rows: ReturnRows, lengths: Sequence[Length], lag: int) -> None:
        size, width = len(lengths), rows.width
        self._rows, self._lag = rows, lag
        self._slots = [length.slots for length in lengths]
        self._end: int | None = None  # the windows that are alive are those of rows.end == _end
        self._alive = [False] * size
        self._barred_until = [0] * size  # its center did not help: it is read by its range for a day
        self._counts = [-1] * size
        self._numbers: Floats = np.array([(length.slots, 0, length.needed, 0) for length in lengths], dtype=np.float64)
        self._vectors: Floats = np.zeros((size, 5, width))
        self._sums: Floats = np.zeros((size, 2, width, width))
        self._outs: Floats = np.empty((size, width, width))
        none = np.broadcast_to(np.int64(0), (width, width))
        self._readings = [Reading(rho=out, counts=none) for out in self._outs]

    def changed(self, lo: int, hi: int) -> None:
        """Drop the sums of windows that hold one of the slots [lo, hi)."""
        if self._end is None:
            return
        stop = self._end - self._lag
        for which, slots in enumerate(self._slots):
            if lo < stop and stop - slots - 1 < hi:
                self._alive[which] = False

    def read(self, which: int) -> Reading | None:
        """Return the correlation of window `which` at the newest row; None where it cannot slide."""
        if self._end != self._rows.end:
            self._advance()
        if not self._alive[which] and not self._restart(which):
            return None
        return self._readings[which]

    def _advance(self) -> None:
        """Slide every living window to the newest row, all in one call where all of them live."""
        end, alive = self._rows.end, self._alive
        if self._end is None or not 0 < end - self._end <= _CATCH_UP:
            self._end, self._alive = end, [False] * len(alive)
            return
        for at in range(self._end + 1, end + 1):
            oldest = self._oldest(at)
            for which, slots in enumerate(self._slots):
                alive[which] = alive[which] and at - self._lag - slots > oldest
            if all(alive):
                self._slide(at, 0, len(alive))
            else:
                for which in [w for w, is_alive in enumerate(alive) if is_alive]:
                    self._slide(at, which, which + 1)
        self._end = end

    def _oldest(self, end: int) -> int:
        """Return the first slot from which on all rows before `end - lag` are held and have no gap."""
        hi = end - self._lag
        return max(self._rows.first, self._rows.last_gap(hi) + 1) if hi >= self._rows.first else hi

    def _slide(self, end: int, lo: int, hi: int) -> None:
        """Move the windows number lo to hi - 1 by one row, to `end`; those that lost digits die."""
        rows, stop, numbers = self._rows, end - self._lag, self._numbers
        counts = rows.filled_before(stop, self._slots[lo:hi])
        if counts != self._counts[lo:hi]:
            self._count(lo, counts)
        table, first = rows.table()
        if hi - lo == len(numbers):
            lost = slide(table, stop - 1 - first, numbers, self._vectors, self._sums, self._outs)
        else:
            some = slice(lo, hi)
            parts = numbers[some], self._vectors[some], self._sums[some], self._outs[some]
            lost = slide(table, stop - 1 - first, *parts)
        if lost:
            for which in range(lo, hi):
                self._alive[which] = not numbers[which, _LOST]

    def _count(self, lo: int, counts: list[int]) -> None:
        """Take down how many filled slots the windows from number `lo` on have; it changes with empty slots only."""
        self._counts[lo : lo + len(counts)] = counts
        self._numbers[lo : lo + len(counts), _FILLED] = counts
        for reading, count in zip(self._readings[lo:], counts, strict=False):
            reading.counts = np.broadcast_to(np.int64(count), reading.rho.shape)

    def _restart(self, which: int) -> bool:
        """Make the sums of one window anew, around today's middle of each asset; return False where it cannot be."""
        rows, end = self._rows, self._rows.end
        hi = end - self._lag
        lo = hi - self._slots[which] - 1  # the row that leaves at once, so that the slide writes the matrix
        if lo < self._oldest(end) or end < self._barred_until[which]:
            return False
        table, first = rows.table()
        self._vectors[which, 0] = middle_of(rows.view(lo + 1, hi))
        accumulate(table, lo - first, hi - 1 - first, self._vectors[which], self._sums[which])
        self._alive[which] = True
        self._slide(end, which, which + 1)
        if not self._alive[which]:
            self._barred_until[which] = end + _CATCH_UP
        return self._alive[which]
