"""Owns centered moments of a block of rows: how they are made, merged (Chan) and read as a correlation.

Nothing is ever subtracted from a block, so an outlier leaves a window without a trace. Never keeps rows: the
correlation per regime is made of such blocks. Two forms: `Moments` for rows without a gap, `PairMoments` with one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.quant.arrays import Counts, Flags, Floats

_PAIR_CELLS = 2_000_000  # cells of the [rows, N, N] workspace of the gap path


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Moments of rows without a gap: `mean`, `low`, `high` [N]; `comoment` [N, N] sums centered products."""

    rows: int
    mean: Floats
    comoment: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class PairMoments:
    """Pairwise-complete moments, all [N, N]: cell (i, j) describes asset i over the rows where i and j both exist.

    `square` sums centered squares of i, `comoment` centered products of i and j.
    """

    counts: Floats
    mean: Floats
    square: Floats
    comoment: Floats
    low: Floats
    high: Floats


Block = Moments | PairMoments


def moments_of(rows: Floats) -> Block:
    """Return the moments of `rows` [T, N] by two passes; PairMoments where a value is NaN. T may be 0."""
    if len(rows) == 0:
        return _empty(rows.shape[1])
    if np.isnan(rows).any():
        step = max(1, _PAIR_CELLS // rows.shape[1] ** 2)
        parts = [_pair_moments(rows[k : k + step]) for k in range(0, len(rows), step)]
        return _merge_pairs(parts)
    mean = rows.mean(axis=0)
    centered = rows - mean
    return Moments(
        rows=len(rows), mean=mean, comoment=centered.T @ centered, low=rows.min(axis=0), high=rows.max(axis=0)
    )


def merge(blocks: Sequence[Block]) -> Block:
    """Return the moments of all rows of `blocks` (at least one) together.

    Source: Chan, Golub, LeVeque 1979, in the two-pass form over block means: every term added is a centered product.
    """
    full = [block for block in blocks if isinstance(block, Moments)]
    if len(full) == len(blocks):
        return _merge_full(full)
    return _merge_pairs([_as_pairs(block) if isinstance(block, Moments) else block for block in blocks])


def correlation(block: Block, min_count: int) -> Floats:
    """Return Pearson correlations [N, N] in [-1, 1].

    NaN rule: a pair with fewer than `min_count` common rows, or where one of the two is flat over them, is NaN; so is
    the diagonal of an asset that is too short or flat. Source: CONTRACT, "Conventions of every figure".
    """
    if isinstance(block, Moments):
        variance = block.comoment.diagonal()
        defined = (block.low < block.high) & (variance > 0) & (block.rows >= max(min_count, 2))
        sd = np.sqrt(np.where(defined, variance, np.nan))
        return _bounded(block.comoment / np.outer(sd, sd))
    enough = block.counts >= max(min_count, 2)
    sd = np.sqrt(np.where(enough & (block.low < block.high) & (block.square > 0), block.square, np.nan))
    return _bounded(block.comoment / (sd * sd.T))


def pair_counts(block: Block) -> Counts:
    """Return the number of common rows of each pair, [N, N] integers."""
    if isinstance(block, Moments):
        return np.full(block.comoment.shape, block.rows, dtype=np.int64)
    return block.counts.astype(np.int64)


def _bounded(rho: Floats) -> Floats:
    """Return `rho` clipped to [-1, 1] with an exact 1 wherever the diagonal is defined."""
    result: Floats = np.clip(rho, -1.0, 1.0)
    np.fill_diagonal(result, np.where(np.isnan(rho.diagonal()), np.nan, 1.0))
    return result


def _empty(width: int) -> Moments:
    """Return the moments of no rows."""
    return Moments(
        rows=0,
        mean=np.zeros(width),
        comoment=np.zeros((width, width)),
        low=np.full(width, np.inf),
        high=np.full(width, -np.inf),
    )


def _merge_full(blocks: Sequence[Moments]) -> Moments:
    """Return the moments of gap-free blocks: exact means first, then the block means' own scatter is added."""
    kept = [block for block in blocks if block.rows] or list(blocks[:1])
    if len(kept) == 1:
        return kept[0]
    rows = np.array([block.rows for block in kept], dtype=np.float64)
    means = np.stack([block.mean for block in kept])
    mean = (rows @ means) / rows.sum()
    scatter = (means - mean) * np.sqrt(rows)[:, None]
    comoment = scatter.T @ scatter
    for block in kept:
        comoment += block.comoment
    return Moments(
        rows=int(rows.sum()),
        mean=mean,
        comoment=comoment,
        low=np.min([block.low for block in kept], axis=0),
        high=np.max([block.high for block in kept], axis=0),
    )


def _merge_pairs(blocks: Sequence[PairMoments]) -> PairMoments:
    """Return the moments of pairwise blocks, one after the other."""
    total = blocks[0]
    for block in blocks[1:]:
        counts = total.counts + block.counts
        share = block.counts / np.maximum(counts, 1)
        step = block.mean - total.mean
        weight = total.counts * share
        total = PairMoments(
            counts=counts,
            mean=total.mean + step * share,
            square=total.square + block.square + step * step * weight,
            comoment=total.comoment + block.comoment + (step * step.T) * weight,
            low=np.minimum(total.low, block.low),
            high=np.maximum(total.high, block.high),
        )
    return total


def _as_pairs(block: Moments) -> PairMoments:
    """Return a gap-free block in pairwise form."""
    shape = block.comoment.shape
    return PairMoments(
        counts=np.full(shape, float(block.rows)),
        mean=np.broadcast_to(block.mean[:, None], shape),
        square=np.broadcast_to(block.comoment.diagonal()[:, None], shape),
        comoment=block.comoment,
        low=np.broadcast_to(block.low[:, None], shape),
        high=np.broadcast_to(block.high[:, None], shape),
    )


def _pair_moments(rows: Floats) -> PairMoments:
    """Return the pairwise moments of a few rows [T, N], centered per pair (two passes: no cancellation)."""
    present: Flags = ~np.isnan(rows)
    both = present[:, :, None] & present[:, None, :]
    counts = both.sum(axis=0, dtype=np.float64)
    value = np.broadcast_to(rows[:, :, None], both.shape)
    mean = np.where(both, value, 0.0).sum(axis=0) / np.maximum(counts, 1)
    centered = np.where(both, value - mean, 0.0)
    return PairMoments(
        counts=counts,
        mean=mean,
        square=(centered * centered).sum(axis=0),
        comoment=(centered * centered.transpose(0, 2, 1)).sum(axis=0),
        low=np.where(both, value, np.inf).min(axis=0),
        high=np.where(both, value, -np.inf).max(axis=0),
    )
