"""Owns looking again at bars that are already in: a venue may correct a closed bar hours later, or fill a hole.

After every closed bar and every reconnect of a stream the last day is read again, and two days at the start, once a
day and after the link was down. Hands on what the venue answers; the core's door-keeper takes only what differs. Never
judges a price, and yields to the candles of the bar that has just closed.
"""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Mapping

from engine.core.inputs import CandlesArrived, Input
from engine.domain.errors import UnknownSymbolError, VenueUnreachableError
from engine.domain.ports import Clock, MarketData
from engine.domain.units import DAY_MS, Ms, Symbol, floor_to

log = logging.getLogger(__name__)

NEAR_BARS = 24
FAR_BARS = 48  # inside what the door-keeper remembers
AT_ONCE = 4
LOOK_EVERY_S = 1.0
AFTER_CLOSE_S = 20.0  # the new bar itself comes first
AT_MOST_EVERY_S = 2.0
RECONNECTS_AT_MOST_EVERY_S = 15.0  # a storm of them asks no more than this of the venue


class BarReview:
    """Reads the recent bars of one venue again, for ever."""

    def __init__(
        self,
        data: MarketData,
        clock: Clock,
        *,
        put: Callable[[Input], None],
        succeeded: Callable[[float], None],
        failed: Callable[[str], None],
        step_ms: int,
        speed: float,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._data = data
        self._clock = clock
        self._put = put
        self._succeeded = succeeded
        self._failed = failed
        self._step_ms = step_ms
        self._delay_ms = round(min(AFTER_CLOSE_S * 1000 * speed, step_ms / 4))
        self._sleep = sleep
        self._owed = FAR_BARS  # how much must be read again although no bar has closed
        self._slot = Ms(0)
        self._day = Ms(0)
        self._looked = -math.inf

    def look_far(self) -> None:
        """Read two days at the next look: the link was down, and nobody knows what changed meanwhile."""
        self._owed = FAR_BARS

    def look_again(self) -> None:
        """Read the last day soon: a stream was cut, and what it would have said of those bars is lost."""
        self._owed = max(self._owed, NEAR_BARS)

    async def run(self, begins: Callable[[], Mapping[Symbol, Ms]], up: Callable[[], bool]) -> None:
        """Look again for ever while the link is `up`; `begins` is each symbol's first slot that may be asked for."""
        while True:
            await self._sleep(LOOK_EVERY_S)
            now = Ms(self._clock.market_ms() - self._delay_ms)
            slot, day = floor_to(now, self._step_ms), floor_to(now, DAY_MS)
            if not up() or (slot == self._slot and not self._owes(self._clock.monotonic())):
                continue
            bars = max(self._owed, NEAR_BARS if day == self._day else FAR_BARS)
            self._owed, self._looked = 0, self._clock.monotonic()
            if not await self.look(slot, begins(), bars):
                self._owed = FAR_BARS
            self._slot, self._day = slot, day
            await self._sleep(AT_MOST_EVERY_S)

    def _owes(self, now: float) -> bool:
        return self._owed == FAR_BARS or (self._owed > 0 and now - self._looked >= RECONNECTS_AT_MOST_EVERY_S)

    async def look(self, end: Ms, begins: Mapping[Symbol, Ms], bars: int) -> bool:
        """Read the `bars` slots before `end` of every symbol; return True where the venue answered for all."""
        gate = asyncio.Semaphore(AT_ONCE)
        since = Ms(end - bars * self._step_ms)
        looks = (self._read(gate, symbol, max(since, begin), end) for symbol, begin in begins.items())
        return all(await asyncio.gather(*looks))

    async def _read(self, gate: asyncio.Semaphore, symbol: Symbol, since: Ms, end: Ms) -> bool:
        if since >= end:
            return True
        try:
            async with gate:
                candles = await self._data.candles(symbol, since_ms=since, limit=(end - since) // self._step_ms)
        except UnknownSymbolError as error:
            log.warning("looking again: %s", error)
            return True
        except VenueUnreachableError as error:
            self._failed(str(error))
            return False
        self._succeeded(float("nan"))
        closed = tuple(candle for candle in candles if candle.open_ms < end)
        if closed:
            self._put(CandlesArrived(symbol=symbol, candles=closed))
        return True
