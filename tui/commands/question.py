"""Owns asking the person a question with yes or no, and knowing whether anybody is there to answer.

Asks on stderr, so that stdout stays what was asked for. Anything but a clear yes is a no.
"""

import sys

from engine.domain.errors import RefusedError

YES = ("y", "yes")


def somebody_is_there() -> bool:
    """Return True where a person can answer."""
    return sys.stdin.isatty()


def refuse_unattended(what: str) -> None:
    """Refuse what needs a yes where nobody can say it. Raises RefusedError."""
    if not somebody_is_there():
        raise RefusedError(f"{what} needs a yes, and there is no terminal to ask at: give --yes where that is meant")


def says_yes(question: str) -> bool:
    """Ask, and return True for a clear yes only."""
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    try:
        answer = sys.stdin.readline()
    except KeyboardInterrupt:  # a no, too, and the sentence that says what waits
        answer = ""
    if not answer.endswith("\n"):
        print(file=sys.stderr)
    return answer.strip().lower() in YES
