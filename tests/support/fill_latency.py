"""Owns the measure of how long a fill takes to whoever watches: from the exchange's own time of it to the wire.

`python -m support.fill_latency` (or `make latency`) lets a real engine trade a script on the simulated exchange, with
and without the account's stream and under faults, and prints the figures. After each run the books must be the
exchange's, and no order accepted twice.
"""

import argparse
import asyncio
import contextlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from engine.adapters.paths import socket_path
from engine.domain.errors import NoEngineError
from engine.domain.facts import FillRecorded
from engine.domain.market import MarketKind
from engine.domain.ports import Followed
from engine.runtime.bootstrap import assemble, real_world
from engine.runtime.engine import Engine
from engine.wire.client import Facts, WireClient
from support.live_child import live_config
from support.live_crash import MARKETS, VENUES, Place, open_account
from support.sim_process import SECRET, SimProcess
from support.trading_child import DyingJournal, Script, report
from support.venue_truth import disagreement

SPEED = 10.0
LATE_S = (1.0, 3.5)  # fills come so long after their orders, as those of resting orders do
ANOTHER_S = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run: with the account's stream or without, and what is broken beside the late fills."""

    name: str
    stream: bool
    faults: tuple[Mapping[str, object], ...] = ()


RUNS = (
    Run(name="asking only", stream=False),
    Run(name="with the stream", stream=True),
    Run(name="silent-private-stream", stream=True, faults=({"kind": "silent-private-stream", "duration_s": 600},)),
    Run(name="disconnect-storm", stream=True, faults=({"kind": "disconnect-storm", "duration_s": 600},)),
    Run(name="restart", stream=True, faults=({"kind": "restart", "duration_s": 1.5},)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a run showed: seconds from each fill to the wire, and what books and exchange do not agree on."""

    seconds: tuple[float, ...]
    trouble: str

    def line(self, name: str) -> str:
        """Return the row of the table."""
        ordered = sorted(self.seconds)
        at_95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
        figures = f"{statistics.median(ordered):>7.2f} {at_95:>7.2f} {ordered[-1]:>7.2f}"
        return f"{name:<24}{len(ordered):>6} {figures}   {self.trouble or 'books and exchange agree'}"


async def attached(state: Path) -> WireClient:
    """Return a client of the engine in `state` as soon as it listens."""
    async with asyncio.timeout(30.0):
        while True:
            with contextlib.suppress(NoEngineError):
                return await WireClient.connect(socket_path(state), read_only=True)
            await asyncio.sleep(0.05)


async def be_late(sim: SimProcess) -> None:
    """Let every order's fill be late by a time of its own."""
    chance = Random(7)
    while True:
        sim.fault("late-fills", delay_s=chance.uniform(*LATE_S), duration_s=ANOTHER_S)
        await asyncio.sleep(ANOTHER_S)


async def measure(sim: SimProcess, run: Run, place: Place, state: Path) -> Measured:
    """Let an engine trade the script; return what was seen on the wire."""
    key = f"{place}-{run.name}".replace(" ", "-")
    open_account(sim, key, place)
    name = f"DRIFTDECK_{place.venue.upper()}"
    os.environ |= {f"{name}_KEY": key, f"{name}_SECRET": SECRET}
    ready = sim.ready
    told = {
        "proxy": ready.proxy,
        "ca_file": ready.ca_file,
        "speed": str(ready.speed),
        "identity": ready.identity,
        "market_ms": str(sim.state()["market_ms"]),
        "venue": place.venue,
        "market": place.market,
        "stream": "yes",
        "per_second": 10.0 if place.venue == "binance" else 0.0,  # Binance's own limit would take its history a minute
    }
    config = live_config(told)
    journals: list[DyingJournal] = []

    def open_journal(path: Path) -> DyingJournal:
        journals.append(DyingJournal(path, kill_at=0, when="after"))
        return journals[0]

    world = real_world(config)
    opens = world.open_account
    assert opens is not None, "orders go to an account"
    broker, admit = opens()
    if isinstance(broker, Followed):
        broker.offers_stream = run.stream  # prices are streamed in every run
    parts = assemble(config, state, replace(world, open_journal=open_journal, open_account=lambda: (broker, admit)))
    engine = asyncio.create_task(Engine(parts).run())
    began, market = time.monotonic(), sim.state()["market_ms"]
    seen: dict[tuple[str, str], float] = {}

    def hear(facts: Facts) -> None:
        now = market + (time.monotonic() - began) * 1000 * ready.speed
        for record in facts.records:
            fact = record.event
            if isinstance(fact, FillRecorded):
                seen.setdefault((str(fact.symbol), str(fact.fill_id)), (now - fact.at) / 1000 / ready.speed)

    late = asyncio.create_task(be_late(sim))
    try:
        client = await attached(state)
        client.listen(on_facts=hear)
        for fault in run.faults:
            sim.fault(**fault)  # type: ignore[arg-type]
        await Script(parts, opens_itself=False).run()
        found = report(parts, journals[0])
        await asyncio.sleep(0.5)
        await client.close()
        return Measured(seconds=tuple(seen.values()), trouble=disagreement(found, sim.truth(key), place.market).trouble)
    finally:
        late.cancel()
        sim.mend()
        parts.stopped.set()
        await engine


def main() -> int:
    """Measure all runs; print the table; return how many ended with a disagreement."""
    parser = argparse.ArgumentParser(description="how long a fill takes from the exchange to the wire")
    parser.add_argument("--venue", default="bybit", choices=VENUES)
    parser.add_argument("--market", default=MarketKind.SWAP, choices=MARKETS, type=MarketKind)
    parser.add_argument("--run", default="", help="only runs whose name holds this")
    given = parser.parse_args()
    wrong, place = 0, Place(venue=given.venue, market=given.market)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sys.stdout.write(f"{place!s:<24}{'fills':>6} {'median':>7} {'p95':>7} {'most':>7}   seconds to the wire\n")
        for number, run in enumerate(RUNS):
            if given.run not in run.name:
                continue
            state = folder / f"state-{number}"
            state.mkdir(mode=0o700)
            with SimProcess(folder / f"sim-{number}", "--speed", str(SPEED), "--scenario", "calm") as sim:
                measured = asyncio.run(measure(sim, run, place, state))
            wrong += bool(measured.trouble)
            sys.stdout.write(f"{measured.line(run.name)}\n")
            sys.stdout.flush()
    return wrong


if __name__ == "__main__":
    sys.exit(main())
