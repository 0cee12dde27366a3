"""Owns the soak: the whole engine in virtual time on a venue that misbehaves at random, and what is left of it.

`python -m support.soak` (or `make soak`) runs 30 days: real feed, door-keeper, grid, core, journal and stores; only the
venue and the passing of time are made up. Two cockpits come and go, a trader approves what waits. At the end the
correlation that was updated bar by bar is compared with a clean rebuild from the bars on disk, and memory, files and
answers of day 5 with those of the last day.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import psutil

from engine.adapters.clocks import ScaledClock
from engine.adapters.paths import socket_path
from engine.adapters.sqlite_journal import FILE_NAME as JOURNAL_NAME
from engine.domain.config import Config, Estimator
from engine.domain.units import DAY_MS, HOUR_MS, Ms
from engine.market.correlation_state import CorrelationState, Matrix
from engine.market.return_streams import LIVE
from engine.runtime.bootstrap import World, assemble
from engine.runtime.engine import Engine, Parts
from support.books import START, long_basket, small_config
from support.soak_stream import SoakStream
from support.soak_venue import SoakVenue
from support.soak_visitors import Visitors
from support.virtual_time import VirtualLoop, run_virtually

SPEED = 600.0
DAYS = 30
FIRST_LOOK_S = 30.0
SETTLED_DAY = 5  # from here on memory must be flat
MEMORY_MB = 5.0  # what a process may breathe
CALM_S = 90.0  # at the end, so that what is late arrives
BASKETS = (("one", "AAA", "BBB", "CCC", "DDD"), ("two", "EEE", "FFF", "GGG"), ("three", "AAA", "FFF", "HHH"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What the process held at the end of a day."""

    day: int
    rss_mb: float
    files: int
    journal_kb: float
    answers_ms: float  # real milliseconds, 99th percentile of what a cockpit's questions took that day


@dataclass(frozen=True, slots=True, kw_only=True)
class Soaked:
    """What a soak showed."""

    bars: int
    faults: dict[str, int]
    difference: float  # of any correlation from a clean rebuild; inf where one knows a pair and the other does not
    other_bars: tuple[str, ...]  # stored closes that are not the venue's, or missing
    samples: tuple[Sample, ...]
    lasted_s: float
    attached: int
    approved: int
    orders: int
    unsettled: int  # orders and proposals that hang at the end


def config_of(assets: int = 0) -> Config:
    """Return three baskets of eight assets, or baskets of four out of so many; one second between polls."""
    names = [f"A{number:03}" for number in range(assets)]
    many = [(f"b{first // 4}", *names[first : first + 4]) for first in range(0, assets, 4)]
    config = small_config(*(long_basket(name, *held) for name, *held in many or BASKETS), speed=SPEED)
    return replace(config, venue=replace(config.venue, poll_every_ms=1_000))


def soak(days: int, directory: Path, *, assets: int = 0) -> Soaked:
    """Run `days` of market time and return what was found."""
    return run_virtually(lambda loop: _soak(loop, days, directory, config_of(assets)))


async def _soak(loop: VirtualLoop, days: int, directory: Path, config: Config) -> Soaked:
    began = time.monotonic()
    symbols = tuple(config.symbols.values())
    first = Ms(START - config.history_ms)
    venue = SoakVenue(symbols, first=first, start=START, hours=24 * days + 48, speed=SPEED, host=loop.time)
    clock = ScaledClock(rate=SPEED, start_ms=START, monotonic=loop.time)
    world = World(clock=clock, data=venue, observe_time=clock.observe, open_stream=lambda: SoakStream(venue, loop.time))
    parts = assemble(config, directory, world)
    loop.busy = lambda: parts.writer.unwritten > 0
    running = asyncio.create_task(Engine(parts).run())
    await _until(loop, running, FIRST_LOOK_S)
    visitors = Visitors(socket_path(directory), config, speed=SPEED)
    visiting = visitors.come()
    samples = []
    for day in range(1, days + 1):
        await _until(loop, running, day * DAY_MS / 1000 / SPEED)
        samples.append(_sample(day, directory, visitors))
        for visit in visiting:
            assert not visit.done(), visit.exception()
    venue.calm_from = loop.time()
    await _until(loop, running, loop.time() + CALM_S)
    await parts.loop.settled()
    for visit in visiting:
        visit.cancel()
    await asyncio.gather(*visiting, return_exceptions=True)
    soaked = Soaked(
        bars=parts.state.correlation.version,
        faults=dict(venue.happened),
        difference=_difference(parts),
        other_bars=tuple(_other_bars(parts, venue)),
        samples=tuple(samples),
        lasted_s=time.monotonic() - began,
        attached=visitors.attached,
        approved=visitors.approved,
        orders=len(parts.journal.read(kinds=("OrderIntended",))),
        unsettled=len(parts.state.trading.orders.unsettled()),
    )
    parts.stopped.set()
    await running
    return soaked


async def _until(loop: VirtualLoop, running: asyncio.Task[None], at: float) -> None:
    while loop.time() < at:
        assert not running.done(), running.exception()
        await asyncio.sleep(min(60.0, at - loop.time()))


def _sample(day: int, directory: Path, visitors: Visitors) -> Sample:
    return Sample(
        day=day,
        rss_mb=psutil.Process().memory_info().rss / 2**20,
        files=_open_files(),
        journal_kb=sum(path.stat().st_size for path in directory.glob(f"{JOURNAL_NAME}*")) / 1024,
        answers_ms=visitors.slowest_of(day),
    )


def _open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def _difference(parts: Parts) -> float:
    """Return how far any correlation is from that of a state made from the stored bars alone."""
    live, config = parts.state.correlation, parts.config
    assert live.as_of is not None
    symbols, step_ms = tuple(config.symbols.values()), config.rules.bar_ms
    since = Ms(START - config.history_ms)
    begin, closes = parts.store.load_closes(symbols, since_ms=since, until_ms=live.as_of, step_ms=step_ms)
    clean = CorrelationState(tuple(config.symbols), config.rules)
    clean.warm_up(begin, closes)
    reads: list[Callable[[CorrelationState, Estimator], Matrix]] = [
        lambda state, kind: state.base(kind),
        lambda state, kind: state.now(kind),
        *(lambda state, kind, days=days: state.window(days, kind) for days in config.rules.windows_days),
    ]
    worst = 0.0
    for kind in LIVE:
        for read in reads:
            ours, theirs = read(live, kind).rho, read(clean, kind).rho
            if (np.isnan(ours) != np.isnan(theirs)).any():
                return float("inf")
            worst = max(worst, float(np.nanmax(np.abs(ours - theirs))))
    return worst


def _other_bars(parts: Parts, venue: SoakVenue) -> list[str]:
    """Return where the store does not hold the venue's close, up to the last bar that is in use."""
    as_of, found = parts.state.correlation.as_of, []
    assert as_of is not None
    for symbol in venue.symbols:
        stored = {bar.open_ms: bar.close for bar in parts.store.load(symbol, since_ms=Ms(0))}
        for open_ms, close in venue.closes(symbol).items():
            if open_ms + HOUR_MS <= as_of and stored.get(open_ms) != close:
                found.append(f"{symbol} {open_ms}: {stored.get(open_ms)}, venue {close}")
    return found


def main() -> int:
    """Run and print; return how many things were not as they must be."""
    parser = argparse.ArgumentParser(prog="python -m support.soak", description="Run the engine for days, in minutes.")
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--assets", type=int, default=0, help="in baskets of four; else eight in three baskets")
    given = parser.parse_args()
    days: int = given.days
    logging.disable()  # what is silent is counted below
    with tempfile.TemporaryDirectory() as name:
        found = soak(days, Path(name), assets=given.assets)
    early, late = found.samples[min(SETTLED_DAY, days) - 1], found.samples[-1]
    lines = [
        f"{days} days in {found.lasted_s:.0f} s: " + ", ".join(f"{name} {n}" for name, n in found.faults.items()),
        f"largest difference of a correlation from a clean rebuild: {found.difference:.1e}",
        f"stored bars that are not the venue's: {len(found.other_bars)}",
        f"memory day {early.day}: {early.rss_mb:.1f} MB, day {late.day}: {late.rss_mb:.1f} MB",
        f"open files day {early.day}: {early.files}, day {late.day}: {late.files}",
        f"journal day {early.day}: {early.journal_kb:,.0f} KB, day {late.day}: {late.journal_kb:,.0f} KB",
        f"answers, p99 day {early.day}: {early.answers_ms:.1f} ms, day {late.day}: {late.answers_ms:.1f} ms",
        f"cockpits attached {found.attached} times; {found.approved} proposals approved, {found.orders} orders, "
        f"{found.unsettled} of them hang",
        *(f"  {line}" for line in found.other_bars[:10]),
    ]
    sys.stdout.writelines(f"{line}\n" for line in lines)
    grew = late.rss_mb - early.rss_mb > MEMORY_MB
    more = late.files > early.files + 2 * len(("cockpit", "cockpit"))  # two ends of each that is attached just then
    return (found.difference > 1e-12) + more + grew + len(found.other_bars) + found.unsettled


if __name__ == "__main__":
    sys.exit(main())
