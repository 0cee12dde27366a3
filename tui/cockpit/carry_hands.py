"""Owns the keys that carry something off the screen or hide it: copy, picture, tables, private mode.

Nothing here reaches the engine. What could not be written is said; the cockpit goes on. What makes files and tables is
imported when the first one is asked for.
"""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.cockpit import outward
from tui.cockpit.key_names import Action
from tui.cockpit.stage import Stage

if TYPE_CHECKING:
    from tui.cockpit.keepsakes import Keepsakes

Tell = Callable[[str, bool], None]


class CarryHands:
    """Carry things off one stage."""

    def __init__(self, stage: Stage, tell: Tell) -> None:
        self._stage = stage
        self._tell = tell

    def does(self) -> dict[Action, Callable[[], None]]:
        """Return what the keys do."""
        return {
            Action.PRIVATE: self._stage.looks.toggle_private,
            Action.COPY: self._copy,
            Action.SNAPSHOT: self._picture,
            Action.EXPORT: self._export,
        }

    def _copy(self) -> None:
        from tui.cockpit import takeaway

        name, words = takeaway.in_front(self._stage.scene())
        if not name:
            self._tell("there is nothing in front to copy", False)
            return
        self._stage.say(outward.clipboard(words, tmux="TMUX" in os.environ))
        kept = self._kept()
        if kept is None:
            self._tell(f"{name} is sent to the terminal's clipboard", False)
            return
        try:
            place = kept.copied(words)
        except OSError as error:
            self._tell(f"{name} is sent to the terminal's clipboard; no file: {error.strerror or error}", True)
        else:
            self._tell(f"{name} is sent to the terminal's clipboard, and in {place}", False)

    def _picture(self) -> None:
        kept = self._kept()
        if kept is not None:  # asked for by name, it waits until the palette is off the screen
            at = self._stage.scene().deck.market_ms
            self._stage.once_shown(lambda rows: self._write(lambda: kept.picture(rows, at), kept))

    def _export(self) -> None:
        from tui.cockpit import takeaway

        scene, kept = self._stage.scene(), self._kept()
        found = takeaway.tables(scene)
        if not found:
            self._tell("this page has no table to export", False)
        elif kept is not None:
            at = scene.deck.market_ms
            self._write(lambda: ", ".join(kept.table(one.name, takeaway.as_rows(one), at) for one in found), kept)

    def _write(self, write: Callable[[], str], kept: "Keepsakes") -> None:
        try:
            names = write()
        except OSError as error:
            self._tell(f"nothing was written to {kept.folder}: {error.strerror or error}", True)
        else:
            self._tell(f"in {kept.folder}: {names}", False)

    def _kept(self) -> "Keepsakes | None":
        from tui.cockpit.keepsakes import Keepsakes

        state = self._stage.state
        if state is None:
            self._tell("this cockpit knows no state directory to write into", True)
            return None
        return Keepsakes(state)
