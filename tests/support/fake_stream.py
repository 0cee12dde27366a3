"""A `MarketStream` whose every message a test has set: deterministic, settable failures, nothing passes by itself."""

import asyncio
from collections.abc import Sequence

from engine.domain.errors import VenueUnreachableError
from engine.domain.market import Candle, Quote
from engine.domain.units import Symbol


class FakeStream:
    """One connection: what `say` was given is harvested once; `fail` ends it."""

    def __init__(self, *, offers_quotes: bool = True, offers_candles: bool = True) -> None:
        self.offers_quotes = offers_quotes
        self.offers_candles = offers_candles
        self.symbols: tuple[Symbol, ...] = ()
        self.closed = False
        self._quotes: list[Quote] = []
        self._candles: list[Candle] = []
        self._over = asyncio.Event()
        self._error: Exception | None = None

    def say(self, *news: Quote | Candle) -> None:
        """Let messages come."""
        self._quotes += [item for item in news if isinstance(item, Quote)]
        self._candles += [item for item in news if isinstance(item, Candle)]

    def fail(self, why: str) -> None:
        """Let the connection fail."""
        self._error = VenueUnreachableError(why)
        self._over.set()

    async def run(self, symbols: Sequence[Symbol]) -> None:
        """Stay until it fails."""
        self.symbols = tuple(symbols)
        await self._over.wait()
        if self._error is not None:
            raise self._error

    def harvest(self, symbols: Sequence[Symbol]) -> tuple[list[Quote], list[Candle]]:
        """Return what was said since the last look."""
        quotes, self._quotes = self._quotes, []
        candles, self._candles = self._candles, []
        return quotes, candles

    async def close(self) -> None:
        """Note that it was closed."""
        self.closed = True
