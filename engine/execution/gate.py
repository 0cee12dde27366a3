"""Owns the risk gate: the last look at an order before it may leave.

Answers with a sentence and whether waiting may help, or with nothing. Limits are the config's; never sends, never
changes an order.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_UP, Decimal

from engine.domain.config import LimitsConfig
from engine.domain.market import Quote
from engine.domain.order import Order, OrderSide
from engine.domain.units import HOUR_MS, Ms, Symbol

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class GateView:
    """What the gate looks at: host monotonic seconds, the account, orders sent in the last hour, what is blocked."""

    monotonic: float
    equity: Decimal
    gross: Decimal
    free: Decimal  # money that neither positions nor increases on their way need
    sent_last_hour: int
    halted: str
    blocked: AbstractSet[Symbol]
    frozen: AbstractSet[Symbol] = frozenset()
    foreign: Mapping[Symbol, Decimal] = field(default_factory=dict)
    on_hand: Mapping[Symbol, Decimal] | None = None  # spot: what the venue said last of each coin that is held
    leverage: Mapping[Symbol, Decimal] = field(default_factory=dict)  # 1 where none is named
    unlisted: AbstractSet[Symbol] = frozenset()
    unready: str = ""  # why it is too early
    refused: str = ""  # why nothing at all may be sent: a key that only reads, a clock that is off


def sent_within_the_hour(sent: tuple[Ms, ...], now: Ms) -> int:
    """Return how many of these instants lie in the hour before `now`."""
    return sum(now - HOUR_MS < at <= now for at in sent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Why an order may not leave; `passing` where that may pass by itself (a stale price, an order looked up)."""

    why: str
    passing: bool


def blocking(order: Order, quote: Quote | None, view: GateView, limits: LimitsConfig) -> Block | None:
    """Return what keeps this order back, None where it may leave.

    Free margin and limits of gross and of orders per hour stop increases only; a halt, a stale price, a price that ran
    away, an order of unknown outcome on the symbol and an oversized order stop reductions too.
    """
    frozen = f"{order.asset} is frozen: the venue holds something else than the books"
    unknown = f"an order on {order.asset} has an unknown outcome: resolve it first"
    reasons = (
        (view.refused, False),
        (f"trading is halted: {view.halted}" if view.halted else "", False),
        (f"{order.asset} is not listed at the venue" if order.symbol in view.unlisted else "", False),
        (_oversized(order, limits), False),
        (view.unready, True),  # what follows is judged on an account that is not known yet
        ("" if order.reduce_only else _too_much(order, view, limits), False),
        (_others(order, view), False),
        (_short(order, view), False),
        (unknown if order.symbol in view.blocked else "", True),
        (frozen if order.symbol in view.frozen else "", True),
        (_not_there(order, view), True),
        (_price_trouble(order, quote, view, limits), True),
    )
    return next((Block(why=why, passing=passing) for why, passing in reasons if why), None)


def _price_trouble(order: Order, quote: Quote | None, view: GateView, limits: LimitsConfig) -> str:
    asset = order.asset
    if quote is None:
        return f"{asset} has no price"
    age = view.monotonic - quote.received
    if age * 1000 > limits.max_price_age_ms:
        return f"{asset} price is {age:.0f} s old"
    buying = order.side is OrderSide.BUY
    there = (quote.ask if buying else quote.bid) or quote.last
    worse = (there / order.price - 1) * order.side.sign * 10_000
    if worse > Decimal(str(limits.max_slippage_bps)):
        return f"{asset} moved {worse:.0f} bps against the plan, {limits.max_slippage_bps:g} are allowed"
    return ""


def _others(order: Order, view: GateView) -> str:
    """Return why an order would trade what belongs to no basket: it nets against it at the venue."""
    foreign = view.foreign.get(order.symbol, Decimal(0))
    if order.reduce_only or foreign * order.side.sign >= 0:
        return ""
    held = f"{foreign.normalize():f} {order.asset}"
    return f"the account holds {held} that belong to no basket, and this would reduce them: adopt or close them first"


def _short(order: Order, view: GateView) -> str:
    """Return why nothing may be sold that no basket holds."""
    if view.on_hand is None or order.side is OrderSide.BUY or order.reduce_only:
        return ""
    return f"spot cannot be sold short: {order.asset} of no basket would be sold"


def _not_there(order: Order, view: GateView) -> str:
    """Return why a sale waits: the venue has not shown so much of the coin yet."""
    if view.on_hand is None or order.side is OrderSide.BUY:
        return ""
    there = view.on_hand.get(order.symbol, Decimal(0))
    return "" if order.quantity <= there else f"the venue holds {there.normalize():f} {order.asset}, less than is sold"


def _oversized(order: Order, limits: LimitsConfig) -> str:
    if order.notional <= limits.max_order_notional * Decimal("1.0001"):
        return ""
    return f"an order of ${order.notional:,.0f} is above the limit of ${limits.max_order_notional:,.0f}"


def _too_much(order: Order, view: GateView, limits: LimitsConfig) -> str:
    most = view.equity * Decimal(str(limits.max_gross))
    if view.gross + order.notional > most:
        return f"gross would be ${view.gross + order.notional:,.0f}, above {limits.max_gross:g} times equity"
    leverage = view.leverage.get(order.symbol, Decimal(1))
    needed = order.notional / leverage
    if needed > view.free:
        at = f"at leverage {leverage.normalize():f}" if leverage != 1 else "without leverage"
        # rounded against the order, and whatever rounding somebody has set for this thread
        least = needed.quantize(_CENT, ROUND_UP)
        free = max(view.free, Decimal(0)).quantize(_CENT, ROUND_DOWN)
        return f"{order.asset} needs ${least:,} of margin {at} and ${free:,} are free"
    if view.sent_last_hour >= limits.max_orders_per_hour:
        return f"{view.sent_last_hour} orders in the last hour: the limit is {limits.max_orders_per_hour}"
    return ""
