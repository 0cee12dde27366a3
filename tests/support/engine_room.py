"""Owns a whole engine in the test's own process: real store, journal, paper broker and socket, on a venue that is set.

Clients connect over the socket as cockpits and commands do. The venue's prices stand at the last close that has opened.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from engine.domain.config import Config
from engine.domain.errors import NoEngineError
from engine.domain.events import CheckCompleted, Event
from engine.domain.units import HOUR_MS, Ms
from engine.runtime.bootstrap import World, assemble
from engine.runtime.engine import Engine, Parts
from engine.wire.client import Facts, WireClient
from support.books import START, TestClock, correlated_closes, rows_of
from support.fake_market_data import FakeMarketData

SLOTS = 125 * 24
FIRST = Ms(START - 121 * 24 * HOUR_MS)
SPEED = 36_000.0  # the feed waits for the next bar in host seconds: a tenth of one
COMES_UP_WITHIN_S = 20.0
E = TypeVar("E")


def venue(config: Config) -> FakeMarketData:
    """Return a venue with 125 days of correlated closes, at START."""
    data = FakeMarketData(now_ms=START)
    symbols = tuple(config.symbols.values())
    for symbol, path in rows_of(correlated_closes(5, SLOTS, len(symbols)), symbols):
        data.set_path(symbol, FIRST, path)
    return data


def parts_on(config: Config, data: FakeMarketData, clock: TestClock, state_dir: Path) -> Parts:
    """Return the parts of an engine on this venue; the venue's prices are received by the engine's clock."""
    data._monotonic = clock.monotonic
    return assemble(config, state_dir, World(clock=clock, data=data, observe_time=lambda *_: math.nan))


class Listener:
    """A client that keeps every event and lets a test wait for one."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._news = asyncio.Event()

    def take(self, facts: Facts) -> None:
        """Keep what comes."""
        self.events += [record.event for record in facts.records]
        self._news.set()

    async def wait_for_check(self, at: Ms) -> CheckCompleted:
        """Return the check for an instant, once it came."""
        return await self.wait_for(CheckCompleted, lambda check: check.at == at)

    async def wait_for(self, kind: type[E], fits: Callable[[E], bool] = lambda _: True) -> E:
        """Return the first event of a kind that fits, once it came."""
        async with asyncio.timeout(COMES_UP_WITHIN_S):
            while True:
                for event in self.events:
                    if isinstance(event, kind) and fits(event):
                        return event
                self._news.clear()
                await self._news.wait()


async def connected(path: Path, *, read_only: bool = False, client: str = "test") -> WireClient:
    """Connect as soon as the engine listens, and listen."""
    async with asyncio.timeout(COMES_UP_WITHIN_S):
        while True:
            try:
                return await WireClient.connect(path, read_only=read_only, client=client)
            except NoEngineError:
                await asyncio.sleep(0)


async def until(true: Callable[[], bool]) -> None:
    """Wait until something is true that no event tells. Raises TimeoutError."""
    async with asyncio.timeout(COMES_UP_WITHIN_S):
        while not true():  # noqa: ASYNC110 - the engine is not to be changed for a test
            await asyncio.sleep(0.005)


@asynccontextmanager
async def running(parts: Parts) -> AsyncIterator[tuple[WireClient, Listener]]:
    """Run an engine and give a client that listens."""
    task = asyncio.create_task(Engine(parts).run())
    client = await connected(parts.server._path)
    listener = Listener()
    client.listen(on_facts=listener.take)
    try:
        yield client, listener
    finally:
        await client.close()
        parts.stopped.set()
        await task
