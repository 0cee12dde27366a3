"""Owns the heat map on screen: rows of cells by level, with segments made once per level and text.

A correlation matrix has few distinct cells and changes row by row: only changed rows are built and repainted, and no
style is ever computed twice. Never turns a number into a level: `panels.correlation` does.
"""

from rich.segment import Segment

from tui.cockpit.ink import Heat, Paint, Role
from tui.cockpit.theme import Theme
from tui.cockpit.widgets.live_grid import LiveGrid

_KEEP = 4096


class HeatGrid(LiveGrid, inherit_css=False, can_focus=False):
    """A LiveGrid whose segments are shared between all cells that look the same."""

    def __init__(self, theme: Theme, *, ground: Role = Role.PANEL, name: str | None = None) -> None:
        super().__init__(theme, ground=ground, name=name)
        self._prebuilt: dict[tuple[str, Paint | Heat], Segment] = {}

    def _forget(self) -> None:
        self._prebuilt.clear()
        super()._forget()

    def _segment(self, text: str, paint: Paint | Heat) -> Segment:
        found = self._prebuilt.get((text, paint))
        if found is None:
            if len(self._prebuilt) >= _KEEP:
                self._prebuilt.clear()
            found = self._prebuilt[text, paint] = super()._segment(text, paint)
        return found
