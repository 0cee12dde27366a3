"""Owns the arrays that the correlation heart computes in, made once, so that no bar allocates an array of N^2.

One workspace serves all windows and estimators of a state in turn; nothing in it outlives a readout. Never shared
between threads. anchors and ranges write into it.
"""

import numpy as np

from engine.quant.arrays import Flags, Floats

CHUNK_ROWS = 512


class Workspace:
    """Scratch for N assets: a few hundred rows, and squares [N, N] made at first need."""

    __slots__ = ("_flags", "_squares", "rows", "width")

    def __init__(self, width: int, day_slots: int) -> None:
        self.width = width
        self.rows: Floats = np.empty((3, max(CHUNK_ROWS, 2 * day_slots + 2), width))
        self._squares: list[Floats] = []
        self._flags: list[Flags] = []

    @property
    def chunk(self) -> int:
        """Return how many rows fit at once."""
        return len(self.rows[0]) - 2

    def square(self, which: int) -> Floats:
        """Return scratch [N, N] number `which`."""
        while len(self._squares) <= which:
            self._squares.append(np.empty((self.width, self.width)))
        return self._squares[which]

    def flags(self, which: int) -> Flags:
        """Return scratch [N, N] of truth values, number `which`."""
        while len(self._flags) <= which:
            self._flags.append(np.empty((self.width, self.width), dtype=np.bool_))
        return self._flags[which]
