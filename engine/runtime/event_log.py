"""Owns the sequence of events of this engine life, kept in memory so that a client can resume after a lost link.

Bounded: a client that was away for longer is told that there is a gap. The durable record is the journal's work.
"""

from collections.abc import Iterable, Sequence

from engine.domain.events import Event, EventRecord

KEPT = 20_000
TRIM_AT = KEPT + 4_000


class EventLog:
    """Events numbered from 1."""

    def __init__(self) -> None:
        self._records: list[EventRecord] = []
        self._first = 1
        self.seq = 0

    def extend(self, events: Iterable[Event]) -> None:
        """Append events in order."""
        for event in events:
            self.seq += 1
            self._records.append(EventRecord(seq=self.seq, event=event))
        if len(self._records) > TRIM_AT:
            del self._records[: len(self._records) - KEPT]
            self._first = self._records[0].seq

    def after(self, seq: int, limit: int) -> tuple[Sequence[EventRecord], bool]:
        """Return up to `limit` events after `seq`, and whether some in between are no longer kept."""
        begin = max(0, seq + 1 - self._first)
        return self._records[begin : begin + limit], seq + 1 < self._first
