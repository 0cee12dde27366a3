"""Owns what stands behind a cockpit while it runs: starting the engine (and a simulated exchange) without blocking it.

Implements the cockpit's Backstage. Work happens on one background thread; the cockpit polls `status` and `failure`.
Never touches the screen.
"""

import threading
from pathlib import Path

from engine.domain.errors import DriftdeckError
from engine.runtime.lock import holder_of
from tui.commands.processes import Child, start_engine

LOOK_EVERY_S = 0.1


class Stage:
    """Starts an engine where none runs, watches that it comes up, and starts it again when asked."""

    can_start_engine = True

    def __init__(
        self, *, config: Path, state: Path, socket: Path, live: bool = False, exit_when_idle_s: float | None = None
    ) -> None:
        self.config = config
        self.state = state
        self.socket = socket
        self.error: DriftdeckError | None = None
        self._status = "starting the engine"
        self._live = live
        self._exit_when_idle_s = exit_when_idle_s
        self._engine: Child | None = None
        self._shown = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._launch, name="stage", daemon=True)

    # -- what the cockpit asks

    def status(self) -> str:
        """Return what is being started, empty when nothing is."""
        return self._status

    def failure(self) -> str | None:
        """Return the sentence that ends the cockpit, None while all is well."""
        return str(self.error) if self.error is not None else None

    def ready(self) -> None:
        """Note that the first frame with data is on the screen."""
        self._shown.set()

    def start_engine(self) -> None:
        """Start an engine again after it was lost; does nothing where one runs."""
        if holder_of(self.state) is None and (self._engine is None or self._engine.ended() is not None):
            self._engine = start_engine(
                self.config, self.state, live=self._live, exit_when_idle_s=self._exit_when_idle_s
            )

    def leave_note(self) -> str:
        """Return the sentence printed when the cockpit is left."""
        return "the engine goes on in the background; 'driftdeck attach' shows it again, 'driftdeck stop' ends it"

    # -- what the command does

    def begin(self) -> None:
        """Start the background thread."""
        self._thread.start()

    def end(self) -> None:
        """Stop watching; what was started goes on."""
        self._over.set()
        self._thread.join()

    def prepare(self) -> None:
        """Do what must come before the engine; overridden where something must."""

    def _say(self, status: str) -> None:
        self._status = status

    def _launch(self) -> None:
        try:
            self.prepare()
            self._say("starting the engine")
            self.start_engine()
            self._watch()
        except DriftdeckError as error:
            self.error = error
        self._say("")

    def _watch(self) -> None:
        """Until data is on the screen, an engine that ends is a failed start; later it is a lost engine.

        Goes on looking to the end, because an engine that died stays in the process table until it is looked at.
        """
        while not self._over.is_set():
            ended = self._engine.ended() if self._engine is not None else None
            if ended is not None and not self._shown.is_set():
                raise ended
            if self.socket.exists():
                self._say("")
            self._over.wait(LOOK_EVERY_S)
