"""A cockpit without a terminal on a fake engine over a real socket, and what its screen says."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from textual.pilot import Pilot

from engine.wire.server import WireServer
from support.fake_engine import FakeEngine
from tui.cockpit.app import CockpitApp
from tui.cockpit.drill import FaultDoor
from tui.cockpit.lab_jobs import PROGRAM
from tui.cockpit.options import Backstage, CockpitOptions
from tui.cockpit.theme import ColorSystem

WITHIN_S = 20.0
PULSE_EVERY_S = 0.5


@dataclass(slots=True)
class Rig:
    """A running cockpit and the engine under it."""

    app: CockpitApp
    pilot: Pilot[str | None]
    engine: FakeEngine
    server: WireServer
    socket: Path
    pulsed: float = -1.0

    @property
    def rows(self) -> list[str]:
        """Return the screen's rows as text."""
        return [strip.text for strip in self.app.shown()]

    @property
    def text(self) -> str:
        """Return the screen as text."""
        return "\n".join(self.rows)

    def announce(self) -> None:
        """Let the engine say what is new."""
        self.engine.beats += 1
        self.server.announce()

    def pulse(self) -> None:
        """Let the engine be heard now and then, as it is in life: a silent one freezes the screen."""
        now = asyncio.get_running_loop().time()
        if now - self.pulsed >= PULSE_EVERY_S:
            self.pulsed = now
            self.server.announce()

    async def until(self, found: Callable[[], bool]) -> None:
        """Wait until the screen satisfies `found`."""
        deadline = asyncio.get_running_loop().time() + WITHIN_S
        while not found():
            assert asyncio.get_running_loop().time() < deadline, f"not within {WITHIN_S} s; on the screen:\n{self.text}"
            self.pulse()
            await self.pilot.pause(0.02)

    def later(self, seconds: float = 1.0) -> None:
        """Let the hands' clock go on: a key after this is no longer too soon after a change of focus."""
        before = self.app.hands.clock
        self.app.hands.clock = lambda: before() + seconds

    async def press(self, *keys: str) -> None:
        """Press keys and let the screen settle."""
        for key in keys:
            self.pulse()
            await self.pilot.press(key)
        await self.pilot.pause(0.05)


@asynccontextmanager
async def patient() -> AsyncIterator[None]:
    """Let a machine that is slow for seconds not look like an engine that is gone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tui.cockpit.bridge.SILENT_AFTER_S", 120.0)
        yield


@asynccontextmanager
async def attached(
    folder: Path,
    engine: FakeEngine,
    *,
    size: tuple[int, int] = (120, 40),
    system: ColorSystem = ColorSystem.TRUE,
    theme: str = "graphite",
    ascii_only: bool = False,
    backstage: Backstage | None = None,
    read_only: bool = False,
    colors: Path | None = None,
    program: tuple[str, ...] = PROGRAM,
    state: Path | None = None,
    private: bool = False,
    tour_seen: Path | None = None,
    memory: Path | None = None,
    basket_themes: tuple[str, ...] = (),
    faults: FaultDoor | None = None,
) -> AsyncIterator[Rig]:
    """Serve `engine` on a socket in `folder` and attach a cockpit; it has painted data when this yields."""
    socket = folder / "engine.sock"
    server = WireServer(socket, engine)
    await server.start()
    options = CockpitOptions(
        program=program,
        basket_themes=basket_themes,
        socket=socket,
        state=state,
        private=private,
        tour_seen=tour_seen,
        memory=memory,
        theme=theme,
        ascii_only=ascii_only,
        backstage=backstage,
        read_only=read_only,
        colors=colors,
        faults=faults,
    )
    app = CockpitApp(options, system=system)
    try:
        async with patient(), app.run_test(size=size) as pilot:
            rig = Rig(app, pilot, engine, server, socket)
            await rig.until(lambda: (bool(app.deck.matrices) and "%" in rig.text) or size < (80, 24))
            await pilot.pause(0.15)
            yield rig
    finally:
        await server.stop()
