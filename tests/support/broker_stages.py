"""Owns the stages that the broker contract is played on: paper, and the ccxt broker on the simulated exchange.

Each is the same moment: 10,000 in the wallet, ETH at 3,000 and SOL at 30, both clocks in the test's hand. The exchange
stands in this process with its real doors, behind ccxt's own session.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal

from engine.adapters.ccxt_broker import CcxtBroker
from engine.adapters.host_breaker import HostBreaker
from engine.adapters.venue_keys import VenueKeys
from engine.domain.config import Mode, VenueConfig
from engine.domain.order import Order, OrderAnswer
from engine.domain.ports import Broker
from engine.domain.units import Ms
from support.books import TestClock, symbol_of
from support.hand_market import HandMarket
from support.inner_venue import InnerSession, InnerVenue
from support.paper_stage import PaperStage

STAGES = ("paper", "bybit", "binance")
WALLET = Decimal(10_000)
PRICES = {"ETH": 3000.0, "SOL": 30.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerStage:
    """A broker, and the market's clock under it."""

    name: str
    broker: Broker
    clock: TestClock

    async def done(self, order: Order) -> OrderAnswer:
        """Send an order and return what the venue says of it then: Bybit answers with ids only."""
        first = await self.broker.place(order)
        assert first.client_order_id == order.client_order_id
        found = await self.broker.look_up(order.client_order_id, order.symbol)
        assert found is not None
        assert found.venue_order_id == first.venue_order_id
        return found

    def passes(self, market_ms: int) -> None:
        """Let market time pass."""
        self.clock.now_ms = Ms(self.clock.now_ms + market_ms)


@asynccontextmanager
async def stage_of(name: str) -> AsyncIterator[BrokerStage]:
    """Give a stage by its name."""
    if name == "paper":
        paper = PaperStage(wallet=str(WALLET))
        paper.quote(**{asset: str(price) for asset, price in PRICES.items()})
        yield BrokerStage(name=name, broker=paper.broker, clock=paper.clock)
        return
    loop = asyncio.get_running_loop()
    clock = _Hosted(loop)
    market = HandMarket(*PRICES)
    market.prices |= PRICES
    venue = InnerVenue(loop, market, clock.market_ms, name, money=str(WALLET))
    keys = VenueKeys(key=venue.key.key, secret=venue.key.secret)
    broker = CcxtBroker(
        VenueConfig(id=name, mode=Mode.DEMO, requests_per_second=1_000.0),
        keys,
        clock=clock,
        symbols=[symbol_of(asset) for asset in PRICES],
        breaker=HostBreaker(loop.time),
    )
    broker._exchange.session = InnerSession(venue, lambda: None)
    try:
        await broker.admit()
        yield BrokerStage(name=name, broker=broker, clock=clock)
    finally:
        await broker.close()
        await venue.close()


class _Hosted(TestClock):
    """Market time in the test's hand, host time as it passes."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._loop = loop

    def monotonic(self) -> float:
        """Return host seconds."""
        return self._loop.time()
