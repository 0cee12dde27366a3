"""Owns the stream of a `SoakVenue`: prices and candles once a host second, muddled as the venue wishes."""

import asyncio
from collections.abc import Callable, Sequence

from engine.domain.market import Candle, Quote
from engine.domain.units import HOUR_MS, Ms, Symbol
from support.soak_venue import SoakVenue

SPEAKS_EVERY_S = 1.0


class SoakStream:
    """A `MarketStream`, used once."""

    offers_quotes = True
    offers_candles = True

    def __init__(self, venue: SoakVenue, host: Callable[[], float]) -> None:
        self._venue = venue
        self._host = host
        self._spoke = float("-inf")

    async def run(self, symbols: Sequence[Symbol]) -> None:
        """Stay for ever: a stream that fails says nothing, which is worse."""
        await asyncio.Event().wait()

    def harvest(self, symbols: Sequence[Symbol]) -> tuple[list[Quote], list[Candle]]:
        """Return what is new: each symbol's price and its last two candles."""
        if self._host() - self._spoke < SPEAKS_EVERY_S or self._venue.mute():
            return [], []
        self._spoke = self._host()
        since = Ms(self._venue.now() // HOUR_MS * HOUR_MS - HOUR_MS)
        quotes = [quote for symbol in symbols for quote in self._venue.quoted(symbol)]
        candles = [candle for symbol in symbols for candle in self._venue.rows(symbol, since, 2)]
        return quotes, self._venue.mix(candles)

    async def close(self) -> None:
        """Have nothing to release."""
