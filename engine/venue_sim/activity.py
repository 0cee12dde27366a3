"""Owns when somebody last talked to the process: an orphaned simulator lives as long as somebody does.

The HTTP faces and the streams note every request; `process` asks how long it has been quiet.
"""

import time
from collections import Counter


class Activity:
    """When somebody last asked for something, in host monotonic seconds."""

    def __init__(self) -> None:
        self._last = time.monotonic()
        self.asked: Counter[str] = Counter()  # requests of the venue's own API, by path

    def note(self, path: str = "") -> None:
        """Somebody asked just now; `path` where it was the venue that was asked."""
        self._last = time.monotonic()
        if path:
            self.asked[path] += 1

    def quiet_s(self) -> float:
        """Return the seconds since."""
        return time.monotonic() - self._last
