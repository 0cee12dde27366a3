"""A writer killed at any moment: what it said was durable is there, and nothing is there by half."""

import itertools
import os
import subprocess
import sys
from pathlib import Path

from engine.adapters.sqlite_journal import SqliteJournal
from engine.domain.facts import FeeCharged

ROUNDS = 10
ROOT = Path(__file__).resolve().parents[2]


def kill_after(path: Path, lines: int) -> tuple[int, int]:
    """Run the child, kill it after it said `lines` batches; return the last batch and sequence number it said."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    child = subprocess.Popen(
        [sys.executable, "-m", "support.journal_child", str(path)], stdout=subprocess.PIPE, env=environment, text=True
    )
    with child:
        assert child.stdout is not None
        for _ in range(lines):
            child.stdout.readline()
        child.kill()  # somewhere in the middle of the next batches
        rest = child.stdout.read()
    said = [line for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    number, seq = (int(word) for word in said[-1].split()) if said else (-1, 0)
    return number, seq


def test_every_acknowledged_batch_survives_and_none_is_half_written(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    for lines in range(1, ROUNDS + 1):
        number, seq = kill_after(path, lines)
        journal = SqliteJournal(path)
        facts = [record.fact for record in journal.read()]
        journal.close()
        assert len(facts) >= seq
        fees = [fact for fact in facts if isinstance(fact, FeeCharged)]
        assert len(fees) == len(facts)
        batches = [(at, list(group)) for at, group in itertools.groupby(fees, key=lambda fee: fee.at)]
        assert [at for at, _ in batches] == list(range(len(batches)))
        assert len(batches) > number
        assert [[fee.note for fee in group] for _, group in batches] == [
            [f"{at}:{1 + at % 7}"] * (1 + at % 7) for at, _ in batches
        ]
