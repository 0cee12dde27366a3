"""Owns the practice run as the cockpit sees it: what can be broken at the simulated exchange, and what is.

A `FaultDoor` leads there, given by whoever started the cockpit of a drill. Without one, or where the engine says that
its market is real, nothing is asked. Questions run in threads; never paints, and never sees an address.
"""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

from engine.domain.errors import DriftdeckError
from engine.domain.views import HealthView

LOOK_EVERY_S = 1.0
DURATIONS_S = (10, 30, 60, 120, 300, 900)
_REAL = "real"
_NO_DRILL = "only in a drill: 'driftdeck demo --live-drill' runs one"
_IS_REAL = "this market is real: only a simulated exchange is broken on purpose"
_UNHEARD = "nothing was heard of the engine yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that can be broken: what it does, what the engine does then, and what the trader sees."""

    kind: str
    does: str
    engine: str
    sees: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """One thing that is broken now; `hits` is how often something met it."""

    kind: str
    left_s: float
    hits: int = 0


class FaultDoor(Protocol):
    """The way to the simulated exchange of a drill. Every method may block, and raise DriftdeckError."""

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Return what can be broken. Never blocks."""

    def broken(self) -> tuple[Broken, ...]:
        """Return what is broken now."""

    def begin(self, kind: str, seconds: int) -> None:
        """Break something for a while."""

    def mend(self) -> None:
        """End everything that is broken."""


class Drill:
    """The faults of one cockpit. `changed` is called whenever there is something new to paint."""

    def __init__(
        self,
        door: FaultDoor | None = None,
        changed: Callable[[], None] = lambda: None,
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._door = door
        self._changed = changed
        self._clock = clock
        self._broken: tuple[Broken, ...] = ()
        self._told_at = self._asked_at = -math.inf
        self.faults = () if door is None else door.faults
        self.error = ""
        self.revision = 0
        self.work: set[asyncio.Task[None]] = set()

    def barrier(self, health: HealthView | None) -> str:
        """Return why nothing can be broken here, empty where something can."""
        if self._door is None:
            return _NO_DRILL
        if health is None:
            return _UNHEARD
        return _IS_REAL if health.market == _REAL else ""

    def broken(self, now: float) -> tuple[Broken, ...]:
        """Return what is broken at `now`, by what was last heard of it."""
        gone = now - self._told_at
        left = [(each, each.left_s - gone) for each in self._broken]
        return tuple(Broken(kind=each.kind, left_s=rest, hits=each.hits) for each, rest in left if rest > 0.0)

    def look(self, health: HealthView | None) -> None:
        """Ask what is broken, where that was not asked a moment ago."""
        due = self._clock() - self._asked_at >= LOOK_EVERY_S
        if due and not self.work and not self.barrier(health):
            self._start(None, lambda _: None)

    def begin(self, fault: Fault, seconds: int, told: Callable[[str], None]) -> None:
        """Break something; `told` hears why not, nothing where it is broken now."""
        self._start(lambda door: door.begin(fault.kind, seconds), told)

    def mend(self, told: Callable[[str], None]) -> None:
        """End all of it; `told` hears why not, nothing where all is well."""
        self._start(lambda door: door.mend(), told)

    def _start(self, act: Callable[[FaultDoor], None] | None, told: Callable[[str], None]) -> None:
        if self._door is not None:
            self._asked_at = self._clock()
            task = asyncio.create_task(self._do(self._door, act, told), name="drill")
            self.work.add(task)
            task.add_done_callback(self.work.discard)

    async def _do(self, door: FaultDoor, act: Callable[[FaultDoor], None] | None, told: Callable[[str], None]) -> None:
        try:
            if act is not None:
                await asyncio.to_thread(act, door)
            self._broken, self._told_at = await asyncio.to_thread(door.broken), self._clock()
            self.error = ""
        except DriftdeckError as error:
            self.error = str(error)
        self.revision += 1
        told(self.error)
        self._changed()
