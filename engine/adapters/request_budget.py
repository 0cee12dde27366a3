"""Owns who may ask a venue next: one line per venue for all objects that talk to it, spaced as its limit wants.

A venue counts requests per address, so a client of its own does not help an order that waits behind two hundred candle
calls (FACTS 4). Trading calls pass at once and what they used up is waited for by the others; prices pass before
history. Sends nothing and retries nothing: `ccxt_client` asks before every request.
"""

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import IntEnum

BURST_S = 1.0  # how far trading calls may run ahead of the limit before they are spaced too


class Urgency(IntEnum):
    """What a request is for, the most urgent first."""

    TRADING = 0
    PRICES = 1
    HISTORY = 2


_urgency: ContextVar[Urgency] = ContextVar("urgency", default=Urgency.PRICES)


@contextmanager
def asking_for(urgency: Urgency) -> Iterator[None]:
    """Say what the requests inside the block are for."""
    token = _urgency.set(urgency)
    try:
        yield
    finally:
        _urgency.reset(token)


def urgency_now() -> Urgency:
    """Return what the requests of this task are for; prices where nobody said."""
    return _urgency.get()


@dataclass(slots=True)
class _Line:
    """Those who wait for one venue. `free_at` is when the next may go, in host monotonic seconds."""

    free_at: float = float("-inf")
    waiting: list[tuple[Urgency, int, float, asyncio.Future[None]]] = field(default_factory=list)
    pump: asyncio.Task[None] | None = None


class RequestBudget:
    """Lets requests go one by one, the most urgent first."""

    def __init__(
        self, monotonic: Callable[[], float], *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._monotonic = monotonic
        self._sleep = sleep
        self._lines: dict[str, _Line] = {}
        self._count = 0

    async def admit(self, venue: str, urgency: Urgency, seconds: float) -> None:
        """Wait until a request may go that uses up `seconds` of the venue's limit."""
        line = self._lines.setdefault(venue, _Line())
        now = self._monotonic()
        ahead = BURST_S if urgency is Urgency.TRADING else 0.0
        if line.free_at - now <= ahead and (urgency is Urgency.TRADING or not line.waiting):
            line.free_at = max(line.free_at, now) + seconds
            return
        turn = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(line.waiting, (urgency, self._count, seconds, turn))
        if line.pump is None or line.pump.done():
            line.pump = asyncio.create_task(self._let_go(line), name=f"budget {venue}")
        await turn

    async def _let_go(self, line: _Line) -> None:
        """Let those in line go until nobody waits."""
        while line.waiting:
            due = line.free_at
            if due > (now := self._monotonic()):
                await self._sleep(due - now)
                if line.free_at != due:
                    continue  # a trading call went ahead meanwhile
            _, _, seconds, turn = heapq.heappop(line.waiting)
            if not turn.done():  # else whoever waited gave up
                line.free_at = max(line.free_at, self._monotonic()) + seconds
                turn.set_result(None)
