"""Owns who comes by during a soak: two cockpits that attach, look and drop, and a trader who approves what waits.

They speak to the engine over its real socket, as cockpits and commands do. How long an answer takes is measured in real
time, since the soak's own time stands still meanwhile.
"""

import asyncio
import time
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np

from engine.domain.commands import ApproveProposals, Command, OpenBasket, RebalanceBasket, Shown
from engine.domain.config import Config
from engine.domain.errors import RefusedError
from engine.domain.trade_views import ProposalsView
from engine.domain.units import DAY_MS
from engine.domain.views import MatrixKind, Section
from engine.wire.client import WireClient

LOOKS = (Section.HEALTH, Section.QUOTES, Section.BOOKS, Section.ALERTS, Section.PROPOSALS, Section.BLOTTER)
LOOK_EVERY_S = 1.0
STAY_S = (30.0, 400.0)
AWAY_S = (1.0, 120.0)
DECIDE_EVERY_S = 6.0  # an hour of market time at x600
THESIS_CHANGED = 0.02  # of those looks bring a rebalance by hand


@asynccontextmanager
async def attached(socket: Path) -> AsyncIterator[WireClient]:
    """Attach to the engine, and drop the line at the end."""
    client = await WireClient.connect(socket, client="soak")
    client.listen()
    try:
        yield client
    finally:
        await client.close()


class Visitors:
    """Two cockpits and a trader. What answers took is kept by day, four bytes each: it must not look like a leak."""

    def __init__(self, socket: Path, config: Config, *, speed: float) -> None:
        self._socket = socket
        self._config = config
        self._speed = speed
        self._rng = np.random.default_rng(23)
        self._taken: dict[int, array[float]] = {}
        self.attached = self.approved = self.refused = 0

    def come(self) -> list[asyncio.Task[None]]:
        """Start them all."""
        work = (self._cockpit(scope="all"), self._cockpit(scope=self._config.baskets[0].name), self._trader())
        return [asyncio.create_task(each) for each in work]

    def slowest_of(self, day: int) -> float:
        """Return the 99th percentile of the answers of a day, real milliseconds."""
        taken = self._taken.get(day)
        return float(np.quantile(np.array(taken), 0.99)) * 1000 if taken else float("nan")

    async def _cockpit(self, *, scope: str) -> None:
        loop = asyncio.get_running_loop()
        while True:
            async with attached(self._socket) as client:
                self.attached += 1
                leave = loop.time() + self._rng.uniform(*STAY_S)
                while loop.time() < leave:
                    for section in LOOKS:
                        await self._timed(client, section)
                    await self._timed(client, Section.MATRIX, scope)
                    if scope != "all":
                        await self._timed(client, Section.SERIES, scope)
                    await asyncio.sleep(LOOK_EVERY_S)
            await asyncio.sleep(self._rng.uniform(*AWAY_S))

    async def _timed(self, client: WireClient, section: Section, scope: str = "") -> None:
        began = time.perf_counter()
        await client.fetch(section, scope=scope, kind=MatrixKind.DELTA)
        day = 1 + int(asyncio.get_running_loop().time() * self._speed * 1000 // DAY_MS)
        self._taken.setdefault(day, array("f")).append(time.perf_counter() - began)

    async def _trader(self) -> None:
        async with attached(self._socket) as client:
            for basket in self._config.baskets:
                await self._asked(client, OpenBasket(basket=basket.name))
            while True:
                await asyncio.sleep(DECIDE_EVERY_S)
                await self._decide(client)

    async def _decide(self, client: WireClient) -> None:
        if self._rng.random() < THESIS_CHANGED:
            name = self._config.baskets[int(self._rng.integers(len(self._config.baskets)))].name
            await self._asked(client, RebalanceBasket(basket=name, note="the soak's thesis changed"))
        _, view = await client.fetch(Section.PROPOSALS)
        assert isinstance(view, ProposalsView)
        for each in view.pending:
            shown = Shown(id=each.proposal.id, hash=each.proposal.hash)
            await self._asked(client, ApproveProposals(shown=(shown,)))

    async def _asked(self, client: WireClient, command: Command) -> None:
        try:
            await client.act(command)
        except RefusedError:
            self.refused += 1  # a price left its band, or another proposal took its place: as for any trader
        else:
            self.approved += isinstance(command, ApproveProposals)
