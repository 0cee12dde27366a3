"""One book on two venues: one engine, two feeds, each asset from its own venue; one of them may be late or go down."""

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.named_venue import NamedMarketData
from engine.domain.config import Config, VenueConfig
from engine.domain.events import AssetsListed, HistoryLoaded
from engine.domain.market import LinkState, MarketKind
from engine.domain.units import Asset
from engine.domain.venue_names import asset_at, bare_symbol, symbol_at
from engine.domain.views import BooksView, HealthView, Section
from engine.runtime.bootstrap import OtherVenue, World, assemble
from engine.wire.client import WireClient
from support.books import TestClock, long_basket, small_config
from support.command_line import driftdeck, engine_process, eventually, write_config
from support.engine_room import SPEED, running, until, venue
from support.fake_market_data import FakeMarketData
from support.sim_process import SimProcess

OTHER = VenueConfig(id="okx", market=MarketKind.SWAP, poll_every_ms=200)


def book() -> Config:
    """Return two baskets: AAA, BBB and CCC here, AAA and DDD there."""
    there = long_basket("there", "AAA", "DDD")
    legs = tuple(
        replace(leg, asset=asset_at(leg.asset, "other"), symbol=symbol_at(leg.symbol, "okx"), venue="other")
        for leg in there.legs
    )
    config = small_config(long_basket("here", "AAA", "BBB", "CCC"), replace(there, legs=legs), speed=SPEED)
    return replace(config, venue=replace(config.venue, poll_every_ms=200), venues=(("other", OTHER),))


def markets(config: Config) -> tuple[FakeMarketData, FakeMarketData]:
    """Return the two venues, each with the prices of its own markets only."""
    both = venue(config)
    here, there = FakeMarketData(now_ms=both.now_ms), FakeMarketData(now_ms=both.now_ms)
    for symbol, path in both.closes.items():
        (there if "@" in symbol else here).closes[bare_symbol(symbol)] = path
    return here, there


async def books(client: WireClient) -> BooksView:
    _, view = await client.fetch(Section.BOOKS)
    assert isinstance(view, BooksView)
    return view


async def health(client: WireClient) -> HealthView:
    _, view = await client.fetch(Section.HEALTH)
    assert isinstance(view, HealthView)
    return view


async def test_a_venue_that_is_late_joins_when_it_answers_and_may_go_down_alone(tmp_path: Path) -> None:
    config, clock = book(), TestClock()
    here, there = markets(config)
    here._monotonic = there._monotonic = clock.monotonic
    there.fail("server_time", times=1_000)
    assets = {symbol: asset for asset, symbol in config.symbols.items()}
    beside = OtherVenue(data=NamedMarketData(there, venue_id="okx", assets=assets))
    world = World(
        clock=clock, data=here, observe_time=lambda *_: math.nan, others={"other": beside}, others_within_s=0.05
    )
    parts = assemble(config, tmp_path, world)
    async with running(parts) as (client, listener):
        await listener.wait_for(HistoryLoaded)
        first, late = await books(client), await health(client)
        assert late.ready
        assert late.link is LinkState.DEGRADED
        assert [(line.name, line.listed) for line in late.venues] == [("bybit", True), ("other", False)]
        assert not math.isnan(first.baskets[0].mean_rho["30"])
        assert math.isnan(first.baskets[1].mean_rho["30"])
        there._failures.clear()
        await until(lambda: len(parts.state.listings) == 2 and bool(parts.state.used.all()))
        joined = await books(client)
        assert not math.isnan(joined.baskets[1].mean_rho["30"])
        assert {Asset("AAA"), Asset("AAA@other")} <= parts.state.quotes.keys()
        there.fail("quotes", times=10_000)
        await until(lambda: parts.state.link("other").state is LinkState.DOWN)
        alone = await health(client)
        assert alone.link is LinkState.DEGRADED
        assert alone.link_why.startswith("other: ")
        assert parts.state.link().state is LinkState.UP
        assert not [event for event in listener.events if isinstance(event, AssetsListed)]


@pytest.fixture(scope="module")
def sim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimProcess]:
    with SimProcess(tmp_path_factory.mktemp("sim"), "--scenario", "calm", "--speed", "1800") as process:
        yield process


def config_of(sim: SimProcess, folder: Path) -> Path:
    path = write_config(folder / "config.toml", sim.ready)
    text = path.read_text(encoding="utf-8").replace("stream = false", "stream = true").replace("600.0", "1800.0")
    text += f"""
[[basket]]
name = "spot-pair"
venue = "bnc"
notional = 4_000
assets = ["ETH", "XRP"]
[venues.bnc]
id = "binance"
market = "spot"
poll_every = "1s"
proxy = "{sim.ready.proxy}"
ca_file = "{sim.ready.ca_file}"
"""
    path.write_text(text, encoding="utf-8")
    return path


def answer(state: Path, *command: str) -> Any:
    found = driftdeck(*command, "--json", "--state", str(state))
    return json.loads(found.stdout) if found.returncode == 0 else None


def test_swaps_of_bybit_and_spot_of_binance_trade_on_paper_in_one_book(sim: SimProcess, tmp_path: Path) -> None:
    state = tmp_path / "state"

    def ready() -> bool:
        document: Any = answer(state, "status") or {}
        return bool(document.get("engine", {}).get("ready")) and bool(document["venue"]["streaming"])

    with engine_process(config_of(sim, tmp_path), state):
        eventually("both venues are streamed", ready)
        drafted = driftdeck("open", "spot-pair", "--yes", "--state", str(state))
        assert drafted.returncode == 0, drafted.stderr
        eventually("both legs are held", lambda: len(answer(state, "positions") or []) == 2)
        orders, document = answer(state, "orders"), answer(state, "status")
    assert {order["asset"] for order in orders} == {"ETH@bnc", "XRP@bnc"}
    assert all(order["state"] == "filled" and Decimal(str(order["filled"])) > 0 for order in orders)
    prices = {asset["asset"]: asset["last"] for basket in document["baskets"] for asset in basket["assets"]}
    assert prices["ETH"] == pytest.approx(prices["ETH@bnc"], rel=0.02)
    assert document["baskets"][1]["mean_rho"]["90"] is not None
