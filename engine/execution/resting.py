"""Owns orders that rest at the touch before they cross (`limits.style = "limit_then_cross"`): both prices, and the id.

Pure: says what the limit is, and which order takes the rest of one that was taken back. When that happens is the
core's business. A crossing order never pays more than the slippage cap allows.
"""

import hashlib
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from engine.domain.market import Instrument, Quote
from engine.domain.order import Allocation, Order, OrderSide
from engine.domain.portfolio import ZERO, exact_sum
from engine.domain.units import ClientOrderId
from engine.execution.orders import OrderTrack

LIMIT_THEN_CROSS = "limit_then_cross"
REST_S = 20.0  # host seconds at the touch
_BPS = Decimal("0.0001")


def at_the_touch(order: Order, quote: Quote | None, instrument: Instrument) -> Order:
    """Return the order as it joins its own side of the book; without a two-sided quote it is left as it is."""
    if quote is None or quote.bid is None or quote.ask is None:
        return order
    touch = quote.bid if order.side is OrderSide.BUY else quote.ask
    return replace(order, limit=_on_tick(touch, instrument.price_step, order.side))


def crossing(track: OrderTrack, instrument: Instrument, max_slippage_bps: float) -> Order | None:
    """Return the order for what is left of one that rested in vain; None where nothing is.

    Its limit is the planned price worsened by the cap, rounded to the trader's side.
    """
    order = track.order
    given = track.given
    left = tuple(
        Allocation(basket=part.basket, proposal=part.proposal, quantity=part.quantity - given.get(part.basket, ZERO))
        for part in order.allocations
    )
    parts = tuple(part for part in left if part.quantity > 0)
    if not parts:
        return None
    cap = Decimal(str(max_slippage_bps)) * _BPS * order.side.sign
    return replace(
        order,
        client_order_id=_next_id(order.client_order_id),
        quantity=exact_sum(part.quantity for part in parts),
        limit=_on_tick(order.price * (1 + cap), instrument.price_step, order.side),
        allocations=parts,
        continues=order.client_order_id,
    )


def _on_tick(price: Decimal, tick: Decimal, side: OrderSide) -> Decimal:
    """Round to the tick on the side that costs less."""
    way = ROUND_FLOOR if side is OrderSide.BUY else ROUND_CEILING
    return max(tick, (price / tick).to_integral_value(way) * tick)


def _next_id(name: ClientOrderId) -> ClientOrderId:
    """Return the id of the next attempt: a pure function of the one before, and so of proposal, leg and attempt."""
    return ClientOrderId("dd" + hashlib.sha256(f"{name}|cross".encode()).hexdigest()[:24])
