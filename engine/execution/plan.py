"""Owns the orders of approved proposals: legs of several baskets netted, reductions first, split where they must be.

Pure and deterministic: the same proposals on the same positions give the same orders with the same ids, so that a
restart finds what was sent. Never sends. Orders are journaled as intents, then go to the broker.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_DOWN, Decimal

from engine.domain.facts import FillRecorded
from engine.domain.order import Allocation, Order, OrderSide
from engine.domain.portfolio import ZERO, exact_sum
from engine.domain.proposal import Proposal, ProposalLeg
from engine.domain.units import Asset, BasketName, ClientOrderId, FillId, Ms, Symbol
from engine.execution.allocation import shares

_DIGITS = "0123456789abcdefghijklmnopqrstuv"  # base 32: ids of lowercase letters and digits suit every venue
_ID_LENGTH = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """What one basket sells and another buys at the same moment: booked on both, never sent."""

    id: FillId
    asset: Asset
    symbol: Symbol
    price: Decimal
    seller: Allocation
    buyer: Allocation

    def facts(self, at: Ms) -> tuple[FillRecorded, FillRecorded]:
        """Return the two fills of it; they cost no fee."""
        return self._fill(at, self.seller, OrderSide.SELL), self._fill(at, self.buyer, OrderSide.BUY)

    def _fill(self, at: Ms, part: Allocation, side: OrderSide) -> FillRecorded:
        return FillRecorded(
            at=at,
            fill_id=self.id,
            client_order_id=ClientOrderId(""),
            proposal=part.proposal,
            basket=part.basket,
            asset=self.asset,
            symbol=self.symbol,
            side=side,
            quantity=part.quantity,
            price=self.price,
            fee=ZERO,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlan:
    """What goes out, in this order, and what is settled between baskets."""

    orders: tuple[Order, ...]
    crossings: tuple[Crossing, ...]


def client_order_id(proposals: Sequence[Proposal], place: int, attempt: int) -> ClientOrderId:
    """Return the id of an order: a pure function of the proposals as decided, the order's place, and the attempt.

    The proposals' hashes and times are in it, so that another account that counts from 1 again gives other ids.
    """
    return ClientOrderId(_digest("dd", proposals, place, attempt))


def plan_orders(
    proposals: Sequence[Proposal],
    net: Mapping[Symbol, Decimal],
    *,
    steps: Mapping[Symbol, Decimal],
    max_notional: Decimal,
    attempt: int = 0,
) -> OrderPlan:
    """Return the orders that execute these proposals together. Their intents go to the journal in one batch.

    `net` is the venue's position per symbol, `steps` the quantity step. Opposite legs of two baskets cross without an
    order; what is left of a symbol is one trade, split where it takes the net position through zero (the closing part
    is reduce-only) and where it is larger than `max_notional`. Reductions go first, the largest first.
    """
    orders: list[Order] = []
    crossings: list[Crossing] = []
    legs: dict[Symbol, list[tuple[Proposal, ProposalLeg]]] = {}
    for proposal in proposals:
        for leg in proposal.legs:
            legs.setdefault(leg.symbol, []).append((proposal, leg))
    for symbol, entries in legs.items():
        buys, sells = _parts(entries, OrderSide.BUY), _parts(entries, OrderSide.SELL)
        leg = entries[0][1]
        for seller, buyer in _cross(sells, buys):
            name = FillId(_digest("x", proposals, len(crossings), attempt))
            crossings.append(
                Crossing(id=name, asset=leg.asset, symbol=symbol, price=leg.price, seller=seller, buyer=buyer)
            )
        side, parts = (OrderSide.BUY, buys) if buys else (OrderSide.SELL, sells)
        if parts:
            orders += _split(leg, side, tuple(parts.values()), net.get(symbol, ZERO), steps[symbol], max_notional)
    orders.sort(key=lambda order: (not order.reduce_only, -order.notional, order.symbol))
    named = (replace(o, client_order_id=client_order_id(proposals, k, attempt)) for k, o in enumerate(orders))
    return OrderPlan(orders=tuple(named), crossings=tuple(crossings))


def _digest(prefix: str, proposals: Sequence[Proposal], place: int, attempt: int) -> str:
    parts = [f"{each.id}/{each.hash}/{each.created_at}" for each in proposals]
    seed = "|".join([prefix, *parts, str(place), str(attempt)])
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:16], "big")
    digits = []
    for _ in range(_ID_LENGTH):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return prefix + "".join(digits)


def _parts(entries: Iterable[tuple[Proposal, ProposalLeg]], side: OrderSide) -> dict[BasketName, Allocation]:
    """Return what each basket wants on one side; the two legs of a crossing of zero are one part."""
    found: dict[BasketName, Allocation] = {}
    for proposal, leg in entries:
        if leg.side is side:
            name = proposal.basket
            before = found[name].quantity if name in found else ZERO
            found[name] = Allocation(basket=name, proposal=proposal.id, quantity=before + leg.quantity)
    return found


def _cross(
    sells: dict[BasketName, Allocation], buys: dict[BasketName, Allocation]
) -> list[tuple[Allocation, Allocation]]:
    """Match sellers with buyers, first come first served; what is matched is taken out of both."""
    found = []
    for seller in list(sells):
        for buyer in list(buys):
            if seller not in sells:
                break
            quantity = min(sells[seller].quantity, buys[buyer].quantity)
            found.append((replace(sells[seller], quantity=quantity), replace(buys[buyer], quantity=quantity)))
            for name, side in ((seller, sells), (buyer, buys)):
                left = side[name].quantity - quantity
                if left:
                    side[name] = replace(side[name], quantity=left)
                else:
                    del side[name]
    return found


def _split(
    leg: ProposalLeg,
    side: OrderSide,
    parts: tuple[Allocation, ...],
    net: Decimal,
    step: Decimal,
    max_notional: Decimal,
) -> list[Order]:
    """Split a trade at zero of the net position and into pieces of at most `max_notional`."""
    total = exact_sum(part.quantity for part in parts)
    closing = min(abs(net), total) if net * side.sign < 0 else ZERO
    most = max((max_notional / leg.price / step).to_integral_value(ROUND_DOWN), Decimal(1)) * step
    given = dict.fromkeys((part.basket for part in parts), ZERO)
    orders = []
    for left, reduces in ((closing, True), (total - closing, False)):
        rest = left
        while rest > 0:  # in pieces as equal as steps allow: a small last one might be below the smallest order
            pieces = (rest / most).to_integral_value(ROUND_CEILING)
            quantity = min(rest, (rest / pieces / step).to_integral_value(ROUND_CEILING) * step)
            mine = shares(parts, given, quantity, step)
            for part in mine:
                given[part.basket] += part.quantity
            orders.append(
                Order(
                    client_order_id=ClientOrderId(""),
                    asset=leg.asset,
                    symbol=leg.symbol,
                    side=side,
                    quantity=quantity,
                    price=leg.price,
                    limit=None,
                    reduce_only=reduces,
                    allocations=mine,
                )
            )
            rest -= quantity
    return orders
