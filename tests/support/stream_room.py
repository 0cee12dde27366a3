"""A stream feed on a clock that stands still, with streams whose every message a test says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from msgspec import structs

from engine.core.inputs import Input
from engine.domain.market import Candle, Quote
from engine.domain.units import HOUR_MS, Ms, Symbol
from engine.runtime.stream_feed import StreamFeed
from support.books import START, TestClock, symbol_of
from support.fake_stream import FakeStream
from support.pictures import quote

ETH, SOL = symbol_of("ETH"), symbol_of("SOL")


def candle(hour: int, close: float, *, symbol: Symbol = ETH) -> Candle:
    at = Ms(START + hour * HOUR_MS)
    return Candle(symbol=symbol, open_ms=at, open=close, high=close, low=close, close=close, volume=1.0)


class Room:
    """A stream feed on a clock that stands still until `pass_time`."""

    def __init__(self) -> None:
        self.clock = TestClock()
        self.inputs: list[Input] = []
        self.closed: list[tuple[Symbol, Ms]] = []
        self.streams: list[FakeStream] = []
        self.waits: list[float] = []
        self.reconnects: list[float] = []
        self.feed = StreamFeed(
            self._open,
            self.clock,
            put=self.inputs.append,
            closed=self._note,
            reconnected=lambda: self.reconnects.append(self.clock.seconds),
            step_ms=HOUR_MS,
            sleep=self._sleep,
        )
        self._wake = asyncio.Event()
        self.offers_quotes = self.offers_candles = True
        self.history_is_there = True
        self.wanted: tuple[Symbol, ...] = (ETH, SOL)

    @property
    def stream(self) -> FakeStream:
        """Return the connection that is open."""
        return self.streams[-1]

    def priced(self, asset: str, price: str) -> Quote:
        """Return a quote received now."""
        return structs.replace(quote(asset, price), received=self.clock.seconds)

    async def pass_time(self, seconds: float) -> None:
        """Let host time pass, and everything that waits for it run."""
        until = self.clock.seconds + seconds
        while self.clock.seconds < until:
            self.clock.seconds += 0.1
            self._wake.set()
            for _ in range(8):
                await asyncio.sleep(0)

    def of(self, kind: type[Input]) -> list[Input]:
        """Return the inputs of a kind."""
        return [item for item in self.inputs if isinstance(item, kind)]

    def _note(self, symbol: Symbol, open_ms: Ms) -> bool:
        self.closed.append((symbol, open_ms))
        return self.history_is_there

    def _open(self) -> FakeStream:
        self.streams.append(FakeStream(offers_quotes=self.offers_quotes, offers_candles=self.offers_candles))
        return self.stream

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        due = self.clock.seconds + seconds
        while self.clock.seconds < due:
            self._wake.clear()
            await self._wake.wait()


@asynccontextmanager
async def running(room: Room) -> AsyncIterator[None]:
    task = asyncio.create_task(room.feed.run(lambda: room.wanted))
    await asyncio.sleep(0)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
