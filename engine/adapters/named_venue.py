"""Owns the two public ports of a venue beside the default one: asks it in its own words, answers in the book's.

Every market of such a venue is called `SYMBOL@id` in the book (`engine.domain.venue_names`). Wraps what speaks to the
venue; adds nothing and judges nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from msgspec import structs

from engine.domain.errors import UnknownSymbolError
from engine.domain.market import Candle, Instrument, Quote
from engine.domain.ports import MarketData, MarketStream
from engine.domain.units import Asset, Ms, Symbol
from engine.domain.venue_names import bare_symbol, symbol_at


class NamedMarketData:
    """`MarketData` of the venue with ccxt id `venue_id`; `assets` are the book's names of its markets."""

    def __init__(self, data: MarketData, *, venue_id: str, assets: Mapping[Symbol, Asset]) -> None:
        self._data = data
        self._id = venue_id
        self._assets = assets

    async def instruments(self, symbols: Sequence[Symbol]) -> dict[Symbol, Instrument]:
        """Return what the venue lists of `symbols`. Raises VenueUnreachableError."""
        listed = await self._data.instruments([bare_symbol(symbol) for symbol in symbols])
        named = {symbol_at(symbol, self._id): found for symbol, found in listed.items()}
        return {
            symbol: replace(found, symbol=symbol, asset=self._assets.get(symbol, found.asset))
            for symbol, found in named.items()
        }

    async def server_time(self) -> tuple[Ms, float]:
        """Return the venue's time and the round trip in milliseconds. Raises VenueUnreachableError."""
        return await self._data.server_time()

    async def quotes(self, symbols: Sequence[Symbol]) -> list[Quote]:
        """Return the latest quotes of those of `symbols` that the venue answered for."""
        found = await self._data.quotes([bare_symbol(symbol) for symbol in symbols])
        return [structs.replace(quote, symbol=symbol_at(quote.symbol, self._id)) for quote in found]

    async def candles(self, symbol: Symbol, *, since_ms: Ms, limit: int) -> list[Candle]:
        """Return up to `limit` hourly candles from `since_ms` on, ascending, the unfinished last one included."""
        try:
            found = await self._data.candles(bare_symbol(symbol), since_ms=since_ms, limit=limit)
        except UnknownSymbolError as error:
            raise UnknownSymbolError(f"{self._id}: {error}") from error
        return [replace(candle, symbol=symbol) for candle in found]

    async def close(self) -> None:
        """Release sockets and sessions."""
        await self._data.close()


class NamedStream:
    """`MarketStream` of the venue with ccxt id `venue_id`."""

    def __init__(self, stream: MarketStream, *, venue_id: str) -> None:
        self._stream = stream
        self._id = venue_id

    @property
    def offers_quotes(self) -> bool:
        """Return True where it streams prices."""
        return self._stream.offers_quotes

    @property
    def offers_candles(self) -> bool:
        """Return True where it streams candles."""
        return self._stream.offers_candles

    async def run(self, symbols: Sequence[Symbol]) -> None:
        """Keep the streams of `symbols` alive until one fails. Raises VenueUnreachableError."""
        await self._stream.run([bare_symbol(symbol) for symbol in symbols])

    def harvest(self, symbols: Sequence[Symbol]) -> tuple[list[Quote], list[Candle]]:
        """Return what came since the last look; of candles each symbol's last two, where one of them moved."""
        quotes, candles = self._stream.harvest([bare_symbol(symbol) for symbol in symbols])
        return (
            [structs.replace(quote, symbol=symbol_at(quote.symbol, self._id)) for quote in quotes],
            [replace(candle, symbol=symbol_at(candle.symbol, self._id)) for candle in candles],
        )

    async def close(self) -> None:
        """Release sockets and sessions."""
        await self._stream.close()
