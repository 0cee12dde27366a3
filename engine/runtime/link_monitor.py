"""Owns the verdict on the link to one venue: up, degraded or down, from the outcomes of requests.

Counts outcomes and host time only; never speaks to the venue. The feed reports each outcome here, the core shows the
verdict.
"""

import math

from engine.core.inputs import LinkReported
from engine.domain.market import LinkState

DOWN_AFTER_FAILURES = 3
DOWN_AFTER_S = 20.0


class LinkMonitor:
    """Turns request outcomes into LinkReported; `latency_ms` is a running mean of round trips."""

    def __init__(self, *, now: float) -> None:
        self._failures = 0
        self._last_ok = now
        self._latency = math.nan
        self._why = "no answer yet"
        self.answered = False

    def succeeded(self, *, now: float, round_trip_ms: float = math.nan) -> LinkReported:
        """Note an answer."""
        self.answered = True
        self._failures = 0
        self._last_ok = now
        self._why = ""
        if math.isfinite(round_trip_ms):
            known = math.isfinite(self._latency)
            self._latency = 0.8 * self._latency + 0.2 * round_trip_ms if known else round_trip_ms
        return self.verdict(now)

    def failed(self, why: str, *, now: float) -> LinkReported:
        """Note a failure and its reason."""
        self._failures += 1
        self._why = why
        return self.verdict(now)

    def verdict(self, now: float) -> LinkReported:
        """Return how the link is now."""
        if not self.answered or self._failures >= DOWN_AFTER_FAILURES or now - self._last_ok > DOWN_AFTER_S:
            state = LinkState.DOWN
        elif self._failures:
            state = LinkState.DEGRADED
        else:
            state = LinkState.UP
        return LinkReported(state=state, why=self._why, latency_ms=self._latency)
