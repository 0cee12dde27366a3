"""The journal on disk: append-only, private, durable, migrated, and one sentence for whatever is wrong with it."""

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.adapters import sqlite_journal
from engine.adapters.sqlite_journal import MIGRATIONS, SqliteJournal
from engine.domain.errors import StoreError
from support.some_facts import fill, one_of_each_kind

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[SqliteJournal]:
    found = SqliteJournal(path, wall_ms=lambda: 1_700_000_000_123)
    yield found
    found.close()


def test_people_can_read_it_with_plain_sqlite(path: Path, journal: SqliteJournal) -> None:
    journal.append([fact for fact in one_of_each_kind() if type(fact).__name__ in ("Deposited", "FillRecorded")])
    with sqlite3.connect(path) as db:
        rows = db.execute("SELECT seq, market_ms, host_ms, kind, who, terminal, payload FROM facts").fetchall()
    db.close()
    at = 472_224 * 3_600_000
    assert rows[0][:6] == (1, at, 1_700_000_000_123, "Deposited", "mira", "/dev/pts/3")
    assert rows[1][:6] == (2, at, 1_700_000_000_123, "FillRecorded", None, None)
    assert '"quantity":"0.1000","price":"3012.35"' in rows[1][6]


def test_commits_wait_for_the_disk_and_readers_do_not_wait_for_commits(journal: SqliteJournal) -> None:
    pragmas = [journal._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert pragmas == ["wal", 2]
    journal._db.execute("BEGIN IMMEDIATE")
    assert journal.last_seq() == 0
    journal._db.execute("ROLLBACK")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE facts SET payload = '{}'",
        "DELETE FROM facts",
        "INSERT INTO facts VALUES (9, 0, 0, 'Deposited', NULL, NULL, '{}')",
        "INSERT OR REPLACE INTO facts VALUES (1, 0, 0, 'Deposited', NULL, NULL, '{}')",
        "UPDATE meta SET value = 'live'",
        "DELETE FROM meta",
    ],
)
def test_nobody_changes_what_is_written(path: Path, journal: SqliteJournal, change: str) -> None:
    journal.claim("paper")
    journal.append(one_of_each_kind())
    db = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute(change)
    db.close()
    assert journal.last_seq() == len(one_of_each_kind())


def test_the_files_are_private_also_where_they_were_not(tmp_path: Path, path: Path) -> None:
    path.touch(0o644)
    found = SqliteJournal(path)
    found.append([fill(1, "1", "2")])
    modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in tmp_path.iterdir()}
    found.close()
    assert set(modes.values()) == {0o600}
    assert "journal.db-wal" in modes


def journal_of_version(path: Path, version: int) -> None:
    """Make a file as driftdeck of that schema version left it."""
    db = sqlite3.connect(path)
    for script in MIGRATIONS[:version]:
        db.executescript(script)
    db.execute(f"PRAGMA user_version = {version}")
    if version:
        db.execute("INSERT INTO meta VALUES ('identity', 'paper')")
        db.execute(
            "INSERT INTO facts VALUES (1, 5, 6, 'FeeCharged', NULL, NULL, ?)",
            ('{"type":"FeeCharged","at":5,"basket":"b","amount":"1.50","note":""}',),
        )
    db.commit()
    db.close()


@pytest.mark.parametrize("version", range(len(MIGRATIONS) + 1))
def test_a_file_of_every_earlier_version_is_brought_up_to_date_with_its_facts(path: Path, version: int) -> None:
    journal_of_version(path, version)
    found = SqliteJournal(path)
    found.claim("paper")
    kept = [str(getattr(record.fact, "amount", "")) for record in found.read()]
    last = found.append([fill(1, "1", "2")])
    schema = {name for (name,) in found._db.execute("SELECT name FROM sqlite_master")}
    (stamped,) = found._db.execute("PRAGMA user_version").fetchone()
    found.close()
    assert kept == (["1.50"] if version else [])
    assert (last, stamped) == (len(kept) + 1, len(MIGRATIONS))
    assert {"facts", "meta", "facts_stay", "facts_remain", "facts_follow", "facts_by_kind"} <= schema


def test_a_migration_that_fails_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal_of_version(path, 1)
    broken = (*MIGRATIONS[:1], "CREATE TABLE more (x TEXT) STRICT; INSERT INTO nowhere VALUES (1);")
    monkeypatch.setattr(sqlite_journal, "MIGRATIONS", broken)
    with pytest.raises(StoreError, match=r"cannot be opened .*nowhere"):
        SqliteJournal(path)
    monkeypatch.undo()
    found = SqliteJournal(path)
    tables = {name for (name,) in found._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    found.close()
    assert tables == {"facts", "meta"}


def test_a_later_schema_finds_the_facts_of_this_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal_of_version(path, 1)
    monkeypatch.setattr(sqlite_journal, "MIGRATIONS", (*MIGRATIONS[:1], "ALTER TABLE facts ADD COLUMN remark TEXT;"))
    found = SqliteJournal(path)
    (stamped,) = found._db.execute("PRAGMA user_version").fetchone()
    assert (stamped, found.last_seq()) == (2, 1)
    found.close()
    monkeypatch.undo()
    with pytest.raises(StoreError, match=r"newer driftdeck \(its version 2, known 1\); update driftdeck"):
        SqliteJournal(path)


def insert_raw(path: Path, seq: int, kind: str, payload: str) -> None:
    db = sqlite3.connect(path)
    db.execute("INSERT INTO facts VALUES (?, 1, 1, ?, NULL, NULL, ?)", (seq, kind, payload))
    db.commit()
    db.close()


def test_kinds_of_a_newer_version_are_refused_at_the_start(path: Path, journal: SqliteJournal) -> None:
    journal.close()
    insert_raw(path, 1, "MoonLanded", '{"type":"MoonLanded","at":1}')
    with pytest.raises(StoreError, match=r"facts of a newer driftdeck \(MoonLanded\).*update driftdeck"):
        SqliteJournal(path)


@pytest.mark.parametrize("payload", ['{"type":"FeeCharged","at":1}', '{"type":"Fee', "", '{"type":"Other","at":1}'])
def test_an_entry_that_cannot_be_read_is_named(path: Path, journal: SqliteJournal, payload: str) -> None:
    insert_raw(path, 1, "FeeCharged", payload)
    with pytest.raises(StoreError, match=r"entry 1 \(FeeCharged\) of .*journal.db cannot be read .*backup"):
        journal.read()


def test_a_journal_whose_reader_cannot_open_lets_go_of_the_file(
    path: Path, journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.close()
    opened: list[sqlite3.Connection] = []
    connect = SqliteJournal._connect

    def second_fails(self: SqliteJournal, read_only: bool) -> sqlite3.Connection:
        if opened:
            raise sqlite3.OperationalError("unable to open database file")
        opened.append(connect(self, read_only))
        return opened[0]

    monkeypatch.setattr(SqliteJournal, "_connect", second_fails)
    with pytest.raises(StoreError, match="opened"):
        SqliteJournal(path)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened[0].execute("SELECT 1")


def test_missing_entries_are_noticed(path: Path, journal: SqliteJournal) -> None:
    journal.append(one_of_each_kind())
    journal.close()
    db = sqlite3.connect(path)
    db.executescript("DROP TRIGGER facts_remain; DELETE FROM facts WHERE seq = 3;")
    db.close()
    with pytest.raises(StoreError, match=f"1 of {len(one_of_each_kind())} entries are missing"):
        SqliteJournal(path)


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.write_text("not a database " * 100)
    with pytest.raises(StoreError, match=r"is damaged .*backup"):
        SqliteJournal(path)


def test_a_torn_page_is_refused(path: Path) -> None:
    found = SqliteJournal(path)
    found.append([fill(n, "1", "2") for n in range(500)])
    found.close()
    data = bytearray(path.read_bytes())
    data[4096 * 6 : 4096 * 12] = b"\xaa" * 4096 * 6
    path.write_bytes(data)
    with pytest.raises(StoreError, match="damaged"), closing(SqliteJournal(path)) as again:
        again.read()


def test_a_path_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        SqliteJournal(tmp_path / "gone" / "journal.db")


def test_a_full_or_read_only_disk_is_one_sentence_and_nothing_is_half_done(journal: SqliteJournal) -> None:
    journal.append([fill(1, "1", "2")])
    journal._db.execute("PRAGMA query_only = ON")  # what a read-only disk answers
    with pytest.raises(StoreError, match=r"cannot be written \(.*readonly.*check the disk"):
        journal.append([fill(2, "1", "2")])
    journal._db.execute("PRAGMA query_only = OFF")
    (pages,) = journal._db.execute("PRAGMA page_count").fetchone()
    journal._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match=r"cannot be written \(.*full"):
        journal.append([fill(n, "1", "2") for n in range(2_000)])
    assert [record.seq for record in journal.read()] == [1]
    journal._db.execute("PRAGMA max_page_count = 100000")
    assert journal.append([fill(2, "1", "2")]) == 2


FILL_THE_DISK = """
import resource, sys
from pathlib import Path
from engine.adapters.sqlite_journal import SqliteJournal
from engine.domain.errors import StoreError
from support.journal_child import batch
journal = SqliteJournal(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
number = last = 0
try:
    while True:
        last = journal.append(batch(number))
        number += 1
except StoreError as error:
    print(last, len(journal.read()), error)
"""


def test_a_file_that_may_not_grow_keeps_all_that_was_acknowledged(path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    done = subprocess.run(
        [sys.executable, "-c", FILL_THE_DISK, str(path)], env=environment, capture_output=True, text=True, check=True
    )
    last, seen, sentence = done.stdout.split(" ", 2)
    found = SqliteJournal(path)
    kept = found.last_seq()
    found.close()
    assert int(last) == int(seen) == kept > 50
    assert "cannot be written" in sentence


def test_another_process_reads_while_the_engine_writes_and_may_not_write(path: Path, journal: SqliteJournal) -> None:
    journal.append([fill(1, "1", "2")])
    reader = SqliteJournal(path, read_only=True)
    journal.append([fill(2, "1", "2")])
    assert [record.seq for record in reader.read()] == [1, 2]
    with pytest.raises(StoreError, match="cannot be written"):
        reader.append([fill(3, "1", "2")])
    reader.close()


def test_reading_never_creates_nor_migrates(tmp_path: Path, path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        SqliteJournal(path, read_only=True)
    journal_of_version(path, 0)
    with pytest.raises(StoreError, match="start the engine once"):
        SqliteJournal(path, read_only=True)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["journal.db"]
