"""Owns a spot venue of a test: a wallet of coins, market orders that fill at once, fees taken from the bought coin.

Implements the `Broker` port for `coin_driver`, whose engine believes that it trades real money there. Counted by hand
and apart from the books, so that both can be compared.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from decimal import Decimal

from engine.domain.basket import Basket
from engine.domain.config import AccountConfig, Config, Mode
from engine.domain.errors import OrderRefusedError
from engine.domain.facts import TradeFact
from engine.domain.market import MarketKind
from engine.domain.order import (
    CashMovement,
    Fill,
    FundingCharge,
    Order,
    OrderAnswer,
    OrderSide,
    OrderState,
    VenuePosition,
)
from engine.domain.portfolio import ZERO
from engine.domain.units import ClientOrderId, FillId, Ms, Symbol, VenueOrderId
from engine.runtime.broker_desk import BrokerDesk, DeskPace
from support.books import TestClock, correlated_closes, small_config
from support.pictures import instrument
from support.trading_driver import SLOTS, TradingDriver
from support.trading_moves import LONG_BASKET

RATE = Decimal("0.001")
EVERY_TIME = DeskPace(busy_s=0.0, idle_s=0.0, funding_s=0.0)  # a venue's listing is told again, also unchanged


class CoinVenue:
    """One account: money, and coins by the symbol they trade on."""

    def __init__(self, clock: TestClock, money: Decimal, price_of: Callable[[Symbol], Decimal]) -> None:
        self.money = money
        self.coins: dict[Symbol, Decimal] = {}
        self._clock, self._price_of = clock, price_of
        self._fills: list[Fill] = []
        self._answers: dict[ClientOrderId, OrderAnswer] = {}

    async def place(self, order: Order) -> OrderAnswer:
        """Fill an order whole at the price of now. Raises OrderRefusedError where coins or money are missing."""
        price = self._price_of(order.symbol)
        held = self.coins.get(order.symbol, ZERO)
        if order.side is OrderSide.SELL and order.quantity > held:
            raise OrderRefusedError(f"insufficient balance: {held} is held")
        if order.side is OrderSide.BUY and order.quantity * price > self.money:
            raise OrderRefusedError(f"insufficient balance: {self.money} is left")
        kept = order.quantity * RATE if order.side is OrderSide.BUY else ZERO
        fee = order.quantity * price * RATE
        self.coins[order.symbol] = held + order.side.sign * order.quantity - kept
        self.money -= order.side.sign * order.quantity * price + (ZERO if kept else fee)
        self._fills.append(
            Fill(
                fill_id=FillId(f"c{len(self._fills)}"),
                client_order_id=order.client_order_id,
                symbol=order.symbol,
                side=order.side,
                quantity=order.quantity,
                price=price,
                fee=fee,
                at=self._clock.market_ms(),
                fee_in_kind=kept,
            )
        )
        self._answers[order.client_order_id] = OrderAnswer(
            client_order_id=order.client_order_id,
            venue_order_id=VenueOrderId(f"v{len(self._fills)}"),
            state=OrderState.FILLED,
            filled=order.quantity,
            average_price=price,
        )
        return self._answers[order.client_order_id]

    async def cancel(self, client_order_id: ClientOrderId, symbol: Symbol) -> None:
        """Nothing is ever open."""

    async def look_up(self, client_order_id: ClientOrderId, symbol: Symbol) -> OrderAnswer | None:
        """Return what became of an order."""
        return self._answers.get(client_order_id)

    async def fills(self, *, since: Ms, of: Collection[Symbol] = ()) -> list[Fill]:
        """Return the executions."""
        return [fill for fill in self._fills if fill.at >= since]

    async def funding(self, *, since: Ms) -> list[FundingCharge]:
        """Return nothing."""
        return []

    async def movements(self, *, since: Ms) -> list[CashMovement]:
        """Return nothing."""
        return []

    async def positions(self) -> list[VenuePosition]:
        """Return the coins."""
        return [
            VenuePosition(symbol=symbol, quantity=quantity, entry=None, margin=None, liquidation=None)
            for symbol, quantity in self.coins.items()
            if quantity
        ]

    async def wallet(self) -> Decimal:
        """Return the money."""
        return self.money

    async def close(self) -> None:
        """Nothing to release."""


def coin_config(*baskets: Basket) -> Config:
    """Return a config of real money on spot; symbols keep the names that all tests share."""
    base = small_config(*(baskets or (LONG_BASKET,)))
    venue = replace(base.venue, mode=Mode.LIVE, market=MarketKind.SPOT)
    return replace(base, venue=venue, account=AccountConfig(margin="cross"))


def coin_driver(*baskets: Basket) -> tuple[TradingDriver, CoinVenue]:
    """Return an engine on a spot venue, its balance taken as its first money."""
    money: list[TradeFact] = []
    config = coin_config(*baskets)
    listed = {symbol: instrument(asset, kind=MarketKind.SPOT) for asset, symbol in config.symbols.items()}
    closes = correlated_closes(3, SLOTS, len(config.symbols))
    driver = TradingDriver(config, closes, money=money, instruments=listed)
    asset_of = {symbol: asset for asset, symbol in config.symbols.items()}
    venue = CoinVenue(
        driver.clock, config.account.equity, lambda symbol: Decimal(f"{driver.prices[asset_of[symbol]]:.6f}")
    )
    driver._desk = BrokerDesk(
        venue, driver.clock, put=driver._queue.append, unsettled=driver._unsettled, pace=EVERY_TIME
    )
    driver.tick()
    return driver, venue
