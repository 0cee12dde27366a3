"""Owns the `MarketStream` port on a real venue, or on the simulated one, through ccxt.pro: public streams, no keys.

ccxt keeps the newest ticker and candles of every subscription in its own caches; `run` keeps the subscriptions alive
and `harvest` takes what changed since the last look, so nothing that arrives between two looks is lost. Never judges
and never reconnects: a stream that fails or is found silent is closed, and the feed opens another.
"""

import asyncio
import math
from collections.abc import Callable, Sequence
from typing import Any

from engine.adapters.ccxt_client import build_stream
from engine.adapters.ccxt_errors import plain_errors
from engine.adapters.ccxt_mapping import to_candles, to_quote, with_book
from engine.adapters.host_breaker import HostBreaker
from engine.adapters.market_list import load_markets
from engine.adapters.market_traits import traits_of
from engine.domain.config import VenueConfig
from engine.domain.market import Candle, Quote
from engine.domain.units import Symbol

TIMEFRAME = "1h"
BOOK_HOLDS_S = 10.0  # a bid and ask that came apart from the price are not known any more after so long
LOOK_ANYWAY_S = 0.1  # what comes between two calls of ccxt wakes nobody, and is in its caches all the same


class CcxtStream:
    """One connection's worth of streams; used once."""

    def __init__(self, venue: VenueConfig, *, monotonic: Callable[[], float], breaker: HostBreaker) -> None:
        """Build the client without opening a socket. Raises ConfigError."""
        self._venue = venue
        self._monotonic = monotonic
        self._exchange = build_stream(venue, breaker=breaker, monotonic=monotonic)
        self._tickers: dict[Symbol, Any] = {}
        self._rows: dict[Symbol, tuple[Any, ...]] = {}
        self._books_apart = venue.market in traits_of(venue).bookless_streams
        self._most_topics = traits_of(venue).most_topics.get(venue.market, 0)
        self._books: dict[Symbol, tuple[Any, float]] = {}
        self._news = False
        self._looked = -math.inf

    @property
    def offers_quotes(self) -> bool:
        """Return True where the venue streams tickers of many symbols at once."""
        return bool(self._exchange.has.get("watchTickers"))

    @property
    def offers_candles(self) -> bool:
        """Return True where the venue streams candles of many symbols at once."""
        return bool(self._exchange.has.get("watchOHLCVForSymbols"))

    async def run(self, symbols: Sequence[Symbol]) -> None:
        """Keep the streams of `symbols` alive until one fails. Raises VenueUnreachableError."""
        with plain_errors(self._venue.id, "opening its streams", proxy=self._venue.proxy):
            await load_markets(self._exchange)
        if not symbols:
            await asyncio.Event().wait()  # until others are wanted
        watching = []
        for group in _groups(symbols, self._most_topics or len(symbols)):
            if self.offers_quotes:
                watching.append(asyncio.create_task(self._watch_tickers(group), name="stream-tickers"))
            if self._books_apart:
                watching.append(asyncio.create_task(self._watch_books(group), name="stream-books"))
            if self.offers_candles:
                watching.append(asyncio.create_task(self._watch_candles(group), name="stream-candles"))
        try:
            done, _ = await asyncio.wait(watching, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)

    def harvest(self, symbols: Sequence[Symbol]) -> tuple[list[Quote], list[Candle]]:
        """Return what is new since the last look: quotes, and each symbol's last two candles where they moved."""
        received = self._monotonic()
        quotes: list[Quote] = []
        candles: list[Candle] = []
        if not self._news and received - self._looked < LOOK_ANYWAY_S:
            return quotes, candles
        self._news, self._looked = False, received
        for symbol in symbols:
            book = self._book(symbol, received)
            ticker = self._exchange.tickers.get(symbol)
            if ticker is not None and ticker is not self._tickers.get(symbol):
                self._tickers[symbol] = ticker
                quote = to_quote(ticker, received)
                if quote is not None:
                    quotes.append(with_book(quote, book))
            cache = (self._exchange.ohlcvs.get(symbol) or {}).get(TIMEFRAME)
            rows = tuple(tuple(row) for row in _last_two(cache)) if cache else ()
            if rows and rows != self._rows.get(symbol):
                self._rows[symbol] = rows
                with plain_errors(self._venue.id, "reading a streamed candle", symbol=symbol):
                    candles += to_candles([list(row) for row in rows], symbol)
        return quotes, candles

    async def close(self) -> None:
        """Release sockets and sessions; may be called twice."""
        await self._exchange.close()

    def _book(self, symbol: Symbol, now: float) -> Any:
        """Return the bid and ask that came apart from the ticker, None where there are none or they are old."""
        newest = self._exchange.bidsasks.get(symbol)
        if newest is None:
            return None
        known, since = self._books.get(symbol, (None, now))
        if newest is not known:
            since = now
            self._books[symbol] = (newest, now)
        return newest if now - since <= BOOK_HOLDS_S else None

    async def _watch_tickers(self, symbols: list[Symbol]) -> None:
        parameters = {"name": "ticker"} if self._venue.id == "binance" else {}  # its default carries no bid and ask
        while True:
            with plain_errors(self._venue.id, "streaming prices", proxy=self._venue.proxy):
                await self._exchange.watch_tickers(symbols, parameters)
            self._news = True

    async def _watch_books(self, symbols: list[Symbol]) -> None:
        while True:
            with plain_errors(self._venue.id, "streaming bids and asks", proxy=self._venue.proxy):
                await self._exchange.watch_bids_asks(symbols)

    async def _watch_candles(self, symbols: list[Symbol]) -> None:
        wanted = [[symbol, TIMEFRAME] for symbol in symbols]
        while True:
            with plain_errors(self._venue.id, "streaming candles", proxy=self._venue.proxy):
                await self._exchange.watch_ohlcv_for_symbols(wanted)
            self._news = True


def _last_two(cache: Any) -> list[Any]:
    """Return the last two rows of ccxt's cache, which is a deque: its end is cheap, its middle is not."""
    return [cache[at] for at in range(max(-2, -len(cache)), 0)]


def _groups(symbols: Sequence[Symbol], size: int) -> list[list[Symbol]]:
    """Return the symbols in groups that one request may name."""
    return [list(symbols[at : at + size]) for at in range(0, len(symbols), size)]
