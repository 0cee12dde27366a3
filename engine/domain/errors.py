"""Owns the errors a person may meet and the exit code each one ends a command with (CONTRACT: Commands).

A message is one sentence: what, where, what to do. It never holds a key, a signed URL or a traceback.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of every command."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    NO_ENGINE = 3
    UNREACHABLE = 4


class DriftdeckError(Exception):
    """Base of every error that a command turns into one line on stderr and an exit code."""

    exit_code = ExitCode.REFUSED


class RefusedError(DriftdeckError):
    """What was asked cannot be done now; the message says why."""


class ConfigError(DriftdeckError):
    """The config or a command's arguments are wrong; `problems` holds one line per mistake."""

    exit_code = ExitCode.USAGE

    def __init__(self, summary: str, problems: tuple[str, ...] = ()) -> None:
        super().__init__("\n".join((summary, *(f"  {line}" for line in problems))))
        self.problems = problems


class NoEngineError(DriftdeckError):
    """No engine answers for this state directory."""

    exit_code = ExitCode.NO_ENGINE


class VenueUnreachableError(DriftdeckError):
    """The venue did not answer, or answered with something that is not an answer."""

    exit_code = ExitCode.UNREACHABLE


class BadVenueAnswerError(VenueUnreachableError):
    """The venue answered, but not with the data that was asked for (HTML, empty ids, wrong types)."""


class UnknownSymbolError(DriftdeckError):
    """The venue does not list this symbol."""


class StoreError(DriftdeckError):
    """A local file cannot be read or written, or belongs to another market."""


class OrderRefusedError(DriftdeckError):
    """The venue refused an order for certain: nothing was placed."""


class OrderNotSentError(DriftdeckError):
    """An order did not leave, and may be tried again later: the venue asked for a pause."""


class OutcomeUnknownError(DriftdeckError):
    """An order may or may not have been placed: look it up, never send it again."""


class NoticeNotSentError(DriftdeckError):
    """A message to the trader did not leave; it says why, never where to."""
