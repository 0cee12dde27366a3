"""Owns the clocks behind the `Clock` port: real market time, and the scaled one of a simulated market (DESIGN 3).

Market time never goes backwards, whatever the host's clock or the venue says. Never sleeps and never signs anything:
signed requests read real time elsewhere.
"""

import math
import statistics
import time
from collections import deque
from collections.abc import Callable

from engine.domain.units import Ms

MEASURED = 5  # measurements that the offset is the median of


class SystemClock:
    """Market time is the venue's: real time, corrected by how far this host's clock was measured to be off."""

    def __init__(
        self, *, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._offsets: deque[float] = deque(maxlen=MEASURED)
        self._shown = Ms(0)

    def observe(self, venue_ms: Ms, monotonic: float) -> float:
        """Take `venue_ms` as the time at host instant `monotonic`; return how far this host is behind the venue, ms.

        One slow answer moves nothing: the median of the last ones counts, and of an even number without the newest.
        """
        wall_then = (self._wall() - (self._monotonic() - monotonic)) * 1000
        self._offsets.append(venue_ms - wall_then)
        return self._offset()

    def market_ms(self) -> Ms:
        """Return the venue's time in milliseconds; when the wall is set back, the last answer until it catches up."""
        self._shown = max(self._shown, Ms(int(self._wall() * 1000 + self._offset())))
        return self._shown

    def monotonic(self) -> float:
        """Return host monotonic seconds."""
        return self._monotonic()

    def _offset(self) -> float:
        odd = list(self._offsets)[: len(self._offsets) - 1 + len(self._offsets) % 2]
        return statistics.median(odd) if odd else 0.0


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

    def observe(self, venue_ms: Ms, monotonic: float) -> float:
        """Take `venue_ms` as the market time at host instant `monotonic`; an older observation is ignored.

        Returns NaN: a simulated market has no clock that this host's could differ from.
        """
        if not self._observed or monotonic >= self._anchor:
            self._anchor_ms, self._anchor, self._observed = venue_ms, monotonic, True
        return math.nan

    def market_ms(self) -> Ms:
        """Return market time; where an observation set it back, the last answer until it catches up."""
        elapsed = self._monotonic() - self._anchor
        self._shown = max(self._shown, Ms(self._anchor_ms + int(elapsed * self._rate * 1000)))
        return self._shown

    def monotonic(self) -> float:
        """Return host monotonic seconds."""
        return self._monotonic()
