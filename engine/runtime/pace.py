"""Owns how often at most something is done, counted from when each turn was due and not from when it ran.

A timer that waits its full time after every late turn hands the lateness on to all that follow. Never sleeps: who has
a turn is told when the next one is. Times are host monotonic seconds.
"""

import math


class Pace:
    """One turn per `every_s` on average, and no two closer than that less `late_s`."""

    def __init__(self, every_s: float, *, late_s: float) -> None:
        """Take the pace; a turn that came up to `late_s` late does not move the next one."""
        self._every_s = every_s
        self._late_s = late_s
        self._due = -math.inf

    def turn(self, now: float) -> float:
        """Take a turn now; return the instant of the next one."""
        self._due = max(self._due, now - self._late_s) + self._every_s
        return self._due
