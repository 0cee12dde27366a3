"""Owns the bar store on disk: closed bars in one SQLite file of their own, tied to one market, each with its source.

The venue's own bars have the source "" and stand above all others: imported ones fill slots that it left empty and
give way when it delivers. Bars can always be fetched again, so the file favors speed over the last second of
durability; facts live in the journal. Every disk trouble leaves as one StoreError. Bars go on to the market room, in
bulk as a price matrix.
"""

import math
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.domain.errors import StoreError
from engine.domain.market import Bar
from engine.domain.units import Ms, Symbol

FILE_NAME = "bars.db"
VENUE = ""  # the source of what the venue delivered

# One script per version; a script never changes once released.
_MIGRATIONS = (
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE bars (
        symbol TEXT NOT NULL,
        open_ms INTEGER NOT NULL,
        close REAL NOT NULL,
        volume REAL,  -- NULL where the venue gave none
        PRIMARY KEY (symbol, open_ms)
    ) STRICT, WITHOUT ROWID;
    """,
    "ALTER TABLE bars ADD COLUMN source TEXT NOT NULL DEFAULT '';",
)

_APPEND = f"INSERT OR REPLACE INTO bars (symbol, open_ms, close, volume, source) VALUES (?, ?, ?, ?, '{VENUE}')"
_FILL = f"""
    INSERT INTO bars (symbol, open_ms, close, volume, source) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (symbol, open_ms) DO UPDATE SET close = excluded.close, volume = excluded.volume,
    source = excluded.source WHERE bars.source != '{VENUE}'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBar:
    """A stored bar and where it came from: "" is the venue, else such as "csv:prices.csv"."""

    bar: Bar
    source: str


class SqliteBars:
    """The `BarStore` of a state directory."""

    def __init__(self, path: Path) -> None:
        """Open or create the file at `path`, readable by its owner only. Raises StoreError."""
        self._path = path
        self._lock = threading.Lock()
        with self._guarded("opened"):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            path.chmod(0o600)
            self._db = sqlite3.connect(path, timeout=5.0, isolation_level=None, check_same_thread=False)
            try:
                self._prepare()
            except (sqlite3.Error, StoreError):
                self._db.close()
                raise

    def claim(self, identity: str) -> None:
        """Tie this store to one market, or raise StoreError where it holds bars of another."""
        with self._writing():
            self._db.execute("INSERT OR IGNORE INTO meta VALUES ('identity', ?)", (identity,))
            (holder,) = self._db.execute("SELECT value FROM meta WHERE key = 'identity'").fetchone()
        if holder != identity:
            raise StoreError(
                f'{self._path} holds bars of "{holder}", not of "{identity}": use another --state directory, or delete '
                "that file to start over"
            )

    def append(self, bars: Sequence[Bar]) -> None:
        """Add the venue's bars in one transaction; one that exists is replaced. A bar needs a positive close."""
        rows = [_row(bar) for bar in bars]
        with self._writing():
            self._db.executemany(_APPEND, rows)

    def fill(self, bars: Sequence[Bar], *, source: str) -> int:
        """Add imported bars where the venue has none, over earlier imports; return how many were taken."""
        if source == VENUE:
            raise ValueError("imported bars need a source of their own")
        rows = [(*_row(bar), source) for bar in bars]
        with self._writing():
            before = self._db.total_changes
            self._db.executemany(_FILL, rows)
            return self._db.total_changes - before

    def forget_imported(self, symbol: Symbol) -> int:
        """Drop what was imported for `symbol`; return how many bars that were."""
        with self._writing():
            query = "DELETE FROM bars WHERE symbol = ? AND source != ?"
            return self._db.execute(query, (symbol, VENUE)).rowcount

    def load(self, symbol: Symbol, *, since_ms: Ms) -> list[Bar]:
        """Return the bars of `symbol` that open at or after `since_ms`, ascending; an unknown volume is NaN."""
        return [held.bar for held in self.load_held(symbol, since_ms=since_ms)]

    def load_held(self, symbol: Symbol, *, since_ms: Ms) -> list[HeldBar]:
        """Return the same bars, each with its source."""
        with self._lock, self._guarded("read"):
            rows = self._db.execute(
                "SELECT open_ms, close, volume, source FROM bars WHERE symbol = ? AND open_ms >= ? ORDER BY open_ms",
                (symbol, since_ms),
            ).fetchall()
        return [
            HeldBar(
                bar=Bar(symbol=symbol, open_ms=Ms(at), close=close, volume=math.nan if volume is None else volume),
                source=source,
            )
            for at, close, volume, source in rows
        ]

    def load_closes(
        self, symbols: Sequence[Symbol], *, since_ms: Ms, until_ms: Ms, step_ms: int
    ) -> tuple[Ms, NDArray[np.float64]]:
        """Return the closes of `symbols` as a matrix on the UTC grid of `step_ms`, and the open of its first row.

        Shape (T, N): row k holds the bars that open at first_open + k * step_ms, for all slots that open in
        [since_ms, until_ms). NaN where there is no bar; bars off the grid are left out.
        """
        if step_ms <= 0:
            raise ValueError(f"step_ms must be positive, not {step_ms}")
        first = Ms(-(-since_ms // step_ms) * step_ms)
        slots = max(0, -(-(until_ms - first) // step_ms))
        closes = np.full((slots, len(symbols)), np.nan)
        for column, symbol in enumerate(symbols):
            with self._lock, self._guarded("read"):
                rows = self._db.execute(
                    "SELECT open_ms, close FROM bars WHERE symbol = ? AND open_ms >= ? AND open_ms < ?",
                    (symbol, first, until_ms),
                ).fetchall()
            if rows:
                found = np.array(rows, dtype=np.float64)  # milliseconds stay exact: they are far below 2^53
                offset = found[:, 0].astype(np.int64) - first
                on_grid = offset % step_ms == 0
                closes[offset[on_grid] // step_ms, column] = found[on_grid, 1]
        return first, closes

    def last_open(self) -> dict[Symbol, Ms]:
        """Return the open time of each symbol's newest bar of the venue: what it is asked for goes on from there."""
        return self._newest("WHERE source = ?", VENUE)

    def newest_open(self) -> dict[Symbol, Ms]:
        """Return the open time of each symbol's newest bar, imported or not."""
        return self._newest("")

    def _newest(self, where: str, *values: str) -> dict[Symbol, Ms]:
        with self._lock, self._guarded("read"):
            rows = self._db.execute(f"SELECT symbol, max(open_ms) FROM bars {where} GROUP BY symbol", values)
            return {Symbol(symbol): Ms(at) for symbol, at in rows}

    def close(self) -> None:
        """Flush and close; closing twice is fine."""
        with self._lock, self._guarded("closed"):
            self._db.close()

    def _prepare(self) -> None:
        """Set the file up and bring its tables to this version."""
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version > len(_MIGRATIONS):
            raise StoreError(
                f"{self._path} was written by a newer driftdeck (its version {version}, known {len(_MIGRATIONS)}); "
                "update driftdeck, or use another --state directory"
            )
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        for number, script in enumerate(_MIGRATIONS[version:], start=version + 1):
            self._db.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Run one transaction: all of it or nothing."""
        with self._lock, self._guarded("written"):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    @contextmanager
    def _guarded(self, verb: str) -> Iterator[None]:
        """Turn whatever the disk does into one sentence."""
        try:
            yield
        except sqlite3.OperationalError as error:
            raise StoreError(f"the bar store {self._path} cannot be {verb} ({error}); check the disk") from None
        except sqlite3.DatabaseError as error:
            raise StoreError(
                f"the bar store {self._path} is damaged ({error}); delete it, the bars are fetched again"
            ) from None
        except sqlite3.Error as error:
            raise StoreError(f"the bar store {self._path} cannot be {verb} ({error})") from None
        except OSError as error:
            raise StoreError(
                f"the bar store {self._path} cannot be {verb} ({error.strerror}); check the path"
            ) from None


def _row(bar: Bar) -> tuple[str, int, float, float | None]:
    """Return a bar as it is stored. Raises StoreError where its close is no price."""
    if not (math.isfinite(bar.close) and bar.close > 0):
        raise StoreError(f"a bar of {bar.symbol} has the close {bar.close}, which is no price; nothing was stored")
    return bar.symbol, bar.open_ms, bar.close, bar.volume if math.isfinite(bar.volume) else None
