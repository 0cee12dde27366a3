"""Owns which age a row shows between two changes of its data.

An age that ticks every second on every row would cost more bytes than the prices. So a row's age is printed when the
row is repainted anyway, and otherwise only when it enters another coarse step: 5 s steps up to half a minute, 10 s up
to ten minutes, then minutes. The stale limit (15 s) is a step, so a price turns stale on screen in time.
"""

import math
from collections.abc import Hashable


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
