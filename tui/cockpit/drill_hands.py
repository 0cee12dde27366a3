"""Owns the keys of the fault page: mark a fault, choose for how long, break it, mend everything.

They reach the simulated exchange of a drill and nothing else; where there is none they say so. Never paints.
"""

from collections.abc import Callable

from tui.cockpit.choice import Page
from tui.cockpit.drill import DURATIONS_S
from tui.cockpit.key_names import Action
from tui.cockpit.stage import Stage

READ_ONLY = "read-only: attach without --read-only to break something"


class DrillHands:
    """Change what one stage's fault page marks, and break what it shows."""

    def __init__(self, stage: Stage, *, open_page: Callable[[Page], None], tell: Callable[..., None]) -> None:
        self._stage = stage
        self._choice = stage.choice
        self._open_page = open_page
        self._tell = tell

    def does(self) -> dict[Action, Callable[[], None]]:
        """Return what each key does."""
        return {
            Action.FAULTS: self._page,
            Action.NEXT_FAULT: lambda: self._mark(1),
            Action.PREVIOUS_FAULT: lambda: self._mark(-1),
            Action.LONGER: lambda: self._last(1),
            Action.SHORTER: lambda: self._last(-1),
            Action.BREAK: self._break,
            Action.MEND: self._mend,
        }

    def _page(self) -> None:
        barrier = self._barrier()
        if barrier and self._choice.page is not Page.FAULTS:
            self._tell(barrier)
            return
        self._open_page(Page.FAULTS)
        self._stage.drill.look(self._stage.scene().health)

    def _barrier(self) -> str:
        return self._stage.drill.barrier(self._stage.scene().health)

    def _mark(self, step: int) -> None:
        self._choice.fault += step

    def _last(self, step: int) -> None:
        self._choice.lasts = min(max(self._choice.lasts + step, 0), len(DURATIONS_S) - 1)

    def _may(self) -> bool:
        barrier = self._barrier() or (READ_ONLY if self._stage.read_only else "")
        if barrier:
            self._tell(barrier)
        return not barrier

    def _break(self) -> None:
        faults = self._stage.drill.faults
        if not self._may() or not faults:
            return
        fault, seconds = faults[self._choice.fault % len(faults)], DURATIONS_S[self._choice.lasts]
        self._stage.drill.begin(fault, seconds, self._heard(f"{fault.kind} for {seconds} s: {fault.does}"))

    def _mend(self) -> None:
        if self._may():
            self._stage.drill.mend(self._heard("every fault is over"))

    def _heard(self, done: str) -> Callable[[str], None]:
        return lambda why: self._tell(why or done, refused=bool(why))
