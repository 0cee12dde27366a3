"""Owns joining the history of a renamed asset: bars under the old name go in front of those under the new one.

Takes what is stored of the old market, and what the venue still serves of it. One for one only: a jump over the seam
that no market makes means another unit, and nothing is joined. The venue's own bars are never replaced, and joined
ones keep their source in the store, so the seam stays visible.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from engine.domain.errors import UnknownSymbolError, VenueUnreachableError
from engine.domain.events import HistoryJoined
from engine.domain.market import Bar, Candle
from engine.domain.ports import MarketData
from engine.domain.units import Asset, Ms, Symbol

log = logging.getLogger(__name__)

PAGE = 1000
MOST_JUMP = 0.25  # a close that moves further over the seam is of another unit, or of another asset


class FillableStore(Protocol):
    """What joining needs of a bar store."""

    def load(self, symbol: Symbol, *, since_ms: Ms) -> list[Bar]:
        """Return the bars of `symbol` that open at or after `since_ms`, ascending."""

    def fill(self, bars: Sequence[Bar], *, source: str) -> int:
        """Add bars of another source where the venue has none; return how many were taken."""


class FormerNames:
    """Joins bars of old names in a store."""

    def __init__(self, data: MarketData, store: FillableStore, *, step_ms: int) -> None:
        self._data = data
        self._store = store
        self._step_ms = step_ms

    async def join(self, asset: Asset, symbol: Symbol, former: Symbol, *, since_ms: Ms, at: Ms) -> HistoryJoined | None:
        """Join what is known of `former` since `since_ms` in front of `symbol`; None where nothing is to be joined."""
        own = await asyncio.to_thread(self._store.load, symbol, since_ms=since_ms)
        if not own or own[0].open_ms <= since_ms:
            return None  # the seam is not known before its first bar is closed
        seam = own[0]
        known = await asyncio.to_thread(self._store.load, former, since_ms=since_ms)
        found = {bar.open_ms: bar for bar in [*await self._served(former, since_ms, seam.open_ms), *known]}
        bars = [replace(bar, symbol=symbol) for _, bar in sorted(found.items()) if bar.open_ms < seam.open_ms]
        if not bars:
            return None
        jump = seam.close / bars[-1].close - 1.0
        if abs(jump) > MOST_JUMP:
            why = f"the close jumps by {jump:+.0%} over the seam, which is no rename one for one"
            return HistoryJoined(at=at, asset=asset, formerly=former, bars=0, seam=seam.open_ms, jump=jump, why=why)
        taken = await asyncio.to_thread(self._store.fill, bars, source=f"formerly:{former}")
        return HistoryJoined(at=at, asset=asset, formerly=former, bars=taken, seam=seam.open_ms, jump=jump)

    async def _served(self, former: Symbol, since_ms: Ms, until_ms: Ms) -> list[Bar]:
        """Return what the venue still serves of the old market: nothing, once it has taken it off its list."""
        found: list[Candle] = []
        at = since_ms
        try:
            while at < until_ms:
                page = await self._data.candles(former, since_ms=at, limit=PAGE)
                found += [candle for candle in page if at <= candle.open_ms < until_ms]
                if not page or page[-1].open_ms < at:
                    break
                at = Ms(page[-1].open_ms + self._step_ms)
        except UnknownSymbolError:
            log.info("the venue does not list %s any more: what is stored of it counts", former)
        except VenueUnreachableError as error:
            log.warning("the bars of %s are joined from the store only: %s", former, error)
        return [
            Bar(symbol=former, open_ms=candle.open_ms, close=candle.close, volume=candle.volume)
            for candle in found
            if candle.close > 0
        ]
