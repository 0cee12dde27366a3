"""The faults of the simulated exchange as the unmodified ccxt and ccxt.pro clients meet them."""

import asyncio
import json
import time
import urllib.error
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ccxt
import pytest

from engine.domain.units import HOUR_MS
from support.sim_process import SimProcess
from support.sim_stream import raw_stream, say

WITHIN_S = 15.0
ETH = "ETH/USDT:USDT"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimProcess]:
    with SimProcess(tmp_path_factory.mktemp("sim"), "--speed", "600", "--scenario", "calm") as process:
        yield process


@pytest.fixture
def sim(running: SimProcess) -> Iterator[SimProcess]:
    yield running
    running.mend()


def test_faults_are_listed_in_the_state_and_mended_together(sim: SimProcess) -> None:
    sim.fault("hole", asset="ETH", duration_s=50)
    listed = sim.fault("slow-answers", delay_s=0.1, path="/none")["faults"]
    assert [item["kind"] for item in listed] == ["hole", "slow-answers"]
    assert 49 < listed[0]["left_s"] <= 50
    assert sim.state()["faults"][0]["asset"] == "ETH"
    assert sim.mend()["faults"] == []


def test_an_unknown_fault_is_refused_with_the_list_of_kinds(sim: SimProcess) -> None:
    with pytest.raises(urllib.error.HTTPError, match="400") as caught:
        sim.fault("boom")
    with caught.value as answer:
        assert "silent-stream, delayed-messages" in json.loads(answer.read())["error"]


async def test_the_door_answers_with_429_and_403_and_5xx_and_a_page(sim: SimProcess) -> None:
    async with sim.exchange() as client:
        await client.load_markets()
        sim.fault("too-many-requests", retry_after_s=7)
        with pytest.raises(ccxt.RateLimitExceeded):
            await client.fetch_time()
        assert client.last_response_headers["Retry-After"] == "7"
        sim.mend()
        sim.fault("ban")
        with pytest.raises(ccxt.RateLimitExceeded, match="403"):
            await client.fetch_time()
        assert "Retry-After" not in client.last_response_headers, "Bybit does not say how long"
        sim.mend()
        sim.fault("ban", retry_after_s=40)
        with pytest.raises(ccxt.RateLimitExceeded, match="403"):
            await client.fetch_time()
        assert client.last_response_headers["Retry-After"] == "40"
        sim.mend()
        sim.fault("server-error", status=502)
        with pytest.raises(ccxt.ExchangeNotAvailable, match="502"):
            await client.fetch_time()
        sim.mend()
        sim.fault("html-page", path="/kline")
        assert await client.fetch_ohlcv(ETH, "1h") == [], "what ccxt makes of a page"
        assert await client.fetch_time() > 0, "another path is not touched"


async def test_a_fault_ends_by_itself(sim: SimProcess) -> None:
    async with sim.exchange() as client:
        sim.fault("server-error", duration_s=3.0)
        with pytest.raises(ccxt.ExchangeNotAvailable):
            await client.fetch_time()
        await asyncio.sleep(3.0)
        assert await client.fetch_time() > 0


async def test_answers_are_slow_until_the_client_gives_up(sim: SimProcess) -> None:
    async with sim.exchange() as client:
        await client.fetch_time()
        sim.fault("slow-answers", delay_s=0.5)
        began = time.monotonic()
        await client.fetch_time()
        assert time.monotonic() - began >= 0.5
        client.timeout = 200
        with pytest.raises(ccxt.RequestTimeout):
            await client.fetch_time()


async def test_connections_are_refused_and_then_taken_on_the_same_port(sim: SimProcess) -> None:
    async with sim.exchange() as client:
        await client.fetch_time()
        for _ in range(5):  # so it is when the control API has answered, not a moment later
            sim.fault("refused-connections")
            with pytest.raises(ccxt.NetworkError):
                await client.fetch_time()
            sim.mend()
            assert await client.fetch_time() > 0
        sim.fault("refused-connections", duration_s=3.0)
        with pytest.raises(ccxt.NetworkError):
            await client.fetch_time()
        await asyncio.sleep(3.5)
        assert await client.fetch_time() > 0


async def test_the_server_s_time_jumps(sim: SimProcess) -> None:
    async with sim.exchange() as client:
        before = await client.fetch_time()
        sim.fault("clock-jump", skew_s=-86_400)
        assert await client.fetch_time() < before - 80_000_000


async def test_symbols_go_come_and_change_their_names(sim: SimProcess) -> None:
    async with sim.exchange() as client:
        sim.fault("delisting", asset="MKR", notice_hours=24)
        announced = (await client.load_markets())["MKR/USDT:USDT"]
        assert int(announced["info"]["deliveryTime"]) > sim.ready.market_ms
        assert (announced["swap"], announced["active"]) == (True, True)
        sim.mend()
        sim.fault("delisting", asset="MKR", notice_hours=0)
        sim.fault("rename", asset="MATIC", to="POL")
        sim.fault("listing", asset="FRESH", like="SOL")
        markets = await client.load_markets(True)
        tickers = await client.fetch_tickers()
        bars = await client.fetch_ohlcv("FRESH/USDT:USDT", "1h")
    assert not {"MKR/USDT:USDT", "MATIC/USDT:USDT"} & (set(markets) | set(tickers))
    assert {"POL/USDT:USDT", "FRESH/USDT:USDT"} <= set(markets) & set(tickers)
    assert len(bars) <= 3


async def test_candles_are_missing_doubled_and_corrected(sim: SimProcess) -> None:
    async with sim.exchange() as client:
        since = await client.fetch_time() // HOUR_MS * HOUR_MS - 10 * HOUR_MS
        real = await client.fetch_ohlcv(ETH, "1h", since, 6)
        sim.fault("hole", hours_back=8, hours=2, duration_s=600)
        left = await client.fetch_ohlcv(ETH, "1h", since, 6)
        sim.mend()
        sim.fault("corrected-candle", asset="ETH", bars_back=8, bps=100)
        corrected = await client.fetch_ohlcv(ETH, "1h", since, 6)
        sim.mend()
        sim.fault("duplicate-candles")
        doubled = await client.fetch_ohlcv(ETH, "1h", since, 6)
    assert len(real) - len(left) == 2
    assert len([row for row in corrected if row not in real]) == 1
    opens = [row[0] for row in doubled]
    assert (len(opens), len(set(opens))) == (6, 5)


async def test_a_silent_stream_stays_connected_and_answers_pings_without_a_word_of_data(sim: SimProcess) -> None:
    async with raw_stream(sim) as socket:
        await say(socket, op="subscribe", args=["tickers.ETHUSDT", "kline.60.ETHUSDT", "tickers.SOLUSDT"])
        sim.fault("silent-stream", asset="ETH")
        while "pong" not in await socket.receive_str(timeout=WITHIN_S):  # what was sent before the fault
            await socket.send_json({"op": "ping"})
        heard = [json.loads(await socket.receive_str(timeout=WITHIN_S)) for _ in range(5)]
        sim.fault("silent-stream")
        pong = await say(socket, op="ping")
        with pytest.raises(TimeoutError):
            await socket.receive_str(timeout=1.5)
    assert {message["topic"] for message in heard if "topic" in message} == {"tickers.SOLUSDT"}
    assert pong["ret_msg"] == "pong"


async def test_a_watcher_of_a_silent_stream_waits_and_then_goes_on(sim: SimProcess) -> None:
    async with sim.streams() as client:
        before = await client.watch_ticker(ETH)
        sim.fault("silent-stream")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.5):
                while True:
                    before = await client.watch_ticker(ETH)
        assert not next(iter(client.clients.values())).closed()
        sim.mend()
        async with asyncio.timeout(WITHIN_S):
            after = await client.watch_ticker(ETH)
    assert after["timestamp"] > before["timestamp"]
    assert after["bid"] < after["ask"]


async def test_messages_come_late_and_out_of_order(sim: SimProcess) -> None:
    stamps: list[int] = []
    async with sim.streams() as client, asyncio.timeout(WITHIN_S):
        await client.load_markets()
        sim.fault("delayed-messages", delay_s=1.0)
        while len(stamps) < 15:
            stamps.append((await client.watch_ticker(ETH))["timestamp"])
    assert stamps != sorted(stamps)


async def test_a_corrected_candle_arrives_on_the_stream_too(sim: SimProcess) -> None:
    closes: dict[int, set[float]] = {}

    def changed() -> list[int]:
        return [at for at, found in closes.items() if len(found) > 1]

    async with sim.streams() as client, asyncio.timeout(WITHIN_S):
        await client.watch_ohlcv(ETH, "1h")
        since = await client.fetch_time() // HOUR_MS * HOUR_MS - 6 * HOUR_MS
        for row in await client.fetch_ohlcv(ETH, "1h", since, 5):
            closes[int(row[0])] = {row[4]}
        sim.fault("corrected-candle", asset="ETH", bars_back=3, bps=100)
        while not changed():
            for row in await client.watch_ohlcv(ETH, "1h"):
                if int(row[0]) in closes:
                    closes[int(row[0])].add(row[4])
    assert len(changed()) == 1


async def test_a_storm_drops_every_socket_again_and_again_and_the_client_comes_back(sim: SimProcess) -> None:
    async with sim.streams() as client, asyncio.timeout(WITHIN_S):
        await client.watch_ticker(ETH)
        sim.fault("disconnect-storm", every_s=1.0, duration_s=3.0)
        drops = 0
        last: dict[str, Any] = {}
        while drops < 2:
            try:
                last = await client.watch_ticker(ETH)
            except ccxt.NetworkError:
                drops += 1
        sim.mend()
        last = await client.watch_ticker(ETH)
    assert last["last"] > 0


def test_the_true_range_of_prices_is_told_whatever_is_broken(tmp_path: Path) -> None:
    with SimProcess(tmp_path / "sim", "--speed", "600", "--assets", "40") as sim:
        sim.fault("server-error", duration_s=60.0)
        now, truth = sim.prices(sim.ready.market_ms - HOUR_MS, "ETH", "M040")
        assert truth.keys() == {"ETH", "M040"}
        assert now >= sim.ready.market_ms
        assert 0 < truth["ETH"][0] < truth["ETH"][1] < 1.5 * truth["ETH"][0]
