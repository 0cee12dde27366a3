"""Owns the engine's look at itself as a process, for the health page: the last log records, memory, files.

The ring hears what the log file hears, redacted; it is bounded and forgets. Measured only when a screen asks.
"""

import logging
import resource
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path

from engine.adapters.redaction import RedactingFilter
from engine.domain.engine_room import EngineRoomView, LogLine
from engine.domain.units import Ms

KEPT = 400
LONGEST = 500
FILES = ("journal.db", "journal.db-wal", "bars.db", "bars.db-wal", "engine.log")


class LogRing(logging.Handler):
    """Keeps the newest records."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.addFilter(RedactingFilter())
        self.lines: deque[LogLine] = deque(maxlen=KEPT)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record; of a traceback its last line, the file has the rest."""
        said = record.getMessage()
        if record.exc_text:
            said = f"{said}: {record.exc_text.strip().splitlines()[-1]}"
        self.lines.append(
            LogLine(
                at_ms=Ms(round(record.created * 1000)),
                level=record.levelno,
                source=record.name.removeprefix("engine."),
                said=" ".join(said.split())[:LONGEST],
            )
        )


class EngineRoom:
    """Makes the view of one engine's process."""

    def __init__(self, ring: LogRing, state_dir: Path, *, clients: Callable[[], int]) -> None:
        self._ring = ring
        self._state_dir = state_dir
        self._clients = clients

    def view(self) -> EngineRoomView:
        """Return how the process is now."""
        sizes = [(name, self._state_dir / name) for name in FILES]
        return EngineRoomView(
            peak_memory_mb=_peak_mb(),
            clients=self._clients(),
            files=tuple((name, path.stat().st_size) for name, path in sizes if path.exists()),
            lines=tuple(self._ring.lines),
        )


def _peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10  # bytes there, kilobytes here
