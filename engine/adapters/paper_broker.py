"""Owns paper orders: the `Broker` port without a venue. Fills against live bid and ask with fee and slippage.

The journal is its memory: after a start it is made of what the ledger holds and of the orders that were open, so an
execution that was never journaled never happened. Never touches the network. Answers go the way a venue's would.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal

from engine.adapters.paper_account import Held, MarginRules, PaperAccount
from engine.domain.errors import OrderRefusedError
from engine.domain.market import Instrument, MarketKind, Quote
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
from engine.domain.ports import Clock
from engine.domain.units import HOUR_MS, ClientOrderId, FillId, Ms, Symbol, VenueOrderId

FUNDING_EVERY_MS = 8 * HOUR_MS
LIQUIDATION = ClientOrderId("liquidation")
_BPS = Decimal("0.0001")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperTerms:
    """Costs of paper fills. `depth` is the money one quote can take per symbol; the rest fills on later quotes."""

    fee_bps: Decimal
    slippage_bps: Decimal
    depth: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Working:
    order: Order
    state: OrderState
    filled: Decimal = ZERO
    paid: Decimal = ZERO
    note: str = ""

    @property
    def left(self) -> Decimal:
        return self.order.quantity - self.filled

    def answer(self) -> OrderAnswer:
        return OrderAnswer(
            client_order_id=self.order.client_order_id,
            venue_order_id=VenueOrderId(f"paper-{self.order.client_order_id}"),
            state=self.state,
            filled=self.filled,
            average_price=self.paid / self.filled if self.filled else None,
            note=self.note,
        )


class PaperBroker:
    """A venue of paper."""

    def __init__(
        self,
        clock: Clock,
        terms: PaperTerms,
        margin: MarginRules,
        *,
        wallet: Decimal,
        held: Iterable[Held] = (),
        working: Iterable[tuple[Order, Decimal]] = (),
        funded_until: Ms | None = None,
        life: str,
    ) -> None:
        """Start from what the journal says: wallet, net positions, open orders with what is booked of each.

        `funded_until` is the last funding that is booked (None: from now on). `life` makes the ids of this start's
        fills its own: a number that no earlier start had, such as the journal's newest.
        """
        self._clock, self._terms, self._life = clock, terms, life
        self._quotes: dict[Symbol, Quote] = {}
        self._instruments: Mapping[Symbol, Instrument] = {}
        self._funding_rates: dict[Symbol, float] = {}
        self._account = PaperAccount(wallet, held, margin, price_of=self._mark)
        self._orders: dict[ClientOrderId, _Working] = {}
        self._fills: list[Fill] = []
        self._charges: list[FundingCharge] = []
        self._funded_until = clock.market_ms() if funded_until is None else funded_until
        for order, filled in working:
            state = OrderState.PARTIAL if filled else OrderState.OPEN
            self._orders[order.client_order_id] = _Working(
                order=order, state=state, filled=filled, paid=filled * order.price
            )

    def take_instruments(self, listed: Mapping[Symbol, Instrument]) -> None:
        """Learn what is listed, with its steps."""
        self._instruments = listed

    def take_quotes(self, quotes: Iterable[Quote]) -> None:
        """Learn prices: open orders fill, funding falls due, and what has no margin left is taken."""
        fresh = {quote.symbol: quote for quote in quotes}
        self._quotes.update(fresh)
        self._funding_rates |= {s: q.funding.rate for s, q in fresh.items() if q.funding is not None}
        self._fund()
        for name, each in list(self._orders.items()):
            known = each.order.symbol in self._instruments  # after a start prices may come before markets
            if known and not each.state.over and each.order.symbol in fresh:
                self._orders[name] = self._match(each)
        for symbol, quantity, price in self._account.gone():
            side = OrderSide.SELL if quantity > 0 else OrderSide.BUY
            self._execute(LIQUIDATION, symbol, side, abs(quantity), price)
            self._end_orders(symbol)

    def adopt(self, symbol: Symbol, quantity: Decimal, price: Decimal) -> None:
        """Take in a position that the trader says is held already."""
        self._fund()  # what fell due before is not paid on this
        self._account.adopt(symbol, quantity, price)

    def deposit(self, amount: Decimal) -> None:
        """Put money into the account; a negative amount takes it out."""
        self._account.pay(-amount)

    async def place(self, order: Order) -> OrderAnswer:
        """Take an order, once; one that is known already is answered, not taken again. Raises OrderRefusedError."""
        known = self._orders.get(order.client_order_id)
        if known is None:
            self._fund()  # on what was held when it fell due
            why = self._why_refused(order)
            if why:
                raise OrderRefusedError(f"the paper venue refuses {order.side} {order.quantity} {order.asset}: {why}")
            self._orders[order.client_order_id] = known = self._match(_Working(order=order, state=OrderState.OPEN))
        return known.answer()

    async def cancel(self, client_order_id: ClientOrderId, symbol: Symbol) -> None:
        """End an order that is open."""
        known = self._orders.get(client_order_id)
        if known is not None and not known.state.over and known.order.symbol == symbol:
            self._orders[client_order_id] = replace(known, state=OrderState.CANCELED)

    async def look_up(self, client_order_id: ClientOrderId, symbol: Symbol) -> OrderAnswer | None:
        """Return what is known of an order."""
        known = self._orders.get(client_order_id)
        return known.answer() if known is not None and known.order.symbol == symbol else None

    async def fills(self, *, since: Ms, of: Collection[Symbol] = ()) -> list[Fill]:
        """Return the executions of this start at or after `since`."""
        return [fill for fill in self._fills if fill.at >= since]

    async def funding(self, *, since: Ms) -> list[FundingCharge]:
        """Return the funding charged by this start at or after `since`."""
        return [charge for charge in self._charges if charge.at >= since]

    async def movements(self, *, since: Ms) -> list[CashMovement]:
        """Return nothing: paper money moves by a person's word, which is a fact of its own."""
        return []

    async def positions(self) -> list[VenuePosition]:
        """Return the open positions."""
        return self._account.positions()

    async def wallet(self) -> Decimal:
        """Return the balance without open profit."""
        return self._account.wallet

    async def close(self) -> None:
        """Nothing to release."""

    def _mark(self, symbol: Symbol) -> Decimal | None:
        quote = self._quotes.get(symbol)
        return quote.last if quote is not None else None

    def _why_refused(self, order: Order) -> str:
        instrument, quote = self._instruments.get(order.symbol), self._quotes.get(order.symbol)
        if instrument is None:
            return "it is not listed"
        if quote is None:
            return "it has no price yet"
        held = self._account.quantity(order.symbol)
        against = held * order.side.sign < 0
        closing = min(abs(held), order.quantity) if against else ZERO
        opening = order.quantity - closing
        whole = closing == abs(held) and not opening and instrument.kind is MarketKind.SWAP
        small = order.quantity * quote.last < instrument.min_notional and not whole
        few = order.quantity < instrument.min_quantity and not whole
        uncovered = instrument.kind is MarketKind.SPOT and order.side is OrderSide.SELL and opening > 0
        free, needed = self._account.free(), self._account.initial_margin(order.symbol, opening * quote.last)
        broken = order.quantity <= 0 or order.quantity % instrument.quantity_step != 0
        reasons = (
            (order.reduce_only and not closing, "there is nothing to reduce"),
            (broken, f"the quantity is no multiple of {instrument.quantity_step}"),
            (small, f"the smallest order is {instrument.min_notional}"),
            (few, f"the smallest order is {instrument.min_quantity} {order.asset}"),
            (uncovered, "spot cannot be sold short"),
            (not order.reduce_only and needed > free, f"it needs {needed:.2f} of margin and {free:.2f} are free"),
        )
        return next((why for applies, why in reasons if applies), "")

    def _match(self, each: _Working) -> _Working:
        """Fill what the quote takes; an order that may only reduce ends where there is nothing left to reduce."""
        order, quote = each.order, self._quotes[each.order.symbol]
        price = self._fill_price(order, quote)
        if price is None:
            return each
        quantity = min(each.left, self._takes(order.symbol, price))
        if order.reduce_only:
            held = self._account.quantity(order.symbol)
            quantity = min(quantity, abs(held)) if held * order.side.sign < 0 else ZERO
            if not quantity:
                return replace(each, state=OrderState.CANCELED, note="nothing is left to reduce")
        self._execute(order.client_order_id, order.symbol, order.side, quantity, price)
        filled = each.filled + quantity
        state = OrderState.FILLED if filled == order.quantity else OrderState.PARTIAL
        return replace(each, state=state, filled=filled, paid=each.paid + quantity * price)

    def _fill_price(self, order: Order, quote: Quote) -> Decimal | None:
        """Return bid or ask (or last) worsened by slippage, on a tick against the trader; None off a limit."""
        buying = order.side is OrderSide.BUY
        there = (quote.ask if buying else quote.bid) or quote.last
        if order.limit is not None and (there > order.limit if buying else there < order.limit):
            return None
        tick = self._instruments[order.symbol].price_step
        slipped = there * (1 + order.side.sign * self._terms.slippage_bps * _BPS)
        price = (slipped / tick).to_integral_value(ROUND_CEILING if buying else ROUND_FLOOR) * tick
        price = max(price, tick)
        if order.limit is None:
            return price
        return min(price, order.limit) if buying else max(price, order.limit)

    def _end_orders(self, symbol: Symbol) -> None:
        for name, each in list(self._orders.items()):
            if each.order.symbol == symbol and not each.state.over:
                self._orders[name] = replace(each, state=OrderState.CANCELED, note="the position was liquidated")

    def _takes(self, symbol: Symbol, price: Decimal) -> Decimal:
        """Return the quantity one quote can take: whole steps worth `depth`, at least one."""
        if self._terms.depth is None:
            return Decimal("Infinity")
        step = self._instruments[symbol].quantity_step
        return max((self._terms.depth / price / step).to_integral_value(ROUND_DOWN), Decimal(1)) * step

    def _execute(self, name: ClientOrderId, symbol: Symbol, side: OrderSide, quantity: Decimal, price: Decimal) -> None:
        fee = quantity * price * self._terms.fee_bps * _BPS
        self._account.trade(symbol, side.sign * quantity, price, fee)
        self._fills.append(
            Fill(
                fill_id=FillId(f"{self._life}-{len(self._fills) + 1}"),
                client_order_id=name,
                symbol=symbol,
                side=side,
                quantity=quantity,
                price=price,
                fee=fee,
                at=self._clock.market_ms(),
            )
        )

    def _fund(self) -> None:
        """Charge every funding that fell due since the last look, at 00:00, 08:00 and 16:00 UTC."""
        if not self._instruments:
            return  # after a start prices may come before markets: it stays due
        now = self._clock.market_ms()
        first = self._funded_until - self._funded_until % FUNDING_EVERY_MS + FUNDING_EVERY_MS
        for at in range(first, now + 1, FUNDING_EVERY_MS):
            for position in self._account.positions():
                self._charge(position, Ms(at))
        self._funded_until = max(self._funded_until, now)

    def _charge(self, position: VenuePosition, at: Ms) -> None:
        symbol = position.symbol
        rate, mark, instrument = self._funding_rates.get(symbol), self._mark(symbol), self._instruments.get(symbol)
        if rate is None or mark is None or instrument is None or instrument.kind is not MarketKind.SWAP:
            return
        amount = position.quantity * mark * Decimal(str(rate))
        self._account.pay(amount)
        name = FillId(f"f{at}-{symbol}")
        self._charges.append(FundingCharge(id=name, symbol=symbol, amount=amount, rate=rate, at=at))
