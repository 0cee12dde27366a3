"""Owns the kernels that the quant tests run with: numpy always, numba where it is installed."""

from importlib.util import find_spec

import pytest

from engine.quant.kernel_numpy import NumpyKernel
from engine.quant.kernels import Kernel, kernel_for

WITHOUT_NUMBA = pytest.mark.skipif(
    find_spec("numba") is None, reason="numba is not installed: the fast kernel is not tested (extra 'fast')"
)
BOTH_KERNELS = (pytest.param(False, id="numpy"), pytest.param(True, id="numba", marks=WITHOUT_NUMBA))


def kernel_named(fast: bool) -> Kernel:
    """Return the kernel of one test parameter."""
    return kernel_for(8, fast) if fast else NumpyKernel()
