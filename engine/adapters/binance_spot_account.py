"""Owns how Binance speaks of a spot account: coins instead of positions, fees in the bought coin or in BNB, rights.

What is held of an asset is the balance of its coin. Orders and lists of trades are read by `binance_orders`, as on
USD-M. Raises what ccxt raises; the broker translates it.
"""

import time
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from engine.adapters.account_answers import Row, exact, instant, rows_of, said
from engine.adapters.account_settings import SymbolSettings
from engine.adapters.binance_orders import BinanceOrders, Routes
from engine.adapters.coins import coin_of, with_fee_in
from engine.adapters.key_permissions import Access, Admission
from engine.domain.config import Mode
from engine.domain.errors import BadVenueAnswerError, RefusedError
from engine.domain.order import CashMovement, Fill, FundingCharge, Order, OrderSide, VenuePosition
from engine.domain.portfolio import ZERO
from engine.domain.units import DAY_MS, FillId, Ms, Symbol

AGAIN_S = 10.0  # a balance may show a trade before the list of trades does
ONE_LISTING_S = 1.0
BURNT = "BNB"


class BinanceSpotAccount(BinanceOrders):
    """The account behind one key; `quote` is the coin that is paid with."""

    routes: ClassVar[Routes] = Routes(
        send="privatePostOrder",
        cancel="privateDeleteOrder",
        look="privateGetOrder",
        trades="privateGetMyTrades",
        longest_ms=DAY_MS - 1,
    )
    kind: ClassVar[str] = "spot"

    def __init__(self, exchange: Any, quote: str, symbols: Sequence[Symbol], mode: Mode) -> None:
        super().__init__(exchange, quote, symbols, mode)
        self._held: dict[Symbol, Decimal] = {}  # when trades were read last
        self._again: dict[Symbol, float] = {}  # when trades are read once more
        self._money: tuple[float, Decimal] = (float("-inf"), ZERO)  # as it was listed with the coins, and when

    async def _traded(self, since: Ms, until: Ms) -> Sequence[Symbol]:
        """Return the markets of our orders, and those whose coins became more or less."""
        coins, now = await self._balances(), time.monotonic()
        held = {symbol: coins.get(coin_of(self._exchange, symbol), ZERO) for symbol in self._symbols}
        moved = {symbol for symbol, quantity in held.items() if self._held.get(symbol, quantity) != quantity}
        due = {symbol for symbol, at in self._again.items() if at <= now}
        self._held = held
        self._again = {symbol: at for symbol, at in self._again.items() if symbol not in due}
        self._again |= dict.fromkeys(moved, now + AGAIN_S)
        self._touched |= moved | due
        return sorted(symbol for symbol in self._touched if symbol in self._exchange.markets)

    async def funding(self, since: Ms, until: Ms) -> list[FundingCharge]:
        """Return nothing: coins pay no funding."""
        return []

    async def movements(self, since: Ms, until: Ms) -> list[CashMovement]:
        """Return nothing: there is no log of a spot account's money. What came or went shows in the balance."""
        return []

    async def positions(self) -> list[VenuePosition]:
        """Return the balances of the coins of the traded markets, what orders hold of them too."""
        coins = await self._balances()
        self._money = time.monotonic(), coins.get(self._quote, ZERO)
        held = [(symbol, coins.get(coin_of(self._exchange, symbol), ZERO)) for symbol in self._symbols]
        return [
            VenuePosition(symbol=symbol, quantity=quantity, entry=None, margin=None, liquidation=None)
            for symbol, quantity in held
            if quantity
        ]

    async def wallet(self) -> Decimal:
        """Return the balance of the quote coin, what orders hold of it too: from the listing of coins, while new."""
        listed, money = self._money
        if time.monotonic() - listed < ONE_LISTING_S:
            return money
        return (await self._balances()).get(self._quote, ZERO)

    async def admit(self) -> Admission:
        """Return what the key may do. Raises RefusedError for a key that may withdraw, and for fees that eat a coin."""
        if self._mode is not Mode.LIVE:
            return self._practice(await self._account())
        rights = await self._rights()
        if any(coin_of(self._exchange, symbol) == BURNT for symbol in self._symbols):
            await self._refuse_burning()
        trades = said(rights, "enableSpotAndMarginTrading").lower() == "true"
        return Admission(access=Access.TRADE if trades else Access.READ_ONLY)

    async def settings(self) -> dict[Symbol, SymbolSettings]:
        """Return nothing: there is no leverage and no margin mode."""
        return {}

    async def set_leverage(self, symbol: Symbol, leverage: Decimal) -> None:
        """Do nothing: there is none."""

    async def _refuse_burning(self) -> None:
        """Refuse a book of BNB whose fees are paid in BNB: every trade of anything would take from it."""
        burns = await self._exchange.sapiGetBnbBurn()
        if not isinstance(burns, dict) or "spotBNBBurn" not in burns:
            raise BadVenueAnswerError("binance did not say whether fees are paid in BNB")
        if said(burns, "spotBNBBurn").lower() == "true":
            raise RefusedError(
                "fees of this account are paid in BNB, and a basket holds BNB too, so that its books would never be "
                "the venue's: switch 'use BNB for fees' off at binance, or take BNB out of the basket"
            )

    # -- words

    def _terms(self, order: Order) -> dict[str, Any]:
        return {}

    def _average(self, row: Row, filled: Decimal) -> Decimal | None:
        return exact(row, "cummulativeQuoteQty") / filled if filled else None

    async def _fill(self, symbol: Symbol, row: Row) -> Fill:
        fill = Fill(
            fill_id=FillId(said(row, "id")),
            client_order_id=await self._name(symbol, said(row, "orderId")),
            symbol=symbol,
            side=OrderSide.BUY if said(row, "isBuyer").lower() == "true" else OrderSide.SELL,
            quantity=exact(row, "qty"),
            price=exact(row, "price"),
            fee=ZERO,
            at=instant(row, "time"),
        )
        market = coin_of(self._exchange, symbol), self._quote
        return with_fee_in(said(row, "commissionAsset"), exact(row, "commission"), fill, market)

    async def _account(self) -> Any:
        return await self._exchange.privateGetAccount()

    async def _balances(self) -> dict[str, Decimal]:
        """Return what is held of every coin."""
        rows = rows_of(await self._account(), "balances")
        return {said(row, "asset"): exact(row, "free") + exact(row, "locked") for row in rows}
