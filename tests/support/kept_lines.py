"""Owns what a long table keeps of its rows, so that one that was interrupted goes on: JSON lines beside the commit.

A row is found again by the fields that name it, where the code is the same: another commit tries everything anew.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

from support.crash_points import ROOT


def commit() -> str:
    """Return what the code is, changes that are not committed said; empty outside of a repository."""
    asked = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    done = subprocess.run(asked, capture_output=True, text=True, cwd=ROOT, check=False)
    return done.stdout.strip()


class KeptLines:
    """The rows that a file keeps; without a file none are."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._commit = commit() if path is not None else ""
        lines = path.read_text(encoding="utf-8").splitlines() if path is not None and path.exists() else ()
        self._rows: list[dict[str, Any]] = [row for row in map(_read, lines) if row.get("commit") == self._commit]

    def find(self, name: dict[str, Any]) -> dict[str, Any] | None:
        """Return the newest row of this name that was kept at this commit."""
        named = (row for row in reversed(self._rows) if name.items() <= row.items())
        return next(named, None)

    def add(self, row: dict[str, Any]) -> None:
        """Keep a row."""
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"commit": self._commit} | row) + "\n")


def _read(line: str) -> dict[str, Any]:
    """Return the row of a line; a line that was cut off is none."""
    try:
        row = json.loads(line)
    except ValueError:
        row = None
    return row if isinstance(row, dict) else {}
