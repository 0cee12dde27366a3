"""Owns how Bybit v5 speaks of an account of linear swaps: orders, executions, positions, money, and a key's rights.

Its own routes through ccxt's signing and throttle, so that no field is lost or guessed in between. Lists are read to
their end, in pieces of the days that one request may cover. Raises what ccxt raises; the broker translates it.
"""

from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from typing import Any

from engine.adapters.account_answers import Row, exact, instant, maybe, rows_of, said
from engine.adapters.account_settings import SymbolSettings
from engine.adapters.key_permissions import ONE_WAY, Access, Admission
from engine.domain.errors import BadVenueAnswerError, RefusedError
from engine.domain.order import (
    LIQUIDATION,
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
from engine.domain.units import DAY_MS, ClientOrderId, FillId, Ms, Symbol, VenueOrderId

CATEGORY = "linear"
PAGE = 100
LONGEST_MS = 7 * DAY_MS - 1  # of one list
_STATES = {
    "New": OrderState.OPEN,
    "Untriggered": OrderState.OPEN,
    "Triggered": OrderState.OPEN,
    "PartiallyFilled": OrderState.PARTIAL,
    "Filled": OrderState.FILLED,
    "PartiallyFilledCanceled": OrderState.CANCELED,
    "Cancelled": OrderState.CANCELED,
    "Deactivated": OrderState.CANCELED,
    "Rejected": OrderState.REJECTED,
}
_BOOKED_ELSEWHERE = ("TRADE", "SETTLEMENT", "LIQUIDATION", "ADL", "DELIVERY")  # kinds of the log that executions tell


class BybitAccount:
    """The account behind one key; `quote` is the coin that everything is settled in."""

    def __init__(self, exchange: Any, quote: str, symbols: Sequence[Symbol]) -> None:
        self._exchange = exchange
        self._quote = quote
        self._symbols = tuple(symbols)

    async def place(self, order: Order) -> OrderAnswer:
        """Send an order, once. Bybit answers with ids only."""
        body: dict[str, Any] = {
            "category": CATEGORY,
            "symbol": self._id(order.symbol),
            "side": "Buy" if order.side is OrderSide.BUY else "Sell",
            "orderType": "Market" if order.limit is None else "Limit",
            "qty": f"{order.quantity:f}",
            "orderLinkId": order.client_order_id,
            "positionIdx": 0,
            "reduceOnly": order.reduce_only,
        }
        if order.limit is not None:
            body |= {"price": f"{order.limit:f}", "timeInForce": "GTC"}
        answer = await self._exchange.privatePostV5OrderCreate(body)
        result = answer.get("result") if isinstance(answer, dict) else None
        venue_id = said(result, "orderId") if isinstance(result, dict) else ""
        if not venue_id or not isinstance(result, dict) or said(result, "orderLinkId") != order.client_order_id:
            raise BadVenueAnswerError("the venue answered an order without its ids")
        return OrderAnswer(
            client_order_id=order.client_order_id,
            venue_order_id=VenueOrderId(venue_id),
            state=OrderState.OPEN,
            filled=ZERO,
            average_price=None,
        )

    async def cancel(self, name: ClientOrderId, symbol: Symbol) -> None:
        """Ask for the end of an order."""
        body = {"category": CATEGORY, "symbol": self._id(symbol), "orderLinkId": name}
        await self._exchange.privatePostV5OrderCancel(body)

    async def find(self, name: ClientOrderId, symbol: Symbol) -> OrderAnswer | None:
        """Look among open orders, in the history, then among executions; None where none has it."""
        asked = {"category": CATEGORY, "symbol": self._id(symbol), "orderLinkId": name}
        for look in (self._exchange.privateGetV5OrderRealtime, self._exchange.privateGetV5OrderHistory):
            for row in rows_of(await look(asked), "result", "list"):
                if said(row, "orderLinkId") == name:
                    return self._answer(name, row)
        executed = rows_of(await self._exchange.privateGetV5ExecutionList(asked), "result", "list")
        if any(said(row, "orderLinkId") == name for row in executed):  # lists of orders lag behind executions
            raise BadVenueAnswerError("the venue lists executions of an order and not yet the order; try later")
        return None

    async def fills(self, since: Ms, until: Ms) -> list[Fill]:
        """Return every execution that is a trade, a stranger's too."""
        return [
            self._fill(row)
            async for row in self._listed(self._exchange.privateGetV5ExecutionList, since, until, category=CATEGORY)
            if said(row, "execType") != "Funding"
        ]

    async def funding(self, since: Ms, until: Ms) -> list[FundingCharge]:
        """Return every funding payment; what was received is negative."""
        look = self._exchange.privateGetV5ExecutionList
        rows = self._listed(look, since, until, category=CATEGORY, execType="Funding")
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
            self._exchange.privateGetV5PositionList, {"category": CATEGORY, "settleCoin": self._quote}
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

    async def wallet(self) -> Any:
        """Return the balance of the quote coin without open profit."""
        answer = await self._exchange.privateGetV5AccountWalletBalance({"accountType": "UNIFIED"})
        for account in rows_of(answer, "result", "list"):
            for coin in rows_of(account, "coin"):
                if said(coin, "coin") == self._quote:
                    return exact(coin, "walletBalance")
        return ZERO

    async def admit(self) -> Admission:
        """Return what the key may do. Raises RefusedError for a key that may withdraw, and for hedge mode."""
        answer = await self._exchange.privateGetV5UserQueryApi()
        result = answer.get("result") if isinstance(answer, dict) else None
        rights = result.get("permissions") if isinstance(result, dict) else None
        if not isinstance(result, dict) or not isinstance(rights, dict):
            raise BadVenueAnswerError("bybit did not say what the key may do")
        if "Withdraw" in (rights.get("Wallet") or ()):
            raise RefusedError("this key of bybit may withdraw money: make one that may only trade, and use that")
        for symbol in self._symbols:
            asked = {"category": CATEGORY, "symbol": self._id(symbol)}
            for row in rows_of(await self._exchange.privateGetV5PositionList(asked), "result", "list"):
                if said(row, "positionIdx") in ("1", "2"):
                    raise RefusedError(f"the account is in hedge mode on {symbol}: {ONE_WAY}")
        reads = said(result, "readOnly") == "1" or "Order" not in (rights.get("ContractTrade") or ())
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
            asked = {"category": CATEGORY, "symbol": self._id(symbol)}
            for row in rows_of(await self._exchange.privateGetV5PositionList(asked), "result", "list"):
                found[symbol] = SymbolSettings(leverage=exact(row, "leverage"), isolated=isolated)
        return found

    async def set_leverage(self, symbol: Symbol, leverage: Decimal) -> None:
        """Set the leverage of a symbol."""
        amount = f"{leverage.normalize():f}"
        body = {"category": CATEGORY, "symbol": self._id(symbol), "buyLeverage": amount, "sellLeverage": amount}
        await self._exchange.privatePostV5PositionSetLeverage(body)

    # -- words

    def _answer(self, name: ClientOrderId, row: Row) -> OrderAnswer:
        state = _STATES.get(said(row, "orderStatus"))
        if state is None:
            raise BadVenueAnswerError(f"the venue says {said(row, 'orderStatus')!r} of an order; try later")
        filled = exact(row, "cumExecQty")
        reason = said(row, "rejectReason")
        return OrderAnswer(
            client_order_id=name,
            venue_order_id=VenueOrderId(said(row, "orderId")),
            state=state,
            filled=filled,
            average_price=maybe(row, "avgPrice") if filled else None,
            note="" if reason in ("", "EC_NoError") else reason,
        )

    def _fill(self, row: Row) -> Fill:
        taken = said(row, "execType") in ("BustTrade", "AdlTrade")
        return Fill(
            fill_id=FillId(said(row, "execId")),
            client_order_id=LIQUIDATION if taken else ClientOrderId(said(row, "orderLinkId")),
            symbol=self._symbol(row),
            side=OrderSide.BUY if said(row, "side") == "Buy" else OrderSide.SELL,
            quantity=exact(row, "execQty"),
            price=exact(row, "execPrice"),
            fee=exact(row, "execFee"),
            at=instant(row, "execTime"),
        )

    def _id(self, symbol: Symbol) -> str:
        return str(self._exchange.market(symbol)["id"])

    def _symbol(self, row: Row) -> Symbol:
        """Return our name of a market; one that is not loaded keeps the venue's."""
        ident = said(row, "symbol")
        found = (self._exchange.markets_by_id or {}).get(ident) or ()
        return Symbol(next((str(market["symbol"]) for market in found if market.get("linear")), ident))

    # -- lists to their end

    async def _listed(self, look: Any, since: Ms, until: Ms, **more: str) -> AsyncIterator[Row]:
        begin = since
        while begin <= until:
            end = min(begin + LONGEST_MS, until)
            asked = {"startTime": begin, "endTime": end, **more}
            pages = [row async for row in self._pages(look, asked)]
            for row in reversed(pages):  # newest first there, oldest first here
                yield row
            begin = Ms(end + 1)

    async def _pages(self, look: Any, asked: dict[str, Any]) -> AsyncIterator[Row]:
        cursor = ""
        while True:
            answer = await look({**asked, "limit": PAGE, **({"cursor": cursor} if cursor else {})})
            for row in rows_of(answer, "result", "list"):
                yield row
            cursor = said(answer["result"], "nextPageCursor")
            if not cursor:
                return
