"""Owns the names of the array types of the numeric rooms, so that every signature says what it takes.

Never computes. `Floats` is float64 everywhere: undefined is NaN, never 0.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]
