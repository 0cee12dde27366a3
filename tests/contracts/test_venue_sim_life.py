"""The life of the simulated exchange's process: restart, kill, replay, refusal, and leaving when nobody is left."""

import asyncio
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.domain.units import HOUR_MS, parse_iso
from support.sim_process import SimProcess

LEAVE_S = 10.0


async def _bars(sim: SimProcess, since: int, limit: int) -> tuple[int, list[list[float]]]:
    async with sim.exchange() as client:
        rows = await client.fetch_ohlcv("SOL/USDT:USDT", "1h", since, limit)
        return await client.fetch_time(), rows


@pytest.mark.parametrize("way", ["terminate", "kill"])
async def test_a_restart_serves_the_same_bars_and_never_goes_back_in_time(tmp_path: Path, way: str) -> None:
    with SimProcess(tmp_path / "sim", "--speed", "36000") as sim:
        sim.perform("cascade")
        since = sim.ready.market_ms - 800 * HOUR_MS
        before, first = await _bars(sim, since, 1000)
        getattr(sim.process, way)()
        await asyncio.to_thread(sim.process.wait, LEAVE_S)
    with SimProcess(tmp_path / "sim", "--speed", "36000") as again:
        after, second = await _bars(again, since, 1000)
        phases = [item["phase"] for item in again.state()["timeline"]]
    assert after >= before
    assert len(first) >= 800
    assert second[: len(first) - 1] == first[:-1], "every closed bar comes out as it went in"
    assert "cascade" in phases


async def test_not_before_moves_the_start_past_the_engine_s_last_bar(tmp_path: Path) -> None:
    bound = parse_iso("2031-05-05T05:00:00Z")
    with SimProcess(tmp_path / "sim", "--not-before", str(bound), "--speed", "1") as sim:
        async with sim.exchange() as client:
            assert bound <= await client.fetch_time() < bound + 60_000


async def test_a_replay_plays_a_price_file_from_an_instant_on(tmp_path: Path) -> None:
    first = parse_iso("2022-11-01T00:00:00Z")
    closes = np.round(np.exp(np.cumsum(0.01 * np.random.default_rng(3).standard_normal((400, 3)), axis=0)) * 17.0, 3)
    closes[:, 2] = np.where(np.arange(400) < 100, closes[:, 2], np.nan)
    np.savez(
        tmp_path / "november.npz",
        open_ms=first + HOUR_MS * np.arange(400, dtype=np.int64),
        assets=np.array(["ETH", "SOL", "FTT"]),
        closes=closes,
    )
    start = first + 300 * HOUR_MS
    arguments = ("--replay", str(tmp_path / "november.npz"), "--start", "2022-11-13T12:00:00Z", "--speed", "60")
    with SimProcess(tmp_path / "sim", *arguments) as sim:
        async with sim.exchange() as client:
            markets = await client.load_markets()
            rows = np.array(await client.fetch_ohlcv("ETH/USDT:USDT", "1h", first, 1000))
            last = (await client.fetch_tickers())["SOL/USDT:USDT"]["last"]
        state = sim.state()
        begun = sim.begin()
    assert (sim.ready.source, sim.ready.identity) == ("replay", "replay:november")
    assert sim.ready.label == "2022-11-13 november"
    assert start <= sim.ready.market_ms < start + HOUR_MS // 4
    assert set(markets) == {"ETH/USDT:USDT", "SOL/USDT:USDT"}
    assert np.array_equal(rows[:300, 4], closes[:300, 0])
    assert rows[300:].tolist() == [[start, closes[299, 0], closes[299, 0], closes[299, 0], closes[299, 0], 0.0]]
    assert last == closes[299, 1]
    assert (state["scenario"], state["ended"]) == (None, False)
    assert begun["identity"] == "replay:november"


def test_it_leaves_by_itself_when_the_parent_and_the_clients_are_gone(tmp_path: Path) -> None:
    with SimProcess(tmp_path / "sim", "--parent-grace", "0.3") as sim:
        assert sim.state()["phase"] == "calm"
        assert sim.process.poll() is None
        assert sim.process.stdin is not None
        sim.process.stdin.close()
        sim.process.stdin = None
        assert sim.process.wait(LEAVE_S) == 0


def test_it_stays_while_clients_ask_though_the_parent_is_gone(tmp_path: Path) -> None:
    with SimProcess(tmp_path / "sim", "--parent-grace", "60") as sim:
        assert sim.process.stdin is not None
        sim.process.stdin.close()
        sim.process.stdin = None
        with pytest.raises(subprocess.TimeoutExpired):
            sim.process.wait(0.8)
        assert sim.state()["phase"] == "calm"
        assert sim.stop() == 0


def test_sigterm_ends_it_cleanly_and_quickly(tmp_path: Path) -> None:
    with SimProcess(tmp_path / "sim") as sim:
        assert sim.stop() == 0
    assert sorted(path.name for path in (tmp_path / "sim").iterdir()) == ["ca.pem", "sim.json", "sim.lock"]


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["--speed", "-3"], 2, "is not a speed"),
        (["--replay", "nowhere.npz", "--start", "2022-11-01"], 2, "does not exist"),
        (["--seed", "8"], 1, "holds the market sim:seed=7"),
    ],
)
def test_what_it_cannot_do_it_says_in_one_sentence(used: Path, arguments: list[str], code: int, reason: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "engine.venue_sim", "--dir", str(used), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (code, "")
    assert reason in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("used") / "sim"
    with SimProcess(directory):
        pass
    return directory
