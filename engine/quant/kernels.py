"""Owns the choice between the numpy kernel and the optional numba one (extra `fast`), behind one interface.

A kernel does the innermost elementwise work on N x N cells and nothing else; both pass the same tests. numba is
imported here only when it is used: it costs a third of a second and some memory.
"""

from importlib.util import find_spec
from typing import Protocol

from engine.quant.arrays import Floats
from engine.quant.workspace import Workspace

FAST_FROM_WIDTH = 250  # below, numpy takes less than a millisecond a bar; numba takes 0.6 s of every start
TINY = 1e-140  # the product of two sums of squares below it underflows: an asset that moves so little is flat
DISTRUST = 0.05  # a sum of squares that shrinks below this share of itself by removing the mean is made anew, exactly


class Kernel(Protocol):
    """The elementwise work; `name` says which one it is, `slides` whether it has the compensated sliding sums."""

    name: str
    slides: bool

    def normalize(self, out: Floats, anchor: Floats, scale: float, inverse: Floats, work: Workspace) -> None:
        """Set out [N, N] += scale * anchor * inverse_i * inverse_j, bounded to [-1, 1]; NaN stays NaN."""

    def correlate_pairs(
        self, sums: Floats, anchor: Floats, scale: float, needed: float, out: Floats, work: Workspace
    ) -> int:
        """Set sums [4, N, N] += scale * anchor, and out [N, N] to the correlation they say.

        sums: weight of common rows, then of asset i over them: sum, sum of squares, products with j, all around a
        center per asset. NaN where the weight is below `needed` or all of i (or j) sits exactly on its center. Cells
        that lost digits (see DISTRUST) become inf for the caller to mend; returns how many.
        """


def kernel_for(width: int, fast: bool | None) -> Kernel:
    """Return the numba kernel where `fast` is True, or None with numba installed and enough assets; else numpy's.

    Errors: RuntimeError where `fast` is True and numba is not installed.
    """
    installed = find_spec("numba") is not None
    if fast and not installed:
        raise RuntimeError("the fast kernel needs numba: install driftdeck with the extra 'fast'")
    if fast or (fast is None and installed and width >= FAST_FROM_WIDTH):
        from engine.quant.kernel_numba import NumbaKernel

        return NumbaKernel()
    from engine.quant.kernel_numpy import NumpyKernel

    return NumpyKernel()
