"""Owns how commands speak: one JSON document or plain lines on stdout, one line first on stderr, and the exit code.

Undefined numbers are null in JSON. Commands build plain values; nothing here fetches or computes.
"""

import math
import os
import sys
from collections.abc import Callable
from typing import NoReturn, TypeVar

import msgspec
import typer

from engine.domain.errors import DriftdeckError

T = TypeVar("T")


def number(value: float | None) -> float | None:
    """Return `value` as JSON can hold it: None where it is undefined."""
    return None if value is None or not math.isfinite(value) else float(value)


def one_line(text: str) -> str:
    """Return `text` on one line and without control characters: what a person typed must not move a cursor."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def print_json(document: object) -> None:
    """Print one JSON document, indented for people, readable by programs."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")


def say(line: str) -> None:
    """Print one line for the person on stderr, so that stdout stays what was asked for."""
    print(line, file=sys.stderr, flush=True)


def fail(error: DriftdeckError) -> NoReturn:
    """Print the error's sentence and end with its exit code."""
    say(f"driftdeck: {error}")
    raise typer.Exit(int(error.exit_code))


def run_or_fail(work: Callable[[], T]) -> T:
    """Return what `work` returns; turn an expected error into one line and an exit code."""
    try:
        return work()
    except DriftdeckError as error:
        fail(error)


def no_screen() -> str:
    """Return why no cockpit can be drawn, empty where one can: Textual reads stdin and paints on stderr."""
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        return "no terminal here"
    term = os.environ.get("TERM", "")
    if term in ("", "dumb"):
        return f"no screen can be drawn with {f'TERM={term}' if term else 'TERM unset'} ('export TERM=xterm-256color')"
    return ""
