"""Owns the cockpit's end of the wire: connect, reconnect with backoff, fetch what is shown and has changed.

Never paints and never blocks: it fills the `Deck` (latest wins; events in order, resumed from the last one seen) and
says `changed`. The screen decides when to paint. Times are host monotonic seconds.
"""

import asyncio
import contextlib
import math
from collections.abc import Callable, Iterable
from pathlib import Path
from time import monotonic
from typing import Any

from engine.domain.commands import Command
from engine.domain.errors import DriftdeckError, NoEngineError, RefusedError
from engine.domain.events import EventRecord
from engine.domain.views import Section
from engine.wire.client import Facts, ProtocolError, Pulse, WireClient
from tui.cockpit.deck import Contact, Deck, Want

SILENT_AFTER_S = 2.0
LOOK_AGAIN_S = 0.25
BACKOFF_S = (0.25, 0.5, 1.0, 2.0)  # the last one repeats
FETCH_GAP_S = 0.04  # the engine announces at 10 Hz at most; less, so that a round that came late delays no other


def _nobody(_: Iterable[EventRecord]) -> None:
    """Hear facts that nobody listens to."""


def backoff(attempt: int) -> float:
    """Return how long to wait after failed attempt number `attempt` (from 1)."""
    return BACKOFF_S[min(attempt, len(BACKOFF_S)) - 1]


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks until they are over: before Python 3.12 `wait_for` may swallow a cancellation."""
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=0.1)


class Bridge:
    """Keep one deck filled from one socket, for as long as `run` runs."""

    def __init__(
        self,
        *,
        socket: Path,
        deck: Deck,
        wants: Callable[[], Iterable[Want]],
        changed: Callable[[], None],
        read_only: bool = False,
        clock: Callable[[], float] = monotonic,
        heard: Callable[[Iterable[EventRecord]], None] = _nobody,
    ) -> None:
        self._socket = socket
        self._deck = deck
        self._wants = wants
        self._changed = changed
        self._read_only = read_only
        self._clock = clock
        self._heard = heard
        self._history_to = 0
        self._client: WireClient | None = None
        self._announced: dict[Section, int] = {}
        self._have: dict[Want, int] = {}
        self._news = asyncio.Event()
        self._hurry = asyncio.Event()
        self._fresh = False

    def look_again(self) -> None:
        """Fetch what became visible, without waiting for news from the engine."""
        self._news.set()

    def retry_now(self) -> None:
        """End the wait for the next attempt, or hang up on an engine that is silent."""
        self._hurry.set()

    def came_up(self) -> None:
        """End the wait for the next attempt, if there is one; a line that is being set up is left alone."""
        if not math.isnan(self._deck.engine.retry_at):
            self._hurry.set()

    async def act(self, command: Command) -> tuple[str, ...]:
        """Ask the engine for `command`; return what it drafted. Raises RefusedError with its reason, NoEngineError."""
        if self._client is None or self._deck.frozen:
            raise NoEngineError("there is no engine to ask")
        made = await self._client.act(command)
        self._news.set()
        return made

    async def run(self) -> None:
        """Connect, stay, reconnect, until cancelled."""
        while True:
            try:
                client = await WireClient.connect(
                    self._socket,
                    client="cockpit",
                    read_only=self._read_only,
                    epoch=self._deck.engine.epoch,
                    resume_after=self._deck.seq,
                )
            except (NoEngineError, ProtocolError) as error:
                await self._wait(str(error))
                continue
            try:
                why = await self._stay(client)
            finally:
                self._client = None
                await client.close()
            self._gone(why)
            await self._wait(why)

    async def _wait(self, why: str) -> None:
        engine = self._deck.engine
        engine.attempt += 1
        if engine.state is Contact.CONNECTING:
            engine.why = why
        engine.retry_at = self._clock() + backoff(engine.attempt)
        self._changed()
        self._hurry.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._hurry.wait(), backoff(engine.attempt))
        engine.retry_at = math.nan

    async def _stay(self, client: WireClient) -> str:
        """Listen until the line is lost or the trader hangs up; return why."""
        self._meet(client)
        client.listen(on_pulse=self._on_pulse, on_facts=self._on_facts)
        tasks = [
            asyncio.create_task(self._watch_silence(), name="bridge-silence"),
            asyncio.create_task(self._fetch_for_ever(client), name="bridge-fetch"),
        ]
        try:
            done, _ = await asyncio.wait({*tasks, client.lost}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end(tasks)
        first = next(iter(done))
        return first.result() or "the line to the engine was lost"

    def _meet(self, client: WireClient) -> None:
        engine, welcome = self._deck.engine, client.welcome
        if welcome.epoch != engine.epoch:
            self._deck.seq = 0  # another life of the engine counts its events anew
        self._history_to = (
            self._deck.seq or welcome.seq
        )  # what was missed on a lost line is news, what was before is not
        self._client = client
        engine.pid, engine.version, engine.epoch = welcome.pid, welcome.version, welcome.epoch
        engine.last_heard = self._clock()
        self._announced, self._have, self._fresh = {}, {}, False
        self._hurry.clear()

    def _on_pulse(self, pulse: Pulse) -> None:
        deck = self._deck
        deck.engine.last_heard = self._clock()
        deck.market_ms, deck.beat = pulse.market_ms, pulse.beat
        self._announced = pulse.versions
        self._news.set()
        if self._fresh:
            self._alive()
        if not self._missing():
            self._changed()  # else what is fetched now says so: one frame for the clock, the facts and the news

    def _on_facts(self, facts: Facts) -> None:
        fresh = max(self._history_to, self._deck.seq)
        self._deck.append(facts.records, gap=facts.gap)
        self._heard(record for record in facts.records if record.seq > fresh)

    def _alive(self) -> None:
        engine = self._deck.engine
        engine.state, engine.why, engine.attempt, engine.retry_at = Contact.UP, "", 0, math.nan

    def _gone(self, why: str) -> None:
        engine = self._deck.engine
        if engine.state is Contact.GONE and engine.why == why:
            return
        engine.why = why
        if engine.state is not Contact.CONNECTING:
            engine.state = Contact.GONE
        self._changed()

    async def _watch_silence(self) -> str:
        """Freeze while no pulse comes; one that comes again on the same line thaws. Ends when told to retry."""
        while True:
            left = self._deck.engine.last_heard + SILENT_AFTER_S - self._clock()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), left if left > 0 else LOOK_AGAIN_S)
                return "hung up to try again"
            if self._clock() - self._deck.engine.last_heard >= SILENT_AFTER_S:
                self._gone("the engine is connected but silent")

    async def _fetch_for_ever(self, client: WireClient) -> str:
        while True:
            await self._news.wait()
            self._news.clear()
            if not self._announced:
                continue
            began = self._clock()
            fetched = False
            try:
                while missing := self._missing():  # what came may show what else is wanted: baskets, then matrices
                    fetched = True
                    for want in missing:
                        await self._fetch(client, want)
            except DriftdeckError as error:
                return str(error)
            if not self._fresh:
                self._fresh = True
                self._alive()
            self._changed()
            if fetched:  # an announcement of what is here already costs the next one no wait
                await asyncio.sleep(max(0.0, FETCH_GAP_S - (self._clock() - began)))

    def _missing(self) -> list[Want]:
        return [want for want in self._wants() if self._have.get(want, -1) < self._version(want)]

    def _version(self, want: Want) -> int:
        return self._announced.get(want.section, -1)

    async def _fetch(self, client: WireClient, want: Want) -> None:
        announced = self._version(want)
        try:
            version, view = await client.fetch(
                want.section,
                scope=want.scope,
                kind=want.kind,
                window_days=want.window_days,
                estimator=want.estimator,
            )
        except RefusedError as error:
            self._deck.refused[want] = str(error)
            self._have[want] = announced  # ask again when there is something new, not at once
            return
        self._deck.put(want, view, version, self._clock())
        self._have[want] = max(version, announced)
