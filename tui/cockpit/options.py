"""Owns what the commands tell the cockpit: where the engine is, how to look, and who stands behind the scenes.

Never starts anything: a `Backstage` (the demo, `run`) does, and says here how it is getting on.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tui.cockpit.drill import FaultDoor
from tui.cockpit.lab_jobs import PROGRAM
from tui.cockpit.outward import NoticeForm


class Backstage(Protocol):
    """Whoever started the cockpit and may start the engine too."""

    @property
    def can_start_engine(self) -> bool:
        """Return whether `start_engine` would do something sensible."""

    def status(self) -> str:
        """Return what is being prepared ("starting the simulated exchange"), empty when done."""

    def failure(self) -> str | None:
        """Return the sentence to leave with when the preparation failed for good."""

    def ready(self) -> None:
        """Hear, once, that the first frame with data was painted."""

    def start_engine(self) -> None:
        """Start the engine again. May block for a while: the cockpit calls it in a thread."""

    def leave_note(self) -> str:
        """Return the sentence to print after a normal quit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the trader wants the cockpit to look and to call: what the command line says of it."""

    theme: str = ""  # empty: the one that was kept last, else graphite
    ascii_only: bool = False
    red_up: bool = False  # gain and loss change colors; arrows and signs stay
    private: bool = False  # amounts of money are hidden from the start
    notices: NoticeForm = NoticeForm.AUTO  # how the terminal shows an alert while it has not the focus


@dataclass(frozen=True, slots=True, kw_only=True)
class CockpitOptions(Look):
    """How to run one cockpit."""

    socket: Path
    state: Path | None = None  # the engine's state directory: the lab pages ask commands about it
    basket_themes: tuple[str, ...] = ()  # their names, for the basket builder
    program: tuple[str, ...] = PROGRAM  # how the lab pages call `driftdeck`
    read_only: bool = False
    memory: Path | None = None  # the file that keeps theme and layout over restarts; None: nothing is kept
    colors: Path | None = None  # the folder of the trader's own color themes
    bell: bool = True  # ring the terminal's bell for an alert that rings
    tour_seen: Path | None = None  # the guided tour begins unless this file is there; None: it does not begin
    backstage: Backstage | None = None
    faults: FaultDoor | None = None  # the simulated exchange of a drill: it can be broken on purpose
