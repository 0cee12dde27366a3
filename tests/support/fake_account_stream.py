"""An `AccountStream` whose every message a test has set, and a room in which time passes only when the test says so."""

import asyncio
from collections.abc import Callable
from decimal import Decimal

from engine.core.inputs import AccountStreamReported, Input
from engine.domain.errors import DriftdeckError
from engine.domain.order import AccountNews, Fill, OrderSide
from engine.domain.units import ClientOrderId, FillId, Ms
from engine.runtime.account_feed import AccountFeed
from support.books import TestClock, symbol_of


def news(*orders: str, fills: tuple[str, ...] = ()) -> AccountNews:
    """Return what a stream may speak of."""
    return AccountNews(
        orders=frozenset(map(ClientOrderId, orders)),
        fills=frozenset(map(FillId, fills)),
    )


def fill_of(order: str, ident: str, at: Ms, asset: str = "ETH") -> Fill:
    """Return an execution."""
    return Fill(
        fill_id=FillId(ident),
        client_order_id=ClientOrderId(order),
        symbol=symbol_of(asset),
        side=OrderSide.BUY,
        quantity=Decimal(1),
        price=Decimal(3000),
        fee=Decimal(0),
        at=at,
    )


class FakeAccountStream:
    """One connection: `open` and `say` are the venue's doing, `fail` ends it."""

    def __init__(self) -> None:
        self.closed = False
        self.open: Callable[[], None] = lambda: None
        self.say: Callable[[AccountNews], None] = lambda _: None
        self._over = asyncio.Event()
        self._error: DriftdeckError | None = None

    def fail(self, error: DriftdeckError) -> None:
        """Let the connection fail."""
        self._error = error
        self._over.set()

    async def run(self, opened: Callable[[], None], heard: Callable[[AccountNews], None]) -> None:
        """Stay until it fails."""
        self.open, self.say = opened, heard
        await self._over.wait()
        if self._error is not None:
            raise self._error

    async def close(self) -> None:
        """Note that it was closed."""
        self.closed = True


class StreamRoom:
    """An account's feed on a clock that stands still until `pass_time`."""

    def __init__(self) -> None:
        self.clock = TestClock()
        self.inputs: list[Input] = []
        self.hints: list[AccountNews | None] = []
        self.streams: list[FakeAccountStream] = []
        self.waits: list[float] = []
        self.refusal: DriftdeckError | None = None
        self._wake = asyncio.Event()
        self.feed = AccountFeed(
            self._open, self.clock, put=self.inputs.append, hint=self.hints.append, sleep=self._sleep
        )

    @property
    def stream(self) -> FakeAccountStream:
        """Return the connection that is open."""
        return self.streams[-1]

    @property
    def said(self) -> list[tuple[bool, str]]:
        """Return what the core was told of the stream."""
        return [(item.up, item.why) for item in self.inputs if isinstance(item, AccountStreamReported)]

    async def pass_time(self, seconds: float) -> None:
        """Let host and market time pass, and everything that waits for it run."""
        until = self.clock.seconds + seconds
        while self.clock.seconds < until:
            self.clock.seconds += 0.1
            self.clock.now_ms = Ms(self.clock.now_ms + 100)
            self._wake.set()
            for _ in range(8):
                await asyncio.sleep(0)

    def _open(self) -> FakeAccountStream:
        if self.refusal is not None:
            raise self.refusal
        self.streams.append(FakeAccountStream())
        return self.stream

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        due = self.clock.seconds + seconds
        while self.clock.seconds < due:
            self._wake.clear()
            await self._wake.wait()
