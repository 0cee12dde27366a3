"""Owns the engine's end of the local socket: who is connected, what each has been sent, and the 0600 file.

Announces versions (latest wins), sends every event exactly once and in order per connection, answers fetches, passes
commands on. Never computes a view: a `ViewSource` does. A slow reader costs the engine nothing: pulses are skipped
while its buffer is full, events wait in the source's log, and one that never reads is cut off.
"""

import asyncio
import contextlib
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from engine import __version__
from engine.domain.commands import Command
from engine.domain.errors import DriftdeckError, RefusedError
from engine.domain.events import EventRecord
from engine.domain.facts import Actor
from engine.wire.codec import ProtocolError, encode_frame, read_client_message
from engine.wire.messages import (
    PROTOCOL,
    Act,
    Done,
    Facts,
    Fetch,
    Hello,
    Pulse,
    Refusal,
    ServerMessage,
    Snapshot,
    Welcome,
)

SKIP_PULSES_ABOVE = 256 * 1024
CUT_OFF_ABOVE = 8 * 1024 * 1024
HELLO_WITHIN_S = 5.0
FACTS_PER_FRAME = 500


class ViewSource(Protocol):
    """What the server needs of the engine."""

    @property
    def epoch(self) -> int:
        """Return the number of this life of the engine."""

    @property
    def pid(self) -> int:
        """Return the engine's process id."""

    def pulse(self) -> Pulse:
        """Return the current announcement."""

    def events_after(self, seq: int, limit: int) -> tuple[Sequence[EventRecord], bool]:
        """Return up to `limit` events after `seq`, and whether older ones than these were lost."""

    def snapshot(self, fetch: Fetch) -> tuple[int, bytes]:
        """Return version and encoded view. Raises RefusedError."""

    async def act(self, command: Command, actor: Actor) -> tuple[str, ...]:
        """Do what is asked, return the ids of proposals it drafted. Raises RefusedError."""


class _Connection:
    """One client: its writer and the cursor into the event log."""

    def __init__(self, writer: asyncio.StreamWriter, *, actor: Actor, read_only: bool, sent_seq: int) -> None:
        self._writer = writer
        self.actor = actor
        self.read_only = read_only
        self.sent_seq = sent_seq

    @property
    def backlog(self) -> int:
        return self._writer.transport.get_write_buffer_size()

    def send(self, message: ServerMessage) -> None:
        if self._writer.transport.is_closing():
            return
        self._writer.write(encode_frame(message))
        if self.backlog > CUT_OFF_ABOVE:
            self._writer.transport.abort()

    def catch_up(self, source: ViewSource) -> None:
        """Send the events this client has not had, as far as its buffer has room."""
        while self.backlog < SKIP_PULSES_ABOVE and not self._writer.transport.is_closing():
            records, gap = source.events_after(self.sent_seq, FACTS_PER_FRAME)
            if not records:
                return
            self.sent_seq = records[-1].seq
            self.send(Facts(records=tuple(records), gap=gap))


class WireServer:
    """Listen on a UNIX socket and serve a ViewSource."""

    def __init__(self, path: Path, source: ViewSource) -> None:
        self._path = path
        self._source = source
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], _Connection | None] = {}

    @property
    def clients(self) -> int:
        """Return how many clients have said hello and are still there."""
        return sum(connection is not None for connection in self._connections.values())

    async def start(self) -> None:
        """Bind with mode 0600 before anything can connect. The caller holds the state directory's lock."""
        self._path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.setblocking(False)
        try:
            listener.bind(str(self._path))
            self._path.chmod(0o600)  # nobody can connect before listen(), so there is no open moment
        except OSError:
            listener.close()
            raise
        self._server = await asyncio.start_unix_server(self._accept, sock=listener)

    async def stop(self) -> None:
        """Close the socket and every connection."""
        if self._server is not None:
            self._server.close()
        tasks = list(self._connections)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()
        self._path.unlink(missing_ok=True)

    def announce(self) -> None:
        """Tell every client which versions there are and send it the events it lacks."""
        pulse = self._source.pulse()
        for connection in self._connections.values():
            if connection is None:
                continue
            connection.catch_up(self._source)
            if connection.backlog < SKIP_PULSES_ABOVE:
                connection.send(pulse)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a connection is served inside a task")
        self._connections[task] = None
        try:
            await self._serve(task, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError, asyncio.CancelledError):
            pass  # the client left, or the engine is stopping: nothing to say to anybody
        except ProtocolError as error:
            writer.write(encode_frame(Refusal(id=0, why=str(error))))
        finally:
            del self._connections[task]
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _serve(
        self, task: asyncio.Task[None], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        async with asyncio.timeout(HELLO_WITHIN_S):
            hello = await read_client_message(reader)
        if not isinstance(hello, Hello):
            raise ProtocolError("the first message must be Hello")
        if hello.protocol != PROTOCOL:
            raise ProtocolError(
                f"this engine speaks protocol {PROTOCOL}, the client {hello.protocol}: "
                "restart the older one after the upgrade"
            )
        same_life = hello.epoch == self._source.epoch
        connection = _Connection(
            writer,
            actor=Actor(who=hello.user or hello.client, terminal=f"{hello.client} {hello.terminal}".strip()),
            read_only=hello.read_only,
            sent_seq=hello.resume_after if same_life else 0,
        )
        pulse = self._source.pulse()
        connection.send(
            Welcome(
                protocol=PROTOCOL,
                version=__version__,
                pid=self._source.pid,
                epoch=self._source.epoch,
                seq=pulse.seq,
                read_only=hello.read_only,
            )
        )
        self._connections[task] = connection
        connection.catch_up(self._source)
        connection.send(pulse)
        while True:
            message = await read_client_message(reader)
            connection.send(await self._answer(connection, message))
            await writer.drain()

    async def _answer(self, connection: _Connection, message: Fetch | Act | Hello) -> ServerMessage:
        match message:
            case Fetch():
                try:
                    version, view = self._source.snapshot(message)
                except DriftdeckError as error:
                    return Refusal(id=message.id, why=str(error))
                return Snapshot(id=message.id, section=message.section, version=version, view=view)
            case Act():
                try:
                    if connection.read_only:
                        raise RefusedError("this connection is read-only: attach without --read-only to act")
                    made = await self._source.act(message.command, connection.actor)
                except DriftdeckError as error:
                    return Refusal(id=message.id, why=str(error))
                return Done(id=message.id, made=made)
            case Hello():
                raise ProtocolError("Hello was said already")
