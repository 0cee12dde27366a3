"""Owns the clocks behind the `Clock` port: real market time, and the scaled one of a simulated market (DESIGN 3).

Market time never goes backwards, whatever the host's clock or the venue says. Never sleeps and never signs anything:
signed requests read real time elsewhere.
"""

import time
from collections.abc import Callable

from engine.domain.units import Ms


class SystemClock:
    """Market time is real time."""

    def __init__(
        self, *, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._shown = Ms(0)

    def market_ms(self) -> Ms:
        """Return the wall clock in milliseconds; when that is set back, the last answer until it catches up."""
        self._shown = max(self._shown, Ms(int(self._wall() * 1000)))
        return self._shown

    def monotonic(self) -> float:
        """Return host monotonic seconds."""
        return self._monotonic()


class ScaledClock:
    """Market time is the last venue time plus `rate` times the host's monotonic time since.

    Until the first `observe` it runs from `start_ms` (the last known bar, for a directory that is used again).
    """

    def __init__(self, *, rate: float, start_ms: Ms, monotonic: Callable[[], float] = time.monotonic) -> None:
        if not 0 < rate < float("inf"):
            raise ValueError(f"the rate of a clock must be a positive number, not {rate}")
        self._rate = rate
        self._monotonic = monotonic
        self._anchor_ms = start_ms
        self._anchor = monotonic()
        self._observed = False
        self._shown = start_ms

    def observe(self, venue_ms: Ms, monotonic: float) -> None:
        """Take `venue_ms` as the market time at host instant `monotonic`; an older observation is ignored."""
        if self._observed and monotonic < self._anchor:
            return
        self._anchor_ms, self._anchor, self._observed = venue_ms, monotonic, True

    def market_ms(self) -> Ms:
        """Return market time; where an observation set it back, the last answer until it catches up."""
        elapsed = self._monotonic() - self._anchor
        self._shown = max(self._shown, Ms(self._anchor_ms + int(elapsed * self._rate * 1000)))
        return self._shown

    def monotonic(self) -> float:
        """Return host monotonic seconds."""
        return self._monotonic()
