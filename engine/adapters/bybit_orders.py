"""Owns how Bybit v5 speaks of orders and executions, on linear swaps and on spot alike, and how its lists are read.

Its own routes through ccxt's signing and throttle, so that no field is lost or guessed in between. Lists are read to
their end, in pieces of the days that one request may cover. Raises what ccxt raises; the broker translates it. What
differs between the two markets is said by `bybit_account` and `bybit_spot_account`.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from typing import Any, ClassVar

from engine.adapters.account_answers import Row, exact, instant, maybe, rows_of, said
from engine.domain.errors import BadVenueAnswerError, RefusedError
from engine.domain.order import LIQUIDATION, Fill, Order, OrderAnswer, OrderSide, OrderState
from engine.domain.portfolio import ZERO
from engine.domain.units import DAY_MS, ClientOrderId, FillId, Ms, Symbol, VenueOrderId

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


class BybitOrders(ABC):
    """Orders of one market of the account behind one key; `quote` is the coin that is paid in."""

    category: ClassVar[str]

    def __init__(self, exchange: Any, quote: str, symbols: Sequence[Symbol]) -> None:
        self._exchange = exchange
        self._quote = quote
        self._symbols = tuple(symbols)

    async def place(self, order: Order) -> OrderAnswer:
        """Send an order, once. Bybit answers with ids only."""
        body: dict[str, Any] = {
            "category": self.category,
            "symbol": self._id(order.symbol),
            "side": "Buy" if order.side is OrderSide.BUY else "Sell",
            "orderType": "Market" if order.limit is None else "Limit",
            "qty": f"{order.quantity:f}",
            "orderLinkId": order.client_order_id,
            **self._terms(order),
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
        body = {"category": self.category, "symbol": self._id(symbol), "orderLinkId": name}
        await self._exchange.privatePostV5OrderCancel(body)

    async def find(self, name: ClientOrderId, symbol: Symbol) -> OrderAnswer | None:
        """Look among open orders, in the history, then among executions; None where none has it."""
        asked = {"category": self.category, "symbol": self._id(symbol), "orderLinkId": name}
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
            async for row in self._listed(
                self._exchange.privateGetV5ExecutionList, since, until, category=self.category
            )
            if said(row, "execType") != "Funding"
        ]

    async def _rights(self) -> tuple[Row, Row]:
        """Return what the venue says of the key, and its permissions. Raises RefusedError for one that may withdraw."""
        answer = await self._exchange.privateGetV5UserQueryApi()
        result = answer.get("result") if isinstance(answer, dict) else None
        rights = result.get("permissions") if isinstance(result, dict) else None
        if not isinstance(result, dict) or not isinstance(rights, dict):
            raise BadVenueAnswerError("bybit did not say what the key may do")
        if "Withdraw" in (rights.get("Wallet") or ()):
            raise RefusedError("this key of bybit may withdraw money: make one that may only trade, and use that")
        return result, rights

    async def _balances(self) -> dict[str, Row]:
        """Return the coins of the unified account, each with what it holds."""
        answer = await self._exchange.privateGetV5AccountWalletBalance({"accountType": "UNIFIED"})
        coins = (coin for account in rows_of(answer, "result", "list") for coin in rows_of(account, "coin"))
        return {said(coin, "coin"): coin for coin in coins}

    # -- words

    @abstractmethod
    def _terms(self, order: Order) -> dict[str, Any]:
        """Return what an order of this market says beside the common part."""

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
        return Symbol(next((str(market["symbol"]) for market in found if market.get(self.category)), ident))

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
