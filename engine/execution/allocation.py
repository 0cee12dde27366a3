"""Owns who gets what of a quantity: shares of an order's baskets, pro rata, in whole steps, exact in the sum.

Pure. What a basket got before is never taken back, and no basket ever gets more than its part of the order. Fills go
on as facts, one per basket.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_FLOOR, Decimal

from engine.domain.facts import FillRecorded
from engine.domain.order import Allocation, Fill, Order
from engine.domain.portfolio import ZERO, exact_sum
from engine.domain.units import BasketName

_FEE_STEP = Decimal("1E-12")


def shares(
    parts: Sequence[Allocation], given: Mapping[BasketName, Decimal], quantity: Decimal, step: Decimal
) -> tuple[Allocation, ...]:
    """Return how `quantity` more is shared by `parts`, of which `given` was handed out before.

    Each basket is brought as near to its part of all that is handed out as whole steps allow; the steps left go to
    those that are furthest behind. Raises ValueError where the parts cannot take so much.
    """
    total = exact_sum(part.quantity for part in parts)
    after = exact_sum([quantity, *(given.get(part.basket, ZERO) for part in parts)])
    if quantity <= 0 or after > total:
        raise ValueError(f"{quantity} of an order of {total} cannot be shared: it would make {after}")
    due = [part.quantity * after / total - given.get(part.basket, ZERO) for part in parts]
    room = [part.quantity - given.get(part.basket, ZERO) for part in parts]
    got = [max(ZERO, (each / step).to_integral_value(ROUND_FLOOR) * step) for each in due]
    places = range(len(parts))
    left = quantity - exact_sum(got)
    while left > 0:
        place = max((k for k in places if got[k] < room[k]), key=lambda k: due[k] - got[k])
        more = min(left, step, room[place] - got[place])
        got[place], left = got[place] + more, left - more
    while left < 0:  # somebody stands above his part already: those that would catch up wait a step
        place = min((k for k in places if got[k] > 0), key=lambda k: due[k] - got[k])
        less = min(-left, step, got[place])
        got[place], left = got[place] - less, left + less
    return tuple(replace(part, quantity=each) for part, each in zip(parts, got, strict=True) if each > 0)


def allocate_fill(
    order: Order, fill: Fill, given: Mapping[BasketName, Decimal], step: Decimal
) -> tuple[FillRecorded, ...]:
    """Return one fact per basket that shares in a fill; the fees follow the quantities, exact in the sum."""
    facts: list[FillRecorded] = []
    parts = shares(order.allocations, given, fill.quantity, step)
    fee_left, kind_left = fill.fee, fill.fee_in_kind
    for part in parts:
        fee, kind = fee_left, kind_left
        if part is not parts[-1]:
            kind = (fill.fee_in_kind * part.quantity / fill.quantity).quantize(_FEE_STEP)
            fee = kind * fill.price if kind else (fill.fee * part.quantity / fill.quantity).quantize(_FEE_STEP)
        fee_left, kind_left = exact_sum((fee_left, -fee)), exact_sum((kind_left, -kind))
        facts.append(
            FillRecorded(
                at=fill.at,
                fill_id=fill.fill_id,
                client_order_id=order.client_order_id,
                proposal=part.proposal,
                basket=part.basket,
                asset=order.asset,
                symbol=order.symbol,
                side=fill.side,
                quantity=part.quantity,
                price=fill.price,
                fee=fee,
                fee_in_kind=kind,
                elsewhere=fill.elsewhere,
            )
        )
    return tuple(facts)
