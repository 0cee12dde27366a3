"""Owns asking a running engine for sections or for an act, from a command that is not a cockpit."""

import asyncio
from pathlib import Path

from engine.adapters.paths import socket_path, state_dir
from engine.domain.commands import Command
from engine.domain.errors import NoEngineError
from engine.domain.views import Section
from engine.runtime.lock import holder_of
from engine.wire.client import View, WireClient


def engine_socket(state: Path | None) -> Path:
    """Return the socket of the engine of this state directory. Raises NoEngineError where none runs."""
    directory = state_dir(state)
    if holder_of(directory) is None:
        raise NoEngineError(f"no engine runs for {directory}: start one with 'driftdeck run'")
    return socket_path(directory)


def ask_engine(socket: Path, *sections: Section) -> tuple[View, ...]:
    """Return the views of `sections`, in order. Raises NoEngineError."""

    async def ask() -> tuple[View, ...]:
        client = await WireClient.connect(socket, client="command", read_only=True)
        client.listen()
        try:
            return tuple([(await client.fetch(section))[1] for section in sections])
        finally:
            await client.close()

    return asyncio.run(ask())


def tell_engine(socket: Path, command: Command) -> None:
    """Make the engine do something. Raises RefusedError, NoEngineError."""

    async def tell() -> None:
        client = await WireClient.connect(socket, client="command")
        client.listen()
        try:
            await client.act(command)
        finally:
            await client.close()

    asyncio.run(tell())
