"""Owns how Binance USD-M speaks of an account: orders, trades, positions, money, and a key's rights.

Its own routes through ccxt's signing and throttle. Binance lists trades per market and without client ids: they are
asked for each traded market, and an order that is not known by its number is looked up once. Raises what ccxt raises.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from engine.adapters.account_answers import Row, code_of, exact, instant, maybe, rows_of, said
from engine.adapters.account_settings import SymbolSettings
from engine.adapters.key_permissions import ONE_WAY, Access, Admission
from engine.domain.config import Mode
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

PAGE = 1_000
LONGEST_MS = 7 * DAY_MS - 1
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
_BY_THE_VENUE = ("autoclose-", "adl_autoclose", "settlement_autoclose-")  # client ids of what the venue does itself
_BOOKED_ELSEWHERE = ("COMMISSION", "REALIZED_PNL", "FUNDING_FEE")


class BinanceAccount:
    """The account behind one key; `symbols` are the markets whose trades are asked for."""

    def __init__(self, exchange: Any, quote: str, symbols: Sequence[Symbol], mode: Mode) -> None:
        self._exchange = exchange
        self._quote = quote
        self._mode = mode
        self._touched: set[Symbol] = set(symbols)
        self._seen: set[tuple[str, str]] = set()
        self._names: dict[str, ClientOrderId] = {}  # client ids by the venue's number

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
        }
        if order.reduce_only:
            body["reduceOnly"] = "true"
        if order.limit is not None:
            body |= {"price": f"{order.limit:f}", "timeInForce": "GTC"}
        answer = await self._exchange.fapiPrivatePostOrder(body)
        if not isinstance(answer, dict) or said(answer, "clientOrderId") != order.client_order_id:
            raise BadVenueAnswerError("the venue answered an order without its ids")
        return self._answer(order.client_order_id, answer)

    async def cancel(self, name: ClientOrderId, symbol: Symbol) -> None:
        """Ask for the end of an order."""
        await self._exchange.fapiPrivateDeleteOrder({"symbol": self._id(symbol), "origClientOrderId": name})

    async def find(self, name: ClientOrderId, symbol: Symbol) -> OrderAnswer | None:
        """Ask for an order by its client id; None where the venue says that there is none."""
        self._touched.add(symbol)
        from ccxt.base.errors import BaseError

        try:
            row = await self._exchange.fapiPrivateGetOrder({"symbol": self._id(symbol), "origClientOrderId": name})
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
        return sorted(found, key=lambda fill: fill.at)

    async def _traded(self, since: Ms, until: Ms) -> tuple[Symbol, ...]:
        """Return the markets with trades to read: those of our orders, and those that new income names.

        A list of trades per market and look would use up the venue's limit; the first look reads all of ours.
        """
        for row in await self._income(since, until):
            name = (said(row, "tranId"), said(row, "incomeType"))
            if name not in self._seen and said(row, "symbol"):
                self._seen.add(name)
                self._touched.add(self._symbol(said(row, "symbol")))
        return tuple(sorted(symbol for symbol in self._touched if symbol in self._exchange.markets))

    async def funding(self, since: Ms, until: Ms) -> list[FundingCharge]:
        """Return every funding payment; what was received is negative. Binance does not tell the rate here."""
        return [
            FundingCharge(
                id=FillId(said(row, "tranId")),
                symbol=self._symbol(said(row, "symbol")),
                amount=-exact(row, "income"),
                rate=float("nan"),
                at=instant(row, "time"),
            )
            for row in await self._income(since, until)
            if said(row, "incomeType") == "FUNDING_FEE"
        ]

    async def movements(self, since: Ms, until: Ms) -> list[CashMovement]:
        """Return what the income log knows beyond trades and funding: transfers, rebates, other fees."""
        return [
            CashMovement(
                id=f"{said(row, 'tranId')}-{said(row, 'incomeType')}",
                amount=exact(row, "income"),
                what=said(row, "incomeType").lower().replace("_", " "),
                at=instant(row, "time"),
            )
            for row in await self._income(since, until)
            if said(row, "incomeType") not in _BOOKED_ELSEWHERE and said(row, "asset") == self._quote
        ]

    async def positions(self) -> list[VenuePosition]:
        """Return the open positions. Raises BadVenueAnswerError where the account holds both sides of a symbol."""
        found = []
        for row in rows_of(await self._exchange.fapiPrivateV2GetPositionRisk()):
            quantity = exact(row, "positionAmt")
            if not quantity:
                continue
            if said(row, "positionSide") != "BOTH":
                raise BadVenueAnswerError(f"the account is in hedge mode on {said(row, 'symbol')}: {ONE_WAY}")
            isolated = said(row, "marginType") == "isolated"
            found.append(
                VenuePosition(
                    symbol=self._symbol(said(row, "symbol")),
                    quantity=quantity,
                    entry=exact(row, "entryPrice"),
                    margin=maybe(row, "isolatedMargin") if isolated else None,
                    liquidation=maybe(row, "liquidationPrice"),
                )
            )
        return found

    async def wallet(self) -> Decimal:
        """Return the balance of the quote coin without open profit."""
        for row in rows_of(await self._exchange.fapiPrivateV2GetBalance()):
            if said(row, "asset") == self._quote:
                return exact(row, "balance")
        return ZERO

    async def admit(self) -> Admission:
        """Return what the key may do. Raises RefusedError for a key that may withdraw, and for hedge mode."""
        mode = await self._exchange.fapiPrivateGetPositionSideDual()
        if said(mode, "dualSidePosition").lower() == "true":
            raise RefusedError(f"the account is in hedge mode: {ONE_WAY}")
        if self._mode is not Mode.LIVE:
            return await self._admit_practice()
        rights = await self._exchange.sapiGetAccountApiRestrictions()
        if not isinstance(rights, dict) or "enableWithdrawals" not in rights:
            raise BadVenueAnswerError("binance did not say what the key may do")
        if said(rights, "enableWithdrawals").lower() == "true":
            raise RefusedError("this key of binance may withdraw money: make one that may only trade, and use that")
        trades = said(rights, "enableFutures").lower() == "true"
        return Admission(access=Access.TRADE if trades else Access.READ_ONLY)

    async def _admit_practice(self) -> Admission:
        """Return what a practice account may do: its hosts tell nothing of the key, and move no real money."""
        account = await self._exchange.fapiPrivateV2GetAccount()
        if not isinstance(account, dict) or said(account, "canTrade").lower() not in ("true", "false"):
            raise BadVenueAnswerError("binance did not say whether the account may trade")
        trades = said(account, "canTrade").lower() == "true"
        note = "binance tells what a key may withdraw in live mode only"
        return Admission(access=Access.TRADE if trades else Access.READ_ONLY, notes=(note,))

    async def settings(self) -> dict[Symbol, SymbolSettings]:
        """Return leverage and margin mode of the traded symbols."""
        return {
            self._symbol(said(row, "symbol")): SymbolSettings(
                leverage=exact(row, "leverage"), isolated=said(row, "marginType").lower().startswith("isolated")
            )
            for row in rows_of(await self._exchange.fapiPrivateGetSymbolConfig())
        }

    async def set_leverage(self, symbol: Symbol, leverage: Decimal) -> None:
        """Set the leverage of a symbol: whole numbers only there."""
        await self._exchange.fapiPrivatePostLeverage({"symbol": self._id(symbol), "leverage": f"{leverage:.0f}"})

    # -- words

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
            average_price=maybe(row, "avgPrice") if filled else None,
        )

    async def _fill(self, symbol: Symbol, row: Row) -> Fill:
        coin, fee = said(row, "commissionAsset"), exact(row, "commission")
        other = coin not in ("", self._quote)  # BNB: it leaves another balance, so the one in the books is whole
        name = await self._name(symbol, said(row, "orderId"))
        return Fill(
            fill_id=FillId(said(row, "id")),
            client_order_id=LIQUIDATION if name.startswith(_BY_THE_VENUE) else name,
            symbol=symbol,
            side=OrderSide(said(row, "side").lower()),
            quantity=exact(row, "qty"),
            price=exact(row, "price"),
            fee=ZERO if other else fee,
            at=instant(row, "time"),
            elsewhere=f"{fee.normalize():f} {coin}" if other and fee else "",
        )

    async def _name(self, symbol: Symbol, number: str) -> ClientOrderId:
        """Return an order's client id by the venue's number."""
        if number not in self._names:
            row = await self._exchange.fapiPrivateGetOrder({"symbol": self._id(symbol), "orderId": number})
            self._names[number] = ClientOrderId(said(row, "clientOrderId"))
        return self._names[number]

    def _id(self, symbol: Symbol) -> str:
        return str(self._exchange.market(symbol)["id"])

    def _symbol(self, ident: str) -> Symbol:
        """Return our name of a market; one that is not loaded keeps the venue's."""
        found = (self._exchange.markets_by_id or {}).get(ident) or ()
        return Symbol(next((str(market["symbol"]) for market in found if market.get("linear")), ident))

    # -- lists to their end

    async def _trades(self, symbol: Symbol, since: Ms, until: Ms) -> list[Row]:
        found: list[Row] = []
        begin, ask = since, self._exchange.fapiPrivateGetUserTrades
        while begin <= until:
            end = min(begin + LONGEST_MS, until)
            asked = {"symbol": self._id(symbol), "startTime": begin, "endTime": end, "limit": PAGE}
            page = rows_of(await ask(asked))
            while page:
                found += page
                if len(page) < PAGE:
                    break
                after = int(exact(page[-1], "id")) + 1
                page = [
                    row
                    for row in rows_of(await ask({"symbol": self._id(symbol), "fromId": after, "limit": PAGE}))
                    if instant(row, "time") <= end
                ]
            begin = Ms(end + 1)
        return found

    async def _income(self, since: Ms, until: Ms) -> list[Row]:
        found: list[Row] = []
        begin = since
        while begin <= until:
            page = rows_of(
                await self._exchange.fapiPrivateGetIncome({"startTime": begin, "endTime": until, "limit": PAGE})
            )
            found += [row for row in page if row not in found[-PAGE:]]
            if len(page) < PAGE:
                return found
            begin = Ms(max(instant(page[-1], "time"), begin + 1))
        return found
