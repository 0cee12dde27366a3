"""Part of `make bench`: an engine of 100 assets from nothing (bootstrap) and from its store (warm start), in seconds.

The real process on a simulated exchange over loopback. Counted from the start of the process to the first books that a
client is given with the history in them. A clock on a busy machine is noisy: of several warm starts the fastest counts.
"""

import argparse
import asyncio
import math
import re
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from engine.adapters.paths import socket_path
from engine.domain.errors import NoEngineError
from engine.domain.market import LinkState
from engine.domain.views import BooksView, HealthView, Section
from engine.runtime.logs import LOG_NAME
from engine.wire.client import WireClient
from support.command_line import engine_process
from support.load_run import write_config
from support.sim_process import SimProcess

GIVE_UP_S = 180.0
LOOK_EVERY_S = 0.02
BUILT = re.compile(r"history of \d+ bars: read in ([\d.]+) s, built in ([\d.]+) s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Seconds from the start of the process to each step."""

    listening: float
    linked: float
    ready: float
    bars: int
    read: float = math.nan  # seconds that reading the stored bars took
    built: float = math.nan  # and making the state from them
    cpu: float = math.nan  # seconds of processor until ready, which a busy machine changes less


async def started(state: Path, began: float) -> Start:
    """Return when what was there."""
    client = await connected(state)
    listening, linked = time.monotonic() - began, float("nan")
    client.listen()
    while True:
        _, health = await client.fetch(Section.HEALTH)
        assert isinstance(health, HealthView)
        if health.link is LinkState.UP and math.isnan(linked):
            linked = time.monotonic() - began
        if health.ready:
            _, books = await client.fetch(Section.BOOKS)
            assert isinstance(books, BooksView)
            assert books.as_of_ms is not None
            ready = time.monotonic() - began
            await client.close()
            return Start(listening=listening, linked=linked, ready=ready, bars=health.wanted)
        assert time.monotonic() - began < GIVE_UP_S, f"{health.loaded} of {health.wanted} bars, {health.link_why}"
        await asyncio.sleep(LOOK_EVERY_S)


async def connected(state: Path) -> WireClient:
    """Connect as soon as the engine listens."""
    until = time.monotonic() + GIVE_UP_S
    while True:
        try:
            return await WireClient.connect(socket_path(state), read_only=True, client="bench")
        except NoEngineError:
            assert time.monotonic() < until, "the engine did not come up"
            await asyncio.sleep(LOOK_EVERY_S)


def measure(config: Path, state: Path) -> Start:
    """Start an engine, see it ready, end it."""
    began = time.monotonic()
    with engine_process(config, state) as engine:
        found = asyncio.run(started(state, began))
        spent = sum(psutil.Process(engine.pid).cpu_times()[:2])
    read, built = BUILT.findall((state / LOG_NAME).read_text(encoding="utf-8"))[-1]
    return replace(found, cpu=spent, read=float(read), built=float(built))


def main() -> int:
    """Print one line per start."""
    parser = argparse.ArgumentParser(prog="bench_warm_start")
    parser.add_argument("--assets", type=int, default=100)
    parser.add_argument("--times", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        with SimProcess(directory / "sim", "--speed", "1", "--assets", str(given.assets)) as sim:
            config = write_config(directory / "config.toml", sim.ready, given.assets, speed=1.0)
            first = measure(config, directory / "state")
            warm = min((measure(config, directory / "state") for _ in range(given.times)), key=lambda each: each.ready)
    for title, found in (("from nothing", first), ("from the store", warm)):
        sys.stdout.write(
            f"{given.assets} assets {title:<15} listening {found.listening:5.2f} s   "
            f"venue answered {found.linked:5.2f} s   ready {found.ready:5.2f} s   "
            f"(bars read in {found.read:4.2f} s, state built in {found.built:4.2f} s)   "
            f"cpu {found.cpu:5.2f} s   ({found.bars:,} bars)\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
