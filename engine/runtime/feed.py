"""Owns the conversation with one venue: instruments, clock, history, quotes, and the candle of every closed bar.

Turns answers into inputs and never judges them; never touches state. Streams where the venue has them; REST polling as
the fallback and the cross-check: quotes for all symbols in one call every `poll_every` (7 s beside a stream), candles
of each symbol whose closed bar no stream has brought.
"""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Mapping

from engine.core.inputs import CandlesArrived, ClockMeasured, Input, InstrumentsListed, LinkReported, QuotesArrived
from engine.domain.config import Config, VenueConfig
from engine.domain.errors import UnknownSymbolError, VenueUnreachableError
from engine.domain.market import LinkState
from engine.domain.ports import Clock, MarketData, MarketStream
from engine.domain.units import Ms, Symbol, floor_to
from engine.runtime.bar_review import BarReview
from engine.runtime.history_loader import PAGE, HistoryLoader, retry_delay
from engine.runtime.link_monitor import LinkMonitor
from engine.runtime.stream_feed import StreamFeed

log = logging.getLogger(__name__)

CANDLES_AT_ONCE = 8
CANDLE_RETRY_S = 1.0
GIVE_UP_AFTER_S = 30.0  # longer than the grid waits for a bar
CLOCK_EVERY_S, CLOCK_AGAIN_S = 30.0, 2.0
DOUBT_MS, MOST_DOUBTS = 1_000.0, 5  # a clock measured that far from what was believed is soon measured again, so often
CROSS_CHECK_S = 7.0  # beside a stream: often enough that no price looks stale by itself, and a silent stream is found
LIST_EVERY_S, LIST_AT_MOST_EVERY_S, LIST_EVERY_MARKET_S = 900.0, 5.0, 3_600.0
SETTLE_S = 1.5  # a venue needs a moment to close its candle; asking at once only gets the open one


class Feed:
    """Polls one venue for the watched symbols."""

    def __init__(
        self,
        data: MarketData,
        clock: Clock,
        config: Config,
        *,
        put: Callable[[Input], None],
        observe_time: Callable[[Ms, float], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        open_stream: Callable[[], MarketStream] | None = None,
        symbols: tuple[Symbol, ...] | None = None,
        venue: VenueConfig | None = None,
    ) -> None:
        """Take the parts; without `open_stream` everything is polled.

        `symbols` and `venue` are those of the book where nothing else is said.
        """
        self.data = data
        self._clock = clock
        self._put = put
        self._observe_time = observe_time
        self._sleep = sleep
        self.symbols = tuple(config.symbols.values()) if symbols is None else symbols
        self._step_ms = config.rules.bar_ms
        self._history_ms = config.history_ms
        self._poll_s = (venue or config.venue).poll_every_ms / 1000
        self._speed = config.simulation.speed
        self._link = LinkMonitor(now=clock.monotonic())
        self._said: LinkReported | None = None
        self._open_of_last_bar: dict[Symbol, Ms] = {}
        self._followed_from: dict[Symbol, Ms] = {}  # the first slot that may be looked at again
        self._listed: tuple[Symbol, ...] = ()
        self._doubts = 0
        self._connected, self._following = asyncio.Event(), asyncio.Event()
        self._review = BarReview(
            data,
            clock,
            put=put,
            succeeded=self._succeeded,
            failed=self._failed,
            step_ms=self._step_ms,
            speed=self._speed,
            sleep=sleep,
        )
        self._stream = None if open_stream is None else self._followed(open_stream)

    def _followed(self, open_stream: Callable[[], MarketStream]) -> StreamFeed:
        return StreamFeed(
            open_stream,
            self._clock,
            put=self._put,
            closed=self._note_closed,
            reconnected=self._review.look_again,
            step_ms=self._step_ms,
            speed=self._speed,
            sleep=self._sleep,
        )

    @property
    def answered(self) -> bool:
        """Return True once the venue has answered anything."""
        return self._link.answered

    @property
    def why(self) -> str:
        """Return why the link is not up, empty when it is."""
        return self._link.verdict(self._clock.monotonic()).why

    async def connect(self) -> None:
        """Learn the venue's time and instruments; tries until the venue answers."""
        await self._until_answered(self._sync_clock)
        await self._until_answered(self._learn_instruments)
        self._connected.set()

    async def stream(self) -> None:
        """Keep the streams open for ever, where there are any; what they bring is polled less often."""
        await self._connected.wait()
        if self._stream is None:
            await asyncio.Event().wait()
        else:
            await self._stream.run(lambda: self._listed)

    async def load_history(self, newest: Mapping[Symbol, Ms]) -> tuple[Ms, Ms, int]:
        """Fetch what the store lacks; return the first slot, the end (exclusive) and how many bars came."""
        until = floor_to(self._clock.market_ms(), self._step_ms)
        start = Ms(until - self._history_ms)
        loader = HistoryLoader(
            self.data,
            put=self._put,
            succeeded=self._succeeded,
            failed=self._failed,
            step_ms=self._step_ms,
            sleep=self._sleep,
            monotonic=self._clock.monotonic,
        )
        fetched = await loader.load(newest, self._listed, start=start, until=until)
        return start, until, fetched

    async def poll_quotes(self) -> None:
        """Poll quotes for ever."""
        while True:
            began = self._clock.monotonic()
            try:
                quotes = await self.data.quotes(self._listed or self.symbols)
            except VenueUnreachableError as error:
                self._failed(str(error))
            else:
                self._succeeded((self._clock.monotonic() - began) * 1000)
                if self._stream is not None:
                    self._stream.compare(quotes)
                if quotes:
                    self._put(QuotesArrived(quotes=tuple(quotes)))
            every = max(self._poll_s, CROSS_CHECK_S) if self._stream is not None and self._stream.up else self._poll_s
            await self._sleep(max(0.05, every - (self._clock.monotonic() - began)))

    async def poll_clock(self) -> None:
        """Measure the venue's clock for ever; soon again where it jumped, for one measurement alone moves nothing."""
        while True:
            await self._sleep(CLOCK_AGAIN_S if self._doubts else CLOCK_EVERY_S)
            await self._reported(self._sync_clock)

    async def poll_instruments(self) -> None:
        """Read the venue's list anew for ever: markets are suspended, delisted, renamed, and listed."""
        await self._connected.wait()
        while True:
            await self._sleep(min(LIST_EVERY_S, max(LIST_AT_MOST_EVERY_S, LIST_EVERY_MARKET_S / self._speed)))
            await self._reported(self._learn_instruments)

    async def poll_candles(self, after: Ms) -> None:
        """Fetch each symbol's candles when a bar has closed, for ever; `after` is the last slot already loaded."""
        self._open_of_last_bar = dict.fromkeys(self._listed, after)
        self._followed_from = dict.fromkeys(self._listed, Ms(0))
        self._following.set()
        slot, seen = after, self._clock.monotonic()
        while True:
            now = self._clock.monotonic()
            for symbol in self._listed:
                self._open_of_last_bar.setdefault(symbol, after)  # listed since: nothing before is known of it
                self._followed_from.setdefault(symbol, after)
            newest_slot = Ms(floor_to(self._clock.market_ms(), self._step_ms) - self._step_ms)
            if newest_slot != slot:
                slot, seen = newest_slot, now
            late = [s for s in self._listed if self._open_of_last_bar[s] < slot]
            if not late or now - seen > GIVE_UP_AFTER_S:  # a halted market is asked again when the next bar closes
                await self._sleep(self._host_seconds_until(Ms(slot + 2 * self._step_ms)))
                continue
            gate = asyncio.Semaphore(CANDLES_AT_ONCE)
            await asyncio.gather(*(self._fetch_candles(gate, symbol) for symbol in late))
            if any(self._open_of_last_bar[s] < slot for s in late):
                await self._sleep(CANDLE_RETRY_S)

    async def review_bars(self) -> None:
        """Look again at recent bars for ever, once history is there: a venue may correct them."""
        await self._following.wait()
        await self._review.run(
            lambda: {s: self._followed_from[s] for s in self._listed if s in self._followed_from},
            lambda: self._link.verdict(self._clock.monotonic()).state is LinkState.UP,
        )

    def _note_closed(self, symbol: Symbol, open_ms: Ms) -> bool:
        """Hear that a stream brought a symbol's closed candle: nobody has to ask for it, once history is there.

        Before, it may not go on: the door-keeper would take the history behind it for too late.
        """
        known = self._open_of_last_bar.get(symbol)
        if known is None or open_ms > known + self._step_ms:
            return False  # what lies between is fetched first, and this one with it
        self._open_of_last_bar[symbol] = max(known, open_ms)
        return True

    async def _fetch_candles(self, gate: asyncio.Semaphore, symbol: Symbol) -> None:
        last = self._open_of_last_bar[symbol]
        try:
            async with gate:  # the last known bar is asked for again: a venue may have corrected it
                candles = await self.data.candles(symbol, since_ms=last, limit=PAGE)
        except UnknownSymbolError as error:
            log.warning("candles: %s", error)
            return
        except VenueUnreachableError as error:
            self._failed(str(error))
            return
        self._succeeded(float("nan"))
        closed_by = self._clock.market_ms() - self._step_ms
        self._open_of_last_bar[symbol] = max([last, *(c.open_ms for c in candles if c.open_ms <= closed_by)])
        if candles:
            self._put(CandlesArrived(symbol=symbol, candles=tuple(candles)))
        for bar in candles:
            if self._stream is not None and bar.open_ms <= closed_by:
                self._stream.compare_bar(bar)

    def _host_seconds_until(self, market_ms: Ms) -> float:
        settle = min(SETTLE_S, SETTLE_S * 10 / self._speed)
        return max(0.02, (market_ms - self._clock.market_ms()) / 1000 / self._speed + settle)

    async def _sync_clock(self) -> None:
        venue_ms, round_trip_ms = await self.data.server_time()
        half_way = 0.0 if math.isnan(round_trip_ms) else round_trip_ms / 2 * self._speed
        skew_ms = self._observe_time(Ms(venue_ms + round(half_way)), self._clock.monotonic())
        if not math.isnan(skew_ms):
            self._put(ClockMeasured(skew_ms=skew_ms))
            doubtful = abs(venue_ms + half_way - self._clock.market_ms()) > DOUBT_MS
            self._doubts = self._doubts + 1 if doubtful and self._doubts < MOST_DOUBTS else 0
        self._succeeded(round_trip_ms)

    async def _learn_instruments(self) -> None:
        listed = await self.data.instruments(self.symbols)
        self._succeeded(float("nan"))
        self._listed = tuple(symbol for symbol in self.symbols if symbol in listed)
        self._put(InstrumentsListed(listed=listed))

    async def _until_answered(self, ask: Callable[[], Awaitable[None]]) -> None:
        attempt = 0
        while not await self._reported(ask):
            await self._sleep(retry_delay(attempt))
            attempt += 1

    async def _reported(self, ask: Callable[[], Awaitable[None]]) -> bool:
        try:
            await ask()
        except VenueUnreachableError as error:
            self._failed(str(error))
            return False
        return True

    def _succeeded(self, round_trip_ms: float) -> None:
        self._say(self._link.succeeded(now=self._clock.monotonic(), round_trip_ms=round_trip_ms))

    def _failed(self, why: str) -> None:
        report = self._link.failed(why, now=self._clock.monotonic())
        if report.state is LinkState.DOWN:
            self._review.look_far()
        self._say(report)

    def _say(self, report: LinkReported) -> None:
        """Put a report when it says something new: another state, another reason, or a first latency."""
        said = self._said
        if (
            said is None
            or (said.state, said.why) != (report.state, report.why)
            or report.latency_ms == report.latency_ms
        ):
            if said is None or (said.state, said.why) != (report.state, report.why):
                log.info("link %s %s", report.state, report.why)
            self._said = report
            self._put(report)
