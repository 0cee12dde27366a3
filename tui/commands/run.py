"""Owns `driftdeck run` and `driftdeck attach`: an engine in the background where none runs, and a cockpit on it."""

import sys
from pathlib import Path

from engine.adapters.paths import config_path, prepare_state_dir, socket_path, state_dir
from engine.domain.errors import NoEngineError, RefusedError
from engine.domain.market import LinkState
from engine.domain.views import HealthView, Section
from engine.runtime.lock import holder_of
from engine.runtime.logs import LOG_NAME
from tui.cockpit.options import Look
from tui.commands.output import no_screen, say
from tui.commands.processes import use_one_thread, wait_until_true
from tui.commands.stage import Stage

COMES_UP_WITHIN_S = 30.0  # the engine itself gives up after 20 s without an answer and an empty store


class AttachedStage(Stage):
    """A stage for an engine that somebody else started; it can be started again when it is lost."""

    def _launch(self) -> None:
        self._say("")


def run(config: Path | None, state: Path | None, *, headless: bool, live: bool, look: Look) -> None:
    """Start the engine unless one runs, then attach. Raises DriftdeckError."""
    place, directory = config_path(config), prepare_state_dir(state_dir(state))
    if headless:
        use_one_thread()
        if sys.stderr.isatty():  # a person who waits; a service and a script hear of trouble only
            say(f"the engine runs in the foreground: ctrl-c ends it, {directory / LOG_NAME} tells what it does")
        from engine.runtime.daemon import serve

        serve(place, directory, live=live)
        return
    runs = holder_of(directory) is not None
    kind = AttachedStage if runs else Stage
    stage = kind(config=place, state=directory, socket=socket_path(directory), live=live)
    missing = no_screen()
    if not missing:
        _show(stage, read_only=False, look=look)
        return
    stage.begin()
    try:
        wait_until_true(lambda: stage.error is not None or _is_up(stage.socket), COMES_UP_WITHIN_S)
    finally:
        stage.end()
    if stage.error is not None:
        raise stage.error
    progress = _progress(stage.socket)
    if progress:
        say(progress)
    say(f"{missing}; {stage.leave_note()}")


def attach(config: Path | None, state: Path | None, *, read_only: bool, look: Look) -> None:
    """Open a cockpit on the engine that runs. Raises NoEngineError where none does."""
    directory = state_dir(state)
    if holder_of(directory) is None:
        raise NoEngineError(f"no engine runs for {directory}: start one with 'driftdeck run'")
    missing = no_screen()
    if missing:
        raise RefusedError(f"{missing}, which a cockpit needs: 'driftdeck status' works without")
    stage = AttachedStage(config=config_path(config), state=directory, socket=socket_path(directory))
    _show(stage, read_only=read_only, look=look)


def _is_up(socket: Path) -> bool:
    """Return True once the engine shows something: history, or a venue that answers."""
    from tui.commands.asking import ask_engine

    try:
        (health,) = ask_engine(socket, Section.HEALTH)
    except NoEngineError:
        return False
    return isinstance(health, HealthView) and (health.ready or health.link is not LinkState.DOWN)


def _progress(socket: Path) -> str:
    """Return how far the history is, empty where it is whole."""
    from tui.commands.asking import ask_engine
    from tui.commands.status import history_progress

    (health,) = ask_engine(socket, Section.HEALTH)
    return "" if not isinstance(health, HealthView) or health.ready else history_progress(health)


def _show(stage: Stage, *, read_only: bool, look: Look) -> None:
    from tui.cockpit.memory import FILE
    from tui.commands.opening import cockpit_on

    show = cockpit_on(stage, look, memory=stage.state / FILE, read_only=read_only)
    stage.begin()
    try:
        sentence = show()
    finally:
        stage.end()
    if stage.error is not None:
        raise stage.error
    say(sentence or stage.leave_note())
