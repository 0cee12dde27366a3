"""Owns what the hands need of the app, as one protocol, so that they can be tried on a stage without a terminal.

Never implemented here: `app` is the stage of a running cockpit.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from textual.strip import Strip

from tui.cockpit.bridge import Bridge
from tui.cockpit.choice import Choice
from tui.cockpit.drill import Drill
from tui.cockpit.labs import Labs
from tui.cockpit.layout import Panel
from tui.cockpit.looks import Looks
from tui.cockpit.memory import Memory
from tui.cockpit.scene import Scene


class Stage(Protocol):
    """What the hands need of the app."""

    choice: Choice
    bridge: Bridge
    labs: Labs
    drill: Drill
    looks: Looks
    memory: Memory
    read_only: bool
    state: Path | None  # where files for the trader go
    tour_seen: Path | None  # the file that says that the guided tour was seen

    def scene(self) -> Scene:
        """Return the moment."""

    @property
    def panels(self) -> tuple[Panel, ...]:
        """Return which panels can be in focus now."""

    @property
    def on_help(self) -> bool:
        """Return whether the help page is in front."""

    def toggle_help(self) -> None:
        """Open or leave the help page."""

    def turn_page(self) -> None:
        """Turn the page of the help."""

    def say(self, sequence: str) -> None:
        """Say something to the terminal beside the picture."""

    def once_shown(self, take: Callable[[list[Strip]], None]) -> None:
        """Call `take` with the rows of the screen as soon as they show what stands now."""

    def start_engine(self) -> None:
        """Start the engine again, where that can be done."""

    def leave(self) -> None:
        """End the cockpit."""

    def request_paint(self) -> None:
        """Paint soon."""
