"""Owns sums over a sliding window of rows for a whole history at once, made by adding only.

Nothing is subtracted, so an outlier leaves a window without a trace: sums of 1, 2, 4 ... rows, each made of two of the
ones before, are put together. The batch versions of the rules read it; the live state has comoments.
"""

import numpy as np

from engine.quant.arrays import Floats

_ROWS = 4  # summed together: a few years of hours that stay in the processor's cache


def rolling_sums(values: Floats, window: int) -> Floats:
    """Return the sums of the last `window` values along the last axis, [K, T] -> [K, T]; the start sums what exists.

    Errors: ValueError for a window below 1. Missing values must be 0 (and counted by the caller).

    >>> rolling_sums(np.array([[1.0, 2.0, 3.0, 4.0]]), 2).tolist()
    [[1.0, 3.0, 5.0, 7.0]]
    """
    if window < 1:
        raise ValueError(f"a window of {window} rows sums nothing: give at least 1")
    result = np.empty(values.shape)
    for begin in range(0, len(values), _ROWS):
        part = slice(begin, begin + _ROWS)
        result[part] = _rolling(values[part], window)
    return result


def _rolling(values: Floats, window: int) -> Floats:
    """Return the sums by doubling: 1, 2, 4 ... rows together, and those that make up the window put side by side."""
    length, size, joined = values.shape[1], 1, window & 1
    power, double = values.copy(), np.empty_like(values)
    result = values * float(joined)
    while 2 * size <= window:
        double[:, :size] = power[:, :size]
        np.add(power[:, size:], power[:, : max(length - size, 0)], out=double[:, size:])
        power, double, size = double, power, 2 * size
        if window & size:
            result[:, joined:] += power[:, : max(length - joined, 0)]
            joined += size
    return result


def fading_sums(values: Floats, fade: float) -> Floats:
    """Return the exponentially weighted sums along the last axis, [K, T]: s(t) = fade * s(t - 1) + values(t).

    >>> fading_sums(np.array([[1.0, 0.0, 0.0, 1.0]]), 0.5).tolist()
    [[1.0, 0.5, 0.25, 1.125]]
    """
    size = 24
    rows, length = values.shape
    blocks = -(-length // size)
    padded = np.zeros((rows, blocks * size))
    padded[:, :length] = values
    inside = padded.reshape(rows, blocks, size)
    parts = [slice(begin, begin + _ROWS) for begin in range(0, rows, _ROWS)]
    for part in parts:
        some = inside[part]
        for place in range(1, size):  # all blocks at once: each as if nothing had been before it
            some[:, :, place] += fade * some[:, :, place - 1]
    carried = np.zeros((rows, blocks))
    for block in range(1, blocks):
        carried[:, block] = fade**size * carried[:, block - 1] + inside[:, block - 1, -1]
    fades = fade ** np.arange(1, size + 1)
    for part in parts:
        inside[part] += carried[part, :, None] * fades
    return inside.reshape(rows, -1)[:, :length]
