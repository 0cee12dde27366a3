"""Owns the `MarketData` port on a real venue, or on the simulated one, through ccxt: public reads only, without keys.

It never retries (the feed decides when to ask again), never dials anything but the venue or the configured proxy, and
reads no clock but the injected monotonic one. Values go to the feed; every error is one of `engine.domain.errors`.

What an empty candle list means: the venue truly sent an empty list. ccxt alone would also return [] for a web page or a
missing list; those raise BadVenueAnswerError here (ccxt_client). What cannot be told apart is a hole at the venue from
a symbol not yet listed then: both are honest empty lists.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.adapters.ccxt_client import build_exchange
from engine.adapters.ccxt_errors import plain_errors, unknown_symbol
from engine.adapters.ccxt_mapping import is_ours, to_candles, to_instrument, to_quote, venue_ms, with_book
from engine.adapters.host_breaker import HostBreaker
from engine.adapters.market_list import load_markets
from engine.adapters.market_traits import candle_page, counts_places, traits_of
from engine.adapters.request_budget import Urgency, asking_for
from engine.domain.config import VenueConfig
from engine.domain.errors import BadVenueAnswerError, VenueUnreachableError
from engine.domain.market import Candle, Instrument, Quote
from engine.domain.units import HOUR_MS, Asset, Ms, Symbol

TIMEFRAME = "1h"

log = logging.getLogger(__name__)


class CcxtMarketData:
    """A venue's public data. Give all objects that talk to venues the same `breaker`: bans are per address."""

    def __init__(
        self, venue: VenueConfig, *, monotonic: Callable[[], float], breaker: HostBreaker | None = None
    ) -> None:
        """Build the client without opening a socket. Raises ConfigError."""
        self._venue = venue
        self._monotonic = monotonic
        self._books_apart = venue.market in traits_of(venue).bookless_tickers
        self._loading = asyncio.Lock()
        self.unreadable: tuple[str, ...] = ()  # markets, in the venue's names, that its list shows in no readable form
        self._exchange = build_exchange(venue, breaker=breaker or HostBreaker(monotonic), monotonic=monotonic)
        self._page = candle_page(venue, self._exchange)
        self._digits = counts_places(self._exchange)

    async def instruments(self, symbols: Sequence[Symbol]) -> dict[Symbol, Instrument]:
        """Return what the venue lists of `symbols` and trades now: its list is read anew each time."""
        markets = await self._markets(anew=True)
        found: dict[Symbol, Instrument] = {}
        for symbol in symbols:
            if self._lists(markets, symbol):
                try:
                    found[symbol] = to_instrument(markets[symbol], self._venue.market, digits=self._digits)
                except BadVenueAnswerError as error:  # one broken market must not stop all the others
                    log.warning("%s: %s", self._venue.id, error)
        return found

    async def quoted_in(self, asset: Asset) -> list[str]:
        """Return the currencies that the venue quotes `asset` in, on markets of our kind."""
        markets = (await self._markets()).values()
        ours = (each for each in markets if each.get("base") == asset and is_ours(each, self._venue.market))
        return sorted({str(each["quote"]) for each in ours})

    async def server_time(self) -> tuple[Ms, float]:
        """Return the venue's time and the round trip in milliseconds, without the wait for the throttle."""
        with plain_errors(self._venue.id, "reading its time", proxy=self._venue.proxy):
            answer = await self._exchange.fetch_time()
            round_trip_ms = self._exchange._round_trip_ms
        at = venue_ms(answer)
        if at is None:
            raise BadVenueAnswerError(f"{self._venue.id} did not say what time it is; try later")
        return at, round_trip_ms

    async def quotes(self, symbols: Sequence[Symbol]) -> list[Quote]:
        """Return the latest quotes of `symbols` in one request; those without a positive price are left out.

        Where the venue tells bid and ask apart from its tickers, it is a second request; if that one fails the quotes
        come without them.
        """
        markets = await self._markets()
        listed = [symbol for symbol in symbols if self._lists(markets, symbol)]
        if not listed:
            return []
        with plain_errors(self._venue.id, "reading prices", proxy=self._venue.proxy):
            tickers = _dated(await self._exchange.fetch_tickers(listed), self._exchange._answered_ms)
        received = self._monotonic()  # a price is as old as its own answer, however long the second request waits
        books = await self._books(listed) if self._books_apart else {}
        quotes = [(symbol, to_quote(tickers[symbol], received)) for symbol in listed if symbol in tickers]
        return [with_book(quote, books.get(symbol)) for symbol, quote in quotes if quote is not None]

    async def candles(self, symbol: Symbol, *, since_ms: Ms, limit: int) -> list[Candle]:
        """Return up to `limit` hourly candles from `since_ms` on, ascending, the unfinished last one included.

        One request per venue page, each page starting after the last candle of the one before. Holes at the venue
        make the list shorter than `limit` without meaning that it has ended. Raises UnknownSymbolError.
        """
        markets = await self._markets()
        if not self._lists(markets, symbol):
            raise unknown_symbol(self._venue.id, symbol)
        found: list[Candle] = []
        while len(found) < limit:
            asked = min(limit - len(found), self._page)
            page = await self._candle_page(symbol, Ms(found[-1].open_ms + HOUR_MS) if found else since_ms, asked)
            found += page
            if len(page) < asked:
                break
        return found

    async def close(self) -> None:
        """Release sockets and sessions; may be called twice and before anything was opened."""
        await self._exchange.close()

    async def _books(self, symbols: Sequence[Symbol]) -> dict[str, Any]:
        try:
            with plain_errors(self._venue.id, "reading bids and asks", proxy=self._venue.proxy):
                books: dict[str, Any] = await self._exchange.fetch_bids_asks(symbols)
        except (VenueUnreachableError, BadVenueAnswerError) as error:
            log.warning("quotes without bid and ask: %s", error)
            return {}
        return books

    async def _candle_page(self, symbol: Symbol, since_ms: Ms, limit: int) -> list[Candle]:
        reading = plain_errors(self._venue.id, "reading candles", proxy=self._venue.proxy, symbol=symbol)
        with reading, asking_for(Urgency.HISTORY):
            rows = await self._exchange.fetch_ohlcv(symbol, TIMEFRAME, since_ms, limit)
        return [candle for candle in to_candles(rows, symbol) if candle.open_ms >= since_ms][:limit]

    async def _markets(self, *, anew: bool = False) -> dict[str, Any]:
        """Load the venue's list, once or anew. The lock is ours: in ccxt a cancelled waiter cancels all others."""
        async with self._loading:
            if anew or not self._exchange.markets:
                with plain_errors(self._venue.id, "reading its markets", proxy=self._venue.proxy):
                    self._refuse(await load_markets(self._exchange, reload=True))  # an empty list may be cached
            markets: dict[str, Any] = self._exchange.markets or {}
        if not markets:
            raise BadVenueAnswerError(f"{self._venue.id} lists no {self._venue.market} market at all; try later")
        return markets

    def _refuse(self, names: tuple[str, ...]) -> None:
        if names != self.unreadable and names:
            log.warning("%s lists %s in a form that cannot be read: left out", self._venue.id, ", ".join(names))
        self.unreadable = names

    def _lists(self, markets: dict[str, Any], symbol: Symbol) -> bool:
        return symbol in markets and is_ours(markets[symbol], self._venue.market)


def _dated(tickers: Mapping[str, Any], answered_ms: Ms | None) -> dict[str, Any]:
    """Return the tickers with the time of the answer where they carry none (Kraken, Gate, Bybit spot)."""
    return {
        symbol: ticker if ticker.get("timestamp") is not None else {**ticker, "timestamp": answered_ms}
        for symbol, ticker in tickers.items()
    }
