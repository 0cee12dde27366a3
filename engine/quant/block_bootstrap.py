"""Owns resampling of dependent returns: circular blocks of several series at once, so that their days stay together.

Gives draws; what is measured on them is the caller's. Seeded, so that the same question has the same answer.
"""

import numpy as np

from engine.quant.arrays import Floats


def block_draws(returns: Floats, *, block: int, draws: int, seed: int) -> Floats:
    """Return resampled returns [draws, T, K] of `returns` [T, K], in circular blocks of `block` rows.

    Every row is equally likely in every place; rows of the K series are drawn together. Errors: ValueError for a block
    that is longer than the history or shorter than one row. Source: Politis and Romano (1992), circular bootstrap.

    >>> block_draws(np.arange(6.0)[:, None], block=3, draws=2, seed=1).shape
    (2, 6, 1)
    """
    length = len(returns)
    if not 1 <= block <= length:
        raise ValueError(f"blocks of {block} rows cannot be drawn from {length}")
    rng = np.random.default_rng(seed)
    starts = rng.integers(0, length, size=(draws, -(-length // block)))
    places = (starts[:, :, None] + np.arange(block)).reshape(draws, -1)[:, :length] % length
    drawn: Floats = returns[places]
    return drawn


def interval(values: Floats, share: float) -> tuple[float, float]:
    """Return the middle `share` of the defined values, lower and upper end; NaN where there are none.

    >>> interval(np.arange(101.0), 0.9)
    (5.0, 95.0)
    """
    found = values[~np.isnan(values)]
    if not len(found):
        return float("nan"), float("nan")
    tail = (1.0 - share) / 2
    low, high = np.quantile(found, [tail, 1.0 - tail])
    return float(low), float(high)
