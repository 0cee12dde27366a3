"""Owns the requests a client may make of the engine, imperative. The engine answers each with done or a refusal.

Every request is refused on a read-only connection.
"""

import msgspec


class StopEngine(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """End the engine process in an orderly way."""


class AcknowledgeAlert(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A person has seen an alert: it speaks again only when it worsens."""

    id: str
    note: str = ""


class SnoozeAlert(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """No ringing from this alert's cause for a while of market time."""

    id: str
    for_ms: int


Command = StopEngine | AcknowledgeAlert | SnoozeAlert
