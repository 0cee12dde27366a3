"""One suite for every `MarketData`: the fake that flows use, and ccxt in front of a venue on real sockets.

A venue for this suite lists SYMBOLS, has gapless hourly candles up to its own time, and does not list NOWHERE.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from engine.adapters.ccxt_market_data import CcxtMarketData
from engine.domain.config import VenueConfig
from engine.domain.errors import UnknownSymbolError, VenueUnreachableError
from engine.domain.ports import MarketData
from engine.domain.units import HOUR_MS, Ms, Symbol, floor_to
from support.bybit_script import NOW_MS, BybitScript
from support.fake_market_data import FakeMarketData
from support.loopback_venue import LoopbackVenue
from support.sim_process import SimProcess

SYMBOLS = [Symbol("BTC/USDT:USDT"), Symbol("ETH/USDT:USDT")]
BTC, ETH = SYMBOLS
NOWHERE = Symbol("NOWHERE/USDT:USDT")
Opened = AbstractAsyncContextManager[MarketData]


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimProcess]:
    """Run the simulated exchange as its own process."""
    with SimProcess(tmp_path_factory.mktemp("sim"), "--seed", "7", "--speed", "600") as running:
        yield running


@asynccontextmanager
async def fake(_: pytest.FixtureRequest) -> AsyncIterator[MarketData]:
    """Open the in-memory fake."""
    data = FakeMarketData(now_ms=Ms(NOW_MS), monotonic=time.monotonic)
    first = Ms(floor_to(Ms(NOW_MS), HOUR_MS) - 1_499 * HOUR_MS)
    for symbol in SYMBOLS:
        data.set_path(symbol, first, [100.0 + slot % 7 for slot in range(1_500)])
    yield data
    await data.close()


@asynccontextmanager
async def ccxt_on_a_script(request: pytest.FixtureRequest) -> AsyncIterator[MarketData]:
    """Open ccxt on scripted Bybit answers."""
    directory: Path = request.getfixturevalue("tmp_path")
    async with LoopbackVenue(directory, BybitScript()) as venue:
        config = VenueConfig(proxy=venue.proxy, ca_file=venue.ca_file, requests_per_second=1000.0)
        data = CcxtMarketData(config, monotonic=time.monotonic)
        yield data
        await data.close()


@asynccontextmanager
async def ccxt_on_the_simulator(request: pytest.FixtureRequest) -> AsyncIterator[MarketData]:
    """Open ccxt on the simulated exchange, at the rate it would keep on the real one."""
    ready = request.getfixturevalue("simulator").ready
    data = CcxtMarketData(VenueConfig(proxy=ready.proxy, ca_file=ready.ca_file), monotonic=time.monotonic)
    yield data
    await data.close()


@pytest.fixture(params=[fake, ccxt_on_a_script, ccxt_on_the_simulator], ids=lambda maker: maker.__name__)
async def data(request: pytest.FixtureRequest) -> AsyncIterator[MarketData]:
    """Return each implementation in turn."""
    maker: Callable[[pytest.FixtureRequest], Opened] = request.param
    async with maker(request) as opened:
        yield opened


async def test_only_listed_symbols_have_instruments_with_positive_steps(data: MarketData) -> None:
    found = await data.instruments([*SYMBOLS, NOWHERE])
    assert list(found) == SYMBOLS
    for symbol, instrument in found.items():
        assert instrument.symbol == symbol
        assert instrument.asset == symbol.split("/")[0]
        assert instrument.price_step > 0
        assert instrument.quantity_step > 0
        assert instrument.min_notional >= 0


async def test_time_moves_on_and_the_round_trip_is_measured(data: MarketData) -> None:
    first, round_trip_ms = await data.server_time()
    second, _ = await data.server_time()
    assert second >= first > 1_500_000_000_000
    assert 0.0 < round_trip_ms < 10_000.0


async def test_quotes_are_positive_dated_and_only_of_what_was_asked(data: MarketData) -> None:
    before, now = time.monotonic(), (await data.server_time())[0]
    quotes = {quote.symbol: quote for quote in await data.quotes([ETH, NOWHERE])}
    after = (await data.server_time())[0]
    assert list(quotes) == [ETH]
    quote = quotes[ETH]
    assert quote.last > 0
    assert quote.bid is not None
    assert quote.ask is not None
    assert 0 < quote.bid <= quote.ask
    assert quote.change_24h is None or -1.0 < quote.change_24h < 10.0
    assert now <= quote.event_ms <= after
    assert before <= quote.received <= time.monotonic()


async def test_no_symbol_means_no_quote(data: MarketData) -> None:
    assert await data.quotes([]) == []
    assert await data.quotes([NOWHERE]) == []


async def test_candles_are_ascending_on_the_grid_and_end_with_the_unfinished_one(data: MarketData) -> None:
    now = (await data.server_time())[0]
    since = Ms(floor_to(now, HOUR_MS) - 10 * HOUR_MS)
    found = await data.candles(BTC, since_ms=since, limit=100)
    after = (await data.server_time())[0]
    opens = [candle.open_ms for candle in found]
    assert opens == [since + slot * HOUR_MS for slot in range(len(found))]
    assert floor_to(now, HOUR_MS) <= opens[-1] <= floor_to(after, HOUR_MS)
    for candle in found:
        assert candle.symbol == BTC
        assert 0 < candle.low <= min(candle.open, candle.close) <= max(candle.open, candle.close) <= candle.high
        assert candle.volume >= 0


async def test_candles_start_at_since_and_stop_at_the_limit(data: MarketData) -> None:
    first = Ms(floor_to((await data.server_time())[0], HOUR_MS) - 1_400 * HOUR_MS)
    found = await data.candles(BTC, since_ms=first, limit=1_200)
    assert [candle.open_ms for candle in found] == [first + slot * HOUR_MS for slot in range(1_200)]
    between = await data.candles(BTC, since_ms=Ms(first + 1), limit=2)
    assert [candle.open_ms for candle in between] == [first + HOUR_MS, first + 2 * HOUR_MS]


async def test_a_closed_candle_reads_the_same_twice_and_alone(data: MarketData) -> None:
    since = Ms(floor_to((await data.server_time())[0], HOUR_MS) - 5 * HOUR_MS)
    page = await data.candles(ETH, since_ms=since, limit=3)
    assert await data.candles(ETH, since_ms=since, limit=3) == page
    assert await data.candles(ETH, since_ms=page[1].open_ms, limit=1) == page[1:2]


async def test_nothing_has_opened_in_the_future(data: MarketData) -> None:
    later = Ms((await data.server_time())[0] + 48 * HOUR_MS)
    assert await data.candles(BTC, since_ms=later, limit=10) == []


async def test_candles_of_an_unlisted_symbol_raise(data: MarketData) -> None:
    with pytest.raises(UnknownSymbolError, match="does not list NOWHERE/USDT:USDT"):
        await data.candles(NOWHERE, since_ms=Ms(0), limit=1)


async def test_many_callers_at_once_get_their_own_answers(data: MarketData) -> None:
    since = Ms(floor_to((await data.server_time())[0], HOUR_MS) - 30 * HOUR_MS)
    asked = [(symbol, Ms(since + slot * HOUR_MS)) for symbol in SYMBOLS for slot in range(10)]
    pages = await asyncio.gather(*(data.candles(symbol, since_ms=at, limit=4) for symbol, at in asked))
    for (symbol, at), page in zip(asked, pages, strict=True):
        assert [(candle.symbol, candle.open_ms) for candle in page] == [(symbol, at + n * HOUR_MS) for n in range(4)]


async def test_closing_twice_is_fine_and_ends_it(data: MarketData) -> None:
    await data.close()
    await data.close()
    with pytest.raises(VenueUnreachableError):
        await data.server_time()
