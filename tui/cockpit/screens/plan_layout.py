"""Owns the bridge from a Plan to Textual: a layout that puts each named widget on its rectangle.

Widgets the plan does not name are not placed, so they cost nothing. What floats (the overlay) is placed above.
"""

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

from tui.cockpit.layout import Rect

FLOATING = "floating"


class PlanLayout(Layout):
    """Place children by name."""

    name: ClassVar[str] = "plan"

    def __init__(self, rects: Callable[[Size], Mapping[str, Rect]]) -> None:
        self._rects = rects

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        """Return a placement for every child that has a rectangle."""
        rects = self._rects(size)
        return [
            WidgetPlacement(
                Region(*rects[child.name]), NULL_OFFSET, NULL_SPACING, child, order=int(child.name == FLOATING)
            )
            for child in children
            if child.name is not None and child.name in rects
        ]
