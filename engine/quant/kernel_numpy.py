"""Owns the elementwise work on N x N cells in plain numpy: always there, and the reference for the numba kernel.

Never allocates an array of N^2 (the workspace has them) and never decides anything. ranges calls it.
"""

import math

import numpy as np

from engine.quant.arrays import Flags, Floats
from engine.quant.kernels import DISTRUST, TINY
from engine.quant.workspace import Workspace


class NumpyKernel:
    """The numpy kernel; shapes and rules in `engine.quant.kernels.Kernel`."""

    name = "numpy"
    slides = False

    def normalize(self, out: Floats, anchor: Floats, scale: float, inverse: Floats, work: Workspace) -> None:
        """Add the scaled anchor to `out` and bound it."""
        scratch = work.square(0)
        root = inverse * math.sqrt(scale)
        np.dot(root[:, None], root[None, :], out=scratch)  # the product first: cell (i, j) rounds like cell (j, i)
        np.multiply(scratch, anchor, out=scratch)
        np.add(out, scratch, out=out)
        np.clip(out, -1.0, 1.0, out=out)

    def correlate_pairs(
        self, sums: Floats, anchor: Floats, scale: float, needed: float, out: Floats, work: Workspace
    ) -> int:
        """Turn pairwise sums into correlations."""
        scratch, spare = work.square(0), work.square(1)
        doubtful, undefined = work.flags(0), work.flags(1)
        for total, part in zip(sums, anchor, strict=True):
            if scale == 1.0:
                np.add(total, part, out=total)
            else:
                np.multiply(part, scale, out=scratch)
                np.add(total, scratch, out=total)
        mass, first, square, product = sums
        with np.errstate(divide="ignore", invalid="ignore"):
            np.multiply(first, first.T, out=scratch)
            np.divide(scratch, mass, out=scratch)
            np.subtract(product, scratch, out=out)
            np.multiply(first, first, out=scratch)
            np.divide(scratch, mass, out=scratch)
            np.subtract(square, scratch, out=scratch)  # each asset's centered squares over the common rows
            np.multiply(square, DISTRUST, out=spare)
            np.maximum(spare, TINY, out=spare)
            np.less_equal(scratch, spare, out=doubtful)
            np.multiply(scratch, scratch.T, out=spare)
            np.sqrt(spare, out=spare)
            np.divide(out, spare, out=out)
        np.clip(out, -1.0, 1.0, out=out)
        np.less(mass, needed, out=undefined)
        bad = _mark_doubtful(square, doubtful, undefined, out) if doubtful.any() else 0
        np.copyto(out, np.nan, where=undefined)
        return bad


def _mark_doubtful(square: Floats, doubtful: Flags, undefined: Flags, out: Floats) -> int:
    """Tell the flat cells from those that lost digits: add the first to `undefined`, make the others inf."""
    flat = square <= TINY  # rare: an array for these bars is allowed
    undefined |= flat | flat.T
    doubtful |= doubtful.T.copy()
    doubtful &= ~undefined
    np.copyto(out, np.inf, where=doubtful)
    return int(np.count_nonzero(doubtful))
