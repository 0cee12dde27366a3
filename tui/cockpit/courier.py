"""Owns the way of a request to the engine: sent in the background, its refusal told, what it drafted waited for.

Never asks and never decides: hands hand it a command that was confirmed already. At most one request is under way,
so that a key pressed twice does not ask twice.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Protocol

from engine.domain.commands import Command
from engine.domain.errors import NoEngineError, RefusedError
from engine.domain.units import ProposalId
from tui.cockpit.bridge import Bridge
from tui.cockpit.choice import Choice, Review
from tui.cockpit.glyphs import clean


class Desk(Protocol):
    """What the courier needs of the app."""

    choice: Choice
    bridge: Bridge

    def request_paint(self) -> None:
        """Paint soon."""


class Courier:
    """Carry requests to the engine of one desk; `tell` shows a line."""

    def __init__(self, desk: Desk, tell: Callable[..., None]) -> None:
        self._desk = desk
        self._tell = tell
        self.work: set[asyncio.Task[None]] = set()

    @property
    def busy(self) -> bool:
        """Return True while an answer is awaited."""
        return bool(self.work)

    def send(self, command: Command, subject: str, done: str) -> bool:
        """Send a request; False where one is under way. `done` is said of `subject` when it is."""
        return self._start(self._carry(command, subject, done))

    def send_for(self, review: Review, command: Command, doing: str) -> bool:
        """Send a decision on a review, which says `doing` meanwhile and keeps the refusal."""
        return self._start(self._decide(review, command, doing))

    def _start(self, errand: Coroutine[None, None, None]) -> bool:
        if self.busy:
            errand.close()
            self._tell("wait for the engine's answer to the last request")
            return False
        task = asyncio.create_task(errand, name="cockpit-act")
        self.work.add(task)
        task.add_done_callback(self.work.discard)
        return True

    async def _carry(self, command: Command, subject: str, done: str) -> None:
        try:
            made = await self._desk.bridge.act(command)
        except (RefusedError, NoEngineError) as error:
            self._tell(f"{subject}: {error}")  # the reason has to fit; the mark in front says that it was refused
        else:
            self._tell(f"{subject} {done}", refused=False)
            self._await(made)
        self._desk.request_paint()

    async def _decide(self, review: Review, command: Command, doing: str) -> None:
        review.busy, review.refused = doing, ""
        try:
            made = await self._desk.bridge.act(command)
        except (RefusedError, NoEngineError) as error:
            review.refused = clean(str(error))
        else:
            self._await(made)
        review.busy = ""
        self._desk.request_paint()

    def _await(self, made: tuple[str, ...]) -> None:
        if made:
            self._desk.choice.expected = tuple(ProposalId(ident) for ident in made)
