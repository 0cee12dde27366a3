"""The unmodified ccxt client against the simulated exchange: real process, real sockets, unchanged URLs."""

import asyncio
import json
import socket
import urllib.error
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import ccxt
import numpy as np
import pytest

from engine.domain.units import DAY_MS, HOUR_MS
from support.sim_process import SimProcess

BASKET_ASSETS = (
    "ETH",
    "SOL",
    "AVAX",
    "NEAR",
    "UNI",
    "AAVE",
    "CRV",
    "LINK",
    "POL",
    "ARB",
    "OP",
    "XRP",
    "LTC",
    "XLM",
    "BCH",
    "SAND",
    "MANA",
    "AXS",
    "BTC",
)


@pytest.fixture(scope="module")
def sim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimProcess]:
    with SimProcess(tmp_path_factory.mktemp("sim")) as process:
        yield process


async def _history(client: ccxt.Exchange, symbol: str, since: int, until: int) -> list[list[float]]:
    """Page through hourly candles the way a feed does."""
    rows: list[list[float]] = []
    while since <= until:
        page = await client.fetch_ohlcv(symbol, "1h", since, 1000)
        if not page:
            break
        rows.extend(page)
        since = int(page[-1][0]) + HOUR_MS
    return rows


async def test_the_client_loads_thirty_perpetuals_with_their_steps(sim: SimProcess) -> None:
    async with sim.exchange() as client:
        markets = await client.load_markets()
    wanted = {f"{asset}/USDT:USDT" for asset in BASKET_ASSETS}
    assert wanted <= set(markets)
    assert len(markets) >= 30
    sol = markets["SOL/USDT:USDT"]
    assert (sol["swap"], sol["linear"], sol["active"]) == (True, True, True)
    assert (sol["precision"]["price"], sol["precision"]["amount"], sol["limits"]["cost"]["min"]) == (0.01, 0.1, 5.0)
    assert sol["created"] <= sim.ready.market_ms - 130 * DAY_MS


async def test_the_spot_category_answers_too(sim: SimProcess) -> None:
    async with sim.exchange("spot") as client:
        markets = await client.load_markets()
        tickers = await client.fetch_tickers()
    assert markets["ETH/USDT"]["spot"] is True
    assert tickers["ETH/USDT"]["last"] > 0


async def test_server_time_is_market_time_and_runs_at_the_speed(sim: SimProcess) -> None:
    async with sim.exchange() as client:
        first = await client.fetch_time()
        second = await client.fetch_time()
    assert sim.ready.market_ms <= first <= second <= sim.state()["market_ms"]


async def test_tickers_have_a_book_around_the_last_price(sim: SimProcess) -> None:
    async with sim.exchange() as client:
        tickers = await client.fetch_tickers()
    for asset in BASKET_ASSETS:
        ticker = tickers[f"{asset}/USDT:USDT"]
        assert ticker["bid"] < ticker["ask"], asset
        assert ticker["low"] <= ticker["last"] <= ticker["high"], asset
        assert ticker["bid"] <= ticker["last"] <= ticker["ask"], asset
        assert float(ticker["info"]["fundingRate"]) < 0.01
        assert int(ticker["info"]["nextFundingTime"]) % (8 * HOUR_MS) == 0


async def test_pages_of_121_days_join_without_gap_or_double(sim: SimProcess) -> None:
    async with sim.exchange() as client:
        now = await client.fetch_time()
        since = now - now % HOUR_MS - 121 * DAY_MS
        rows = await _history(client, "ETH/USDT:USDT", since, now)
    opens = np.array([row[0] for row in rows], dtype=np.int64)
    assert opens[0] == since
    assert np.array_equal(np.diff(opens), np.full(len(opens) - 1, HOUR_MS))
    assert len(opens) >= 121 * 24 + 1
    table = np.array(rows)
    assert np.array_equal(table[1:, 1], table[:-1, 4]), "each candle opens at the close before it"
    assert np.all(table[:, 2] >= table[:, [1, 4]].max(axis=1))
    assert np.all(table[:, 3] <= table[:, [1, 4]].min(axis=1))
    assert np.all(table[:-1, 5] > 0)


async def test_every_interval_agrees_with_the_hourly_candles(sim: SimProcess) -> None:
    async with sim.exchange() as client:
        now = await client.fetch_time()
        day = now - now % DAY_MS - 2 * DAY_MS
        hours = np.array(await client.fetch_ohlcv("SOL/USDT:USDT", "1h", day, 24))
        for timeframe, per_day in (("15m", 96), ("5m", 288), ("4h", 6), ("1d", 1)):
            rows = np.array(await client.fetch_ohlcv("SOL/USDT:USDT", timeframe, day, per_day))
            assert len(rows) == per_day
            assert rows[0, 1] == hours[0, 1]
            assert rows[-1, 4] == hours[-1, 4]
            assert rows[:, 2].max() == hours[:, 2].max()
            assert rows[:, 3].min() == hours[:, 3].min()


async def test_unknown_symbols_and_paths_are_refused_in_the_venue_s_way(sim: SimProcess) -> None:
    async with sim.exchange() as client:
        await client.load_markets()
        with pytest.raises(ccxt.BadSymbol):
            await client.fetch_ohlcv("NOPE/USDT:USDT", "1h")
        with pytest.raises(ccxt.BadRequest, match="10001"):
            await client.publicGetV5MarketKline({"category": "linear", "symbol": "NOPEUSDT", "interval": "60"})
        with pytest.raises(ccxt.BadRequest, match="10017"):
            await client.publicGetV5MarketOrderbook({"category": "linear", "symbol": "ETHUSDT"})


async def test_the_proxy_refuses_every_other_host_and_dials_nobody(sim: SimProcess) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.2)
    port = listener.getsockname()[1]
    try:
        for target in ("api.kraken.com:443", f"127.0.0.1:{port}", "api.bybit.com:80", "api.bybit.com.evil.net:443"):
            assert await _connect_status(sim, f"CONNECT {target} HTTP/1.1") == 403, target
        assert await _connect_status(sim, "GET http://api.bybit.com/v5/market/time HTTP/1.1") == 403
        with pytest.raises(TimeoutError):
            listener.accept()
    finally:
        listener.close()


async def _connect_status(sim: SimProcess, request: str) -> int:
    address = urlsplit(sim.ready.proxy)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(f"{request}\r\nHost: x\r\n\r\n".encode())
    status = int((await reader.readline()).split()[1])
    writer.close()
    await writer.wait_closed()
    return status


async def test_a_client_that_does_not_trust_the_ca_gets_nothing(sim: SimProcess) -> None:
    import ccxt.async_support as ccxt_async

    client = ccxt_async.bybit({"httpsProxy": sim.ready.proxy})
    try:
        with pytest.raises(ccxt.NetworkError):
            await client.fetch_time()
    finally:
        await client.close()


def test_begin_plans_the_first_cascade_sixty_wall_seconds_ahead_and_once(tmp_path: Path) -> None:
    with SimProcess(tmp_path / "sim", "--speed", "60") as sim:
        before = sim.state()
        first = sim.begin()
        second = sim.begin()
    assert (before["phase"], before["scenario"], before["timeline"][1:]) == ("calm", "alternating", [])
    planned = first["timeline"][1]
    assert planned["phase"] == "cascade"
    assert 0 <= planned["start_ms"] - first["market_ms"] - 3_600_000 <= 120_000
    assert second["timeline"] == first["timeline"]


def test_a_scenario_starts_on_demand_and_nonsense_is_refused(tmp_path: Path) -> None:
    with SimProcess(tmp_path / "sim", "--scenario", "calm") as sim:
        assert sim.begin()["phase"] == "calm"
        played = sim.perform("overnight")
        with pytest.raises(urllib.error.HTTPError, match="400") as caught:
            sim.perform("boom")
        with caught.value as answer:
            reason = json.loads(answer.read())["error"]
    assert played["timeline"][-1]["phase"] in ("overnight", "calm")
    assert played["scenario"] == "overnight"
    assert "calm, cascade, overnight, decouple, alternating" in reason
