"""Owns what a screen sees of the engine as a process: its last log lines, its memory, its files, who is attached."""

from dataclasses import dataclass

from engine.domain.units import Ms


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One record of the log; `at_ms` is this host's clock, `level` the standard number (20 info, 30 warning)."""

    at_ms: Ms
    level: int
    source: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineRoomView:
    """The process: `peak_memory_mb` since it started, `files` with their bytes, the newest log lines, oldest first."""

    peak_memory_mb: float = float("nan")
    clients: int = 0
    files: tuple[tuple[str, int], ...] = ()
    lines: tuple[LogLine, ...] = ()
