"""Owns filling the store: what is missing of the needed history is fetched in pages, symbol by symbol, resumable.

Only asks for what lies after each symbol's newest stored bar. Hands raw candles on: the core's door-keeper judges
them and the loop stores what passes, so an interrupted load goes on where it stopped.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping

from engine.core.inputs import CandlesArrived, Input, LoadProgressed
from engine.domain.errors import UnknownSymbolError, VenueUnreachableError
from engine.domain.market import Candle
from engine.domain.ports import MarketData
from engine.domain.units import Ms, Symbol

PAGE = 998  # twice what Binance gives for its lowest weight: no third request for a rest of two
AT_ONCE = 6
RETRY_FIRST_S = 0.5
RETRY_MOST_S = 10.0


def retry_delay(attempt: int) -> float:
    """Return the jittered wait before try number `attempt` + 1, seconds."""
    return min(RETRY_MOST_S, RETRY_FIRST_S * 2.0**attempt) * random.uniform(0.5, 1.0)


class HistoryLoader:
    """Fetches [start, until) for every symbol. `put` takes inputs, `report` outcomes of requests."""

    def __init__(
        self,
        data: MarketData,
        *,
        put: Callable[[Input], None],
        succeeded: Callable[[float], None],
        failed: Callable[[str], None],
        step_ms: int,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._data = data
        self._put = put
        self._succeeded = succeeded
        self._failed = failed
        self._step_ms = step_ms
        self._sleep = sleep
        self._loaded = 0
        self._wanted = 0
        self._fetched = 0
        self._monotonic = monotonic
        self._began = 0.0
        self._stored = 0  # bars that were there before
        self._whole = 0
        self._of = 0

    async def load(self, newest: Mapping[Symbol, Ms], symbols: tuple[Symbol, ...], *, start: Ms, until: Ms) -> int:
        """Fetch what is missing of the slots that open in [start, until); return how many bars came."""
        slots = (until - start) // self._step_ms
        begins = {s: Ms(max(start, newest[s] + self._step_ms)) if s in newest else start for s in symbols}
        self._wanted = slots * len(symbols)
        self._loaded = sum((begin - start) // self._step_ms for begin in begins.values())
        self._began, self._stored = self._monotonic(), self._loaded
        self._whole = sum(begin >= until for begin in begins.values())
        self._of = len(symbols)
        self._progress(0)
        gate = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as tasks:
            for symbol, begin in begins.items():
                tasks.create_task(self._load_symbol(gate, symbol, begin, until), name=f"history {symbol}")
        return self._fetched

    async def _load_symbol(self, gate: asyncio.Semaphore, symbol: Symbol, begin: Ms, until: Ms) -> None:
        at, attempt = begin, 0
        while at < until:
            try:
                async with gate:
                    page = await self._data.candles(symbol, since_ms=at, limit=PAGE)
            except UnknownSymbolError:
                break
            except VenueUnreachableError as error:
                self._failed(str(error))
                await self._sleep(retry_delay(attempt))
                attempt += 1
                continue
            attempt = 0
            self._succeeded(float("nan"))
            reached = self._take(symbol, page, at, until)
            if reached <= at:
                break  # the venue has nothing from here on: listed later, halted or gone
            at = reached
        self._whole += begin < until
        self._progress((until - at) // self._step_ms if at < until else 0)

    def _take(self, symbol: Symbol, page: list[Candle], at: Ms, until: Ms) -> Ms:
        wanted = tuple(candle for candle in page if at <= candle.open_ms < until)
        if not wanted:
            return at if not page or page[-1].open_ms < until else until
        self._put(CandlesArrived(symbol=symbol, candles=wanted, history=True))
        self._fetched += len(wanted)
        reached = Ms(wanted[-1].open_ms + self._step_ms)
        self._progress((reached - at) // self._step_ms)
        return reached

    def _progress(self, slots: int) -> None:
        self._loaded += slots
        spent, came = self._monotonic() - self._began, self._loaded - self._stored
        self._put(
            LoadProgressed(
                loaded=self._loaded,
                wanted=self._wanted,
                assets=self._whole,
                assets_wanted=self._of,
                left_s=spent / came * (self._wanted - self._loaded) if came and spent > 0.0 else float("nan"),
            )
        )
