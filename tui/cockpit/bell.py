"""Owns the terminal's bell: once for each alert that rings and was heard live, never more than once in two seconds.

Never decides what rings: the engine says so in the event. What was already history when the cockpit attached is not
passed on here (the bridge sees to that).
"""

import math
from collections.abc import Callable, Iterable
from time import monotonic

from engine.domain.events import AlertRaised, AlertWorsened, EventRecord

APART_S = 2.0


class Bell:
    """Ring `strike`, or nothing where there is none."""

    def __init__(self, strike: Callable[[], None] | None, *, clock: Callable[[], float] = monotonic) -> None:
        self._strike = strike
        self._clock = clock
        self._rang_at = -math.inf

    def hear(self, records: Iterable[EventRecord]) -> None:
        """Ring if any of the new facts does."""
        rings = any(isinstance(one.event, AlertRaised | AlertWorsened) and one.event.rings for one in records)
        now = self._clock()
        if rings and self._strike is not None and now - self._rang_at >= APART_S:
            self._rang_at = now
            self._strike()
