"""Owns correlation kept per regime: the returns of calm bars and of stress bars, each with its own moments.

Blocks are only ever added, as in comoments. Never decides which regime a bar belongs to. The views and the basket
builder show the two matrices next to each other.
"""

import numpy as np

from engine.quant.arrays import Counts, Flags, Floats
from engine.quant.moments import Block, correlation, merge, moments_of, pair_counts

LEAST_BARS = 72
_CHUNK = 24


class RegimeCorrelation:
    """Pairwise correlation of `width` assets over calm and over stress bars, since the first bar it was given."""

    __slots__ = ("_blocks", "_fresh")

    def __init__(self, width: int) -> None:
        none = np.empty((0, width))
        self._blocks: dict[bool, Block] = {False: moments_of(none), True: moments_of(none)}
        self._fresh: dict[bool, list[Floats]] = {False: [], True: []}

    def add(self, row: Floats, *, stress: bool) -> None:
        """Add the returns [N] of one bar; NaN = no return."""
        fresh = self._fresh[stress]
        fresh.append(row)
        if len(fresh) == _CHUNK:
            self._blocks[stress] = self._merged(stress)
            fresh.clear()

    def load(self, rows: Floats, stress: Flags) -> None:
        """Add many bars [T, N] at once, `stress` [T] says which."""
        for regime in (False, True):
            chosen = rows[stress == regime]
            if len(chosen):
                self._blocks[regime] = merge([self._blocks[regime], moments_of(chosen)])

    def matrix(self, *, stress: bool) -> tuple[Floats, Counts]:
        """Return rho [N, N] and the common bars of each pair; NaN with fewer than 72 of them or where one is flat."""
        block = self._merged(stress)
        return correlation(block, LEAST_BARS), pair_counts(block)

    def _merged(self, stress: bool) -> Block:
        fresh = self._fresh[stress]
        return merge([self._blocks[stress], moments_of(np.array(fresh))]) if fresh else self._blocks[stress]
