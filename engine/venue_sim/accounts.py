"""Owns what one account has: coins, net positions, leverage, modes, its orders, executions and the log of its money.

`book_fill`, `book_funding` and `book_liquidation` are the only ways money moves by trading; whether an order may be
placed is judged in `order_desk`, what it would cost in margin in `account_margin`. Exact in Decimal.
"""

from collections import deque
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from engine.domain.order import OrderSide
from engine.domain.units import Asset, Ms
from engine.venue_sim.orders import (
    QUOTE,
    ZERO,
    Change,
    Execution,
    ExecutionKind,
    LogEntry,
    Market,
    OrderStatus,
    VenueOrder,
)

USUAL_LEVERAGE = Decimal(10)
_MOST_CHANGES = 20_000
NEVER = Ms(0)


class VenueName(StrEnum):
    """Whose dialect an account speaks."""

    BYBIT = "bybit"
    BINANCE = "binance"


class MarginMode(StrEnum):
    """What stands behind a position."""

    CROSS = "cross"
    ISOLATED = "isolated"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key and what it may do."""

    key: str
    secret: str
    venue: VenueName = VenueName.BYBIT
    read_only: bool = False
    may_trade: bool = True
    may_withdraw: bool = False


@dataclass(slots=True, kw_only=True)
class Position:
    """A net position: signed quantity and average entry; what it made, over its life."""

    asset: Asset
    quantity: Decimal = ZERO
    entry: Decimal = ZERO
    realized: Decimal = ZERO
    created_ms: Ms = NEVER
    updated_ms: Ms = NEVER

    def trade(self, signed: Decimal, price: Decimal) -> tuple[Decimal, Decimal]:
        """Take in a signed quantity; return the profit it realized and the quantity it closed."""
        before = self.quantity
        closed = min(abs(before), abs(signed)) if before * signed < 0 else ZERO
        profit = closed * (price - self.entry) * (1 if before > 0 else -1)
        self.quantity = before + signed
        if not self.quantity:
            self.entry = ZERO
        elif before * self.quantity <= 0:
            self.entry = price
        elif not closed:
            self.entry = (before * self.entry + signed * price) / self.quantity
        self.realized += profit
        return profit, closed


@dataclass(slots=True, kw_only=True)
class Account:
    """One account. On Bybit both markets share one wallet (unified account); Binance keeps two."""

    key: ApiKey
    number: int
    coins: dict[Asset, Decimal]
    spot_coins: dict[Asset, Decimal]
    margin_mode: MarginMode = MarginMode.CROSS
    modes: dict[Asset, MarginMode] = field(default_factory=dict)  # Binance: by symbol
    hedge: bool = False
    leverages: dict[Asset, Decimal] = field(default_factory=dict)
    positions: dict[Asset, Position] = field(default_factory=dict)
    orders: dict[str, VenueOrder] = field(default_factory=dict)
    open: dict[str, VenueOrder] = field(default_factory=dict)
    executions: list[Execution] = field(default_factory=list)
    log: list[LogEntry] = field(default_factory=list)
    changes: deque[Change] = field(default_factory=lambda: deque(maxlen=_MOST_CHANGES))
    changed: int = 0  # how many changes there have been

    def wallet(self, market: Market) -> dict[Asset, Decimal]:
        """Return the coins of a market."""
        return self.coins if market is Market.SWAP else self.spot_coins

    def leverage(self, asset: Asset) -> Decimal:
        """Return the leverage set for a symbol."""
        return self.leverages.get(asset, USUAL_LEVERAGE)

    def mode(self, asset: Asset) -> MarginMode:
        """Return the margin mode of a symbol; Bybit has one for the account."""
        return self.modes.get(asset, self.margin_mode)

    def held(self) -> list[Position]:
        """Return the positions that are not flat."""
        return [each for each in self.positions.values() if each.quantity]

    def position(self, asset: Asset) -> Position:
        """Return the position in `asset`, flat where there is none."""
        return self.positions.setdefault(asset, Position(asset=asset))

    def note(self, order: VenueOrder | None, execution: Execution | None = None) -> None:
        """Remember that something changed, as it stands now, for the private streams."""
        self.changes.append(Change(order=None if order is None else replace(order), execution=execution))
        self.changed += 1

    def changes_since(self, seen: int) -> list[Change]:
        """Return what changed after the first `seen` changes, as far as it is still remembered."""
        new = min(self.changed - seen, len(self.changes))
        return [self.changes[place] for place in range(len(self.changes) - new, len(self.changes))]

    def deposit(self, coin: Asset, amount: Decimal, now: Ms, *, market: Market = Market.SWAP) -> None:
        """Move money in from outside; negative moves it out."""
        kind = "deposit" if amount >= 0 else "withdrawal"
        self._log(kind, coin, market, now, cash=amount)

    def forgive(self, now: Ms) -> None:
        """Let the venue's insurance fund pay what a liquidated wallet owes."""
        owed = -self.coins.get(QUOTE, ZERO)
        if owed > 0:
            self._log("insurance", QUOTE, Market.SWAP, now, cash=owed)

    def book_fill(self, execution: Execution) -> None:
        """Book a fill: coins on spot, profit and fee on swaps; the order's own totals are updated."""
        order = execution.order
        if order is not None:
            order.filled += execution.quantity
            order.cost += execution.quantity * execution.price
            order.fee += execution.fee
            order.updated_ms = execution.at_ms
            order.status = OrderStatus.PARTIAL if order.left else OrderStatus.FILLED
        self.executions.append(execution)
        kind = execution.kind.value
        if execution.market is Market.SWAP:
            self._log(kind, QUOTE, Market.SWAP, execution.at_ms, execution, cash=execution.realized, fee=execution.fee)
        else:
            sign = execution.side.sign
            moves = {execution.asset: sign * execution.quantity, QUOTE: -sign * execution.quantity * execution.price}
            for coin, cash in moves.items():
                fee = execution.fee if coin == execution.fee_coin else ZERO
                self._log(kind, coin, Market.SPOT, execution.at_ms, execution, cash=cash, fee=fee)
        self.note(order, execution)

    def book_funding(self, execution: Execution) -> None:
        """Book a funding payment; its fee is what it cost."""
        self.executions.append(execution)
        self._log(ExecutionKind.FUNDING.value, QUOTE, Market.SWAP, execution.at_ms, execution, funding=-execution.fee)
        self.note(None, execution)

    def close_order(self, order: VenueOrder) -> None:
        """Take an order that is over out of the open ones."""
        self.open.pop(order.order_id, None)

    def locked(self, coin: Asset) -> Decimal:
        """Return what open spot orders hold of a coin."""
        held = ZERO
        for order in self.open.values():
            request = order.request
            if request.market is not Market.SPOT:
                continue
            if request.side is OrderSide.BUY and coin == QUOTE:
                held += order.left * (request.price or ZERO)
            elif request.side is OrderSide.SELL and coin == request.asset:
                held += order.left
        return held

    def _log(
        self,
        kind: str,
        coin: Asset,
        market: Market,
        at: Ms,
        execution: Execution | None = None,
        *,
        cash: Decimal = ZERO,
        funding: Decimal = ZERO,
        fee: Decimal = ZERO,
    ) -> None:
        wallet = self.wallet(market)
        wallet[coin] = wallet.get(coin, ZERO) + cash + funding - fee
        self.log.append(
            LogEntry(
                number=len(self.log) + 1,
                kind=kind,
                coin=coin,
                cash=cash,
                funding=funding,
                fee=fee,
                balance=wallet[coin],
                at_ms=at,
                market=market,
                execution=execution,
            )
        )
