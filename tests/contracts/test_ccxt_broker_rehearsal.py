"""The rehearsal at every start: an order is written as it would leave, is looked at, and goes nowhere."""

from pathlib import Path
from typing import Any

import pytest

from engine.adapters.bybit_account import BybitAccount
from engine.adapters.order_rehearsal import Dialect, rehearse
from engine.adapters.venue_accounts import account_of
from engine.domain.config import Mode, VenueConfig
from engine.domain.errors import RefusedError
from engine.domain.market import MarketKind
from engine.domain.order import Order, OrderAnswer
from engine.domain.units import Symbol
from support.loopback_venue import LoopbackVenue, json_reply
from support.venue_desk import COIN_MARKET, ETH, ETH_COIN, MARKET


class Forgetful(BybitAccount):
    """A dialect that names no order, as ccxt's own call does at some venues."""

    async def place(self, order: Order) -> OrderAnswer:
        """Send an order without its id."""
        await self._exchange.privatePostV5OrderCreate({"category": "linear", "symbol": "ETHUSDT"})
        raise AssertionError("it would have left")


class Asking(BybitAccount):
    """A dialect whose request names the order and is none."""

    async def place(self, order: Order) -> OrderAnswer:
        """Ask for an order instead of sending one."""
        await self.find(order.client_order_id, order.symbol)
        raise AssertionError("it would have left")


@pytest.mark.parametrize("ident", ["bybit", "binance"])
@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.DEMO])
@pytest.mark.parametrize(("kind", "symbol", "market"), [("swap", ETH, MARKET), ("spot", ETH_COIN, COIN_MARKET)])
async def test_an_order_carries_its_client_id_and_nothing_is_sent(
    tmp_path: Path, ident: str, mode: Mode, kind: str, symbol: Symbol, market: dict[str, Any]
) -> None:
    written: list[Any] = []

    def dialect(exchange: Any) -> Dialect:
        written.append(exchange)
        return account_of(config, exchange, [symbol])

    async with LoopbackVenue(tmp_path, lambda _: json_reply({})) as venue:
        # whatever left would be a tunnel
        config = VenueConfig(id=ident, market=MarketKind(kind), mode=mode, proxy=venue.proxy)
        await rehearse(config, symbol, market, dialect)
    (order,) = written[0]._kept
    assert "ddrehearsal" in order
    assert written[0].secret == "rehearsal"
    assert venue.tunnels == []


@pytest.mark.parametrize("dialect", [Forgetful, Asking])
async def test_a_venue_whose_orders_lose_their_id_is_refused(dialect: type[BybitAccount]) -> None:
    config = VenueConfig(mode=Mode.LIVE)
    with pytest.raises(RefusedError, match="without their client id"):
        await rehearse(config, ETH, MARKET, lambda exchange: dialect(exchange, "USDT", [ETH]))
