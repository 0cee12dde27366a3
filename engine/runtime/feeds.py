"""Owns the feeds of a book that trades on several venues: one feed each, started together, heard as one.

The default venue must answer before anything begins. One of the others that does not is late: the book goes on without
its assets, and when it answers the history is loaded anew with them. Never asks a venue itself.
"""

import asyncio
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from engine.core.inputs import ClockMeasured, Input, InstrumentsListed, LinkReported, LoadProgressed, StreamReported
from engine.domain.ports import MarketData
from engine.domain.units import Ms, Symbol
from engine.runtime.feed import Feed

OTHERS_WITHIN_S = 20.0


class Feeds:
    """One feed per venue, by the venue's name in the config; the default venue is called ""."""

    def __init__(self, feeds: Mapping[str, Feed], *, others_within_s: float) -> None:
        self._feeds = feeds
        self._others_within_s = others_within_s
        self._late: dict[str, asyncio.Task[None]] = {}

    @property
    def answered(self) -> bool:
        """Return True once the default venue has answered anything."""
        return self._feeds[""].answered

    @property
    def why(self) -> str:
        """Return why the link to the default venue is not up, empty when it is."""
        return self._feeds[""].why

    def data_of(self, symbol: Symbol) -> MarketData:
        """Return who is asked about a market."""
        return next(feed.data for feed in self._feeds.values() if symbol in feed.symbols)

    async def connect(self) -> None:
        """Learn time and instruments of every venue; the others get a moment, and may come later."""
        for name, feed in self._feeds.items():
            if name and name not in self._late:
                self._late[name] = asyncio.create_task(feed.connect(), name=f"connect {name}")
        await self._feeds[""].connect()
        if self._late:
            await asyncio.wait(self._late.values(), timeout=self._others_within_s)
        self._drop_those_here()

    async def joined(self) -> None:
        """Return when a late venue has answered; never, where none is late."""
        if not self._late:
            await asyncio.Event().wait()
        await asyncio.wait(self._late.values(), return_when=asyncio.FIRST_COMPLETED)
        self._drop_those_here()

    async def load_history(self, newest: Mapping[Symbol, Ms]) -> tuple[Ms, Ms, int]:
        """Fetch what the store lacks; return the first slot, the end (exclusive) and how many bars came."""
        loaded = await asyncio.gather(*(feed.load_history(newest) for feed in self._here()))
        first, until, _ = loaded[0]
        return first, until, sum(fetched for _, _, fetched in loaded)

    async def poll_candles(self, after: Ms) -> None:
        """Fetch the candles of every bar that closes, for ever; `after` is the last slot already loaded."""
        await asyncio.gather(*(feed.poll_candles(after) for feed in self._here()))

    async def poll_quotes(self) -> None:
        """Poll quotes for ever."""
        await asyncio.gather(*(feed.poll_quotes() for feed in self._feeds.values()))

    async def poll_clock(self) -> None:
        """Measure the venues' clocks for ever."""
        await asyncio.gather(*(feed.poll_clock() for feed in self._feeds.values()))

    async def poll_instruments(self) -> None:
        """Read the venues' lists anew for ever."""
        await asyncio.gather(*(feed.poll_instruments() for feed in self._feeds.values()))

    async def stream(self) -> None:
        """Keep the streams open for ever."""
        await asyncio.gather(*(feed.stream() for feed in self._feeds.values()))

    async def review_bars(self) -> None:
        """Look again at recent bars for ever."""
        await asyncio.gather(*(feed.review_bars() for feed in self._feeds.values()))

    async def close(self) -> None:
        """Stop waiting for who is late, and release every socket."""
        for task in self._late.values():
            task.cancel()
        await asyncio.gather(*self._late.values(), return_exceptions=True)
        for feed in self._feeds.values():
            await feed.data.close()

    def _here(self) -> Iterable[Feed]:
        return [feed for name, feed in self._feeds.items() if name not in self._late]

    def _drop_those_here(self) -> None:
        for name, task in list(self._late.items()):
            if task.done():
                del self._late[name]
                task.result()


class VenueDoors:
    """The doors for what each venue's feed says: reports get the venue's name, the progress of all becomes one."""

    def __init__(self, put: Callable[[Input], None]) -> None:
        self._put = put
        self._loads: dict[str, LoadProgressed] = {}

    def of(self, name: str) -> Callable[[Input], None]:
        """Return the door for the feed of the venue called `name`."""

        def put(item: Input) -> None:
            if isinstance(item, LinkReported | StreamReported | ClockMeasured | InstrumentsListed):
                item = replace(item, venue=name)
            elif isinstance(item, LoadProgressed):
                self._loads[name] = item
                item = self._together()
            self._put(item)

        return put

    def _together(self) -> LoadProgressed:
        loads = self._loads.values()
        left = [load.left_s for load in loads if load.loaded < load.wanted]
        return LoadProgressed(
            loaded=sum(load.loaded for load in loads),
            wanted=sum(load.wanted for load in loads),
            assets=sum(load.assets for load in loads),
            assets_wanted=sum(load.assets_wanted for load in loads),
            left_s=max(left, default=math.nan),
        )
