"""Owns how Binance speaks of orders and trades, on USD-M and on spot alike, and how its lists are read.

Its own routes through ccxt's signing and throttle. Binance lists trades per market and without client ids: they are
asked for each traded market, and an order that is not known by its number is looked up once. Raises what ccxt raises.
What differs between the two markets is said by `binance_account` and `binance_spot_account`.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from engine.adapters.account_answers import Row, code_of, exact, instant, rows_of, said
from engine.adapters.key_permissions import Access, Admission
from engine.domain.config import Mode
from engine.domain.errors import BadVenueAnswerError, RefusedError
from engine.domain.order import Fill, Order, OrderAnswer, OrderState
from engine.domain.units import DAY_MS, ClientOrderId, FillId, Ms, Symbol, VenueOrderId

PAGE = 1_000
NO_SUCH_ORDER = "-2013"
_STATES = {
    "NEW": OrderState.OPEN,
    "PARTIALLY_FILLED": OrderState.PARTIAL,
    "FILLED": OrderState.FILLED,
    "CANCELED": OrderState.CANCELED,
    "EXPIRED": OrderState.CANCELED,
    "EXPIRED_IN_MATCH": OrderState.CANCELED,
    "REJECTED": OrderState.REJECTED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """ccxt's names of a market's routes, and how long a list of trades may be."""

    send: str
    cancel: str
    look: str
    trades: str
    longest_ms: int


class BinanceOrders(ABC):
    """Orders of one market of the account behind one key; `symbols` are the markets whose trades are asked for."""

    routes: ClassVar[Routes]
    kind: ClassVar[str]  # what ccxt calls the market

    def __init__(self, exchange: Any, quote: str, symbols: Sequence[Symbol], mode: Mode) -> None:
        self._exchange = exchange
        self._quote = quote
        self._symbols = tuple(symbols)
        self._mode = mode
        self._touched: set[Symbol] = set(symbols)
        self._names: dict[str, ClientOrderId] = {}  # client ids by the venue's number
        self._told: dict[tuple[Symbol, FillId], Fill] = {}  # a market is asked for once; who asks again is answered too

    async def place(self, order: Order) -> OrderAnswer:
        """Send an order, once; a market order is answered with what became of it."""
        self._touched.add(order.symbol)
        body: dict[str, Any] = {
            "symbol": self._id(order.symbol),
            "side": order.side.upper(),
            "type": "MARKET" if order.limit is None else "LIMIT",
            "quantity": f"{order.quantity:f}",
            "newClientOrderId": order.client_order_id,
            "newOrderRespType": "RESULT",
            **self._terms(order),
        }
        if order.limit is not None:
            body |= {"price": f"{order.limit:f}", "timeInForce": "GTC"}
        answer = await self._ask(self.routes.send, body)
        if not isinstance(answer, dict) or said(answer, "clientOrderId") != order.client_order_id:
            raise BadVenueAnswerError("the venue answered an order without its ids")
        return self._answer(order.client_order_id, answer)

    async def cancel(self, name: ClientOrderId, symbol: Symbol) -> None:
        """Ask for the end of an order."""
        await self._ask(self.routes.cancel, {"symbol": self._id(symbol), "origClientOrderId": name})

    async def find(self, name: ClientOrderId, symbol: Symbol) -> OrderAnswer | None:
        """Ask for an order by its client id; None where the venue says that there is none."""
        self._touched.add(symbol)
        from ccxt.base.errors import BaseError

        try:
            row = await self._ask(self.routes.look, {"symbol": self._id(symbol), "origClientOrderId": name})
        except BaseError as error:
            if code_of(str(error)) == NO_SUCH_ORDER:
                return None
            raise
        if not isinstance(row, dict) or said(row, "clientOrderId") != name:
            raise BadVenueAnswerError("the venue answered a lookup with another order")
        return self._answer(name, row)

    async def fills(self, since: Ms, until: Ms) -> list[Fill]:
        """Return every trade of the traded markets, a stranger's too, oldest first."""
        found: list[Fill] = []
        asked = await self._traded(since, until)
        self._touched = set()
        try:
            for symbol in asked:
                found += [await self._fill(symbol, row) for row in await self._trades(symbol, since, until)]
        except BaseException:
            self._touched |= set(asked)  # what one look did not bring is read by the next
            raise
        known = [*self._told.values(), *found]
        self._told = {(fill.symbol, fill.fill_id): fill for fill in known if fill.at >= since - DAY_MS}
        return sorted((fill for fill in self._told.values() if fill.at >= since), key=lambda fill: fill.at)

    async def fills_of(self, symbols: Collection[Symbol], since: Ms, until: Ms) -> list[Fill]:
        """Return every trade of these markets, oldest first, without asking where else something traded."""
        found = [
            await self._fill(symbol, row)
            for symbol in sorted(symbols)
            for row in await self._trades(symbol, since, until)
        ]
        return sorted(found, key=lambda fill: fill.at)

    @abstractmethod
    async def _traded(self, since: Ms, until: Ms) -> Sequence[Symbol]:
        """Return the markets with trades to read: those of our orders, and where something else seems to have traded.

        A list of trades per market and look would use up the venue's limit; the first look reads all of ours.
        """

    async def _rights(self) -> Row:
        """Return what a real key may do. Raises RefusedError for one that may withdraw."""
        rights = await self._exchange.sapiGetAccountApiRestrictions()
        if not isinstance(rights, dict) or "enableWithdrawals" not in rights:
            raise BadVenueAnswerError("binance did not say what the key may do")
        if said(rights, "enableWithdrawals").lower() == "true":
            raise RefusedError("this key of binance may withdraw money: make one that may only trade, and use that")
        return rights

    @staticmethod
    def _practice(account: object) -> Admission:
        """Return what a practice account may do: its hosts tell nothing of the key, and move no real money."""
        if not isinstance(account, dict) or said(account, "canTrade").lower() not in ("true", "false"):
            raise BadVenueAnswerError("binance did not say whether the account may trade")
        trades = said(account, "canTrade").lower() == "true"
        note = "binance tells what a key may withdraw in live mode only"
        return Admission(access=Access.TRADE if trades else Access.READ_ONLY, notes=(note,))

    # -- words

    @abstractmethod
    def _terms(self, order: Order) -> dict[str, Any]:
        """Return what an order of this market says beside the common part."""

    @abstractmethod
    def _average(self, row: Row, filled: Decimal) -> Decimal | None:
        """Return the average price of what was filled of an order."""

    @abstractmethod
    async def _fill(self, symbol: Symbol, row: Row) -> Fill:
        """Return a trade."""

    def _answer(self, name: ClientOrderId, row: Row) -> OrderAnswer:
        state = _STATES.get(said(row, "status"))
        if state is None:
            raise BadVenueAnswerError(f"the venue says {said(row, 'status')!r} of an order; try later")
        self._names[said(row, "orderId")] = name
        filled = exact(row, "executedQty")
        return OrderAnswer(
            client_order_id=name,
            venue_order_id=VenueOrderId(said(row, "orderId")),
            state=state,
            filled=filled,
            average_price=self._average(row, filled) if filled else None,
        )

    async def _name(self, symbol: Symbol, number: str) -> ClientOrderId:
        """Return an order's client id by the venue's number."""
        if number not in self._names:
            row = await self._ask(self.routes.look, {"symbol": self._id(symbol), "orderId": number})
            self._names[number] = ClientOrderId(said(row, "clientOrderId"))
        return self._names[number]

    def _id(self, symbol: Symbol) -> str:
        return str(self._exchange.market(symbol)["id"])

    def _symbol(self, ident: str) -> Symbol:
        """Return our name of a market; one that is not loaded keeps the venue's."""
        found = (self._exchange.markets_by_id or {}).get(ident) or ()
        return Symbol(next((str(market["symbol"]) for market in found if market.get(self.kind)), ident))

    async def _ask(self, route: str, told: dict[str, Any]) -> Any:
        return await getattr(self._exchange, route)(told)

    # -- lists to their end

    async def _trades(self, symbol: Symbol, since: Ms, until: Ms) -> list[Row]:
        found: list[Row] = []
        begin, trades = since, self.routes.trades
        while begin <= until:
            end = min(begin + self.routes.longest_ms, until)
            asked = {"symbol": self._id(symbol), "startTime": begin, "endTime": end, "limit": PAGE}
            page = rows_of(await self._ask(trades, asked))
            while page:
                found += page
                if len(page) < PAGE:
                    break
                after = int(exact(page[-1], "id")) + 1
                page = [
                    row
                    for row in rows_of(
                        await self._ask(trades, {"symbol": self._id(symbol), "fromId": after, "limit": PAGE})
                    )
                    if instant(row, "time") <= end
                ]
            begin = Ms(end + 1)
        return found
