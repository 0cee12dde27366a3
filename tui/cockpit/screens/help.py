"""Owns the help screen: the key table and the shapes, over the whole terminal."""

from collections.abc import Callable

from textual.app import ComposeResult
from textual.layout import Layout
from textual.screen import Screen

from tui.cockpit.layout import Rect
from tui.cockpit.panels.help_page import help_lines
from tui.cockpit.scene import Scene
from tui.cockpit.screens.plan_layout import PlanLayout
from tui.cockpit.theme import Theme
from tui.cockpit.widgets.live_grid import LiveGrid


class HelpScreen(Screen[None], inherit_bindings=False):
    """The help, left with escape."""

    DEFAULT_CSS = "HelpScreen { overflow: hidden; }"

    def __init__(self, theme: Theme, *, scene: Callable[[], Scene]) -> None:
        super().__init__()
        self._grid = LiveGrid(theme, name="page")
        self._scene = scene
        self._page = 0
        self._placing = PlanLayout(lambda size: {"page": Rect(0, 0, size.width, size.height)})

    @property
    def layout(self) -> Layout:
        """Return the layout with one page."""
        return self._placing

    def compose(self) -> ComposeResult:
        """Show one grid over everything."""
        yield self._grid

    def on_resize(self) -> None:
        """Lay the page out anew."""
        self.call_after_refresh(self.paint)

    def paint(self) -> None:
        """Show the page."""
        self._grid.show(help_lines(self._scene(), self.size.width, self.size.height, page=self._page))

    def turn(self) -> None:
        """Show the next page; after the last comes the first."""
        self._page += 1
        self.paint()
