"""Owns the keys that change only what is looked at: basket, matrix, page, filter. Nothing here reaches the engine.

`hands` dispatches to it. Never paints: the app does, after each key.
"""

from engine.domain.views import MatrixKind
from tui.cockpit.choice import Page
from tui.cockpit.scene import VIEWS
from tui.cockpit.stage import Stage

_OTHER = {"pearson": "winsorized", "winsorized": "pearson"}
SCROLL_ROWS = 5


class ViewHands:
    """Change what one stage shows."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._choice = stage.choice

    def select(self, step: int) -> None:
        """Select a basket further on or back."""
        self._choice.selected += step

    def next_view(self) -> None:
        """Turn base, now, change."""
        at = VIEWS.index(self._choice.view) if self._choice.view in VIEWS else -1
        self._choice.view = VIEWS[(at + 1) % len(VIEWS)]

    def next_window(self) -> None:
        """Show a plain window, or the next one."""
        health = self._stage.scene().health
        days = health.windows_days if health else (30, 60, 90)
        if self._choice.view is MatrixKind.WINDOW:
            at = days.index(self._choice.window_days) if self._choice.window_days in days else -1
            self._choice.window_days = days[(at + 1) % len(days)]
        self._choice.view = MatrixKind.WINDOW

    def other_estimator(self) -> None:
        """Go from the view's own estimator to the other one, and back."""
        if self._choice.estimator:
            self._choice.estimator = ""
            return
        served = self._stage.scene().matrix(self._choice.view)
        self._choice.estimator = _OTHER.get(served.estimator if served else "", "pearson")

    def toggle_counts(self) -> None:
        """Show pair counts, or values."""
        self._choice.counts = not self._choice.counts

    def toggle_scope(self) -> None:
        """Show all assets, or the basket."""
        self._choice.all_assets = not self._choice.all_assets

    def toggle_page(self, page: Page) -> None:
        """Open a page, or leave it."""
        self.open_page(Page.COCKPIT if self._choice.page is page else page)

    def open_page(self, page: Page) -> None:
        """Open a page, or the cockpit itself."""
        self._choice.page = page
        self._choice.scrolled, self._choice.detail = 0, ""

    def turn_log_level(self) -> None:
        """Show the log from another level on."""
        self._choice.log_level += 1
        self._choice.scrolled = 0

    def scroll(self, step: int) -> None:
        """Go to older or newer rows; the page knows where it ends."""
        self._choice.scrolled = max(0, self._choice.scrolled + step * SCROLL_ROWS)
