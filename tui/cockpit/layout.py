"""Owns where each panel stands at each terminal size (LOOK 2): three forms, their rectangles and cell sizes.

Pure arithmetic: no widget, no text. The screen places its widgets by this plan, so a resize is one function call.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

CARDS = 6
MIN_COLUMNS, MIN_ROWS = 80, 24


class Form(StrEnum):
    """The forms of the cockpit."""

    TINY = "tiny"
    STACK = "stack"
    NORMAL = "normal"
    WIDE = "wide"


class Rect(NamedTuple):
    """Columns and rows on the screen."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The rectangle of every panel that is shown, by name, and the preferred size of a heat cell."""

    form: Form
    panels: dict[str, Rect]
    cell_width: int = 8
    cell_height: int = 2

    @property
    def cards(self) -> int:
        """Return how many basket cards there are."""
        return sum(name.startswith("card") for name in self.panels)


def form_of(columns: int, rows: int) -> Form:
    """Return the form for a terminal of this size."""
    if columns < MIN_COLUMNS or rows < MIN_ROWS:
        return Form.TINY
    if columns < 100 or rows < 36:
        return Form.STACK
    return Form.WIDE if columns >= 180 and rows >= 50 else Form.NORMAL


def plan(columns: int, rows: int, *, all_assets: int = 0, page: str = "") -> Plan:
    """Return the plan; `all_assets` > 0 spreads the matrix of that many assets over everything above the feed.

    `page` gives everything between the account line and the keys to the panel of that name.
    """
    form = form_of(columns, rows)
    panels = {
        "status": Rect(0, 0, columns, 1),
        "situation": Rect(0, 1, columns, 1),
        "keys": Rect(0, rows - 1, columns, 1),
    }
    if form is Form.TINY:
        panels["situation"] = Rect(0, min(1, rows - 1), columns, 1)
        return Plan(form=form, panels=panels)
    if form is not Form.STACK:
        panels["account"] = Rect(0, 2, columns, 1)
    if page:
        top = 2 if form is Form.STACK else 3
        panels[page] = Rect(0, top, columns, rows - 1 - top)
        return Plan(form=form, panels=panels)
    if all_assets:
        return _spread(form, panels, columns, rows, all_assets)
    return {Form.STACK: _stack, Form.NORMAL: _normal, Form.WIDE: _wide}[form](panels, columns, rows)


def _spread(form: Form, panels: dict[str, Rect], columns: int, rows: int, assets: int) -> Plan:
    last = rows - 2
    wanted = 1 + assets + 1
    height = min(max(wanted, 12), last - 3)
    feed = last - 3 - height
    if feed < 4:
        height, feed = last - 2, 0
    panels["heat_head"] = Rect(0, 3, columns, 1)
    panels["heat"] = Rect(0, 4, columns, height - 1)
    if feed:
        panels["feed"] = Rect(0, 3 + height + 1, columns, feed)
    return Plan(form=form, panels=panels, cell_width=6, cell_height=1)


def _heat(panels: dict[str, Rect], card: Rect, heat_rows: int) -> None:
    """Cut a correlation card into header, stair and strongest pairs."""
    panels["heat_head"] = Rect(card.x, card.y, card.width, 1)
    panels["heat"] = Rect(card.x, card.y + 1, card.width, heat_rows)
    rest = card.height - 1 - heat_rows
    if rest > 1:
        panels["pairs"] = Rect(card.x, card.y + 1 + heat_rows, card.width, rest)


def _stack(panels: dict[str, Rect], columns: int, rows: int) -> Plan:
    spare = rows - MIN_ROWS
    left = 39
    panels["list"] = Rect(0, 3, left, 8)
    _heat(panels, Rect(left + 1, 3, columns - left - 1, 8), 7)
    panels["basket"] = Rect(0, 12, columns, 6)
    panels["feed"] = Rect(0, 18, columns, 5 + spare)
    return Plan(form=Form.STACK, panels=panels, cell_width=7, cell_height=1)


def _normal(panels: dict[str, Rect], columns: int, rows: int) -> Plan:
    extra = columns - 120
    heat = min(53, 42 + max(0, extra)) if extra > -4 else 42
    card = (columns - heat - 2) // 2
    heat = columns - 2 * card - 2
    for index in range(CARDS):
        row, column = divmod(index, 2)
        panels[f"card{index}"] = Rect(column * (card + 1), 3 + row * 9, card, 8)
    _heat(panels, Rect(2 * card + 2, 3, heat, min(26, rows - 5)), 15)
    top = 30
    panels["feed"] = Rect(0, top, columns, max(1, rows - 1 - top))
    return Plan(form=Form.NORMAL, panels=panels, cell_width=10 if heat >= 50 else 8)


def _wide(panels: dict[str, Rect], columns: int, rows: int) -> Plan:
    heat = 53
    left = columns - heat
    card = (left - 3) // 3
    for index in range(CARDS):
        row, column = divmod(index, 3)
        panels[f"card{index}"] = Rect(column * (card + 1), 3 + row * 10, card, 9)
    foot = 17
    spare = rows - 60
    chart = max(8, 18 + spare)
    feed_top = 23 + chart + 1
    span = left - 1
    panels["chart"] = Rect(0, 23, span, chart)
    _heat(panels, Rect(left, 3, heat, 20 + chart), 20)
    foot = rows - 1 - feed_top
    panels["feed"] = Rect(0, feed_top, span, foot)
    panels["book"] = Rect(left, feed_top, heat, foot)
    return Plan(form=Form.WIDE, panels=panels, cell_width=10, cell_height=3)
