"""Owns the life of one engine: start the socket, load history, keep the feed and the loop going, end in order.

The socket is up before the venue has answered, so a cockpit always has somebody to ask. Names no concrete class:
`bootstrap` hands everything in.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine import __version__
from engine.core.inputs import HistoryReady
from engine.core.state import EngineState
from engine.core.warmup import Floats, prepare_history
from engine.domain.config import Config
from engine.domain.errors import VenueUnreachableError
from engine.domain.events import EngineStarted
from engine.domain.market import Bar
from engine.domain.ports import BarStore, Clock, Journal
from engine.domain.units import Ms, Symbol
from engine.runtime.broker_desk import BrokerDesk
from engine.runtime.feeds import Feeds
from engine.runtime.former_names import FormerNames
from engine.runtime.journal_writer import JournalWriter
from engine.runtime.loop import EngineLoop
from engine.runtime.notice_desk import NoticeDesk
from engine.runtime.pause_watch import PauseWatch
from engine.runtime.publisher import Publisher
from engine.wire.server import WireServer

log = logging.getLogger(__name__)

FIRST_ANSWER_WITHIN_S = 20.0
SHOW_STORED_AFTER_S = 3.0
IDLE_LOOK_S = 1.0


class ClosesStore(BarStore, Protocol):
    """A bar store that can hand out many symbols at once, aligned."""

    def newest_open(self) -> Mapping[Symbol, Ms]:
        """Return the open of the newest bar per symbol, the venue's own or imported."""

    def fill(self, bars: Sequence[Bar], *, source: str) -> int:
        """Add bars of another source where the venue has none; return how many were taken."""

    def load_closes(self, symbols: Sequence[Symbol], *, since_ms: Ms, until_ms: Ms, step_ms: int) -> tuple[Ms, Floats]:
        """Return the first slot and the closes [T, N] of the slots that open in [since_ms, until_ms), NaN = no bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The concrete things an engine is made of."""

    config: Config
    state: EngineState
    clock: Clock
    store: ClosesStore
    journal: Journal
    writer: JournalWriter
    publisher: Publisher
    server: WireServer
    loop: EngineLoop
    desk: BrokerDesk
    feed: Feeds
    pauses: PauseWatch
    phone: NoticeDesk
    stopped: asyncio.Event


class Engine:
    """Runs the parts until `stopped` is set, or raises the error that ended them."""

    def __init__(self, parts: Parts, *, exit_when_idle_s: float | None = None) -> None:
        self._parts = parts
        self._exit_when_idle_s = exit_when_idle_s

    async def run(self) -> None:
        """Run until stopped. Raises DriftdeckError."""
        parts = self._parts
        await parts.server.start()
        config = parts.config
        started = EngineStarted(
            at=parts.clock.market_ms(),
            version=__version__,
            mode=config.venue.mode,
            market=config.simulation.source,
            baskets=len(config.baskets),
            assets=len(config.symbols),
        )
        parts.loop.tell(started)
        try:
            await self._run_tasks()
        finally:
            await parts.server.stop()
            await parts.loop.close()
            await parts.feed.close()
            await parts.desk.close()
            parts.store.close()
            await parts.writer.close()
            parts.journal.close()

    async def _run_tasks(self) -> None:
        parts = self._parts
        stopping = asyncio.create_task(parts.stopped.wait(), name="stopped")
        tasks = [
            stopping,
            asyncio.create_task(parts.loop.run(), name="loop"),
            asyncio.create_task(parts.loop.spread(), name="spread"),
            asyncio.create_task(parts.loop.beat(), name="beat"),
            asyncio.create_task(parts.loop.announce(), name="announce"),
            asyncio.create_task(parts.desk.run(), name="broker"),
            asyncio.create_task(parts.feed.poll_quotes(), name="quotes"),
            asyncio.create_task(parts.feed.poll_clock(), name="clock"),
            asyncio.create_task(parts.pauses.run(), name="pauses"),
            asyncio.create_task(parts.phone.run(), name="notices"),
            asyncio.create_task(parts.feed.stream(), name="stream"),
            asyncio.create_task(parts.feed.poll_instruments(), name="instruments"),
            asyncio.create_task(self._follow_bars(), name="bars"),
            asyncio.create_task(parts.feed.review_bars(), name="review"),
            asyncio.create_task(self._watch_idleness(), name="idle"),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()  # the only normal end is `stopped`; everything else raises here
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow_bars(self) -> None:
        """Connect, load history, then follow closed bars for ever; degraded on stored bars until the venue answers."""
        parts = self._parts
        newest = await asyncio.to_thread(parts.store.last_open)
        held = await asyncio.to_thread(parts.store.newest_open)  # imported bars too: there is something to show
        if held:
            await self._connect_or_show_stored(max(held.values()))
        else:
            await self._connect_or_give_up()
        while True:
            first, until, fetched = await parts.feed.load_history(newest)
            await parts.loop.settled()
            await self._join_former_names(first)
            await self._warm_up(first, until, fetched)
            await self._follow_until_another_venue_joins(Ms(until - parts.config.rules.bar_ms))
            newest = await asyncio.to_thread(parts.store.last_open)

    async def _follow_until_another_venue_joins(self, after: Ms) -> None:
        """Follow closed bars; return when a venue that was late has answered: the history is loaded anew with it."""
        feed = self._parts.feed
        work = [asyncio.create_task(feed.poll_candles(after)), asyncio.create_task(feed.joined())]
        try:
            done, _ = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)

    async def _join_former_names(self, first: Ms) -> None:
        """Let the bars of renamed assets under their old names count, once the venue's own are in the store."""
        parts = self._parts
        for asset, former in parts.config.former.items():
            symbol = parts.config.symbols[asset]
            names = FormerNames(parts.feed.data_of(symbol), parts.store, step_ms=parts.config.rules.bar_ms)
            event = await names.join(asset, symbol, former, since_ms=first, at=parts.clock.market_ms())
            if event is not None:
                parts.loop.tell(event)

    async def _connect_or_show_stored(self, newest_open: Ms) -> None:
        """Wait a moment for the venue; when it is silent show what is stored, and go on trying."""
        parts = self._parts
        connecting = asyncio.create_task(parts.feed.connect(), name="connect")
        try:
            await asyncio.wait([connecting], timeout=SHOW_STORED_AFTER_S)
            if not connecting.done():
                until = Ms(newest_open + parts.config.rules.bar_ms)
                await self._warm_up(Ms(until - parts.config.history_ms), until, 0)
            await connecting
        finally:
            connecting.cancel()

    async def _connect_or_give_up(self) -> None:
        """An empty store and a silent venue: nothing could be shown, so say so and end (exit 4)."""
        parts = self._parts
        try:
            async with asyncio.timeout(FIRST_ANSWER_WITHIN_S):
                await parts.feed.connect()
        except TimeoutError:
            if parts.feed.answered:
                await parts.feed.connect()
                return
            raise VenueUnreachableError(
                f"{parts.config.venue.id} did not answer within {FIRST_ANSWER_WITHIN_S:.0f} s and no history is "
                f"stored yet ({parts.feed.why}): check the network, or venue.proxy in the config"
            ) from None

    async def _warm_up(self, first: Ms, until: Ms, fetched: int) -> None:
        """Build the market state from the stored bars that open in [first, until), off the loop, and hand it in."""
        parts = self._parts
        symbols = tuple(parts.config.symbols.values())
        step_ms = parts.config.rules.bar_ms

        known = parts.state.known  # read on the loop; nothing is judged before the history is there

        def load_and_prepare() -> HistoryReady:
            began = parts.clock.monotonic()
            begin, closes = parts.store.load_closes(symbols, since_ms=first, until_ms=until, step_ms=step_ms)
            read = parts.clock.monotonic()
            history = prepare_history(parts.config, begin, closes, known=known)
            built = parts.clock.monotonic()
            log.info("history of %d bars: read in %.2f s, built in %.2f s", history.bars, read - began, built - read)
            return HistoryReady(history=history, fetched=fetched)

        parts.loop.put(await asyncio.to_thread(load_and_prepare))

    async def _watch_idleness(self) -> None:
        """In a demo nobody owns an engine without a cockpit for long: end it (never for `run`)."""
        parts, limit = self._parts, self._exit_when_idle_s
        seen = parts.clock.monotonic()
        while True:
            await asyncio.sleep(IDLE_LOOK_S)
            now = parts.clock.monotonic()
            if parts.server.clients or limit is None:
                seen = now
            elif now - seen > limit:
                log.info("nobody has been attached for %.0f s: ending", limit)
                parts.stopped.set()
