"""Owns the keys of the lab pages: they set what is asked, and `settle` sees to it that it is made, and ended in time.

Nothing here reaches the engine. Never paints: the app does, after each key.
"""

from collections.abc import Callable

from tui.cockpit.builder_hands import BuilderHands
from tui.cockpit.choice import Page
from tui.cockpit.key_names import Action
from tui.cockpit.lab_choice import BOOKS
from tui.cockpit.lab_marks import marked_book, market_of
from tui.cockpit.stage import Stage

LAB_PAGES = (Page.STRESS, Page.BUILDER, Page.BACKTEST)
FURTHER_ROWS = 8


class LabHands:
    """Change what one stage's lab pages ask, and keep their jobs to it."""

    def __init__(self, stage: Stage, *, deafen: Callable[[], None], tell: Callable[..., None]) -> None:
        self._stage = stage
        self._choice = stage.choice
        self._builder = BuilderHands(stage, deafen=deafen, tell=tell)

    def does(self) -> dict[Action, Callable[[], None]]:
        """Return what the keys of the lab pages do."""
        return {
            **self._builder.does(),
            Action.NEXT_BOOK: lambda: self._book(1),
            Action.PREVIOUS_BOOK: lambda: self._book(-1),
            Action.FIRST_SLIDER: lambda: self._mark(0),
            Action.SECOND_SLIDER: lambda: self._mark(1),
            Action.THIRD_SLIDER: lambda: self._mark(2),
            Action.SLIDE_UP: lambda: self._choice.stress.slide(1),
            Action.SLIDE_DOWN: lambda: self._choice.stress.slide(-1),
            Action.POSITIONS: self._positions,
            Action.AGAIN: lambda: self._stage.labs.again(self._choice.page),
            Action.FURTHER: self._further,
            Action.CURVE: self._curve,
        }

    def settle(self) -> None:
        """After any key: begin what the page in front wants, end what others have under way."""
        labs, page = self._stage.labs, self._choice.page
        for other in LAB_PAGES:
            if other is not page:
                labs.leave(other)
        if page is Page.STRESS:
            scene = self._stage.scene()
            labs.want_stress(self._choice.stress, marked_book(scene), market_of(scene))
        elif page is Page.BUILDER and not self._choice.builder.choosing:
            labs.want_build(self._choice.builder)
        elif page is Page.BACKTEST:
            labs.want_backtest(self._choice.backtest)

    def _book(self, step: int) -> None:
        self._choice.stress.book += step
        self._choice.scrolled = 0

    def _mark(self, slider: int) -> None:
        self._choice.stress.slider = slider

    def _curve(self) -> None:
        self._choice.backtest.drawdown = not self._choice.backtest.drawdown

    def _positions(self) -> None:
        chosen = self._choice.stress
        chosen.what = BOOKS[(BOOKS.index(chosen.what) + 1) % len(BOOKS)]

    def _further(self) -> None:
        """Go on by some rows; the page stops at its end, from where the next step leads to its top."""
        choice = self._choice
        choice.scrolled = 0 if choice.scrolled >= choice.scroll_end else choice.scrolled + FURTHER_ROWS
