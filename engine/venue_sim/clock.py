"""Owns the market clock: market time = start + speed x host monotonic time, never backwards.

The monotonic clock comes in as a function, so that tests can move it. It never sleeps and schedules nothing.
"""

from collections.abc import Callable

from engine.domain.units import Ms


class MarketClock:
    """Market time from `start` on; stops at `end` where there is one (the end of a replay)."""

    def __init__(self, *, start: Ms, speed: float, monotonic: Callable[[], float], end: Ms | None = None) -> None:
        self._start = start
        self._speed = speed
        self._monotonic = monotonic
        self._end = end
        self._zero = monotonic()

    @property
    def speed(self) -> float:
        """Market seconds per wall second."""
        return self._speed

    def now(self) -> Ms:
        """Return the market time."""
        passed = max(0.0, self._monotonic() - self._zero)
        at = Ms(self._start + int(passed * self._speed * 1000.0))
        return at if self._end is None else min(at, self._end)

    def ahead(self, wall_seconds: float) -> Ms:
        """Return the market time it will be in `wall_seconds`."""
        return Ms(self.now() + int(wall_seconds * self._speed * 1000.0))

    def ended(self) -> bool:
        """Say whether a replay is over."""
        return self._end is not None and self.now() >= self._end
