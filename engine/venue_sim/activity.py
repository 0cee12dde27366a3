"""Owns when somebody last talked to the process: an orphaned simulator lives as long as somebody does.

The HTTP faces and the streams note every request; `process` asks how long it has been quiet.
"""

import time


class Activity:
    """When somebody last asked for something, in host monotonic seconds."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def note(self) -> None:
        """Somebody asked just now."""
        self._last = time.monotonic()

    def quiet_s(self) -> float:
        """Return the seconds since."""
        return time.monotonic() - self._last
