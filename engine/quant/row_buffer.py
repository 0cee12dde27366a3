"""Owns a run of rows addressed by slot number: append at the end, forget at the front, look at any range.

A slot counts bars since the epoch, so slot // slots-per-day is the UTC day. Never computes; comoments and the
correlation state read ranges from it.
"""

import numpy as np

from engine.quant.arrays import Floats

_START_CAPACITY = 64


class RowBuffer:
    """Rows [N] of consecutive slots [first, end); appending is amortized O(N)."""

    __slots__ = ("_base", "_first", "_rows", "_size")

    def __init__(self, width: int) -> None:
        self._rows: Floats = np.empty((_START_CAPACITY, width))
        self._base = 0  # slot of _rows[0]
        self._first = 0  # first slot that still counts
        self._size = 0  # filled rows from _rows[0] on

    @property
    def first(self) -> int:
        """Return the first slot held."""
        return self._first

    @property
    def end(self) -> int:
        """Return the slot after the last one held."""
        return self._base + self._size

    def load(self, first: int, rows: Floats) -> None:
        """Replace everything by `rows` [T, N], the first of them at slot `first`."""
        self._rows = np.array(rows, dtype=np.float64, order="C")
        self._base = self._first = first
        self._size = len(rows)

    def append(self, row: Floats) -> None:
        """Add the row of slot `end`."""
        if self._size == len(self._rows):
            self._make_room()
        self._rows[self._size] = row
        self._size += 1

    def view(self, lo: int, hi: int) -> Floats:
        """Return the rows of slots [lo, hi) that are held, as a view that the next append may outdate."""
        start = max(lo, self._first) - self._base
        return self._rows[start : max(start, min(hi, self.end) - self._base)]

    def table(self) -> tuple[Floats, int]:
        """Return the whole memory, of which the rows are a part, and the slot of its first row."""
        return self._rows, self._base

    def set_cell(self, slot: int, column: int, value: float) -> None:
        """Overwrite one value. Raises ValueError where the slot is not held."""
        if not self._first <= slot < self.end:
            raise ValueError(f"slot {slot} is not held: this buffer has [{self._first}, {self.end})")
        self._rows[slot - self._base, column] = value

    def drop_before(self, slot: int) -> None:
        """Forget the rows before `slot`; memory is reused at the next growth."""
        self._first = min(max(slot, self._first), self.end)

    def _make_room(self) -> None:
        """Move what still counts to the front of a buffer with room for as much again."""
        kept = self._rows[self._first - self._base : self._size]
        rows = np.empty((max(2 * len(kept), _START_CAPACITY), self._rows.shape[1]))
        rows[: len(kept)] = kept
        self._rows, self._base, self._size = rows, self._first, len(kept)
