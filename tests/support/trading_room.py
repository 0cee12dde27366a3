"""A state directory whose engine is a FakeEngine in a thread, and the command line run in this process against it.

Executions go on by themselves, step by step on the loop, unless the desk is slow.
"""

import asyncio
import contextlib
import io
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.domain.commands import Command
from engine.domain.facts import Actor, ProposalEnded
from engine.domain.proposal import ProposalState
from engine.runtime.lock import StateLock
from engine.wire.server import WireServer
from support.fake_engine import FakeEngine
from support.fake_scene import FakeScene
from tui.commands.main import app


class RunningEngine(FakeEngine):
    """A fake engine in which what is approved is executed at once."""

    server: WireServer
    ends: tuple[ProposalState, str] | None = None  # a test's end of the next execution, and why

    async def act(self, command: Command, actor: Actor) -> tuple[str, ...]:
        """Do what is asked, then let the market go on."""
        made = await super().act(command, actor)
        asyncio.get_running_loop().call_soon(self._go_on)
        return made

    def _go_on(self) -> None:
        running = [view.proposal for view in self.desk.views.values() if view.state is ProposalState.EXECUTING]
        if running and self.ends is not None:
            (state, why), proposal = self.ends, running[0]
            over = ProposalEnded(
                at=self.scene.market_ms, proposal=proposal.id, basket=proposal.basket, state=state, why=why
            )
            self.add(over)
        self.execute()
        self.server.announce()
        busy = any(view.state is ProposalState.EXECUTING for view in self.desk.views.values())
        if busy and not self.desk.slow:
            asyncio.get_running_loop().call_soon(self._go_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a command printed and ended with."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One engine and where it runs."""

    engine: RunningEngine
    state: Path

    def run(self, *arguments: str, typed: str | None = None) -> Said:
        """Run `driftdeck` for this state directory; with `typed`, a person sits at the terminal."""
        return driftdeck_here(*arguments, "--state", str(self.state), typed=typed)


class Keyboard(io.StringIO):
    """A stdin that is a terminal."""

    def isatty(self) -> bool:
        """Return True: a person is there."""
        return True


def driftdeck_here(*arguments: str, typed: str | None = None) -> Said:
    """Run the command line in this process; without `typed` nobody is at the terminal."""
    out, err, before = io.StringIO(), io.StringIO(), sys.stdin
    sys.stdin = io.StringIO() if typed is None else Keyboard(typed)
    code = 0
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            app(list(arguments))
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    finally:
        sys.stdin = before
    return Said(code=code, out=out.getvalue(), err=err.getvalue())


@contextlib.contextmanager
def trading_room(state: Path, *, held: bool = True) -> Iterator[Room]:
    """Serve a fake engine for `state` until the block ends; with `held`, its baskets hold positions."""
    state.mkdir(mode=0o700, exist_ok=True)
    engine = RunningEngine(FakeScene(planned=not held))
    up, over = threading.Event(), _Over()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(engine, state, up, over)), name="fake-engine")
    with StateLock(state, since="now", config=state / "config.toml"):
        thread.start()
        assert up.wait(10)
        try:
            yield Room(engine=engine, state=state)
        finally:
            over.set()
            thread.join(10)


class _Over:
    """An asyncio event that another thread sets."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        self.event: asyncio.Event | None = None

    def set(self) -> None:
        """End the engine."""
        assert self.loop is not None
        assert self.event is not None
        self.loop.call_soon_threadsafe(self.event.set)


async def _serve(engine: RunningEngine, state: Path, up: threading.Event, over: _Over) -> None:
    over.loop, over.event = asyncio.get_running_loop(), asyncio.Event()
    engine.server = WireServer(state / "engine.sock", engine)
    await engine.server.start()
    up.set()
    await over.event.wait()
    await engine.server.stop()


def lines(text: str) -> Sequence[str]:
    """Return the lines without the empty ones."""
    return [line for line in text.splitlines() if line.strip()]
