"""Owns a child process that trades with the live broker on a simulated exchange, and dies at a chosen moment.

Run as `python -m support.live_child STATE KILL_AT WHEN VENUE_JSON`; the key comes in the environment as for any engine.
It dies at its KILL_AT-th journal write of money, `before` or `after` it is durable, or at its KILL_AT-th order, when it
is `leaving` or when the venue has `answered` and nobody was told. Just before, it breaks what VENUE_JSON names. The
script is that of `trading_child`: open two baskets at once (five orders), halve one, flatten; each start goes on where
the journal says it stands. The last line is a JSON report of the books.
"""

import asyncio
import json
import os
import signal
import sys
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.domain.basket import Basket, Side
from engine.domain.config import (
    Config,
    LimitsConfig,
    MarketSource,
    Mode,
    SimulationConfig,
    VenueConfig,
)
from engine.domain.market import MarketKind
from engine.domain.order import Order, OrderAnswer
from engine.domain.ports import Broker
from engine.domain.units import Ms, Symbol
from engine.runtime.bootstrap import World, assemble, real_world
from engine.runtime.engine import Engine
from engine.runtime.trading_side import Admit
from support.books import basket, long_basket
from support.trading_child import DyingJournal, Script, report

AT_WRITES = ("before", "after")
AT_ORDERS = ("leaving", "answered")
POLL_MS = {"bybit": 500, "binance": 3_000}  # prices of all markets weigh much on Binance
OVER_WITHIN_S = 300.0  # an order that is absent is believed to be after twelve seconds, and there are three rounds


def traded(market: MarketKind) -> tuple[Basket, Basket]:
    """Return two baskets that share ETH: five orders to open them at once."""
    longs = long_basket("longs", "ETH", "AVAX", "NEAR")
    if market is MarketKind.SWAP:
        return longs, basket("hedged", {"ETH": Side.LONG, "BTC": Side.SHORT, "SOL": Side.SHORT}, notional=9_000)
    majors = basket("majors", dict.fromkeys(("ETH", "BTC", "SOL"), Side.LONG), notional=9_000)
    return _of_coins(longs), _of_coins(majors)


def _of_coins(basket: Basket) -> Basket:
    legs = tuple(replace(leg, symbol=Symbol(f"{leg.asset}/USDT")) for leg in basket.legs)
    return replace(basket, legs=legs)


def live_config(told: dict[str, Any]) -> Config:
    """Return the two baskets on an account at the simulated exchange."""
    market = MarketKind(told["market"])
    return Config(
        venue=VenueConfig(
            id=told["venue"],
            market=market,
            mode=Mode.DEMO,
            proxy=told["proxy"],
            ca_file=told["ca_file"],
            stream=bool(told.get("stream")),
            poll_every_ms=POLL_MS[told["venue"]],
            requests_per_second=told.get("per_second", 40.0),
        ),
        simulation=SimulationConfig(
            source=MarketSource.SIM,
            speed=float(told["speed"]),
            identity=told["identity"],
            start_ms=Ms(int(told["market_ms"])),
        ),
        limits=LimitsConfig(max_slippage_bps=1_000.0),
        baskets=traded(market),
    )


class Placings:
    """Counts the orders that leave, and dies at one of them."""

    def __init__(self, kill_at: int, when: str, near: Callable[[], None]) -> None:
        self.count = 0
        self._kill_at, self._when, self._near = kill_at, when, near

    def watch(self, world: World) -> World:
        """Return a world whose broker is watched."""
        opens = world.open_account
        assert opens is not None

        def open_account() -> tuple[Broker, Admit]:
            broker, admit = opens()
            send = broker.place

            async def place(order: Order) -> OrderAnswer:
                self.count += 1
                dying = self.count == self._kill_at
                if dying:
                    self._near()
                    self._die("leaving")
                try:
                    return await send(order)
                finally:
                    if dying:
                        self._die("answered")

            broker.place = place  # type: ignore[method-assign]
            return broker, admit

        return replace(world, open_account=open_account)

    def _die(self, when: str) -> None:
        if when == self._when:
            os.kill(os.getpid(), signal.SIGKILL)


def break_venue(told: dict[str, Any]) -> Callable[[], None]:
    """Return what breaks the venue as it was told, or does nothing."""

    def broken() -> None:
        if told.get("fault"):
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            opener.open(f"{told['control']}/fault", json.dumps(told["fault"]).encode(), timeout=10.0).close()

    return broken


async def trade(state_dir: Path, kill_at: int, when: str, told: dict[str, Any]) -> None:
    """Run engine and script; print the report."""
    config, near = live_config(told), break_venue(told)
    journals: list[DyingJournal] = []

    def open_journal(path: Path) -> DyingJournal:
        at = kill_at if when in AT_WRITES else 0
        journals.append(DyingJournal(path, kill_at=at, when=when, near=near))
        return journals[0]

    placings = Placings(kill_at if when in AT_ORDERS else 0, when, near)
    world = placings.watch(replace(real_world(config), open_journal=open_journal))
    parts = assemble(config, state_dir, world)
    engine = asyncio.create_task(Engine(parts).run())
    try:
        await Script(parts, opens_itself=False, within_s=OVER_WITHIN_S).run()
        found = report(parts, journals[0]) | {"placings": placings.count}
        sys.stdout.write(json.dumps(found) + "\n")
    finally:
        parts.stopped.set()
        await engine


if __name__ == "__main__":
    asyncio.run(trade(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], json.loads(sys.argv[4])))
