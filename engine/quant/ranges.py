"""Owns reading the correlation of a moving range of slots: an anchor of whole days plus the edge rows, only ever added.

The edge of a window of whole days is always one day's worth of rows, so a readout costs the same for every length; it
is exact to the last digits for ever, because an outlier that left is in none of the rows that are added. Where a row
holds a gap the range is read pairwise. comoments keeps one range per window, baseline and now-estimate.
"""

import math
from dataclasses import dataclass

import numpy as np

from engine.quant.anchors import FullAnchor, PairAnchor, packed, pair_factors
from engine.quant.arrays import Counts, Flags, Floats
from engine.quant.kernels import TINY, Kernel
from engine.quant.return_rows import ReturnRows
from engine.quant.workspace import Workspace


@dataclass(slots=True)
class Reading:
    """Correlations and pair counts [N, N]; NaN where undefined. Valid until the next readout of the same range."""

    rho: Floats
    counts: Counts


@dataclass(slots=True)
class Span:
    """Slots [lo, hi), of which the anchor holds [start, stop); a pair needs the weight `needed` of common rows."""

    lo: int
    start: int
    stop: int
    hi: int
    needed: float


@dataclass(slots=True)
class FullSums:
    """Moments of a range without gaps: its co-moment is scale * anchor + edge' @ edge, `square` [N] the diagonal.

    `moved` [N] is False where all returns of the range are equal.
    """

    mass: float
    mean: Floats
    edge: Floats
    anchor: Floats
    scale: float
    square: Floats
    moved: Flags


class MovingRange:
    """The readout of one kind of range over `rows`; keeps its anchor and its output arrays between calls.

    `fade` < 1 weights a row by fade ** age; `memory` then bounds the rows that must be equal for an asset to be flat.
    `worth` turns a pair's weight into the count that is shown. `inner` may name a shorter range with the same end: the
    rows of its anchor are not looked at twice.
    """

    def __init__(
        self,
        rows: ReturnRows,
        kernel: Kernel,
        work: Workspace,
        *,
        fade: float = 1.0,
        memory: int | None = None,
        worth: float = 1.0,
    ) -> None:
        self._rows, self._kernel, self._work = rows, kernel, work
        self._fade, self._memory, self._worth = fade, memory, worth
        self.inner: MovingRange | None = None
        width = rows.width
        self._full = FullAnchor(mass=0.0, mean=np.zeros(width), comoment=np.zeros((width, width)))
        self._full_of: tuple[int, int] | None = None
        self._pair: PairAnchor | None = None
        self._pair_of: tuple[int, int] | None = None
        self._sums: Floats | None = None
        self._rho: Floats = np.empty((width, width))
        self._diagonal = self._rho.ravel()[:: width + 1]
        self._counts: Counts | None = None
        self._plain: Counts = np.broadcast_to(np.int64(0), (width, width))

    def changed(self, lo: int, hi: int) -> None:
        """Drop what was made from slots [lo, hi): their rows are new."""
        if self._full_of is not None and self._full_of[0] < hi and lo < self._full_of[1]:
            self._full_of = None
        if self._pair_of is not None and self._pair_of[0] < hi and lo < self._pair_of[1]:
            self._pair_of = None

    def read(self, span: Span) -> Reading:
        """Return the correlation of a span; see `Reading`."""
        if self._rows.whole(span.lo, span.hi):
            return self._read_full(span)
        return self._read_pairs(span)

    # -- without gaps

    def full_sums(self, span: Span) -> FullSums:
        """Return the moments of a span without gaps; its edge lives until the next use of the workspace."""
        anchor, rows = self._full_anchor(span), self._rows
        alike = rows.filled(span.lo, span.hi)
        values, weights = self._packed_edge(span, alike < span.hi - span.lo)
        size = len(values)
        scale = self._fade ** (span.hi - span.stop)
        held = scale * anchor.mass
        if weights is None:
            total, summed = held + size, np.add.reduce(values, axis=0)
        else:
            total, summed = held + float(weights.sum()), weights @ values
        mean = (held * anchor.mean + summed) / max(total, 1e-300)
        values -= mean
        if weights is not None:
            values *= np.sqrt(weights)[:, None]
        edge = self._work.rows[0, : size + 1]
        np.multiply(anchor.mean - mean, math.sqrt(held), out=edge[size])
        square = np.einsum("ij,ij->j", edge, edge)
        square += scale * anchor.comoment.diagonal()
        alike = alike if self._memory is None else min(alike, self._memory)
        moved = (rows.runs(span.hi) < alike) & (square > TINY)
        return FullSums(total, mean, edge, anchor.comoment, scale, square, moved)

    def _read_full(self, span: Span) -> Reading:
        sums = self.full_sums(span)
        inverse = np.full(self._rows.width, np.nan)
        if sums.mass >= span.needed:
            np.divide(1.0, np.sqrt(sums.square), out=inverse, where=sums.moved)
        np.multiply(sums.edge, inverse, out=sums.edge)
        np.matmul(sums.edge.T, sums.edge, out=self._rho)
        self._kernel.normalize(self._rho, sums.anchor, sums.scale, inverse, self._work)
        np.copyto(self._diagonal, 1.0, where=inverse == inverse)  # noqa: PLR0124 - False for NaN
        count = round(sums.mass * self._worth)
        if count != self._plain[0, 0]:
            self._plain = np.broadcast_to(np.int64(count), self._rho.shape)
        return Reading(rho=self._rho, counts=self._plain)

    def _full_anchor(self, span: Span) -> FullAnchor:
        if self._full_of != (span.start, span.stop):
            inner = None
            if self.inner is not None and self.inner._full_of is not None:
                start, stop = self.inner._full_of
                inner = self.inner._full if stop == span.stop and start > span.start else None
            rows = self._rows.view(span.start, span.stop if inner is None else start)
            self._full.refill(rows, self._weights(len(rows)), self._work, inner)
            self._full_of = (span.start, span.stop)
        return self._full

    def _packed_edge(self, span: Span, some_empty: bool) -> tuple[Floats, Floats | None]:
        """Return the rows of a span beside its anchor, empty ones left out, in the workspace; and their weights."""
        rows = self._rows
        head, tail = rows.view(span.lo, span.start), rows.view(span.stop, span.hi)
        size = len(head) + len(tail)
        if some_empty:
            return packed(np.concatenate((head, tail)), self._weights(size), self._work)
        values = self._work.rows[0, :size]
        values[: len(head)] = head
        values[len(head) :] = tail
        return values, self._weights(size)

    # -- with gaps

    def pair_sums(self, span: Span) -> tuple[Floats, PairAnchor, float]:
        """Return the pairwise sums [4, N, N] of the edge rows, the anchor to add to them, and its scale."""
        anchor = self._pair_anchor(span)
        head, tail = self._rows.view(span.lo, span.start), self._rows.view(span.stop, span.hi)
        edge = np.concatenate((head, tail)) if len(head) else tail
        factors = pair_factors(edge, self._weights(len(edge)), anchor.center, self._work)
        if self._sums is None:
            self._sums = np.empty_like(anchor.sums)
        for total, (left, right) in zip(self._sums, factors, strict=True):
            np.matmul(left.T, right, out=total)
        return self._sums, anchor, self._fade ** (span.hi - span.stop)

    def _read_pairs(self, span: Span) -> Reading:
        sums, anchor, scale = self.pair_sums(span)
        if self._kernel.correlate_pairs(sums, anchor.sums, scale, span.needed, self._rho, self._work):
            self._mend(span)
        if self._memory is not None:
            flat = self._rows.runs(span.hi) >= self._memory
            self._rho[flat] = np.nan
            self._rho[:, flat] = np.nan
        np.copyto(self._diagonal, 1.0, where=~np.isnan(self._diagonal))
        if self._counts is None:
            self._counts = np.empty(self._rho.shape, dtype=np.int64)
        if self._worth != 1.0:
            sums[0] *= self._worth
            np.rint(sums[0], out=sums[0])
        np.copyto(self._counts, sums[0], casting="unsafe")
        return Reading(rho=self._rho, counts=self._counts)

    def _pair_anchor(self, span: Span) -> PairAnchor:
        width = self._rows.width
        if self._pair is None:
            self._pair = PairAnchor(center=np.zeros(width), sums=np.empty((4, width, width)))
        if self._pair_of != (span.start, span.stop) or span.start == span.stop:
            inner = None
            if self.inner is not None and self.inner._pair_of is not None:
                start, stop = self.inner._pair_of
                inner = self.inner._pair if start < stop == span.stop and start > span.start else None
            rows = self._rows.view(span.start, span.stop if inner is None else start)
            sample = self._rows.view(span.lo, span.hi)
            self._pair.refill(rows, self._weights(len(rows)), self._work, inner, sample)
            self._pair_of = (span.start, span.stop)
        return self._pair

    def _mend(self, span: Span) -> None:
        """Make the cells anew whose sums lost digits (an asset that jumped away from its center)."""
        rows = self._rows.view(span.lo, span.hi)
        weights = self._weights(len(rows))
        for i, j in np.argwhere(np.isinf(self._rho)):
            if i <= j:
                both = ~np.isnan(rows[:, i]) & ~np.isnan(rows[:, j])
                mass = None if weights is None else weights[both]
                self._rho[i, j] = self._rho[j, i] = exact_pair(rows[both, i], rows[both, j], mass)

    def _weights(self, size: int) -> Floats | None:
        """Return the weights of `size` consecutive rows, the last of which weighs 1; None where all do."""
        if self._fade == 1.0:
            return None
        ages = np.arange(size - 1, -1, -1, dtype=np.float64)
        weights: Floats = self._fade**ages
        return weights


def exact_pair(x: Floats, y: Floats, weights: Floats | None) -> float:
    """Return the weighted correlation of two series [T] without gaps by two passes; NaN where one of them is flat."""
    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    w = np.ones(len(x)) if weights is None else weights
    dx, dy = x - (w @ x) / w.sum(), y - (w @ y) / w.sum()
    dx -= (w @ dx) / w.sum()
    dy -= (w @ dy) / w.sum()
    one, other = float(w @ (dx * dx)), float(w @ (dy * dy))
    if one <= TINY or other <= TINY:
        return float("nan")
    return min(max(float(w @ (dx * dy)) / math.sqrt(one * other), -1.0), 1.0)
