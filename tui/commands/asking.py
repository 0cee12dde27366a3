"""Owns asking a running engine for sections or for an act, from a command that is not a cockpit.

One connection per question. Never decides what is asked and never prints: a verb's file does.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from engine.adapters.paths import socket_path, state_dir
from engine.domain.commands import Command
from engine.domain.errors import NoEngineError
from engine.domain.views import Section
from engine.runtime.lock import holder_of
from engine.wire.client import View, WireClient

V = TypeVar("V")


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


def ask_for(socket: Path, section: Section, kind: type[V]) -> V:
    """Return the view of one section, whose class is `kind`. Raises NoEngineError."""
    (view,) = ask_engine(socket, section)
    return as_kind(view, kind)


def as_kind(view: View, kind: type[V]) -> V:
    """Return the view as what it is. Raises TypeError where the wire mixed sections up."""
    if not isinstance(view, kind):
        raise TypeError(f"the wire returns each section's own view, not {type(view).__name__}")
    return view


def tell_engine(socket: Path, command: Command) -> tuple[str, ...]:
    """Make the engine do something; return the ids of what it drafted. Raises RefusedError, NoEngineError."""

    async def tell() -> tuple[str, ...]:
        client = await WireClient.connect(socket, client="command")
        client.listen()
        try:
            return await client.act(command)
        finally:
            await client.close()

    return asyncio.run(tell())


def watch_engine(socket: Path, section: Section, over: Callable[[View], bool], *, within_s: float) -> bool:
    """Show `over` the section as it changes until it returns True; return False where the time ran out before."""

    async def watch() -> bool:
        client = await WireClient.connect(socket, client="command", read_only=True)
        news = asyncio.Event()
        client.listen(on_pulse=lambda _: news.set())
        client.lost.add_done_callback(lambda _: news.set())
        try:
            async with asyncio.timeout(within_s):
                news.clear()
                while not over((await client.fetch(section))[1]):
                    await news.wait()
                    news.clear()
        except TimeoutError:
            return False
        finally:
            await client.close()
        return True

    return asyncio.run(watch())
