"""Owns how Bybit v5 speaks of a unified account on spot: coins instead of positions, fees in the bought coin, rights.

What is held of an asset is the balance of its coin. Nothing is borrowed and nothing is leveraged. Orders and executions
are read by `bybit_orders`, as for swaps. Raises what ccxt raises; the broker translates it.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

from engine.adapters.account_answers import Row, exact, instant, said
from engine.adapters.account_settings import SymbolSettings
from engine.adapters.bybit_orders import BybitOrders
from engine.adapters.coins import coin_of, with_fee_in
from engine.adapters.key_permissions import Access, Admission
from engine.domain.order import CashMovement, Fill, FundingCharge, Order, OrderSide, VenuePosition
from engine.domain.portfolio import ZERO
from engine.domain.units import Ms, Symbol


class BybitSpotAccount(BybitOrders):
    """The account behind one key; `quote` is the coin that is paid with, `symbols` name the coins looked at."""

    category: ClassVar[str] = "spot"

    async def funding(self, since: Ms, until: Ms) -> list[FundingCharge]:
        """Return nothing: coins pay no funding."""
        return []

    async def movements(self, since: Ms, until: Ms) -> list[CashMovement]:
        """Return what the transaction log knows of the quote coin beyond trades on spot: transfers, interest, swaps."""
        look, found = self._exchange.privateGetV5AccountTransactionLog, []
        async for row in self._listed(look, since, until, accountType="UNIFIED", currency=self._quote):
            amount, traded = exact(row, "change"), said(row, "type") == "TRADE" and said(row, "category") == "spot"
            if amount and not traded:
                what = said(row, "type").lower().replace("_", " ")
                at = instant(row, "transactionTime")
                found.append(CashMovement(id=said(row, "id"), amount=amount, what=what, at=at))
        return found

    async def positions(self) -> list[VenuePosition]:
        """Return the balances of the coins of the traded markets, what orders hold of them too."""
        coins = await self._balances()
        held = [(symbol, _own(coins.get(coin_of(self._exchange, symbol)))) for symbol in self._symbols]
        return [
            VenuePosition(symbol=symbol, quantity=quantity, entry=None, margin=None, liquidation=None)
            for symbol, quantity in held
            if quantity
        ]

    async def wallet(self) -> Decimal:
        """Return the balance of the quote coin, what orders hold of it too."""
        return _own((await self._balances()).get(self._quote))

    async def admit(self) -> Admission:
        """Return what the key may do. Raises RefusedError for a key that may withdraw."""
        key, rights = await self._rights()
        reads = said(key, "readOnly") == "1" or "SpotTrade" not in (rights.get("Spot") or ())
        return Admission(access=Access.READ_ONLY if reads else Access.TRADE)

    async def settings(self) -> dict[Symbol, SymbolSettings]:
        """Return nothing: there is no leverage and no margin mode."""
        return {}

    async def set_leverage(self, symbol: Symbol, leverage: Decimal) -> None:
        """Do nothing: there is none."""

    def _terms(self, order: Order) -> dict[str, Any]:
        # in coins: a market order to buy would be counted in money otherwise
        return {"marketUnit": "baseCoin", "isLeverage": 0}

    def _fill(self, row: Row) -> Fill:
        fill = replace(super()._fill(row), fee=ZERO)
        amount = exact(row, "execFee")
        bought = (fill.side is OrderSide.BUY) is (amount > 0)  # a rebate is paid in the other coin
        market = coin_of(self._exchange, fill.symbol), self._quote
        return with_fee_in(said(row, "feeCurrency") or market[not bought], amount, fill, market)


def _own(coin: Row | None) -> Decimal:
    """Return what is held of a coin, less what was borrowed by hand."""
    if coin is None:
        return ZERO
    borrowed = exact(coin, "spotBorrow") if said(coin, "spotBorrow") else ZERO
    return exact(coin, "walletBalance") - borrowed
