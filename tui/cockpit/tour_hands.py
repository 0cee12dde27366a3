"""Owns the keys of the guided tour, and remembering that it was seen: a small file, so that it does not come again."""

import logging
from collections.abc import Callable
from pathlib import Path

from tui.cockpit.key_names import Action
from tui.cockpit.panels.tour import HINTS
from tui.cockpit.stage import Stage

log = logging.getLogger(__name__)


class TourHands:
    """Turn the hints of one stage; `seen` is the file that says the tour was seen, None where nobody asks."""

    def __init__(self, stage: Stage, seen: Path | None) -> None:
        self._choice = stage.choice
        self._seen = seen
        if seen is not None and not seen.exists():
            self._choice.tour = 0

    def does(self) -> dict[Action, Callable[[], None]]:
        """Return what the keys do."""
        return {Action.NEXT_HINT: self._next, Action.NO_HINTS: self._end}

    def _next(self) -> None:
        step = 0 if self._choice.tour is None else self._choice.tour + 1
        if step < len(HINTS):
            self._choice.tour = step
        else:
            self._end()

    def _end(self) -> None:
        self._choice.tour = None
        if self._seen is None:
            return
        try:
            self._seen.touch(mode=0o600)
        except OSError as error:
            log.info("the tour will come again: %s", error)
