"""An engine for cockpit tests and for the eye: a real WireServer over a FakeScene.

`python tests/support/fake_engine.py SOCKET` runs a calm market that falls into a cascade again and again; attach a
cockpit to the same socket. Options: `--still` (only the clock moves), `--rows N` (N prices move a second).
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from engine.domain.commands import ApproveProposals, Command
from engine.domain.errors import RefusedError
from engine.domain.events import Event, EventRecord
from engine.domain.facts import Actor, ProposalDrafted
from engine.domain.proposal import ProposalKind
from engine.domain.sections import View
from engine.domain.views import Section
from engine.wire.codec import encode_view
from engine.wire.messages import Fetch, Pulse
from engine.wire.server import WireServer
from support.fake_alerts import FakeBoard, alarm, calm_down
from support.fake_facts import opening, watches
from support.fake_map import fake_map, fake_pair
from support.fake_proposals import FakeDesk
from support.fake_room import fake_room
from support.fake_scene import FakeScene

MONEY = (Section.PROPOSALS, Section.BLOTTER, Section.BOOKS, Section.HEALTH)


class FakeEngine:
    """A ViewSource over a scene; counts what it was asked for."""

    def __init__(self, scene: FakeScene, *, epoch: int = 1) -> None:
        self.scene = scene
        self._epoch = epoch
        self.beats = 0
        self.versions = dict.fromkeys(Section, 1)
        self.log: list[EventRecord] = []
        self.fetched: list[Fetch] = []
        self.asked_after: list[int] = []
        self.acts: list[Command] = []
        self.board = FakeBoard()
        self.desk = FakeDesk(scene)

    @property
    def epoch(self) -> int:
        """Return the life this is."""
        return self._epoch

    @property
    def pid(self) -> int:
        """Return this process."""
        return os.getpid()

    def add(self, *events: Event) -> None:
        """Log events."""
        for event in events:
            self.board.apply(event)
            self.desk.apply(event)
            self.log.append(EventRecord(seq=len(self.log) + 1, event=event))

    def touch(self, *sections: Section) -> None:
        """Announce new versions."""
        for section in sections:
            self.versions[section] += 1

    def pulse(self) -> Pulse:
        """Return the announcement."""
        return Pulse(beat=self.beats, market_ms=self.scene.market_ms, seq=len(self.log), versions=dict(self.versions))

    def events_after(self, seq: int, limit: int) -> tuple[Sequence[EventRecord], bool]:
        """Return events after `seq`."""
        self.asked_after.append(seq)
        return self.log[seq : seq + limit], False

    def snapshot(self, fetch: Fetch) -> tuple[int, bytes]:
        """Return a section of the scene."""
        self.fetched.append(fetch)
        return self.versions[fetch.section], encode_view(self._view(fetch))

    async def act(self, command: Command, actor: Actor) -> tuple[str, ...]:
        """Remember what was asked, and do what a board can do."""
        self.acts.append(command)
        fact = self.board.answer(command, self.scene.market_ms)
        if fact is not None:
            self.add(fact)
            self.touch(Section.ALERTS)
            return ()
        if isinstance(command, ApproveProposals) and self.desk.stale:
            fresh = self.desk.requote(command.shown[0].id)
            why, self.desk.stale = self.desk.stale, ""
            self.add(fresh)
            self.touch(*MONEY)
            raise RefusedError(f"{why}; {fresh.proposal.id} has the prices of now")
        facts = self.desk.answer(command, actor)
        self.add(*facts)
        self.touch(*MONEY)
        return tuple(event.proposal.id for event in facts if isinstance(event, ProposalDrafted))

    def execute(self) -> None:
        """Let the market fill what was approved, an order of each execution."""
        facts = self.desk.step()
        if facts:
            self.add(*facts)
            self.touch(*MONEY)

    def _view(self, fetch: Fetch) -> View:  # noqa: PLR0911 - one return per section
        if fetch.section in (Section.MATRIX, Section.SERIES) and fetch.scope not in (*self.scene.legs, "all"):
            raise RefusedError(f"no basket {fetch.scope!r}")
        match fetch.section:
            case Section.HEALTH:
                return self.scene.health()
            case Section.QUOTES:
                return self.scene.quotes()
            case Section.BOOKS:
                return self.scene.books()
            case Section.MATRIX:
                return self.scene.matrix(fetch.scope, fetch.kind, fetch.window_days, fetch.estimator)
            case Section.SERIES:
                return self.scene.series(fetch.scope)
            case Section.ALERTS:
                return self.board.view()
            case Section.PROPOSALS:
                return self.desk.proposals()
            case Section.BLOTTER:
                return self.desk.blotter()
            case Section.ENGINE:
                return fake_room(self.scene)
            case Section.MAP:
                return fake_map(self.scene)
            case Section.PAIR:
                return fake_pair(self.scene, fetch.scope)


def propose(engine: FakeEngine, name: str = "layer-1") -> ProposalDrafted:
    """Draft what an ALERT leads to, where the basket holds anything."""
    drafted = engine.desk.drafter.draft(
        name,
        ProposalKind.REBALANCE,
        engine.scene.factor(name) * 0.35,
        reason="pairs moved together: mean rho .74 to .91, shift +.58 past .40 at two checks; ETH SOL AVAX lead",
        cause=f"{name}.20221108T0300",
    )
    engine.add(drafted)
    return drafted


def step(engine: FakeEngine, *, still: bool = False) -> None:
    """Move the scene one second on: 20 s calm, 20 s into the cascade, 20 s in it, then again."""
    scene = engine.scene
    engine.beats += 1
    engine.touch(Section.HEALTH)
    if still:
        scene.step += 1
        return
    engine.execute()
    before = scene.panic
    phase = scene.step % 60
    scene.panic = 0.0 if phase < 20 else min(1.0, (phase - 20) / 20)
    scene.advance()
    engine.touch(Section.QUOTES)
    if scene.step % 6 == 0:
        engine.touch(Section.BOOKS, Section.MATRIX, Section.SERIES)
    if before < 0.6 <= scene.panic:
        engine.add(*watches(scene), *alarm(scene))
        propose(engine)
        engine.touch(Section.ALERTS, *MONEY)
    elif phase == 0:
        engine.add(*calm_down(scene, engine.board.standing))
        engine.touch(Section.ALERTS, Section.BOOKS)


async def serve(path: Path, engine: FakeEngine, *, still: bool) -> None:
    """Serve until cancelled."""
    server = WireServer(path, engine)
    await server.start()
    try:
        while True:
            await asyncio.sleep(1.0)
            step(engine, still=still)
            server.announce()
    finally:
        await server.stop()


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("socket", type=Path)
    parser.add_argument("--still", action="store_true")
    parser.add_argument("--rows", type=int, default=None)
    parser.add_argument("--start", type=int, default=0, help="step to begin at; 55 is deep in the cascade")
    given = parser.parse_args()
    scene = FakeScene(moving=given.rows, step=given.start, speed=1.0 if given.still or given.rows else 600.0)
    scene.panic = 0.0 if given.start % 60 < 20 else min(1.0, (given.start % 60 - 20) / 20)
    engine = FakeEngine(scene, epoch=os.getpid())
    engine.add(*opening(scene), *(alarm(scene) if scene.panic >= 0.6 else ()))
    if scene.panic >= 0.6:
        propose(engine)
    try:
        asyncio.run(serve(given.socket, engine, still=given.still))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
