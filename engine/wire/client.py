"""Owns a client's end of the local socket: connect, fetch, act, and hand on pulses and events as they come.

Never retries by itself and never keeps a view: the cockpit's bridge and the commands decide what to fetch and when.
Re-exports what the cockpit needs of the wire, so that it imports this module only.
"""

import asyncio
import contextlib
import itertools
import os
import pwd
from collections.abc import Callable
from pathlib import Path
from typing import Self

from engine.domain.commands import Command
from engine.domain.errors import NoEngineError, RefusedError
from engine.domain.sections import View
from engine.domain.views import MatrixKind, Section
from engine.wire.codec import ProtocolError, decode_view, encode_frame, read_server_message
from engine.wire.messages import (
    PROTOCOL,
    Act,
    ClientMessage,
    Done,
    Facts,
    Fetch,
    Hello,
    Precision,
    Pulse,
    Refusal,
    Snapshot,
    Welcome,
)

__all__ = ["Facts", "Precision", "ProtocolError", "Pulse", "View", "Welcome", "WireClient"]

ANSWER_WITHIN_S = 10.0


def _ignore(_: Pulse | Facts) -> None:
    """Do nothing with a message nobody asked for."""


def _user() -> str:
    """Return who is logged in; the id where the system knows no name."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def _terminal() -> str:
    """Return the terminal this process was started from, empty where there is none."""
    for descriptor in (0, 1, 2):
        with contextlib.suppress(OSError):
            return os.ttyname(descriptor)
    return ""


class WireClient:
    """One connection to one engine. `lost` is done when the connection is over."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, welcome: Welcome) -> None:
        self._reader = reader
        self._writer = writer
        self.welcome = welcome
        self.on_pulse: Callable[[Pulse], None] = _ignore
        self.on_facts: Callable[[Facts], None] = _ignore
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Snapshot | Done | Refusal]] = {}
        self._listener: asyncio.Task[None] | None = None

    @classmethod
    async def connect(
        cls, path: Path, *, client: str = "", read_only: bool = False, epoch: int = 0, resume_after: int = 0
    ) -> Self:
        """Connect and say hello. Call `listen` next. Raises NoEngineError, ProtocolError."""
        try:
            reader, writer = await asyncio.open_unix_connection(str(path))
        except OSError as error:
            raise NoEngineError(f"no engine answers at {path}: start one with 'driftdeck run'") from error
        try:
            hello = Hello(
                protocol=PROTOCOL,
                client=client or f"pid {os.getpid()}",
                read_only=read_only,
                user=_user(),
                terminal=_terminal(),
                epoch=epoch,
                resume_after=resume_after,
            )
            writer.write(encode_frame(hello))
            async with asyncio.timeout(ANSWER_WITHIN_S):  # not wait_for: in 3.11 it can swallow a cancellation
                answer = await read_server_message(reader)
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
            writer.close()
            raise NoEngineError(f"the engine at {path} did not answer: it may be starting or stuck") from error
        if isinstance(answer, Welcome):
            return cls(reader, writer, answer)
        writer.close()
        raise ProtocolError(answer.why if isinstance(answer, Refusal) else "the engine did not say welcome")

    def listen(
        self, *, on_pulse: Callable[[Pulse], None] = _ignore, on_facts: Callable[[Facts], None] = _ignore
    ) -> None:
        """Start reading. Callbacks run on the loop and must not block."""
        self.on_pulse, self.on_facts = on_pulse, on_facts
        self._listener = asyncio.create_task(self._listen(), name="wire-client")

    async def fetch(
        self,
        section: Section,
        *,
        scope: str = "",
        kind: MatrixKind = MatrixKind.WINDOW,
        window_days: int = 30,
        estimator: str = "",
        precision: Precision = Precision.SINGLE,
    ) -> tuple[int, View]:
        """Return version and view of a section. Raises RefusedError, NoEngineError."""
        request = Fetch(
            id=next(self._ids),
            section=section,
            scope=scope,
            kind=kind,
            window_days=window_days,
            estimator=estimator,
            precision=precision,
        )
        answer = await self._ask(request.id, request)
        if not isinstance(answer, Snapshot):
            raise ProtocolError(f"the engine answered a fetch of {section} with {type(answer).__name__}")
        return answer.version, decode_view(section, answer.view)

    async def act(self, command: Command) -> tuple[str, ...]:
        """Ask for `command`; return the ids of what it drafted. Raises RefusedError with the reason, NoEngineError."""
        request = Act(id=next(self._ids), command=command)
        answer = await self._ask(request.id, request)
        return answer.made if isinstance(answer, Done) else ()

    async def close(self) -> None:
        """Hang up."""
        if self._listener is not None:
            self._listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listener
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def _ask(self, request_id: int, message: ClientMessage) -> Snapshot | Done:
        if self.lost.done():
            raise NoEngineError(self.lost.result())
        waiter: asyncio.Future[Snapshot | Done | Refusal] = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = waiter
        try:
            self._writer.write(encode_frame(message))
            async with asyncio.timeout(ANSWER_WITHIN_S):
                answer = await waiter
        except (OSError, TimeoutError) as error:
            raise NoEngineError("the engine stopped answering") from error
        finally:
            self._waiting.pop(request_id, None)
        if isinstance(answer, Refusal):
            raise RefusedError(answer.why)
        return answer

    async def _listen(self) -> None:
        why = "the engine closed the connection"
        try:
            while True:
                match await read_server_message(self._reader):
                    case Pulse() as pulse:
                        self.on_pulse(pulse)
                    case Facts() as facts:
                        self.on_facts(facts)
                    case (Snapshot() | Done() | Refusal()) as answer:
                        waiter = self._waiting.get(answer.id)
                        if waiter is not None and not waiter.done():
                            waiter.set_result(answer)
                    case Welcome():
                        why = "the engine said welcome twice"
                        return
        except (asyncio.IncompleteReadError, OSError):
            pass
        except ProtocolError as error:
            why = str(error)
        finally:
            if not self.lost.done():
                self.lost.set_result(why)
            for waiter in self._waiting.values():
                if not waiter.done():
                    waiter.set_exception(NoEngineError(why))
