"""Owns sums over a sliding window of rows for a whole history at once, made by adding only.

Nothing is subtracted, so an outlier leaves a window without a trace: a window is the rest of its oldest block, whole
blocks, and the head of its newest. The batch versions of the rules read it; the live state has comoments.
"""

import math

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
    size = _block_size(window)
    rows, length = values.shape
    blocks = -(-(length + window) // size)
    padded = np.zeros((rows, blocks * size))
    padded[:, window : window + length] = values
    cells = padded.reshape(rows, blocks, size)
    head = np.cumsum(cells, axis=2)  # up to and including each place
    rest = np.zeros_like(cells)
    rest[:, :, :-1] = np.cumsum(cells[:, :, :0:-1], axis=2)[:, :, ::-1]  # after each place
    whole = np.lib.stride_tricks.sliding_window_view(head[:, :, -1], window // size - 1, axis=1).sum(axis=2)
    # the window that ends with place p of block b begins after place p of block b - window / size
    first = window // size
    result = rest[:, :-first, :] + head[:, first:, :]
    result += whole[:, 1 : 1 + result.shape[1], None]
    summed: Floats = result.reshape(rows, -1)[:, :length]
    return summed


def _block_size(window: int) -> int:
    """Return the largest divisor of `window` up to its root: the cheapest split."""
    return next(size for size in range(math.isqrt(window), 0, -1) if window % size == 0)


def lagged(values: Floats, lag: int) -> Floats:
    """Return `values` [K, T] moved `lag` places to the right, with zeros in front."""
    result = np.zeros_like(values)
    if lag < values.shape[1]:
        result[:, lag:] = values[:, : values.shape[1] - lag]
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
    for place in range(1, size):  # all blocks at once: each as if nothing had been before it
        inside[:, :, place] += fade * inside[:, :, place - 1]
    carried = np.zeros((rows, blocks))
    for block in range(1, blocks):
        carried[:, block] = fade**size * carried[:, block - 1] + inside[:, block - 1, -1]
    inside += carried[:, :, None] * fade ** np.arange(1, size + 1)
    return inside.reshape(rows, -1)[:, :length]
