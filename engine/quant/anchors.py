"""Owns the frozen middle of a range: the moments of its whole days, made from the rows in one batch, once a day.

`FullAnchor` for rows where all or none have a return, `PairAnchor` (pairwise sums) where a gap is among them. Optional
weights make it the past of the now-estimate. Nothing is ever subtracted. ranges adds the edge rows to an anchor.
"""

from dataclasses import dataclass

import numpy as np

from engine.quant.arrays import Floats
from engine.quant.workspace import Workspace

_SAMPLE = 63  # rows whose median centers the pairwise sums: near enough, and the kernel sees where it is not


@dataclass(slots=True)
class FullAnchor:
    """Weight, mean [N] and centered co-moment [N, N] of the rows."""

    mass: float
    mean: Floats
    comoment: Floats

    def refill(self, rows: Floats, weights: Floats | None, work: Workspace, inner: "FullAnchor | None" = None) -> None:
        """Take the moments of `rows` [T, N], with `weights` [T] or equally, and of the anchor `inner` after them.

        Empty rows are left out. What is added of `inner` is its co-moment and its own distance from the common mean.
        """
        mass, mean, comoment = 0.0, np.zeros(work.width), self.comoment
        if inner is not None:
            mass, mean = inner.mass, inner.mass * inner.mean
        parts = [slice(k, k + work.chunk) for k in range(0, len(rows), work.chunk)]
        for part in parts:
            values, given = packed(rows[part], None if weights is None else weights[part], work)
            mass += len(values) if given is None else float(given.sum())
            mean += np.add.reduce(values, axis=0) if given is None else given @ values
        mean /= max(mass, 1e-300)
        np.copyto(comoment, 0.0 if inner is None else inner.comoment)
        for part in parts:
            values, given = packed(rows[part], None if weights is None else weights[part], work)
            np.subtract(values, mean, out=values)
            if given is not None:
                np.multiply(values, np.sqrt(given)[:, None], out=values)
            np.add(comoment, np.matmul(values.T, values, out=work.square(0)), out=comoment)
        if inner is not None:
            offset = (np.sqrt(inner.mass) * (inner.mean - mean))[None, :]
            self.comoment += np.matmul(offset.T, offset, out=work.square(0))
        self.mass, self.mean = mass, mean


@dataclass(slots=True)
class PairAnchor:
    """Pairwise sums [4, N, N] of the rows around `center` [N]; cell (i, j) is of asset i over the rows with i and j.

    In order: weight, sum, sum of squares, sum of products with j.
    """

    center: Floats
    sums: Floats

    def refill(
        self, rows: Floats, weights: Floats | None, work: Workspace, inner: "PairAnchor | None", sample: Floats
    ) -> None:
        """Take the sums of `rows` [T, N], with `weights` [T] or equally, and of the anchor `inner` after them.

        They are centered like `inner`, or on the middle of `sample`.
        """
        if inner is None:
            self.center = middle_of(sample)
            self.sums[:] = 0.0
        else:
            self.center = inner.center
            np.copyto(self.sums, inner.sums)
        scratch = work.square(0)
        for k in range(0, len(rows), work.chunk):
            part = slice(k, k + work.chunk)
            factors = pair_factors(rows[part], None if weights is None else weights[part], self.center, work)
            for total, (left, right) in zip(self.sums, factors, strict=True):
                np.add(total, np.matmul(left.T, right, out=scratch), out=total)


def packed(rows: Floats, weights: Floats | None, work: Workspace) -> tuple[Floats, Floats | None]:
    """Return the rows [K, N] that are not empty, copied to the workspace, and their weights [K]."""
    kept = ~np.isnan(rows[:, 0])
    found = int(np.count_nonzero(kept))
    values = work.rows[0, :found]
    values[:] = rows if found == len(rows) else rows[kept]
    return values, None if weights is None else weights[kept]


def middle_of(rows: Floats) -> Floats:
    """Return a value [N] near the middle of each asset's returns: the lower median of some; 0 where it has none.

    It is one of the returns, so that a flat stretch around it sums up to exactly 0.
    """
    ordered = np.sort(rows[:: len(rows) // _SAMPLE + 1], axis=0)  # NaN sorts to the end
    found = np.count_nonzero(~np.isnan(ordered), axis=0)
    if len(ordered) == 0:
        return np.zeros(rows.shape[1])
    picked = ordered[np.maximum(found - 1, 0) // 2, np.arange(rows.shape[1])]
    return np.where(found > 0, picked, 0.0)


def pair_factors(
    rows: Floats, weights: Floats | None, center: Floats, work: Workspace
) -> tuple[tuple[Floats, Floats], ...]:
    """Return four (left, right) [K, N] in the workspace whose left' @ right are the sums of `PairAnchor`."""
    size = len(rows)
    value, square, present = work.rows[0, :size], work.rows[1, :size], work.rows[2, :size]
    np.subtract(rows, center, out=value)
    there = value == value  # noqa: PLR0124 - False for NaN
    np.copyto(value, 0.0, where=~there)
    present[:] = there
    np.multiply(value, value, out=square)
    if weights is not None:
        root = np.sqrt(weights)[:, None]
        for factor in (value, square, present):
            np.multiply(factor, root, out=factor)
    return (present, present), (value, present), (square, present), (value, value)
