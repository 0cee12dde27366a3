"""Owns what a price source tells the dialect: listings, tickers and candles, all as of one market instant.

Two sources speak it: the seeded simulation and the replay of a price file. Nothing here knows Bybit's names.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.domain.units import Asset, Ms

FloatArray = NDArray[np.float64]
MsArray = NDArray[np.int64]
NEVER = Ms(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One asset the venue lists: digits of its price step, quantity step as text, and its first candle.

    `delisting_ms` is the announced end of its trading.
    """

    asset: Asset
    decimals: int
    lot: str
    launch_ms: Ms
    delisting_ms: Ms = NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticker:
    """One asset now. Prices are in the quote currency; volume counts coins, turnover quote currency, of 24 hours.

    `ago_24h` and `ago_1h` are NaN where the asset has no price that old.
    """

    listing: Listing
    last: float
    high_24h: float
    low_24h: float
    ago_24h: float
    ago_1h: float
    volume_24h: float
    turnover_24h: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Candles:
    """Candles of one asset, oldest first, as columns of equal length; the last one may be unfinished."""

    open_ms: MsArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    turnover: FloatArray


class PriceSource(Protocol):
    """Where the venue's prices come from; every answer is a pure function of the arguments and the source's past."""

    def listings(self, now: Ms) -> tuple[Listing, ...]:
        """Return what is listed at `now`."""
        ...

    def tickers(self, now: Ms) -> tuple[Ticker, ...]:
        """Return the tickers of everything listed at `now`."""
        ...

    def candles(self, asset: Asset, step_ms: int, first: Ms, last: Ms, now: Ms) -> Candles:
        """Return the candles that open in [first, last], with the unfinished one as of `now` where it is asked for."""
        ...


def empty_candles() -> Candles:
    """Return no candles."""
    none = np.empty(0)
    return Candles(
        open_ms=np.empty(0, dtype=np.int64), open=none, high=none, low=none, close=none, volume=none, turnover=none
    )


def merge(base: Candles, step_ms: int) -> Candles:
    """Return `base` merged into candles of `step_ms` on the UTC grid; steps without a base candle are absent."""
    if not len(base.open_ms):
        return base
    slot = base.open_ms // step_ms
    heads = np.flatnonzero(np.concatenate(([True], np.diff(slot) > 0)))
    tails = np.append(heads[1:], len(slot)) - 1
    return Candles(
        open_ms=slot[heads] * step_ms,
        open=base.open[heads],
        high=np.maximum.reduceat(base.high, heads),
        low=np.minimum.reduceat(base.low, heads),
        close=base.close[tails],
        volume=np.add.reduceat(base.volume, heads),
        turnover=np.add.reduceat(base.turnover, heads),
    )
