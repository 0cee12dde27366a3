"""Owns the proof of what became of an order: who is looked up, how often, and when "not there" is believed.

A venue may say "no such order" of one that it took a moment ago. So one answer proves nothing: the order must stay
absent for longer than a request can be on its way, counted from the last moment at which it may have left. Never sends.
"""

from decimal import Decimal

from engine.core.inputs import Stamp
from engine.core.outcome import LookUpOrder, Outcome
from engine.core.state import EngineState
from engine.domain.config import Mode
from engine.domain.facts import OrderReported
from engine.domain.order import OrderState
from engine.domain.portfolio import ZERO
from engine.domain.units import ClientOrderId, Ms
from engine.execution.orders import OrderTrack

LOOK_UP_EVERY_S = 5.0  # at an order whose outcome is not known
ABSENT_FOR_S = 12.0  # venues refuse a request that is older than 5 s; the rest is for their own books to catch up


def report(
    at: Ms,
    name: ClientOrderId,
    state: OrderState,
    why: str,
    *,
    filled: Decimal = ZERO,
    average: Decimal | None = None,
) -> OrderReported:
    """Return what the engine itself finds out about an order, as a fact."""
    return OrderReported(
        at=at,
        client_order_id=name,
        venue_order_id=None,
        state=state,
        filled=filled,
        average_price=average,
        note=why,
    )


def look_up_old(state: EngineState, stamp: Stamp, out: Outcome) -> None:
    """Once per start: ask the venue about everything that was not over, before anything is sent."""
    if state.attempt.looked_up:
        return
    state.attempt.looked_up = True
    for track in state.trading.orders.unsettled():
        name = track.order.client_order_id
        state.attempt.recovering.add(name)
        state.attempt.looked[name] = stamp.monotonic
        out.effects.append(LookUpOrder(client_order_id=name, symbol=track.order.symbol))


def look_up_again(state: EngineState, stamp: Stamp, track: OrderTrack, out: Outcome) -> None:
    """Ask again and again about an order whose outcome is not known: an answer may have got lost, too."""
    attempt, name = state.attempt, track.order.client_order_id
    if track.state is not OrderState.UNKNOWN and name not in attempt.recovering:
        return
    if stamp.monotonic - attempt.looked.setdefault(name, stamp.monotonic) >= LOOK_UP_EVERY_S:
        attempt.looked[name] = stamp.monotonic
        out.effects.append(LookUpOrder(client_order_id=name, symbol=track.order.symbol))


def proven_absent(state: EngineState, stamp: Stamp, name: ClientOrderId) -> OrderReported | None:
    """Take in that the venue does not know an order; return its end once that is proven, None until then.

    An intent of an earlier life that is proven absent never left: nothing is reported, and it may be sent.
    """
    attempt = state.attempt
    track = state.trading.orders.get(name)
    if track is None or track.state.over:
        return None
    first = attempt.absent.setdefault(name, stamp.monotonic)
    if first < attempt.lost.get(name, first):  # it may have left after it was first looked for
        first = attempt.absent[name] = stamp.monotonic
    if stamp.monotonic - first < absent_for_s(state):
        return None
    attempt.recovering.discard(name)
    attempt.absent.pop(name, None)
    if track.state is OrderState.INTENT and not track.fills:
        return None
    return _ended_there(stamp.market_ms, track)


def absent_for_s(state: EngineState) -> float:
    """Return how long an order must stay unknown to the venue to be believed: paper answers are exact."""
    return 0.0 if state.config.venue.mode is Mode.PAPER else ABSENT_FOR_S


def _ended_there(at: Ms, track: OrderTrack) -> OrderReported:
    """Return the end of an order that did leave and that the venue does not know any more: what is booked is all."""
    name = track.order.client_order_id
    if track.booked < track.order.quantity:
        return report(at, name, OrderState.CANCELED, "the venue does not know it")
    why = "by its executions: the venue does not know it any more"
    return report(at, name, OrderState.FILLED, why, filled=track.booked, average=track.booked_price)
