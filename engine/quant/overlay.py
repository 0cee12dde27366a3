"""Owns the correlation of one asset as it would read if the unfinished bar closed now: for the eye, never committed.

The closed moments are taken over once a bar; after that a tick costs one row, O(N). Signals never see it. The
correlation state of the market room feeds it with provisional returns.
"""

import numpy as np

from engine.quant.arrays import Flags, Floats
from engine.quant.kernels import DISTRUST, TINY
from engine.quant.ranges import MovingRange, Span, exact_pair
from engine.quant.return_rows import ReturnRows


class Overlay:
    """Closed moments of one range that leave room for one more row; `moving` must be its own, not a window's."""

    def __init__(self, rows: ReturnRows, moving: MovingRange, *, fade: float = 1.0, memory: int | None = None) -> None:
        self._rows, self._moving, self._fade, self._memory = rows, moving, fade, memory
        width = rows.width
        self._span = Span(0, 0, 0, 0, 0.0)
        self._taken_at: int | None = None
        self._comoment: Floats = np.empty((width, width))
        self._square: Floats = np.empty(width)
        self._mean: Floats = np.empty(width)
        self._mass = 0.0
        self._closed_moved: Flags = np.zeros(width, dtype=np.bool_)
        self._pairs: Floats | None = None  # the pairwise sums [4, N, N] where the closed rows hold a gap
        self._center: Floats = np.empty(width)

    def changed(self, lo: int, hi: int) -> None:
        """Forget the closed moments: slots [lo, hi) have new rows."""
        self._moving.changed(lo, hi)
        self._taken_at = None

    def take(self, span: Span) -> None:
        """Take over the closed moments of a span, once a bar: the rows that stay when the unfinished bar comes in."""
        if self._taken_at == self._rows.end:
            return
        self._taken_at, self._span = self._rows.end, span
        if self._rows.whole(span.lo, span.hi):
            sums = self._moving.full_sums(span)
            np.matmul(sums.edge.T, sums.edge, out=self._comoment)
            self._comoment += sums.scale * sums.anchor
            self._mass, self._mean, self._square = sums.mass, sums.mean, sums.square
            self._pairs = None
        else:
            edge, anchor, scale = self._moving.pair_sums(span)
            self._pairs, self._center = edge + scale * anchor.sums, anchor.center
        self._closed_moved = self._moved(np.full(self._rows.width, np.nan), self._rows.filled(span.lo, span.hi))

    def row(self, column: int, provisional: Floats) -> Floats:
        """Return rho [N] of asset `column` with `provisional` [N] as the newest row; NaN = no tick yet.

        Equal to appending that row and reading the range; NaN rule as there.
        """
        there = ~np.isnan(provisional)
        both: Flags = there & there[column]
        if self._pairs is None:
            rho = self._full_row(column, provisional, both)
        else:
            rho = self._pair_row(self._pairs, column, provisional, both)
        if not np.isnan(rho[column]):
            rho[column] = 1.0
        return rho

    def _full_row(self, column: int, provisional: Floats, both: Flags) -> Floats:
        held = self._fade * self._mass
        share = np.where(both, held / (held + 1.0), 0.0)
        step = np.where(both, provisional - self._mean, 0.0)
        other = self._fade * self._square + share * step * step
        own = self._fade * self._square[column] + share * step[column] ** 2
        product = self._fade * self._comoment[column] + share * step[column] * step
        filled = self._rows.filled(self._span.lo, self._span.hi) + 1
        moved = np.where(both, self._moved(provisional, filled), self._closed_moved)
        own_moved = np.where(both, moved[column], self._closed_moved[column])
        defined = moved & own_moved & (held + both >= self._span.needed) & (other > TINY) & (own > TINY)
        return _ratio(product, own, other, defined)

    def _moved(self, provisional: Floats, filled: int) -> Flags:
        """Return which assets [N] would have moved within the range, its `filled` rows ending with the provisional."""
        runs, last = self._rows.runs(self._rows.end), self._rows.last
        runs = np.where(np.isnan(provisional), runs, np.where(provisional == last, runs + 1.0, 1.0))
        result: Flags = runs < (filled if self._memory is None else min(filled, self._memory))
        return result

    def _pair_row(self, pairs: Floats, column: int, provisional: Floats, both: Flags) -> Floats:
        new = np.where(both, provisional - self._center, 0.0)
        own = np.where(both, new[column], 0.0)
        fade = self._fade
        mass = fade * pairs[0, column] + both
        x, y = fade * pairs[1, column] + own, fade * pairs[1, :, column] + new
        xx, yy = fade * pairs[2, column] + own * own, fade * pairs[2, :, column] + new * new
        xy = fade * pairs[3, column] + own * new
        safe = np.maximum(mass, 1.0)
        left, right = xx - x * x / safe, yy - y * y / safe
        defined = (mass >= self._span.needed) & (xx > TINY) & (yy > TINY)
        doubtful = defined & ((left <= DISTRUST * xx) | (right <= DISTRUST * yy))
        rho = _ratio(xy - x * y / safe, left, right, defined & ~doubtful)
        for other in np.flatnonzero(doubtful):
            rho[other] = self._mended(column, int(other), provisional)
        if self._memory is not None:
            moved = self._moved(provisional, self._memory)
            rho[~(moved & moved[column])] = np.nan
        return rho

    def _mended(self, column: int, other: int, provisional: Floats) -> float:
        """Return one pair by two passes over its rows, where the sums lost digits."""
        rows = self._rows.view(self._span.lo, self._span.hi)[:, [column, other]]
        rows = np.vstack((rows, provisional[[column, other]]))
        both = ~np.isnan(rows).any(axis=1)
        ages = np.arange(len(rows) - 1, -1, -1, dtype=np.float64)
        return exact_pair(rows[both, 0], rows[both, 1], None if self._fade == 1.0 else self._fade ** ages[both])


def _ratio(product: Floats, own: Floats | float, other: Floats, defined: Flags) -> Floats:
    """Return product / sqrt(own * other) bounded to [-1, 1]; NaN where not defined."""
    rho = np.full(len(product), np.nan)
    np.divide(product, np.sqrt(np.where(defined, own * other, 1.0)), out=rho, where=defined)
    return np.clip(rho, -1.0, 1.0, out=rho)
