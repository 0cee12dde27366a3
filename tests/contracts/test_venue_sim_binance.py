"""Binance beside Bybit on one simulated market: the project's own client, and the unmodified ccxt, on both hosts."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import ccxt
import pytest

from engine.adapters.ccxt_market_data import CcxtMarketData
from engine.domain.config import VenueConfig
from engine.domain.errors import UnknownSymbolError, VenueUnreachableError
from engine.domain.market import MarketKind
from engine.domain.units import HOUR_MS, Ms, Symbol, floor_to
from support.sim_process import SimProcess

SYMBOL = {MarketKind.SWAP: Symbol("ETH/USDT:USDT"), MarketKind.SPOT: Symbol("ETH/USDT")}
both = pytest.mark.parametrize("kind", list(MarketKind))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimProcess]:
    with SimProcess(tmp_path_factory.mktemp("sim"), "--speed", "60") as process:
        yield process


@pytest.fixture
def sim(running: SimProcess) -> Iterator[SimProcess]:
    yield running
    running.mend()


@asynccontextmanager
async def market_data(sim: SimProcess, kind: MarketKind, venue: str = "binance") -> AsyncIterator[CcxtMarketData]:
    config = VenueConfig(id=venue, market=kind, proxy=sim.ready.proxy, ca_file=sim.ready.ca_file)
    data = CcxtMarketData(config, monotonic=time.monotonic)
    try:
        yield data
    finally:
        await data.close()


@asynccontextmanager
async def client_of(sim: SimProcess, kind: str) -> AsyncIterator[Any]:
    import ccxt.async_support as ccxt_async

    options = {"fetchMarkets": {"types": [kind]}, "defaultType": "spot" if kind == "spot" else "swap"}
    client = ccxt_async.binance({"httpsProxy": sim.ready.proxy, "cafile": sim.ready.ca_file, "options": options})
    try:
        yield client
    finally:
        await client.close()


@both
async def test_the_project_s_client_reads_markets_quotes_and_the_time(sim: SimProcess, kind: MarketKind) -> None:
    symbol = SYMBOL[kind]
    async with market_data(sim, kind) as data:
        instruments = await data.instruments([symbol])
        (quote,) = await data.quotes([symbol])
        at, _ = await data.server_time()
    found = instruments[symbol]
    assert (found.asset, found.kind, str(found.price_step), str(found.quantity_step)) == ("ETH", kind, "0.01", "0.01")
    assert found.min_notional == 5
    assert sim.ready.market_ms <= quote.event_ms <= at
    assert quote.bid is not None
    assert quote.ask is not None
    assert quote.bid < quote.ask, "the day's tickers of futures carry no book: it is asked for apart"
    assert quote.change_24h is not None


@both
async def test_the_project_s_client_pages_the_same_candles_from_both_venues(sim: SimProcess, kind: MarketKind) -> None:
    async with market_data(sim, kind) as data, market_data(sim, kind, "bybit") as other:
        now, _ = await data.server_time()
        since = Ms(floor_to(now, HOUR_MS) - 1_200 * HOUR_MS)
        rows = await data.candles(SYMBOL[kind], since_ms=since, limit=1_200)
        same = await other.candles(SYMBOL[kind], since_ms=since, limit=1_200)
        with pytest.raises(UnknownSymbolError):
            await data.candles(Symbol("NOWHERE/USDT:USDT"), since_ms=since, limit=1)
    assert [row.open_ms for row in rows] == [since + hour * HOUR_MS for hour in range(1_200)]
    assert rows == same


@pytest.mark.parametrize("kind", ["linear", "spot"])
async def test_the_bare_client_reads_candles_tickers_and_the_book(sim: SimProcess, kind: str) -> None:
    symbol = "SOL/USDT" if kind == "spot" else "SOL/USDT:USDT"
    async with client_of(sim, kind) as client:
        markets = await client.load_markets()
        bars = await client.fetch_ohlcv(symbol, "4h", None, 5)
        tickers = await client.fetch_tickers()
        books = await client.fetch_bids_asks([symbol])
        with pytest.raises(ccxt.BadSymbol, match="-1121"):
            await (client.publicGetKlines if kind == "spot" else client.fapiPublicGetKlines)(
                {"symbol": "NOPEUSDT", "interval": "1h"}
            )
        weight = int(client.last_response_headers["X-MBX-USED-WEIGHT-1M"])
    assert len(markets) >= 30
    assert [later[0] - earlier[0] for earlier, later in pairwise(bars)] == [4 * HOUR_MS] * 4
    assert books[symbol]["bid"] < books[symbol]["ask"]
    assert tickers[symbol]["low"] <= tickers[symbol]["last"] <= tickers[symbol]["high"]
    assert weight > 0


async def test_faults_are_told_in_the_venue_s_own_way(sim: SimProcess) -> None:
    async with client_of(sim, "linear") as client:
        sim.fault("too-many-requests", retry_after_s=9)
        with pytest.raises(ccxt.DDoSProtection, match="-1003"):
            await client.fetch_time()
        sim.mend()
        sim.fault("ban")
        with pytest.raises(ccxt.DDoSProtection, match="418"):
            await client.fetch_time()
        sim.mend()
        sim.fault("clock-jump", skew_s=-86_400)
        assert await client.fetch_time() < sim.ready.market_ms
    async with market_data(sim, MarketKind.SWAP) as data:
        sim.fault("ban")
        with pytest.raises(VenueUnreachableError):
            await data.server_time()


async def test_a_hole_is_a_hole_on_both_venues(sim: SimProcess) -> None:
    kind, symbol = MarketKind.SWAP, SYMBOL[MarketKind.SWAP]
    async with market_data(sim, kind) as data, market_data(sim, kind, "bybit") as other:
        now, _ = await data.server_time()
        since = Ms(floor_to(now, HOUR_MS) - 10 * HOUR_MS)
        sim.fault("hole", asset="ETH", hours_back=8, hours=3)
        rows = [await feed.candles(symbol, since_ms=since, limit=8) for feed in (data, other)]
    assert len(rows[0]) == len(rows[1]) == 5
