"""Owns the state: the only task that steps it. Inputs queue up here; facts, effects and announcements go out from here.

What a step brings goes out in order: facts are journaled first, then effects run, then clients are told. Intake never
waits for the disk. Where facts cannot be kept nothing is decided or sent any more, and the engine goes on showing. Bars
have a writer thread of their own and can be fetched again: those that cannot be written are kept and tried again.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from engine.core.inputs import Input, JournalFailed, Requested, Stamp, Ticked
from engine.core.outcome import Result, StoreBars, TradeEffect
from engine.core.state import EngineState
from engine.core.step import step
from engine.domain.commands import CoreCommand
from engine.domain.errors import RefusedError, StoreError
from engine.domain.events import CheckCompleted, Event
from engine.domain.facts import Actor, Fact, TradeFact
from engine.domain.journal import Journaled
from engine.domain.market import Bar
from engine.domain.notice import Level, Notice
from engine.domain.ports import BarStore, Clock
from engine.runtime.journal_writer import JournalWriter
from engine.runtime.notice_desk import NoticeDesk
from engine.runtime.pace import Pace
from engine.runtime.publisher import Publisher

log = logging.getLogger(__name__)

BEAT_S = 1.0
ANNOUNCE_AT_MOST_EVERY_S = 0.1
LATE_S = 0.05  # an announcement that came late by up to this much does not make the next one late


def journaled(events: Sequence[Event]) -> list[Journaled]:
    """Return those events that the journal keeps."""
    return [event for event in events if isinstance(event, Journaled)]


Asked = asyncio.Future[tuple[str, ...]]


def _answer(asked: Asked, result: Result, durable: asyncio.Future[int] | None) -> None:
    """Tell who asked: refused now, or done once the facts are durable."""
    if result.refusal:
        asked.set_exception(RefusedError(result.refusal))
    elif durable is None:
        asked.set_result(result.made)
    else:
        durable.add_done_callback(lambda written: _pass_on(asked, result.made, written))


def _pass_on(asked: Asked, made: tuple[str, ...], written: asyncio.Future[int]) -> None:
    error = None if written.cancelled() else written.exception()
    if asked.done():
        return
    if error is not None:
        asked.set_exception(error)
    else:
        asked.set_result(made)


class EngineLoop:
    """Feeds the core and spreads what comes out."""

    def __init__(
        self,
        state: EngineState,
        clock: Clock,
        store: BarStore,
        publisher: Publisher,
        journal: JournalWriter,
        *,
        announce: Callable[[], None],
        trade: Callable[[TradeEffect], None],
        kept: Callable[[], tuple[TradeFact, ...]],
        phone: NoticeDesk,
    ) -> None:
        """Take the parts; `trade` runs an effect on the broker, `kept` reads back which facts of money are durable."""
        self._state = state
        self._clock = clock
        self._store = store
        self._publisher = publisher
        self._journal = journal
        self._announce = announce
        self._trade = trade
        self._kept = kept
        self._phone = phone
        self._journal_down = False
        self._outbox: asyncio.Queue[tuple[Result, asyncio.Future[int] | None]] = asyncio.Queue()
        self._inputs: asyncio.Queue[Input] = asyncio.Queue()
        self._dirty = asyncio.Event()
        self._asked: dict[int, Asked] = {}  # by the identity of the queued request
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="bars")
        self._unwritten: list[Bar] = []
        self._writing: list[Bar] = []
        self._write: asyncio.Future[None] | None = None

    def tell(self, *events: Event) -> None:
        """Journal and publish facts that come from the engine's own life, not from a step."""
        self._send(Result(events=events, effects=(), changed=frozenset()))

    async def request(self, command: CoreCommand, actor: Actor) -> tuple[str, ...]:
        """Have the core do what a person asks; return once it is durable. Raises RefusedError, StoreError."""
        item = Requested(command=command, actor=actor)
        asked: Asked = asyncio.get_running_loop().create_future()
        self._asked[id(item)] = asked
        self.put(item)
        return await asked

    @property
    def waiting(self) -> int:
        """Return how many inputs are queued."""
        return self._inputs.qsize()

    def put(self, item: Input) -> None:
        """Queue an input."""
        self._inputs.put_nowait(item)

    async def run(self) -> None:
        """Step the core for ever."""
        while True:
            self._take(await self._inputs.get())
            while not self._inputs.empty():
                self._take(self._inputs.get_nowait())
            await self._write_some()
            await asyncio.sleep(0)  # a burst of candles must not keep the socket waiting

    async def spread(self) -> None:
        """Run the effects of the steps and publish them, for ever, in order, each once its facts are durable."""
        while True:
            result, durable = await self._outbox.get()
            events: Sequence[Event] = result.events
            if await self._is_kept(durable):
                for effect in result.effects:
                    if not isinstance(effect, StoreBars):
                        self._trade(effect)
                for notice in result.notices:
                    self._phone.take(notice)
                if any(isinstance(event, CheckCompleted) for event in events):
                    self._phone.checked()
            else:
                events = [event for event in events if not isinstance(event, Fact)]  # of money nothing has happened
            self._publisher.record(events, result.changed)
            self._dirty.set()

    async def _is_kept(self, durable: asyncio.Future[int] | None) -> bool:
        """Return True where the facts of a step are durable: what is not may have no effect."""
        if durable is None:
            return not self._journal_down
        try:
            await durable
        except StoreError as error:
            self._publisher.journal_trouble = str(error)
            if not self._journal_down:
                self._journal_down = True
                log.warning("nothing is decided any more: %s", error)
                self._phone.take(
                    Notice(level=Level.URGENT, title="nothing is decided any more: the journal fails", body=str(error))
                )
                self.put(JournalFailed(why=str(error), kept=await self._read_back()))
            return False
        return True

    async def _read_back(self) -> tuple[TradeFact, ...] | None:
        try:
            return await asyncio.to_thread(self._kept)
        except StoreError as error:
            log.warning("the journal cannot be read back either: %s", error)
            return None

    async def beat(self) -> None:
        """Tick once a second for ever: ages, deadlines, heartbeat."""
        while True:
            self.put(Ticked())
            self._publisher.beat()
            self._dirty.set()
            await asyncio.sleep(BEAT_S)

    async def announce(self) -> None:
        """Announce changes for ever, ten times a second at most, counted from when each was due."""
        pace = Pace(ANNOUNCE_AT_MOST_EVERY_S, late_s=LATE_S)
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            again = pace.turn(self._clock.monotonic())
            self._announce()
            await asyncio.sleep(max(0.0, again - self._clock.monotonic()))

    async def settled(self) -> None:
        """Wait until all queued inputs are stepped and all their bars are on disk. Raises StoreError."""
        while not self._inputs.empty() or self._unwritten or self._write is not None:
            if self._publisher.bars_trouble:
                raise StoreError(self._publisher.bars_trouble)  # at a start the history is read back from the store
            if self._write is not None:
                await asyncio.wait([self._write])
            await asyncio.sleep(0)

    async def close(self) -> None:
        """Write what is left."""
        if self._write is not None:
            await asyncio.wait([self._write])
        if self._unwritten:
            try:
                self._store.append(self._unwritten)
            except StoreError as error:
                log.warning("the last bars are fetched again at the next start: %s", error)
        self._writer.shutdown()

    def _take(self, item: Input) -> None:
        stamp = Stamp(market_ms=self._clock.market_ms(), monotonic=self._clock.monotonic())
        result = step(self._state, stamp, item)
        durable = self._send(result)
        asked = self._asked.pop(id(item), None)
        if asked is not None and not asked.done():
            _answer(asked, result, durable)

    def _send(self, result: Result) -> asyncio.Future[int] | None:
        """Queue what a step brought, return when its facts are durable; bars go to their own writer at once."""
        for effect in result.effects:
            match effect:
                case StoreBars(bars=bars):
                    self._unwritten.extend(bars)
        facts = journaled(result.events)
        durable = self._journal.append(facts) if facts else None
        if result.events or result.changed or result.effects:
            self._outbox.put_nowait((result, durable))
        return durable

    async def _write_some(self) -> None:
        """Start a write of what has gathered, unless one is under way; keep what could not be written."""
        if self._write is not None and self._write.done():
            write, self._write = self._write, None
            try:
                write.result()
            except StoreError as error:
                self._unwritten = self._writing + self._unwritten
                if not self._publisher.bars_trouble:
                    log.warning("bars are kept in memory for now: %s", error)
                self._publisher.bars_trouble = str(error)
                return  # the next bars try again
            self._publisher.bars_trouble = ""
        if self._write is None and self._unwritten:
            self._writing, self._unwritten = self._unwritten, []
            self._write = asyncio.get_running_loop().run_in_executor(self._writer, self._store.append, self._writing)
            self._write.add_done_callback(lambda _: self.put(Ticked()))  # so that run() looks at the outcome
