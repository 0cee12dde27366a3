"""Owns `driftdeck stop`: ask the engine to end in an orderly way and wait until it has."""

from pathlib import Path

from engine.adapters.paths import state_dir
from engine.domain.commands import StopEngine
from engine.domain.errors import NoEngineError, RefusedError
from engine.runtime.lock import holder_of
from tui.commands.asking import engine_socket, tell_engine
from tui.commands.output import say
from tui.commands.processes import end_process, wait_until_true

ENDS_WITHIN_S = 10.0


def stop(state: Path | None) -> None:
    """Stop the engine of this state directory. Raises NoEngineError, RefusedError."""
    socket = engine_socket(state)
    holder = holder_of(state_dir(state))
    if holder is None or not holder.pid:
        raise NoEngineError("the engine is just coming up or going down: try again in a moment")
    try:
        tell_engine(socket, StopEngine())
    except NoEngineError:
        say("the engine does not answer its socket; ending its process instead")
        end_process(holder.pid)
    directory = state_dir(state)
    if not wait_until_true(lambda: holder_of(directory) is None, ENDS_WITHIN_S):
        raise RefusedError(
            f"the engine (pid {holder.pid}) is still ending after {ENDS_WITHIN_S:.0f} s: look at its log"
        )
    say(f"the engine (pid {holder.pid}) has ended")
