"""Owns what is kept of the screen over restarts: theme, layout, focus and zoom, in one small private file.

What cannot be read is as if nothing had been kept; what cannot be written is lost with a line in the log. Never
changes the screen.
"""

import logging
from pathlib import Path

import msgspec
from msgspec import Struct

from tui.cockpit.layout import Panel, Preset

log = logging.getLogger(__name__)
FILE = "screen.json"


class Kept(Struct, frozen=True, kw_only=True):
    """What was kept. An empty theme: none was chosen."""

    theme: str = ""
    preset: Preset = Preset.BALANCED
    focus: Panel = Panel.BASKETS
    zoomed: bool = False


class Memory:
    """Remembers in one file; without a file for as long as it lives."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self.kept = _read(path) if path is not None else Kept()

    def keep(self, kept: Kept) -> None:
        """Remember from now on."""
        if kept == self.kept:
            return
        self.kept = kept
        if self._path is None:
            return
        from tui.cockpit.keepsakes import write_over

        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_over(self._path, msgspec.json.encode(kept).decode() + "\n")
        except OSError as error:
            log.info("the screen's layout is not kept: %s", error)


def _read(path: Path) -> Kept:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Kept)
    except (OSError, msgspec.DecodeError):
        return Kept()
