"""Owns one life of an engine's trading side on an exchange inside this process: real loop, desk, broker, journal.

`kill` ends it as SIGKILL would, between any two awaits; the next life has the journal's file and the venue, and nothing
else. The journal's writes can be told to die before or after they are durable, or to fail as a full disk does.
"""

import asyncio
import pickle
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Any, cast

from msgspec import structs

from engine.adapters.ccxt_broker import CcxtBroker
from engine.adapters.clocks import ScaledClock
from engine.adapters.host_breaker import HostBreaker
from engine.adapters.key_permissions import Access
from engine.adapters.sqlite_journal import SqliteJournal
from engine.adapters.venue_keys import VenueKeys
from engine.core.inputs import HistoryReady, InstrumentsListed, QuotesArrived
from engine.core.state import new_state
from engine.core.trading import Trading
from engine.core.warmup import History, prepare_history
from engine.domain.commands import CoreCommand
from engine.domain.config import Config
from engine.domain.errors import RefusedError, StoreError
from engine.domain.facts import Actor
from engine.domain.journal import Journaled
from engine.domain.ports import BarStore
from engine.domain.units import Ms
from engine.runtime.journal_writer import JournalWriter
from engine.runtime.notice_desk import NoticeDesk
from engine.runtime.publisher import Publisher
from engine.runtime.recovery import recover
from engine.runtime.trading_side import trading_side
from support.books import START, correlated_closes
from support.inner_venue import InnerSession, InnerVenue
from support.trading_driver import FIRST, SLOTS

TRADER = Actor(who="trader", terminal="machine")
QUOTES_EVERY_S = 2.0
_HISTORIES: dict[Config, bytes] = {}  # made once: a start then takes milliseconds


def history_of(config: Config) -> HistoryReady:
    """Return a history for a life of its own."""
    if config not in _HISTORIES:
        closes = correlated_closes(3, SLOTS, len(config.symbols))
        _HISTORIES[config] = pickle.dumps(prepare_history(config, FIRST, closes))
    history: History = pickle.loads(_HISTORIES[config])
    return HistoryReady(history=history, fetched=0)


class BreakingJournal(SqliteJournal):
    """A real journal one of whose writes can be broken: `trap` is ("before" | "after" | "full", writes to spare)."""

    def __init__(self, path: Path, die: Callable[[], object]) -> None:
        super().__init__(path)
        self.trap: tuple[str, int] | None = None
        self._die = die

    def append(self, facts: Sequence[Journaled]) -> int:
        """Add facts, unless this is the write that breaks."""
        if self.trap is None or self.trap[1] > 0:
            if self.trap is not None:
                self.trap = (self.trap[0], self.trap[1] - 1)
            return super().append(facts)
        how, self.trap = self.trap[0], None
        if how == "after":
            super().append(facts)
        if how != "full":
            self._die()
        raise StoreError("the disk is full" if how == "full" else "the process is dead")


class PromptWriter(JournalWriter):
    """The real writer and its thread, waited for at every batch: a run is then the same each time."""

    def __init__(self, journal: BreakingJournal) -> None:
        super().__init__(journal)
        self._handed = Event()
        self._loop = cast(asyncio.AbstractEventLoop, _Handing(asyncio.get_running_loop(), self._handed))

    def append(self, facts: Sequence[Journaled]) -> asyncio.Future[int]:
        """Queue a batch and wait until its outcome is on its way."""
        self._handed.clear()
        waits = self.failure is None and not self._closed
        written = super().append(facts)
        if waits:
            self._handed.wait(10.0)
        return written


class _Handing:
    """A loop that tells when a thread handed something in."""

    def __init__(self, loop: asyncio.AbstractEventLoop, handed: Event) -> None:
        self._loop, self._handed = loop, handed

    def create_future(self) -> asyncio.Future[Any]:
        return self._loop.create_future()

    def call_soon_threadsafe(self, call: Callable[..., object], *args: object) -> None:
        self._loop.call_soon_threadsafe(call, *args)
        self._handed.set()


class Life:
    """From a start to a death."""

    def __init__(self, config: Config, venue: InnerVenue, clock: ScaledClock, path: Path) -> None:
        """Start, in a running loop: read the journal, present the key, look up what is not over."""
        self._running = asyncio.get_running_loop()
        self.dead = asyncio.Event()
        self._venue, self._clock = venue, clock
        self.journal = BreakingJournal(path, lambda: self._running.call_soon_threadsafe(self.kill))
        self.journal.claim("machine")
        past = recover(self.journal, config, clock.market_ms())
        self.state = new_state(config, past.signals, past.money)
        self.writer = PromptWriter(self.journal)
        keys = VenueKeys(key=venue.key.key, secret=venue.key.secret)
        self.broker = CcxtBroker(
            config.venue,
            keys,
            clock=clock,
            symbols=tuple(config.symbols.values()),
            breaker=HostBreaker(clock.monotonic),
        )
        self.broker._exchange.session = InnerSession(venue, self.kill)
        side = trading_side(
            self.state,
            clock,
            cast(BarStore, None),  # no bar closes here
            self.journal,
            Publisher(self.state, clock, epoch=1, stop=lambda: None),
            self.writer,
            announce=lambda: None,
            account=(self.broker, self._admit),
            phone=NoticeDesk(config.notify, monotonic=clock.monotonic),
        )
        self.loop, self._put = side.loop, side.put
        self._tasks = [
            asyncio.create_task(each)
            for each in (self.loop.run(), self.loop.spread(), self.loop.beat(), side.desk.run(), self._feed(config))
        ]

    @property
    def trading(self) -> Trading:
        """The books, orders and proposals."""
        return self.state.trading

    def kill(self) -> None:
        """End it between two awaits."""
        if not self.dead.is_set():
            self.dead.set()
            self.broker._exchange.session = None
            for task in self._tasks:
                task.cancel()

    async def bury(self) -> None:
        """Free what a dead process would leave to the system."""
        ended = await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.writer.close()
        self.journal.close()
        for each in ended:
            if isinstance(each, Exception):
                raise each

    async def ask(self, command: CoreCommand) -> tuple[str, ...]:
        """Ask for something; nothing comes of it where it is refused, cannot be kept, or the engine dies."""
        asked = asyncio.ensure_future(self.loop.request(command, TRADER))
        died = asyncio.ensure_future(self.dead.wait())
        await asyncio.wait([asked, died], return_when=asyncio.FIRST_COMPLETED)
        died.cancel()
        if not asked.done():
            asked.cancel()
            return ()
        with suppress(RefusedError, StoreError):
            return asked.result()
        return ()

    async def run(self, seconds: float) -> None:
        """Let time pass, or as much of it as there is to live."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.dead.wait(), seconds)

    def under_way(self) -> bool:
        """Return whether anything is still to happen."""
        return bool(self.hanging())

    def hanging(self) -> dict[str, object]:
        """Return what is still to happen, and why it does not yet."""
        trading, attempt = self.trading, self.state.attempt
        found = {
            "not reconciled": "" if attempt.reconciled else attempt.broker_down or "no answer yet",
            "executing": [entry.proposal.id for entry in trading.board.executing()],
            "orders": [(t.order.client_order_id, t.state, t.note) for t in trading.orders.unsettled()],
            "differs": attempt.differs,
            "frozen": trading.frozen,
        }
        return {name: what for name, what in found.items() if what}

    async def _admit(self) -> str:
        admission = await self.broker.admit()
        return "" if admission.access is Access.TRADE else "it only reads"

    async def _feed(self, config: Config) -> None:
        self._put(history_of(config))
        self._put(InstrumentsListed(listed=self._venue.market.instruments()))
        while True:
            quotes = self._venue.market.quotes(self._clock.market_ms(), self._clock.monotonic())
            self._put(QuotesArrived(quotes=tuple(structs.replace(each, change_24h=None) for each in quotes)))
            await asyncio.sleep(QUOTES_EVERY_S)


def market_clock(loop: asyncio.AbstractEventLoop, rate: float) -> ScaledClock:
    """Return the clock that venue and engine share."""
    return ScaledClock(rate=rate, start_ms=Ms(START), monotonic=loop.time)
