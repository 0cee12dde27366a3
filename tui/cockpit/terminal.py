"""Owns the ends a terminal session can come to: signals, and a terminal that went away. All lead to a clean exit.

Textual alone dies of SIGHUP, and SIGTERM leaves the terminal in the alternate screen. Never restores anything itself:
the app's exit does.
"""

import asyncio
import select
import signal
import sys
from collections.abc import Callable

_SIGNALS = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)


class Terminal:
    """Watch over one terminal session."""

    def __init__(self, leave: Callable[[], None]) -> None:
        self._leave = leave
        self._poll: select.poll | None = None

    def guard(self) -> None:
        """Take over the signals and start watching standard input. Call on the running loop."""
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._leave)
        if sys.__stdin__ is not None:
            self._poll = select.poll()
            self._poll.register(sys.__stdin__.fileno(), 0)  # only hang-up and error, which need no asking for

    def is_gone(self) -> bool:
        """Return True when nobody can be at the terminal any more."""
        return self._poll is not None and bool(self._poll.poll(0))
