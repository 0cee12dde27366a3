"""Owns what the keys of the palette do: open, type, mark, and do what is marked exactly as its own key would.

What counts elsewhere is gone to first. Opening and leaving make the dangerous keys deaf for a moment, like every
change of focus.
"""

from collections.abc import Callable

from tui.cockpit import palette
from tui.cockpit.choice import Palette
from tui.cockpit.key_names import Action, Context
from tui.cockpit.key_row import Key
from tui.cockpit.stage import Stage

TYPED_MOST = 40


class PaletteHands:
    """Turn the palette's keys into actions on one stage."""

    def __init__(
        self,
        stage: Stage,
        *,
        run: Callable[[Key, Context | None], None],
        tell: Callable[[str], None],
        deafen: Callable[[], None],
    ) -> None:
        self._stage = stage
        self._run = run
        self._tell = tell
        self._deafen = deafen

    def does(self) -> dict[Action, Callable[[], None]]:
        """Return what each key does."""
        return {
            Action.PALETTE: self._open,
            Action.PALETTE_RUN: self._do,
            Action.PALETTE_NEXT: lambda: self._mark(1),
            Action.PALETTE_PREVIOUS: lambda: self._mark(-1),
            Action.PALETTE_ERASE: lambda: self._typed(-1, ""),
            Action.PALETTE_LEAVE: self._leave,
        }

    def type(self, typed: str) -> None:
        """Take typed or pasted text."""
        self._typed(None, typed)

    def _open(self) -> None:
        self._stage.choice.palette = Palette()
        self._deafen()

    def _leave(self) -> None:
        self._stage.choice.palette = None
        self._deafen()

    def _mark(self, step: int) -> None:
        shown = self._stage.choice.palette
        if shown is not None:
            shown.at += step

    def _typed(self, end: int | None, more: str) -> None:
        shown = self._stage.choice.palette
        if shown is not None:
            shown.text, shown.at = (shown.text[:end] + more)[:TYPED_MOST], 0

    def _do(self) -> None:
        shown = self._stage.choice.palette
        entry = palette.marked(self._stage.scene(), shown) if shown is not None else None
        if entry is None:
            return
        if entry.reason:
            self._tell(f"{entry.row.short}: {entry.reason}")
            return
        self._stage.choice.palette = None
        self._run(entry.row, entry.to)
