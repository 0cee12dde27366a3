"""Owns the streams of one venue: opens them, hands on what comes at once, and finds the silent ones.

A stream can be silent for ever while its pings succeed (FACTS 4), so nothing it says of itself counts: prices that the
venue answers to a poll are compared with what was streamed. What is found silent, or fails, is closed and opened again
after a jittered wait; meanwhile the poll goes on at its full rate, and who reads bars again hears of every reconnect.
Judges no price and touches no state.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence

from msgspec import structs

from engine.core.inputs import CandlesArrived, Input, QuotesArrived, StreamReported
from engine.domain.errors import VenueUnreachableError
from engine.domain.market import Candle, Quote
from engine.domain.ports import Clock, MarketStream
from engine.domain.units import Ms, Symbol
from engine.runtime.history_loader import retry_delay

log = logging.getLogger(__name__)

FLUSH_S = 0.01  # latest wins in between; the frame of the screen is where a price may wait, not here
SILENT_AFTER_S = 12.0  # nothing at all came for so long: no market of many assets is that quiet
BEHIND_AFTER_S = 10.0  # a symbol whose polled price is another one than was streamed so long ago
BEHIND_TWICE = 2
DISORDER_S = 0.1  # later messages came that much earlier: what changes were built on is not known any more
NEVER_MS = Ms(2**63)  # a venue without streamed candles is never missed any
SOUND_AFTER_S = 60.0  # a stream that lived so long starts the waits anew


class SilentStreamError(VenueUnreachableError):
    """The stream is connected and says nothing, or not of every symbol."""


class DisorderedStreamError(VenueUnreachableError):
    """Messages overtook each other, and venues send changes only: what adds up to a price may be wrong."""


class StreamFeed:
    """Keeps a venue's streams open for the symbols it is given."""

    def __init__(
        self,
        open_stream: Callable[[], MarketStream],
        clock: Clock,
        *,
        put: Callable[[Input], None],
        closed: Callable[[Symbol, Ms], bool],
        reconnected: Callable[[], None],
        step_ms: int,
        speed: float = 1.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Take the parts.

        `closed` hears of a symbol's closed candle and says whether it may be handed on; `reconnected` hears of each
        connection after the first, once it speaks. `speed` is market seconds per host second.
        """
        self._open_stream = open_stream
        self._clock = clock
        self._put = put
        self._closed = closed
        self._reconnected = reconnected
        self._step_ms = step_ms
        self._speed = speed
        self._sleep = sleep
        self._streamed: dict[Symbol, Quote] = {}
        self._candles: dict[Symbol, Candle] = {}
        self._handed: dict[Symbol, Candle] = {}  # the last one of each symbol that was handed on as closed
        self._behind: dict[Symbol, int] = {}
        self._unstreamed: Symbol | None = None  # its candles are silent
        self._candles_from = NEVER_MS
        self._offers_candles = False
        self._heard = 0.0
        self._spoke: MarketStream | None = None  # the connection that spoke last
        self.up = False

    async def run(self, wanted: Callable[[], Sequence[Symbol]]) -> None:
        """Stream what is wanted for ever, opened anew where that changes; where nothing is streamed, only say so."""
        attempt = 0
        while True:
            began = self._clock.monotonic()
            stream = self._open_stream()
            try:
                if not stream.offers_quotes:
                    self._say(False, "the venue streams no prices: they are polled")
                    await asyncio.Event().wait()
                await self._listen(stream, wanted)
                continue
            except VenueUnreachableError as error:
                self._say(False, str(error))
            finally:
                await stream.close()
            attempt = 0 if self._clock.monotonic() - began > SOUND_AFTER_S else attempt + 1
            await self._sleep(retry_delay(attempt))

    def compare(self, polled: Iterable[Quote]) -> None:
        """Hold polled prices against the streamed ones: two polls in a row that differ make a symbol silent."""
        if not self.up:
            return
        now = self._clock.monotonic()
        for quote in polled:
            streamed = self._streamed.get(quote.symbol)
            old = streamed is None or now - streamed.received > BEHIND_AFTER_S
            differs = streamed is None or streamed.last != quote.last
            self._behind[quote.symbol] = self._behind.get(quote.symbol, 0) + 1 if old and differs else 0

    def compare_bar(self, bar: Candle) -> None:
        """Hold a closed bar that was fetched against the streamed ones: traded for an hour, and no message of it."""
        if not self.up or bar.volume <= 0.0 or bar.open_ms < self._candles_from:
            return
        streamed = self._candles.get(bar.symbol)
        if streamed is None or streamed.open_ms < bar.open_ms:
            self._unstreamed = bar.symbol

    async def _listen(self, stream: MarketStream, wanted: Callable[[], Sequence[Symbol]]) -> None:
        """Listen until it fails or is silent (raises VenueUnreachableError), or until other symbols are wanted."""
        symbols = wanted()
        self._streamed.clear()
        self._candles.clear()
        self._handed.clear()
        self._behind.clear()
        self._unstreamed = None
        self._candles_from = NEVER_MS
        self._offers_candles = stream.offers_candles
        self._heard = self._clock.monotonic()
        pump = asyncio.create_task(stream.run(symbols), name="stream")
        try:
            while not pump.done():
                await self._sleep(FLUSH_S)
                if wanted() != symbols:
                    return
                self._take(*stream.harvest(symbols))
                self._note_reconnect(stream)
                self._refuse_silence(symbols)
            pump.result()
            raise VenueUnreachableError("the venue ended its streams")
        finally:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)

    def _take(self, harvested: list[Quote], candles: list[Candle]) -> None:
        self._refuse_disorder(harvested)
        quotes = [self._dated(quote) for quote in harvested]
        if quotes:
            self._heard = self._clock.monotonic()
            if not self._streamed and self._offers_candles:  # the hour that is running, and the next, are not whole
                self._candles_from = Ms(self._clock.market_ms() + self._step_ms)
            self._streamed |= {quote.symbol: quote for quote in quotes}
            self._behind |= {quote.symbol: 0 for quote in quotes}
            self._put(QuotesArrived(quotes=tuple(quotes)))
            self._say(True, "")
        for candle in candles:
            known = self._candles.get(candle.symbol)
            follows = known is not None and candle.open_ms == known.open_ms + self._step_ms  # else messages are missing
            if known is not None and follows and self._closed(known.symbol, known.open_ms):
                self._hand_on(known)  # what it last was is its close
            handed = self._handed.get(candle.symbol)
            if handed is not None and handed.open_ms == candle.open_ms and handed.close != candle.close:
                self._hand_on(candle)  # its last message was overtaken by the next hour's first
            if known is None or candle.open_ms >= known.open_ms:
                self._candles[candle.symbol] = candle

    def _note_reconnect(self, stream: MarketStream) -> None:
        if self._streamed and self._spoke is not stream:
            if self._spoke is not None:
                self._reconnected()
            self._spoke = stream

    def _hand_on(self, candle: Candle) -> None:
        self._handed[candle.symbol] = candle
        self._put(CandlesArrived(symbol=candle.symbol, candles=(candle,)))

    def _refuse_disorder(self, quotes: Iterable[Quote]) -> None:
        for quote in quotes:
            before = self._streamed.get(quote.symbol)
            if before is not None and (before.event_ms - quote.event_ms) / 1000 / self._speed > DISORDER_S:
                asset = quote.symbol.split("/")[0]
                raise DisorderedStreamError(f"the stream is out of order for {asset}: prices are polled")

    def _dated(self, quote: Quote) -> Quote:
        """Return a quote whose age counts its way: what came late, or out of order, was true when it was sent."""
        under_way_s = (self._clock.market_ms() - quote.event_ms) / 1000 / self._speed
        return structs.replace(quote, received=quote.received - under_way_s) if under_way_s > 0.0 else quote

    def _refuse_silence(self, symbols: Sequence[Symbol]) -> None:
        quiet = self._clock.monotonic() - self._heard
        if quiet > SILENT_AFTER_S:
            raise SilentStreamError(f"the stream has been silent for {quiet:.0f} s: prices are polled")
        behind = [symbol for symbol in symbols if self._behind.get(symbol, 0) >= BEHIND_TWICE]
        if behind:
            raise SilentStreamError(f"the stream is silent for {behind[0].split('/')[0]}: prices are polled")

        if self._unstreamed is not None:
            asset = self._unstreamed.split("/")[0]
            raise SilentStreamError(f"the stream says no candles of {asset}: they are fetched")

    def _say(self, up: bool, why: str) -> None:
        if not up:
            log.warning("stream: %s", why)
        if up != self.up or not up:
            self.up = up
            self._put(StreamReported(up=up, why=why))
