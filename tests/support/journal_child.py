"""Owns a child process that appends batches to a journal until it is killed, and says each one when it is durable.

Run as `python -m support.journal_child PATH`. A batch of n facts carries its own number and n, so that whoever looks
at the file afterwards can tell a whole batch from half of one.
"""

import sys
from decimal import Decimal
from pathlib import Path

from engine.adapters.sqlite_journal import SqliteJournal
from engine.domain.facts import FeeCharged
from engine.domain.units import BasketName, Ms


def batch(number: int) -> list[FeeCharged]:
    """Return batch `number`: one to seven facts."""
    size = 1 + number % 7
    return [
        FeeCharged(at=Ms(number), basket=BasketName("b"), amount=Decimal(k), note=f"{number}:{size}")
        for k in range(size)
    ]


def main(path: Path) -> None:
    """Append for ever."""
    journal = SqliteJournal(path)
    newest = journal.read(after=journal.last_seq() - 1)
    number = newest[0].fact.at + 1 if newest else 0
    while True:
        last = journal.append(batch(number))
        sys.stdout.write(f"{number} {last}\n")
        sys.stdout.flush()
        number += 1


if __name__ == "__main__":
    main(Path(sys.argv[1]))
