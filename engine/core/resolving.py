"""Owns the answer of a person about an order whose outcome the venue's answers do not prove.

What the person says is booked as an execution by hand; executions that the venue tells later fill what is left of the
order's quantity and no more. Never touches an order that is not UNKNOWN.
"""

from decimal import Decimal

from engine.core.lookups import report
from engine.core.outcome import Outcome
from engine.core.record import record
from engine.core.settlement import booked
from engine.core.state import EngineState
from engine.domain.commands import ResolveOrder
from engine.domain.errors import RefusedError
from engine.domain.facts import Actor
from engine.domain.order import Fill, OrderState
from engine.domain.portfolio import ZERO
from engine.domain.units import FillId, Ms
from engine.execution.orders import OrderTrack


def resolve(state: EngineState, at: Ms, command: ResolveOrder, actor: Actor, out: Outcome) -> None:
    """End an order of unknown outcome as the person says. Raises RefusedError."""
    track = state.trading.orders.get(command.id)
    if track is None or track.state is not OrderState.UNKNOWN:
        names = ", ".join(each.order.client_order_id for each in state.trading.orders.unknown()) or "none"
        found = "there is no such order" if track is None else f"it is {track.state}"
        raise RefusedError(f"order {command.id} cannot be resolved by hand: {found}; of unknown outcome: {names}")
    _refuse_impossible(track, command)
    order, more = track.order, command.filled - track.booked
    whole = command.filled == order.quantity
    said = f"resolved by {actor.who} ({actor.terminal})" + (f": {command.note}" if command.note else "")
    became = OrderState.FILLED if whole else OrderState.CANCELED
    average = _average(track, more, command.price)
    record(state, out, report(at, order.client_order_id, became, said, filled=command.filled, average=average))
    if more and command.price is not None:
        fill = Fill(
            fill_id=FillId(f"hand-{order.client_order_id}"),
            client_order_id=order.client_order_id,
            symbol=order.symbol,
            side=order.side,
            quantity=more,
            price=command.price,
            fee=ZERO,
            at=at,
        )
        record(state, out, *booked(state, fill))
    state.attempt.recovering.discard(order.client_order_id)
    state.attempt.absent.pop(order.client_order_id, None)


def _refuse_impossible(track: OrderTrack, command: ResolveOrder) -> None:
    order, filled, price = track.order, command.filled, command.price
    if not filled.is_finite() or not track.booked <= filled <= order.quantity:
        raise RefusedError(
            f"{filled} of {order.client_order_id} cannot be filled: {track.booked.normalize():f} is in the books "
            f"already, and {order.quantity.normalize():f} was ordered"
        )
    if filled > track.booked and (price is None or not price.is_finite() or price <= 0):
        raise RefusedError(f"say at which price {order.asset} was filled (--price): it goes into the books")


def _average(track: OrderTrack, more: Decimal, price: Decimal | None) -> Decimal | None:
    """Return the average price of all of it; None where nothing was filled."""
    before = track.booked_price
    if price is None or not more:
        return before
    return (track.booked * (before or ZERO) + more * price) / (track.booked + more)
