"""Owns when a notice goes out: which level and basket, quiet hours, the rate; what waits is told together.

A plain state machine: the clock and the local time are handed in. Nothing urgent waits for the end of quiet hours, and
nothing that was accepted is dropped without being counted.
"""

from collections import deque
from dataclasses import dataclass

from engine.domain.config import NotifyConfig
from engine.domain.notice import Level, Notice

HOUR_S = 3600.0
GATHER_S = 2.0  # what comes of one step, or of a burst, is one message
URGENT_TIMES = 2  # so often as many urgent messages an hour may go out
KEPT = 200
TOLD_WHOLE = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is sent at once."""

    level: Level
    title: str
    body: str


class NoticeQueue:
    """What waits to be told, and when something was last."""

    def __init__(self, rules: NotifyConfig) -> None:
        self._rules = rules
        self._quiet = _minutes(rules.quiet_hours)
        self._waiting: deque[tuple[float, Notice]] = deque()
        self._sent: deque[float] = deque()
        self._dropped = 0

    def put(self, notice: Notice, now: float) -> None:
        """Accept a notice, or let it go where the trader wants none of its kind."""
        rules = self._rules
        if notice.level.rank < rules.level.rank:
            return
        if rules.baskets and notice.basket is not None and notice.basket not in rules.baskets:
            return
        if any(held == notice for _, held in self._waiting):
            return
        if len(self._waiting) >= KEPT:
            self._waiting.popleft()
            self._dropped += 1
        self._waiting.append((now, notice))

    def due(self, now: float, minute_of_day: int) -> Message | None:
        """Return what is to be sent now, as one message; `now` in seconds, the minute in local time."""
        quiet = self._is_quiet(minute_of_day)
        ready = [entry for entry in self._waiting if not quiet or entry[1].level is Level.URGENT]
        if not ready or now - ready[0][0] < GATHER_S:
            return None
        level = max((notice.level for _, notice in ready), key=lambda found: found.rank)
        while self._sent and now - self._sent[0] >= HOUR_S:
            self._sent.popleft()
        if len(self._sent) >= self._rules.per_hour * (URGENT_TIMES if level is Level.URGENT else 1):
            return None
        self._sent.append(now)
        self._waiting = deque(entry for entry in self._waiting if entry not in ready)
        told = sorted((notice for _, notice in ready), key=lambda notice: -notice.level.rank)
        return self._message(level, told)

    def _is_quiet(self, minute: int) -> bool:
        if self._quiet is None:
            return False
        begin, end = self._quiet
        return begin <= minute < end if begin <= end else minute >= begin or minute < end

    def _message(self, level: Level, notices: list[Notice]) -> Message:
        first, dropped, self._dropped = notices[0], self._dropped, 0
        if len(notices) == 1 and not dropped:
            return Message(level=level, title=first.title, body=first.body)
        lines = [": ".join(part for part in (notice.title, notice.body) if part) for notice in notices[:TOLD_WHOLE]]
        more = len(notices) - len(lines) + dropped
        if more:
            lines.append(f"and {more} more: driftdeck alerts, driftdeck journal")
        return Message(level=level, title=f"{first.title} (+{len(notices) + dropped - 1})", body="\n".join(lines))


def _minutes(hours: str) -> tuple[int, int] | None:
    """Return begin and end in minutes of the day; equal ones are the whole day."""
    if not hours:
        return None
    begin, end = (int(text[:2]) * 60 + int(text[3:]) for text in hours.split("-"))
    return (0, 24 * 60) if begin == end else (begin, end)
