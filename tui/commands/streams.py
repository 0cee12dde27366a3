"""Owns stdout and stderr of a command: characters they lack, a place that takes nothing, a stdout that is closed."""

import codecs
import errno
import os
import sys
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path

from engine.domain.errors import ExitCode
from tui.commands.output import say

LOOK_ALIKES = {"−": "-", "–": "-", "→": "->", "×": "x", "±": "+/-", "·": ".", "…": "...", "ρ": "rho", "Δ": "d"}
NOWHERE = Path(os.devnull)
_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG)


def prepare_streams() -> None:
    """Make stdout and stderr take every character and never be missing: what one cannot show gets a look-alike."""
    codecs.register_error("look-alike", _look_alike)
    if sys.stdout is None:  # closed by the caller (`>&-`): nobody listens, which is no mistake
        sys.stdout = NOWHERE.open("w", encoding="utf-8")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="look-alike")


def write_out(work: Callable[[], None]) -> None:
    """Run a command to its end and write out what it printed; a stdout that takes nothing ends it with one line."""
    try:
        try:
            work()
        finally:
            sys.stdout.flush()
    except BrokenPipeError:  # `| head` has seen enough
        _silence_stdout()
        sys.exit(int(ExitCode.REFUSED))
    except OSError as error:
        if error.errno not in _UNWRITABLE or error.filename is not None:
            raise
        _silence_stdout()
        say(f"driftdeck: the output cannot be written ({error.strerror}); write it to another place")
        sys.exit(int(ExitCode.REFUSED))


def _silence_stdout() -> None:
    """Let what is left in the buffer go nowhere, or Python would complain of it again at its end."""
    with NOWHERE.open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _look_alike(error: UnicodeError) -> tuple[str, int]:
    """Replace what an encoding lacks: a minus sign must not become a question mark."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(LOOK_ALIKES.get(char, "?") for char in error.object[error.start : error.end]), error.end
