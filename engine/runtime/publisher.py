"""Owns what the engine says of itself: section versions, the event log, and views made on demand from the state.

Implements the wire's ViewSource. Reads the state between steps (same loop, no locks) and never changes it. A view is
encoded once per version and parameters, however many clients ask.
"""

import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from engine.core.inputs import Stamp
from engine.core.state import EngineState
from engine.core.view_alerts import alerts_view
from engine.core.view_books import books_view
from engine.core.view_health import health_view
from engine.core.view_lab import map_view, pair_view
from engine.core.view_market import matrix_view, quotes_view, series_view
from engine.core.view_trades import blotter_view, proposals_view
from engine.domain.commands import Command, CoreCommand, StopEngine
from engine.domain.config import Estimator
from engine.domain.engine_room import EngineRoomView
from engine.domain.errors import RefusedError
from engine.domain.events import Event, EventRecord
from engine.domain.facts import Actor
from engine.domain.ports import Clock
from engine.domain.sections import View
from engine.domain.views import MatrixKind, Section
from engine.runtime.event_log import EventLog
from engine.wire.codec import encode_view
from engine.wire.messages import Fetch, Pulse

CACHE_ENTRIES = 64
MADE_ANEW = (Section.HEALTH, Section.QUOTES, Section.PROPOSALS, Section.ENGINE)  # they hold ages, or the log


async def _nobody_asks(command: CoreCommand, actor: Actor) -> tuple[str, ...]:
    """Stand in until the loop is there to ask."""
    raise RefusedError(f"the engine is just starting: {actor.who} may ask for {type(command).__name__} in a moment")


class Publisher:
    """Versions and views of one engine life."""

    def __init__(self, state: EngineState, clock: Clock, *, epoch: int, stop: Callable[[], None]) -> None:
        self._state = state
        self._clock = clock
        self._epoch = epoch
        self._stop = stop
        self._started = clock.monotonic()
        self._log = EventLog()
        self._beat = 0
        self._versions = dict.fromkeys(Section, 0)
        self._encoded: dict[tuple[object, ...], bytes] = {}
        self.journal_trouble = ""
        self.bars_trouble = ""
        self.inputs_waiting: Callable[[], int] = lambda: 0
        self.room: Callable[[], EngineRoomView] = EngineRoomView
        self.request: Callable[[CoreCommand, Actor], Awaitable[tuple[str, ...]]] = _nobody_asks

    @property
    def epoch(self) -> int:
        """Return the number of this life of the engine."""
        return self._epoch

    @property
    def pid(self) -> int:
        """Return this process's id."""
        return os.getpid()

    def record(self, events: Sequence[Event], changed: frozenset[Section]) -> None:
        """Take in what a step brought."""
        self._log.extend(events)
        for section in changed:
            self._versions[section] += 1
        if changed:
            self._encoded.clear()

    def beat(self) -> None:
        """Count a heartbeat: ages and countdowns in `health` move with it."""
        self._beat += 1
        self._versions[Section.HEALTH] += 1
        self._versions[Section.ENGINE] += 1

    def pulse(self) -> Pulse:
        """Return the current announcement."""
        return Pulse(
            beat=self._beat, market_ms=self._clock.market_ms(), seq=self._log.seq, versions=dict(self._versions)
        )

    def events_after(self, seq: int, limit: int) -> tuple[Sequence[EventRecord], bool]:
        """Return up to `limit` events after `seq`, and whether older ones than these were lost."""
        return self._log.after(seq, limit)

    def snapshot(self, fetch: Fetch) -> tuple[int, bytes]:
        """Return version and encoded view of what `fetch` asks for. Raises RefusedError."""
        version = self._versions[fetch.section]
        if fetch.section in (
            Section.HEALTH,
            Section.QUOTES,
            Section.PROPOSALS,
            Section.ENGINE,
        ):  # hold ages: made anew each time
            return version, encode_view(self._view(fetch))
        if fetch.section is Section.MATRIX and fetch.kind is MatrixKind.LIVE:  # moves with the quotes
            return self._versions[Section.QUOTES], encode_view(self._view(fetch))
        key = (fetch.section, fetch.scope, fetch.kind, fetch.window_days, fetch.estimator, fetch.precision)
        encoded = self._encoded.get(key)
        if encoded is None:
            if len(self._encoded) >= CACHE_ENTRIES:
                self._encoded.clear()
            encoded = self._encoded[key] = encode_view(self._view(fetch))
        return version, encoded

    async def act(self, command: Command, actor: Actor) -> tuple[str, ...]:
        """Do what is asked; return once it is durable, with the ids of what it drafted. Raises RefusedError."""
        if isinstance(command, StopEngine):
            self._stop()
            return ()
        return await self.request(command, actor)

    def _default_estimator(self, kind: MatrixKind) -> Estimator:
        """Plain windows are Pearson unless asked otherwise; base, now and delta are what WATCH reads."""
        return Estimator.PEARSON if kind is MatrixKind.WINDOW else self._state.config.rules.watch_estimator

    def _view(self, fetch: Fetch) -> View:
        state, stamp = self._state, Stamp(market_ms=self._clock.market_ms(), monotonic=self._clock.monotonic())
        makers: dict[Section, Callable[[], View]] = {
            Section.HEALTH: lambda: self._health(stamp),
            Section.QUOTES: lambda: quotes_view(state, monotonic=stamp.monotonic),
            Section.BOOKS: lambda: books_view(state, stamp.market_ms),
            Section.PROPOSALS: lambda: proposals_view(state, stamp),
            Section.BLOTTER: lambda: blotter_view(state),
            Section.ALERTS: lambda: alerts_view(state),
            Section.SERIES: lambda: series_view(state, scope=fetch.scope),
            Section.ENGINE: self.room,
            Section.MAP: lambda: map_view(state),
            Section.PAIR: lambda: pair_view(state, scope=fetch.scope),
            Section.MATRIX: lambda: self._matrix(fetch),
        }
        return makers[fetch.section]()

    def _health(self, stamp: Stamp) -> View:
        about = health_view(
            self._state,
            market_ms=stamp.market_ms,
            monotonic=stamp.monotonic,
            uptime_s=stamp.monotonic - self._started,
            pid=self.pid,
            seq=self._log.seq,
            journal_trouble=self.journal_trouble or self.bars_trouble,
        )
        return replace(about, inputs_waiting=self.inputs_waiting())

    def _matrix(self, fetch: Fetch) -> View:
        try:
            estimator = Estimator(fetch.estimator) if fetch.estimator else self._default_estimator(fetch.kind)
        except ValueError as error:
            raise RefusedError(f"no estimator {fetch.estimator!r}: take pearson or winsorized") from error
        return matrix_view(
            self._state,
            scope=fetch.scope,
            kind=fetch.kind,
            window_days=fetch.window_days,
            estimator=estimator,
            dtype=fetch.precision.value,
        )
