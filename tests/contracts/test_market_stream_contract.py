"""One suite for every `MarketStream`: the real one on the simulated exchange, and the fake that the unit tests use."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress

import pytest

from engine.adapters.ccxt_stream import CcxtStream
from engine.adapters.host_breaker import HostBreaker
from engine.domain.config import VenueConfig
from engine.domain.market import Candle, MarketKind, Quote
from engine.domain.ports import MarketStream
from engine.domain.units import HOUR_MS, Symbol
from support.books import START, symbol_of
from support.fake_stream import FakeStream
from support.pictures import quote
from support.sim_process import SimProcess

SWAPS = (symbol_of("ETH"), symbol_of("SOL"))
SPOTS = (Symbol("ETH/USDT"), Symbol("SOL/USDT"))
SYMBOLS = {"fake": SWAPS} | {
    f"{venue} {kind}": SPOTS if kind is MarketKind.SPOT else SWAPS
    for venue in ("bybit", "binance")
    for kind in MarketKind
}
COMES_WITHIN_S = 20.0
Say = Callable[[MarketStream], None]


@pytest.fixture(scope="module")
def sim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimProcess]:
    with SimProcess(tmp_path_factory.mktemp("sim"), "--scenario", "calm", "--speed", "1800") as process:
        yield process


@pytest.fixture(params=list(SYMBOLS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def symbols(name: str) -> tuple[Symbol, ...]:
    return SYMBOLS[name]


@pytest.fixture
async def stream(name: str, sim: SimProcess) -> AsyncIterator[MarketStream]:
    found: MarketStream = FakeStream()
    if name != "fake":
        venue_id, kind = name.split()
        venue = VenueConfig(id=venue_id, market=MarketKind(kind), proxy=sim.ready.proxy, ca_file=sim.ready.ca_file)
        found = CcxtStream(venue, monotonic=time.monotonic, breaker=HostBreaker(time.monotonic))
    yield found
    await found.close()


def speak(stream: MarketStream) -> None:
    """Let the fake say what a venue says by itself."""
    if isinstance(stream, FakeStream):
        for symbol, price in zip(SWAPS, ("3000", "150"), strict=True):
            number = float(price)
            news = Candle(symbol=symbol, open_ms=START, open=number, high=number, low=number, close=number, volume=1.0)
            stream.say(quote(symbol.split("/")[0], price, received=time.monotonic()), news)


async def listened(
    stream: MarketStream, symbols: tuple[Symbol, ...], enough: Callable[[list[Quote], list[Candle]], bool]
) -> None:
    """Listen until enough has come, harvesting as the feed does."""
    listening = asyncio.create_task(stream.run(symbols))
    quotes: list[Quote] = []
    candles: list[Candle] = []
    try:
        async with asyncio.timeout(COMES_WITHIN_S):
            while not enough(quotes, candles):
                speak(stream)
                fresh = stream.harvest(symbols)
                quotes += fresh[0]
                candles += fresh[1]
                assert not listening.done() or listening.result() is None
                await asyncio.sleep(0.05)
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening


async def test_prices_of_every_symbol_come_positive_and_dated(
    stream: MarketStream, symbols: tuple[Symbol, ...]
) -> None:
    seen: dict[Symbol, Quote] = {}

    def enough(quotes: list[Quote], _: list[Candle]) -> bool:
        seen.update({each.symbol: each for each in quotes if each.bid is not None})  # a book may come a moment later
        return set(seen) == set(symbols)

    assert stream.offers_quotes
    await listened(stream, symbols, enough)
    assert all(each.last > 0 and each.bid and each.ask and each.bid < each.ask for each in seen.values())
    assert all(abs(each.received - time.monotonic()) < COMES_WITHIN_S for each in seen.values())


async def test_candles_come_on_the_hourly_grid(stream: MarketStream, symbols: tuple[Symbol, ...]) -> None:
    seen: list[Candle] = []

    def enough(_: list[Quote], candles: list[Candle]) -> bool:
        seen[:] = candles
        return {each.symbol for each in candles} == set(symbols)

    assert stream.offers_candles
    await listened(stream, symbols, enough)
    assert all(each.open_ms % HOUR_MS == 0 and each.low <= each.close <= each.high for each in seen)


async def test_what_was_harvested_does_not_come_again(stream: MarketStream, symbols: tuple[Symbol, ...]) -> None:
    stamps: list[tuple[Symbol, float]] = []

    def enough(quotes: list[Quote], _: list[Candle]) -> bool:
        stamps[:] = [(each.symbol, each.received) for each in quotes]
        return len(quotes) >= 6

    await listened(stream, symbols, enough)
    assert len(stamps) == len(set(stamps))


async def test_a_stream_may_be_closed_twice_and_before_it_was_opened(
    stream: MarketStream, symbols: tuple[Symbol, ...]
) -> None:
    await stream.close()
    await stream.close()
    assert stream.harvest(symbols) == ([], [])
