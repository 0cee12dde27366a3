"""Owns a journal in memory for tests: the same port, and failures on request. Nothing survives it."""

from collections.abc import Collection, Sequence

from engine.domain.errors import StoreError
from engine.domain.journal import KINDS, Journaled, JournalRecord
from engine.domain.units import Ms


class MemoryJournal:
    """The `Journal` port without a disk; `failing` is raised by every append while it is set."""

    def __init__(self) -> None:
        self._records: list[JournalRecord] = []
        self._identity: str | None = None
        self._closed = False
        self.failing: StoreError | None = None
        self.host_ms = 0

    def claim(self, identity: str) -> None:
        """Tie this journal to one identity."""
        self._refuse_closed()
        if self._identity is None:
            self._identity = identity
        if self._identity != identity:
            raise StoreError(f'this is the journal of "{self._identity}", not of "{identity}"')

    def append(self, facts: Sequence[Journaled]) -> int:
        """Add facts, all or none."""
        self._refuse_closed()
        for fact in facts:
            if type(fact) not in KINDS.values():
                raise StoreError(f"{type(fact).__name__} is not a fact that the journal keeps; nothing was written")
        if self.failing is not None:
            raise self.failing
        for fact in facts:
            self._records.append(JournalRecord(seq=len(self._records) + 1, host_ms=self.host_ms, fact=fact))
        return len(self._records)

    def read(
        self, *, after: int = 0, kinds: Collection[str] = (), since: Ms | None = None, limit: int | None = None
    ) -> list[JournalRecord]:
        """Return facts in order."""
        self._refuse_closed()
        found = [
            record
            for record in self._records
            if record.seq > after and (not kinds or record.kind in kinds) and (since is None or record.at >= since)
        ]
        return found[:limit]

    def last_seq(self) -> int:
        """Return the newest sequence number."""
        self._refuse_closed()
        return len(self._records)

    def close(self) -> None:
        """Close."""
        self._closed = True

    def _refuse_closed(self) -> None:
        if self._closed:
            raise StoreError("the journal cannot be used: it is closed")
