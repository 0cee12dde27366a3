"""The unmodified ccxt.pro client on the simulated exchange's streams: real process, real sockets, unchanged URLs."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ccxt
import pytest

from engine.domain.units import HOUR_MS
from support.sim_process import SimProcess
from support.sim_stream import WITHIN_S, raw_stream, say

SYMBOLS = ["BTC/USDT:USDT", "ETH/USDT:USDT", "SOL/USDT:USDT"]


@pytest.fixture(scope="module")
def sim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimProcess]:
    with SimProcess(tmp_path_factory.mktemp("sim"), "--speed", "3600") as process:
        yield process


async def test_watch_tickers_gives_every_symbol_and_then_its_changes(sim: SimProcess) -> None:
    seen: dict[str, list[dict[str, Any]]] = {symbol: [] for symbol in SYMBOLS}
    async with sim.streams() as client, asyncio.timeout(WITHIN_S):
        while min(len(found) for found in seen.values()) < 3:
            for symbol, ticker in (await client.watch_tickers(SYMBOLS)).items():
                seen[symbol].append(dict(ticker))
    for symbol, found in seen.items():
        first, last = found[0], found[-1]
        assert first["bid"] < first["ask"], symbol
        assert last["low"] <= last["last"] <= last["high"], symbol
        assert last["timestamp"] > first["timestamp"] >= sim.ready.market_ms
        assert len({ticker["last"] for ticker in found}) > 1, "changes move the price"
        assert last["info"]["symbol"] == symbol.split(":", maxsplit=1)[0].replace("/", "")


async def test_watch_tickers_of_spot_has_prices_without_a_book(sim: SimProcess) -> None:
    async with sim.streams("spot") as client, asyncio.timeout(WITHIN_S):
        tickers = await client.watch_tickers(["ETH/USDT", "SOL/USDT"])
    for symbol, ticker in tickers.items():
        assert symbol in ("ETH/USDT", "SOL/USDT")
        assert ticker["last"] > 0
        assert ticker["bid"] is None


async def test_watch_ohlcv_gives_the_open_candle_and_every_closed_one_as_rest_has_it(sim: SimProcess) -> None:
    rows: dict[int, list[float]] = {}
    async with sim.streams() as client, asyncio.timeout(WITHIN_S):
        while len(rows) < 5:
            for row in await client.watch_ohlcv("ETH/USDT:USDT", "1h"):
                rows[int(row[0])] = row
        opens = sorted(rows)
        closed = await client.fetch_ohlcv("ETH/USDT:USDT", "1h", opens[0], len(opens) - 1)
    assert opens == list(range(opens[0], opens[0] + 5 * HOUR_MS, HOUR_MS)), "no candle is skipped"
    assert [rows[at] for at in opens[:-1]] == closed


async def test_watch_ohlcv_for_symbols_gives_each_symbol_its_own_candles(sim: SimProcess) -> None:
    wanted = [[symbol, "1h"] for symbol in SYMBOLS]
    last: dict[str, float] = {}
    async with sim.streams() as client, asyncio.timeout(WITHIN_S):
        while len(last) < len(SYMBOLS):
            for symbol, frames in (await client.watch_ohlcv_for_symbols(wanted)).items():
                assert list(frames) == ["1h"]
                last[symbol] = frames["1h"][-1][4]
    assert last["BTC/USDT:USDT"] > last["ETH/USDT:USDT"] > last["SOL/USDT:USDT"] > 0


async def test_watching_an_unlisted_symbol_is_an_error_of_the_venue(sim: SimProcess) -> None:
    async with sim.streams() as client, asyncio.timeout(WITHIN_S):
        await client.load_markets()
        url = client.implode_hostname(client.urls["api"]["ws"]["public"]["linear"])
        with pytest.raises(ccxt.ExchangeError, match=r"handler not found,topic:kline\.60\.NOPEUSDT"):
            await client.watch_topics(url, ["ohlcv::NOPE"], ["kline.60.NOPEUSDT"])


async def test_a_socket_is_answered_in_the_venue_s_words(sim: SimProcess) -> None:
    async with raw_stream(sim) as socket:
        pong = await say(socket, op="ping", req_id="7")
        taken = await say(socket, op="subscribe", req_id="8", args=["tickers.ETHUSDT"])
        first = json.loads(await socket.receive_str(timeout=WITHIN_S))
        then = json.loads(await socket.receive_str(timeout=WITHIN_S))
        left = await say(socket, op="unsubscribe", req_id="9", args=["tickers.ETHUSDT"])
        with pytest.raises(TimeoutError):
            await socket.receive_str(timeout=0.6)
    assert (pong["success"], pong["ret_msg"], pong["req_id"], pong["op"]) == (True, "pong", "7", "ping")
    assert (taken["success"], taken["ret_msg"], taken["req_id"], taken["op"]) == (True, "", "8", "subscribe")
    assert (first["topic"], first["type"], then["type"]) == ("tickers.ETHUSDT", "snapshot", "delta")
    assert then["data"].keys() < first["data"].keys()
    assert then["cs"] > first["cs"]
    assert then["ts"] > first["ts"]
    assert left["success"]


async def test_more_than_ten_topics_in_one_request_are_refused_on_spot_only(sim: SimProcess) -> None:
    assets = ("BTC", "ETH", "BNB", "SOL", "AVAX", "NEAR", "APT", "SUI", "DOT", "ATOM", "XRP")
    args = [f"tickers.{asset}USDT" for asset in assets]
    async with raw_stream(sim, "spot") as socket:
        refused = await say(socket, op="subscribe", args=args)
        taken = await say(socket, op="subscribe", args=args[:10])
    async with raw_stream(sim) as socket:
        all_taken = await say(socket, op="subscribe", args=args)
    assert (refused["success"], refused["ret_msg"]) == (False, "args size >10")
    assert (taken["success"], taken["ret_msg"]) == (True, "subscribe")
    assert all_taken["success"]


async def test_at_the_highest_speed_no_confirmed_candle_is_skipped_and_messages_stay_few(tmp_path: Path) -> None:
    confirmed: list[int] = []
    messages = 0
    with SimProcess(tmp_path / "sim", "--speed", "36000") as fast:
        async with raw_stream(fast) as socket, asyncio.timeout(WITHIN_S):
            await say(socket, op="subscribe", args=["kline.60.SOLUSDT"])
            while len(confirmed) < 30:
                message = json.loads(await socket.receive_str())
                messages += 1
                confirmed += [row["start"] for row in message["data"] if row["confirm"]]
    assert confirmed == list(range(confirmed[0], confirmed[0] + len(confirmed) * HOUR_MS, HOUR_MS))
    assert messages <= 40


async def test_the_venue_ends_cleanly_while_streams_are_open(tmp_path: Path) -> None:
    with SimProcess(tmp_path / "sim") as sim:
        async with raw_stream(sim) as socket:
            await say(socket, op="subscribe", args=["tickers.ETHUSDT"])
            assert await asyncio.to_thread(sim.stop) == 0
