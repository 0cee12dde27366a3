"""Owns a real broker in front of the simulated exchange: the shipped ccxt client with a key, through proxy and CA."""

import itertools
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from engine.adapters.ccxt_broker import CcxtBroker
from engine.adapters.clocks import ScaledClock
from engine.adapters.host_breaker import HostBreaker
from engine.adapters.venue_keys import VenueKeys
from engine.domain.config import Mode, VenueConfig
from engine.domain.market import MarketKind
from engine.domain.order import Order, OrderSide
from engine.domain.units import Asset, ClientOrderId, Ms, Symbol
from support.sim_process import SECRET, SimProcess

ETH = Symbol("ETH/USDT:USDT")
ETH_COIN = Symbol("ETH/USDT")
MARKET = {
    "id": "ETHUSDT", "symbol": str(ETH), "base": "ETH", "quote": "USDT", "settle": "USDT", "type": "swap",
    "swap": True, "spot": False, "linear": True, "contract": True, "contractSize": "1", "active": True,
    "precision": {"amount": "0.01", "price": "0.01"}, "info": {},
}  # fmt: skip
COIN_MARKET = {
    "id": "ETHUSDT", "symbol": str(ETH_COIN), "base": "ETH", "baseId": "ETH", "quote": "USDT", "quoteId": "USDT",
    "type": "spot", "swap": False, "spot": True, "active": True, "precision": {"amount": "0.01", "price": "0.01"},
    "info": {},
}  # fmt: skip
# Fault, what it is told, how many orders the venue then has: none of these answers proves anything.
BROKEN_ANSWERS: list[tuple[str, dict[str, object], int]] = [
    ("drop-before", {}, 0),
    ("drop-after", {}, 1),
    ("truncated-body", {}, 1),
    ("html-page", {}, 0),
    ("html-page", {"executed": 1}, 1),
    ("server-error", {"status": 502}, 0),
    ("server-error", {"status": 504, "executed": 1}, 1),
    ("maintenance", {}, 0),
    ("maintenance", {"code": 10000, "executed": 1}, 1),
    ("too-many-requests", {}, 0),
    ("ban", {}, 0),
    ("slow-answers", {"delay_s": 2, "executed": 1}, 1),
]
NO_CONNECTION = "refused-connections"
_NUMBERS = itertools.count(1)


def venue_of(
    sim: SimProcess, venue: str = "bybit", mode: Mode = Mode.DEMO, market: MarketKind = MarketKind.SWAP
) -> VenueConfig:
    """Return the config of a venue that leads to the simulator."""
    return VenueConfig(id=venue, market=market, mode=mode, proxy=sim.ready.proxy, ca_file=sim.ready.ca_file)


@asynccontextmanager
async def broker_on(
    sim: SimProcess,
    key: str,
    *,
    venue: str = "bybit",
    market: MarketKind = MarketKind.SWAP,
    symbols: Sequence[Symbol] = (),
) -> AsyncIterator[CcxtBroker]:
    """Give an admitted broker of the account behind `key`; it trades ETH where no `symbols` are named."""
    clock = ScaledClock(rate=sim.ready.speed, start_ms=Ms(sim.state()["market_ms"]), monotonic=time.monotonic)
    keys = VenueKeys(key=key, secret=SECRET)
    breaker = HostBreaker(time.monotonic)
    config = venue_of(sim, venue, market=market)
    traded = symbols or [ETH_COIN if market is MarketKind.SPOT else ETH]
    broker = CcxtBroker(config, keys, clock=clock, symbols=traded, breaker=breaker)
    try:
        await broker.admit()
        yield broker
    finally:
        await broker.close()


def new_account(sim: SimProcess, **told: Any) -> str:
    """Open an account of its own; return its key."""
    key = f"desk-{next(_NUMBERS)}"
    sim.account(key=key, **told)
    return key


def eth_order(
    name: str,
    quantity: str = "0.5",
    *,
    side: OrderSide = OrderSide.BUY,
    limit: str = "",
    reduce_only: bool = False,
    symbol: Symbol = ETH,
) -> Order:
    """Return an order in ETH."""
    return Order(
        client_order_id=ClientOrderId(name),
        asset=Asset("ETH"),
        symbol=symbol,
        side=side,
        quantity=Decimal(quantity),
        price=Decimal(3000),
        limit=Decimal(limit) if limit else None,
        reduce_only=reduce_only,
        allocations=(),
    )
