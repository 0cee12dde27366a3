"""Owns which age a row shows between two changes of its data.

An age that ticks every second on every row would cost more bytes than the prices. So a row's age is printed when the
row is repainted anyway, and otherwise only when it enters another coarse step: 5 s steps up to half a minute, 10 s up
to ten minutes, then minutes. The stale limit (15 s) is a step, so a price turns stale on screen in time.
"""

import math
from collections.abc import Hashable

from engine.domain.units import MINUTE_MS, Ms

FEED_AGES_EVERY_S = 20.0
FAR_MS, FAR_EVERY_S = 10 * MINUTE_MS, 2.0


def step_of(seconds: float) -> int:
    """Return the coarse step an age is in; a number for comparing only."""
    if math.isnan(seconds):
        return -1
    for limit, size, offset in ((30.0, 5.0, 0), (600.0, 10.0, 100), (math.inf, 60.0, 1000)):
        if seconds < limit:
            return offset + int(seconds / size)
    return -1


class AgeBook:
    """Remember the age last shown per row."""

    def __init__(self) -> None:
        self._shown: dict[Hashable, tuple[Hashable, int, float]] = {}

    def shown(self, row: Hashable, data: Hashable, seconds: float) -> float:
        """Return the age to print for `row` whose other content is `data`."""
        step = step_of(seconds)
        held = self._shown.get(row)
        if held is not None and held[:2] == (data, step):
            return held[2]
        self._shown[row] = (data, step, seconds)
        return seconds

    def forget(self) -> None:
        """Start anew, as after a resize."""
        self._shown.clear()


class FeedClock:
    """Move the market time that the feed's "15 m" ago counts from: with each new fact, else seldom."""

    def __init__(self) -> None:
        self.shown: Ms | None = None
        self._at = -math.inf
        self._revision = -1

    def move(self, now: float, market: Ms | None, revision: int) -> None:
        """Take the market's time where it is due; a demo's fast market moves the ages sooner."""
        moved = market is not None and (self.shown is None or market // MINUTE_MS != self.shown // MINUTE_MS)
        far = market is not None and self.shown is not None and market - self.shown >= FAR_MS
        if revision != self._revision or (moved and now - self._at >= (FAR_EVERY_S if far else FEED_AGES_EVERY_S)):
            self.shown, self._at, self._revision = market, now, revision
