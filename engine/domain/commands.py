"""Owns the requests a client may make of the engine, imperative. The engine answers each with done or a refusal.

`dangerous` requests are refused on a read-only connection.
"""

import msgspec


class StopEngine(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """End the engine process in an orderly way."""


Command = StopEngine
