"""Owns the files that the trader asks the cockpit for: pictures, tables and copies, in the state directory.

Private to their owner (0600 in a 0700 folder), never over another one, named by market time. Raises OSError where
nothing can be written.
"""

import csv
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from textual.strip import Strip

from engine.domain.units import Ms
from tui.cockpit import text
from tui.cockpit.svg import svg

FOLDER = "exports"
COPIED = "copied.txt"


class Keepsakes:
    """Writes below one state directory."""

    def __init__(self, state: Path) -> None:
        self.folder = state / FOLDER

    def picture(self, rows: Sequence[Strip], at: Ms | None) -> str:
        """Write the screen as SVG and as text; return their common name."""
        columns = max((row.cell_length for row in rows), default=0)
        plain = "\n".join(row.text.rstrip() for row in rows) + "\n"
        return self._write(at, "screen", {".svg": svg(rows, columns), ".txt": plain})

    def table(self, name: str, rows: Iterable[Sequence[str]], at: Ms | None) -> str:
        """Write a table as CSV; return its name."""
        said = io.StringIO()
        csv.writer(said, lineterminator="\n").writerows(rows)
        return self._write(at, "".join(char if char.isalnum() else "-" for char in name), {".csv": said.getvalue()})

    def copied(self, words: str) -> Path:
        """Keep the last copy in a file and return it: nobody can know whether a terminal took it."""
        self._folder()
        return write_over(self.folder / COPIED, words + "\n")

    def _folder(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _write(self, at: Ms | None, name: str, texts: dict[str, str]) -> str:
        self._folder()
        moment = "" if at is None else f"{text.date(at)}T{text.clock(at)}-".replace(":", "")
        for count in range(1, 1000):
            stem = f"{moment}{name}{'' if count == 1 else f'-{count}'}"
            if not any((self.folder / (stem + ending)).exists() for ending in texts):
                for ending, said in texts.items():
                    _write_private(self.folder / (stem + ending), said)
                return stem
        raise OSError(f"{self.folder} has a thousand of them")


def write_over(path: Path, said: str) -> Path:
    """Write a private file in the place of an older one, whole or not at all, and return it."""
    fresh = path.with_name(f".{path.name}")
    fresh.unlink(missing_ok=True)
    _write_private(fresh, said)
    return fresh.replace(path)


def _write_private(path: Path, said: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as out:
        out.write(said)
