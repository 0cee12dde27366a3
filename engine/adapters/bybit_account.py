"""Owns how Bybit v5 speaks of an account of linear swaps: positions, funding, money, and a key's rights.

Orders and executions are read by `bybit_orders`, as on spot. Raises what ccxt raises; the broker translates it.
"""

from decimal import Decimal
from typing import Any, ClassVar

from engine.adapters.account_answers import exact, instant, maybe, rows_of, said
from engine.adapters.account_settings import SymbolSettings
from engine.adapters.bybit_orders import BybitOrders
from engine.adapters.key_permissions import ONE_WAY, Access, Admission
from engine.domain.errors import BadVenueAnswerError, RefusedError
from engine.domain.order import CashMovement, FundingCharge, Order, VenuePosition
from engine.domain.portfolio import ZERO
from engine.domain.units import FillId, Ms, Symbol

_BOOKED_ELSEWHERE = ("TRADE", "SETTLEMENT", "LIQUIDATION", "ADL", "DELIVERY")  # kinds of the log that executions tell


class BybitAccount(BybitOrders):
    """The account behind one key; `quote` is the coin that everything is settled in."""

    category: ClassVar[str] = "linear"

    async def funding(self, since: Ms, until: Ms) -> list[FundingCharge]:
        """Return every funding payment; what was received is negative."""
        look = self._exchange.privateGetV5ExecutionList
        rows = self._listed(look, since, until, category=self.category, execType="Funding")
        return [
            FundingCharge(
                id=FillId(said(row, "execId")),
                symbol=self._symbol(row),
                amount=exact(row, "execFee"),
                rate=float(exact(row, "feeRate")),
                at=instant(row, "execTime"),
            )
            async for row in rows
        ]

    async def movements(self, since: Ms, until: Ms) -> list[CashMovement]:
        """Return what the transaction log knows beyond executions: transfers, interest, other fees."""
        look, found = self._exchange.privateGetV5AccountTransactionLog, []
        async for row in self._listed(look, since, until, accountType="UNIFIED", currency=self._quote):
            kind, amount = said(row, "type"), exact(row, "change")
            if kind not in _BOOKED_ELSEWHERE and amount:
                what = kind.lower().replace("_", " ")
                found.append(
                    CashMovement(id=said(row, "id"), amount=amount, what=what, at=instant(row, "transactionTime"))
                )
        return found

    async def positions(self) -> list[VenuePosition]:
        """Return the open positions. Raises BadVenueAnswerError where the account holds both sides of a symbol."""
        found = []
        async for row in self._pages(
            self._exchange.privateGetV5PositionList, {"category": self.category, "settleCoin": self._quote}
        ):
            if said(row, "positionIdx") in ("1", "2"):
                raise BadVenueAnswerError(f"the account is in hedge mode on {said(row, 'symbol')}: {ONE_WAY}")
            size = exact(row, "size")
            if size:
                isolated = said(row, "tradeMode") == "1"
                found.append(
                    VenuePosition(
                        symbol=self._symbol(row),
                        quantity=size if said(row, "side") == "Buy" else -size,
                        entry=exact(row, "avgPrice"),
                        margin=maybe(row, "positionBalance") if isolated else None,
                        liquidation=maybe(row, "liqPrice"),
                    )
                )
        return found

    async def wallet(self) -> Decimal:
        """Return the balance of the quote coin without open profit."""
        coin = (await self._balances()).get(self._quote)
        return ZERO if coin is None else exact(coin, "walletBalance")

    async def admit(self) -> Admission:
        """Return what the key may do. Raises RefusedError for a key that may withdraw, and for hedge mode."""
        key, rights = await self._rights()
        for symbol in self._symbols:
            asked = {"category": self.category, "symbol": self._id(symbol)}
            for row in rows_of(await self._exchange.privateGetV5PositionList(asked), "result", "list"):
                if said(row, "positionIdx") in ("1", "2"):
                    raise RefusedError(f"the account is in hedge mode on {symbol}: {ONE_WAY}")
        reads = said(key, "readOnly") == "1" or "Order" not in (rights.get("ContractTrade") or ())
        return Admission(access=Access.READ_ONLY if reads else Access.TRADE)

    async def settings(self) -> dict[Symbol, SymbolSettings]:
        """Return leverage and margin mode of the traded symbols; the mode is the whole account's."""
        answer = await self._exchange.privateGetV5AccountInfo()
        result = answer.get("result") if isinstance(answer, dict) else None
        if not isinstance(result, dict) or not said(result, "marginMode"):
            raise BadVenueAnswerError("bybit did not say how the account is margined")
        isolated = said(result, "marginMode") == "ISOLATED_MARGIN"
        found = {}
        for symbol in self._symbols:
            asked = {"category": self.category, "symbol": self._id(symbol)}
            for row in rows_of(await self._exchange.privateGetV5PositionList(asked), "result", "list"):
                found[symbol] = SymbolSettings(leverage=exact(row, "leverage"), isolated=isolated)
        return found

    async def set_leverage(self, symbol: Symbol, leverage: Decimal) -> None:
        """Set the leverage of a symbol."""
        amount = f"{leverage.normalize():f}"
        body = {"category": self.category, "symbol": self._id(symbol), "buyLeverage": amount, "sellLeverage": amount}
        await self._exchange.privatePostV5PositionSetLeverage(body)

    def _terms(self, order: Order) -> dict[str, Any]:
        return {"positionIdx": 0, "reduceOnly": order.reduce_only}
