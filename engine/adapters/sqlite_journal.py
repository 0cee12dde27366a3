"""Owns the journal on disk: append-only facts in a SQLite file of their own, durable when `append` returns.

Never interprets a fact and never changes one (triggers refuse it). Readable by people: payloads are JSON, decimals as
text, undefined numbers as "nan". Every disk trouble leaves as one StoreError. Facts go back to the fold at each start.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from engine.adapters.fact_codec import decode_fact, encode_fact
from engine.domain.errors import StoreError
from engine.domain.journal import KINDS, Journaled, JournalRecord, actor_of, kind_of
from engine.domain.units import Ms

FILE_NAME = "journal.db"

# One script per version; a script never changes once released.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE facts (
        seq INTEGER PRIMARY KEY,
        market_ms INTEGER NOT NULL,
        host_ms INTEGER NOT NULL,
        kind TEXT NOT NULL,
        who TEXT,       -- NULL where nobody acted
        terminal TEXT,
        payload TEXT NOT NULL
    ) STRICT;
    CREATE INDEX facts_by_kind ON facts (kind, seq);
    CREATE TRIGGER facts_stay BEFORE UPDATE ON facts BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
    CREATE TRIGGER facts_remain BEFORE DELETE ON facts BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
    CREATE TRIGGER facts_follow BEFORE INSERT ON facts WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM facts)
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
    CREATE TRIGGER meta_stays BEFORE UPDATE ON meta BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
    CREATE TRIGGER meta_remains BEFORE DELETE ON meta BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
    """,
)

_LAST = "SELECT coalesce(max(seq), 0) FROM facts"


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000


class SqliteJournal:
    """The `Journal` of a state directory. One connection writes, another reads: neither waits for the other."""

    def __init__(self, path: Path, *, read_only: bool = False, wall_ms: Callable[[], int] = _wall_ms) -> None:
        """Open the file at `path`, create it where it may be; it is readable by its owner only. Raises StoreError."""
        self._path = path
        self._wall_ms = wall_ms
        self._writing, self._reading = threading.Lock(), threading.Lock()
        with self._guarded("opened"):
            if not read_only:
                _make_private(path)
            self._db = self._connect(read_only)
            try:
                self._reader = self._connect(read_only)
            except sqlite3.Error:
                self._db.close()
                raise
            try:
                self._prepare(read_only)
                self._refuse_unsound()
            except (sqlite3.Error, StoreError):
                self._close()
                raise

    def claim(self, identity: str) -> None:
        """Tie this journal to one kind of money on one market, or raise StoreError where it holds another's."""
        with self._transaction():
            self._db.execute("INSERT OR IGNORE INTO meta VALUES ('identity', ?)", (identity,))
            (holder,) = self._db.execute("SELECT value FROM meta WHERE key = 'identity'").fetchone()
        if holder != identity:
            raise StoreError(
                f'{self._path} is the journal of "{holder}", not of "{identity}", and is never continued as another: '
                "use another --state directory"
            )

    def append(self, facts: Sequence[Journaled]) -> int:
        """Add facts, all or none, durable when this returns; return the newest sequence number."""
        now = self._wall_ms()
        rows = []
        for fact in facts:
            actor = actor_of(fact)
            who, terminal = (actor.who, actor.terminal) if actor is not None else (None, None)
            rows.append((fact.at, now, kind_of(fact), who, terminal, encode_fact(fact)))
        with self._transaction():
            (last,) = self._db.execute(_LAST).fetchone()
            self._db.executemany(
                "INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?)",
                ((seq, *row) for seq, row in enumerate(rows, start=last + 1)),
            )
        return int(last) + len(rows)

    def read(
        self, *, after: int = 0, kinds: Collection[str] = (), since: Ms | None = None, limit: int | None = None
    ) -> list[JournalRecord]:
        """Return facts in order: after a sequence number, of some kinds (or all), not before a market instant."""
        query = "SELECT seq, host_ms, kind, payload FROM facts WHERE seq > ?"
        values: list[object] = [after]
        if kinds:
            query += f" AND kind IN ({', '.join('?' * len(kinds))})"
            values += kinds
        if since is not None:
            query += " AND market_ms >= ?"
            values.append(since)
        query += " ORDER BY seq LIMIT ?"
        values.append(-1 if limit is None else limit)
        with self._reading, self._guarded("read"):
            rows = self._reader.execute(query, values).fetchall()
        return [
            JournalRecord(seq=seq, host_ms=host_ms, fact=decode_fact(payload, where=self._where(seq, kind)))
            for seq, host_ms, kind, payload in rows
        ]

    def last_seq(self) -> int:
        """Return the newest sequence number, 0 where nothing was ever written."""
        with self._reading, self._guarded("read"):
            (last,) = self._reader.execute(_LAST).fetchone()
        return int(last)

    def close(self) -> None:
        """Close; closing twice is fine."""
        with self._writing, self._reading, self._guarded("closed"):
            self._close()

    def _close(self) -> None:
        self._reader.close()
        self._db.close()

    def _where(self, seq: int, kind: str) -> str:
        return f"entry {seq} ({kind}) of {self._path}"

    def _connect(self, read_only: bool) -> sqlite3.Connection:
        target = f"{self._path.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}"
        return sqlite3.connect(target, uri=True, timeout=5.0, isolation_level=None, check_same_thread=False)

    def _prepare(self, read_only: bool) -> None:
        """Make commits durable and bring the tables to this version."""
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version > len(MIGRATIONS):
            raise StoreError(
                f"{self._path} was written by a newer driftdeck (its version {version}, known {len(MIGRATIONS)}); "
                "update driftdeck, or use another --state directory"
            )
        if read_only:
            if version < len(MIGRATIONS):
                raise StoreError(f"{self._path} is of an older version: start the engine once, it brings it up to date")
            return
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA fullfsync = ON")  # on macOS a plain fsync leaves the data in the drive's cache
        for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
            self._db.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;")

    def _refuse_unsound(self) -> None:
        """Refuse a journal with holes, or with kinds that this version lacks."""
        kinds = [kind for (kind,) in self._reader.execute("SELECT DISTINCT kind FROM facts ORDER BY kind")]
        unknown = [kind for kind in kinds if kind not in KINDS]
        if unknown:
            raise StoreError(
                f"{self._path} holds facts of a newer driftdeck ({', '.join(unknown)}), and without them the books "
                "would be wrong: update driftdeck, or use another --state directory"
            )
        last, count = self._reader.execute("SELECT coalesce(max(seq), 0), count(*) FROM facts").fetchone()
        if last != count:
            raise StoreError(
                f"{self._path} is damaged ({last - count} of {last} entries are missing): restore it from a backup"
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Run one transaction: all of it or nothing."""
        with self._writing, self._guarded("written"):
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # a failed COMMIT leaves it open too
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _guarded(self, verb: str) -> Iterator[None]:
        """Turn whatever the disk does into one sentence."""
        try:
            yield
        except (sqlite3.OperationalError, sqlite3.ProgrammingError, sqlite3.IntegrityError) as error:
            raise StoreError(
                f"the journal {self._path} cannot be {verb} ({error}); check the disk, then start the engine again"
            ) from None
        except sqlite3.Error as error:
            raise StoreError(
                f"the journal {self._path} is damaged ({error}): restore it from a backup, or use another --state "
                "directory"
            ) from None
        except OSError as error:
            raise StoreError(f"the journal {self._path} cannot be {verb} ({error.strerror}); check the path") from None


def _make_private(path: Path) -> None:
    """Create the file where there is none, durably, and let only its owner read it."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
