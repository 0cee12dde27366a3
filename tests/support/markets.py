"""Made-up markets for signal tests: hourly closes whose correlation and volatility change on purpose."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engine.adapters.price_file import PriceTable
from engine.domain.units import HOUR_MS
from support.books import START

Floats = NDArray[np.float64]


def switching_closes(
    seed: int, hours: int, assets: int, *, rho: float = 0.6, together: Mapping[int, int] | None = None
) -> Floats:
    """Return closes [hours, assets] of one factor; in each stretch `together` (first hour: length) all move as one.

    Such a stretch begins with one hour of eight usual standard deviations, downward.
    """
    rng = np.random.default_rng(seed)
    common, own = rng.standard_t(5, size=(hours, 1)), rng.standard_t(5, size=(hours, assets))
    share = np.full((hours, 1), rho)
    for first, length in (together or {}).items():
        share[first : first + length] = 0.98
        common[first] = -8.0
    returns = 0.005 * (np.sqrt(share) * common + np.sqrt(1 - share) * own)
    closes: Floats = 100 * np.exp(np.cumsum(returns, axis=0))
    return closes


def table_of(closes: Floats, *names: str) -> PriceTable:
    """Return closes as a price table that begins at START."""
    opens = START + np.arange(len(closes), dtype=np.int64) * HOUR_MS
    return PriceTable(open_ms=opens, assets=names, closes=closes, bar_ms=HOUR_MS)
