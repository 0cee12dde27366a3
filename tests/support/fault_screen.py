"""A real cockpit in a pseudo terminal beside an engine, read all the time: what it paints, and since when."""

import os
import re
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from engine.domain.units import HOUR_MS, MINUTE_MS
from support.pty_session import PtySession

COLUMNS, ROWS = 160, 45
READ_S = 0.05
DAY_MINUTES = 24 * 60
_AT = re.compile(r" (\d\d):(\d\d)  ")  # how a line of the drift feed begins


class FaultScreen:
    """`lines` is what stands there; `says` looks for words that were not there before an instant of the market."""

    def __init__(self, config: Path, state: Path) -> None:
        command = [sys.executable, "-m", "tui", "attach", "--config", str(config), "--state", str(state)]
        environ = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        self._session = PtySession(command, columns=COLUMNS, rows=ROWS, env=environ)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="screen", daemon=True)
        self.lines: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(timeout=5)
        self._session.__exit__(kind, error, trace)

    def says(self, words: str, since_ms: int, now_ms: int) -> str:
        """Return the line that holds `words` (an expression), empty where none does.

        Lines of the drift feed are kept for hours and count only where their own time of day lies since `since_ms`.
        """
        for line in self.lines:
            at = _AT.match(line)
            if re.search(words, line) and (at is None or _within(int(at[1]), int(at[2]), since_ms, now_ms)):
                return line.strip()
        return ""

    def _follow(self) -> None:
        while not self._stop.is_set():
            self._session.read(READ_S)
            self.lines = tuple(self._session.terminal.display)


def _within(hour: int, minute: int, since_ms: int, now_ms: int) -> bool:
    first = since_ms // MINUTE_MS % DAY_MINUTES
    passed = (now_ms - since_ms + HOUR_MS) // MINUTE_MS  # the market's time was asked a moment ago
    return (hour * 60 + minute - first) % DAY_MINUTES <= min(passed, DAY_MINUTES - 1)
