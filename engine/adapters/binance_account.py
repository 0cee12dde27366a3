"""Owns how Binance USD-M speaks of an account: trades and their fees, positions, money, and a key's rights.

Orders and lists of trades are read by `binance_orders`, as on spot. Raises what ccxt raises.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from engine.adapters.account_answers import Row, exact, instant, maybe, rows_of, said
from engine.adapters.account_settings import SymbolSettings
from engine.adapters.binance_orders import PAGE, BinanceOrders, Routes
from engine.adapters.key_permissions import ONE_WAY, Access, Admission
from engine.domain.config import Mode
from engine.domain.errors import BadVenueAnswerError, RefusedError
from engine.domain.order import LIQUIDATION, CashMovement, Fill, FundingCharge, Order, OrderSide, VenuePosition
from engine.domain.portfolio import ZERO
from engine.domain.units import DAY_MS, FillId, Ms, Symbol

_BY_THE_VENUE = ("autoclose-", "adl_autoclose", "settlement_autoclose-")  # client ids of what the venue does itself
_BOOKED_ELSEWHERE = ("COMMISSION", "REALIZED_PNL", "FUNDING_FEE")


class BinanceAccount(BinanceOrders):
    """The account behind one key."""

    routes: ClassVar[Routes] = Routes(
        send="fapiPrivatePostOrder",
        cancel="fapiPrivateDeleteOrder",
        look="fapiPrivateGetOrder",
        trades="fapiPrivateGetUserTrades",
        longest_ms=7 * DAY_MS - 1,
    )
    kind: ClassVar[str] = "linear"

    def __init__(self, exchange: Any, quote: str, symbols: Sequence[Symbol], mode: Mode) -> None:
        super().__init__(exchange, quote, symbols, mode)
        self._seen: set[tuple[str, str]] = set()

    async def _traded(self, since: Ms, until: Ms) -> Sequence[Symbol]:
        """Return the markets of our orders, and those that new income names."""
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
            return self._practice(await self._exchange.fapiPrivateV2GetAccount())
        trades = said(await self._rights(), "enableFutures").lower() == "true"
        return Admission(access=Access.TRADE if trades else Access.READ_ONLY)

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

    def _terms(self, order: Order) -> dict[str, Any]:
        return {"reduceOnly": "true"} if order.reduce_only else {}

    def _average(self, row: Row, filled: Decimal) -> Decimal | None:
        return maybe(row, "avgPrice") if filled else None

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
