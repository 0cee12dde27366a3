"""Owns the messages of the local socket, both directions, and their version. Views and events come from the domain.

Never transports anything: the codec frames these, server and client exchange them.
"""

from enum import StrEnum

import msgspec

from engine.domain.commands import Command
from engine.domain.events import EventRecord
from engine.domain.units import Ms
from engine.domain.views import MatrixKind, Section

PROTOCOL = 6


class Precision(StrEnum):
    """Float width of matrix bytes: f4 for screens, f8 for scripts that compare."""

    SINGLE = "f4"
    DOUBLE = "f8"


class Hello(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """First message of a client: which program, whose, at which terminal.

    `resume_after` is the last event it has of the engine life `epoch`.
    """

    protocol: int
    client: str
    read_only: bool
    user: str = ""
    terminal: str = ""
    epoch: int = 0
    resume_after: int = 0


class Fetch(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Ask for one section; the fields after `section` matter to `matrix` and `series` only."""

    id: int
    section: Section
    scope: str = ""
    kind: MatrixKind = MatrixKind.WINDOW
    window_days: int = 30
    estimator: str = ""
    precision: Precision = Precision.SINGLE


class Act(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Ask the engine to do something."""

    id: int
    command: Command


class Welcome(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The server's answer to Hello. `epoch` names this life of the engine; `seq` is its newest event."""

    protocol: int
    version: str
    pid: int
    epoch: int
    seq: int
    read_only: bool


class Pulse(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Heartbeat and announcement in one: which sections have which version now."""

    beat: int
    market_ms: Ms
    seq: int
    versions: dict[Section, int]


class Facts(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Events in order. `gap` says that older ones than the first were asked for but are no longer kept."""

    records: tuple[EventRecord, ...]
    gap: bool = False


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The answer to Fetch: the section's view, encoded on its own so that it is only decoded where it is shown."""

    id: int
    section: Section
    version: int
    view: bytes


class Done(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The answer to Act: it was done; `made` are the ids of the proposals it drafted."""

    id: int
    made: tuple[str, ...] = ()


class Refusal(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The answer to Fetch or Act (or Hello, id 0): no, and why."""

    id: int
    why: str


ClientMessage = Hello | Fetch | Act
ServerMessage = Welcome | Pulse | Facts | Snapshot | Done | Refusal
