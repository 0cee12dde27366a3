"""The real engine on the simulated exchange in four dialects: Bybit and Binance, swap and spot, each as processes.

Each one sees its baskets live, takes closed bars from the stream alone, and trades a basket on paper.
"""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.sqlite_bars import SqliteBars
from engine.domain.errors import ExitCode
from engine.domain.units import HOUR_MS
from support.command_line import driftdeck, engine_process, eventually, write_config
from support.sim_process import SimProcess

ASSETS = ("ETH", "SOL", "AVAX")
SETTLES = {"swap": ":USDT", "spot": ""}


@pytest.fixture(scope="module")
def sim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimProcess]:
    with SimProcess(tmp_path_factory.mktemp("sim"), "--scenario", "calm", "--speed", "1800") as process:
        yield process


@pytest.fixture(params=["bybit swap", "bybit spot", "binance swap", "binance spot"])
def market(request: pytest.FixtureRequest) -> tuple[str, str]:
    venue, kind = str(request.param).split()
    return venue, kind


REQUOTES = 8


def config_of(sim: SimProcess, folder: Path, venue: str, kind: str) -> Path:
    path = write_config(folder / "config.toml", sim.ready)
    text = path.read_text(encoding="utf-8").replace("stream = false", "stream = true")
    text = text.replace("speed = 600.0", "speed = 1800.0")
    path.write_text(text.replace('id = "bybit"', f'id = "{venue}"\nmarket = "{kind}"'), encoding="utf-8")
    return path


def said(state: Path, *command: str) -> Any:
    answer = driftdeck(*command, "--json", "--state", str(state))
    return json.loads(answer.stdout) if answer.returncode == 0 else None


def streams(state: Path) -> bool:
    document = said(state, "status") or {}
    return bool(document.get("engine", {}).get("ready")) and bool(document["venue"]["streaming"])


def newest_bars(state: Path) -> dict[str, int]:
    store = SqliteBars(state / "bars.db")
    try:
        return {symbol: int(at) for symbol, at in store.last_open().items()}
    finally:
        store.close()


def opened_basket(state: Path) -> tuple[list[Any], list[Any]]:
    """Open the basket on paper as a person would; return the orders and what is held after them."""
    drafted = driftdeck("open", "layer-1", "--yes", "--state", str(state))
    for _ in range(REQUOTES):
        _, fresh, name = drafted.stderr.partition("a fresh quote is there: ")
        if not fresh:
            break  # else the market, which runs at x600, left the band while the command line was starting
        drafted = driftdeck("approve", name.strip(), "--yes", "--state", str(state))
    assert drafted.returncode == 0, drafted.stderr
    eventually("every leg is held", lambda: len(said(state, "positions") or []) == len(ASSETS))
    return said(state, "orders"), said(state, "positions")


def test_an_engine_watches_streams_and_trades_there(sim: SimProcess, market: tuple[str, str], tmp_path: Path) -> None:
    venue, kind = market
    state = tmp_path / "state"
    with engine_process(config_of(sim, tmp_path, venue, kind), state):
        eventually("the engine is ready and its prices are streamed", lambda: streams(state))
        document = said(state, "status")
        (basket,) = document["baskets"]
        symbols = {asset["symbol"] for asset in basket["assets"]}
        sim.fault("server-error", path="kline", duration_s=60.0)
        before = newest_bars(state)
        eventually(
            "two more bars of each symbol, though none can be asked for",
            lambda: all(at >= before[symbol] + 2 * HOUR_MS for symbol, at in newest_bars(state).items()),
        )
        sim.mend()
        orders, positions = opened_basket(state)
    assert document["venue"]["id"] == venue
    assert symbols == {f"{asset}/USDT{SETTLES[kind]}" for asset in ASSETS} == set(before)
    assert all(asset["last"] is not None and asset["age_s"] < 10 for asset in basket["assets"])
    assert basket["mean_rho"]["90"] is not None
    assert {each["asset"] for each in positions} == set(ASSETS)
    for order in orders:
        quantity = Decimal(str(order["filled"]))
        assert order["state"] == "filled"
        assert quantity * Decimal(str(order["avg_price"])) >= 5, "the venue's smallest order"
        assert quantity % Decimal("0.01") == 0, "the venue's step"


def test_a_short_on_spot_is_refused_before_anything_starts(sim: SimProcess, tmp_path: Path) -> None:
    path = config_of(sim, tmp_path, "binance", "spot")
    text = path.read_text(encoding="utf-8").replace('{asset = "SOL"}', '{asset = "SOL", side = "short"}')
    path.write_text(text, encoding="utf-8")
    refused = driftdeck("run", "--headless", "--config", str(path), "--state", str(tmp_path / "state"))
    assert refused.returncode == ExitCode.USAGE
    assert 'SOL cannot be short on market = "spot"' in refused.stderr
