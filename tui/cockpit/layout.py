"""Owns the words for where panels stand (LOOK 2): forms, presets, panels, rectangles. `arrange` puts them together.

Never knows a size of a terminal beyond the one that decides the form.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

MIN_COLUMNS, MIN_ROWS = 80, 24


class Form(StrEnum):
    """The forms of the cockpit."""

    TINY = "tiny"
    STACK = "stack"
    NORMAL = "normal"
    WIDE = "wide"


class Preset(StrEnum):
    """What the cockpit gives its room to; a key turns them in this order."""

    BALANCED = "balanced"
    BASKETS = "baskets"
    ALERTS = "alerts"


class Panel(StrEnum):
    """What can be in focus, and over the whole screen; the focus goes round in this order."""

    BASKETS = "baskets"
    CORRELATION = "correlation"
    WAITING = "waiting"
    FEED = "feed"
    CHART = "chart"
    BOOK = "book"


class Rect(NamedTuple):
    """Columns and rows on the screen."""

    x: int
    y: int
    width: int
    height: int


Panels = dict[str, Rect]
_PARTS = {
    "list": Panel.BASKETS,
    "basket": Panel.BASKETS,
    "heat": Panel.CORRELATION,
    "waiting": Panel.WAITING,
    "feed": Panel.FEED,
    "chart": Panel.CHART,
    "book": Panel.BOOK,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The rectangle of every panel that is shown, by name, and the preferred size of a heat cell."""

    form: Form
    panels: Panels
    cell_width: int = 8
    cell_height: int = 2

    @property
    def cards(self) -> int:
        """Return how many basket cards there are."""
        return sum(name.startswith("card") for name in self.panels)

    @property
    def shown(self) -> tuple[Panel, ...]:
        """Return which panels can be in focus."""
        names = {Panel.BASKETS if name.startswith("card") else _PARTS.get(name) for name in self.panels}
        return tuple(panel for panel in Panel if panel in names)


def form_of(columns: int, rows: int) -> Form:
    """Return the form for a terminal of this size."""
    if columns < MIN_COLUMNS or rows < MIN_ROWS:
        return Form.TINY
    if columns < 100 or rows < 36:
        return Form.STACK
    return Form.WIDE if columns >= 180 and rows >= 50 else Form.NORMAL
