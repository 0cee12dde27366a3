"""Owns where every order stands: a fold of intents, reports and fills, with its transitions as a table.

Never sends and never guesses: an order whose outcome is unknown blocks its symbol until a report resolves it. A
report that comes late or twice moves nothing backwards.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice

from engine.domain.facts import FillRecorded, OrderIntended, OrderReported
from engine.domain.order import Order, OrderState
from engine.domain.portfolio import ZERO, exact_sum
from engine.domain.units import BasketName, ClientOrderId, Ms, ProposalId, Symbol, VenueOrderId

S = OrderState

# Where an order may go from where it is. UNKNOWN is left by what a lookup finds; what is over stays over.
TRANSITIONS: dict[OrderState, frozenset[OrderState]] = {
    S.INTENT: frozenset({S.SENT, S.OPEN, S.PARTIAL, S.FILLED, S.CANCELED, S.REJECTED, S.UNKNOWN}),
    S.SENT: frozenset({S.OPEN, S.PARTIAL, S.FILLED, S.CANCELED, S.REJECTED, S.UNKNOWN}),
    S.OPEN: frozenset({S.PARTIAL, S.FILLED, S.CANCELED, S.REJECTED, S.UNKNOWN}),
    S.PARTIAL: frozenset({S.PARTIAL, S.FILLED, S.CANCELED, S.UNKNOWN}),
    S.UNKNOWN: frozenset({S.SENT, S.OPEN, S.PARTIAL, S.FILLED, S.CANCELED, S.REJECTED}),
    S.FILLED: frozenset(),
    S.CANCELED: frozenset(),
    S.REJECTED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTrack:
    """An order and all that is known of it; `fills` are the parts of fills that are in the books."""

    order: Order
    state: OrderState
    intended_at: Ms
    updated_at: Ms
    venue_order_id: VenueOrderId | None = None
    filled: Decimal = ZERO
    average_price: Decimal | None = None
    note: str = ""
    latency_ms: float = math.nan  # of the first answer
    fills: tuple[FillRecorded, ...] = ()

    @property
    def given(self) -> dict[BasketName, Decimal]:
        """Return what each basket got so far."""
        found: dict[BasketName, Decimal] = {}
        for fill in self.fills:
            found[fill.basket] = found.get(fill.basket, ZERO) + fill.quantity
        return found

    @property
    def booked(self) -> Decimal:
        """Return how much of it is in the books; less than `filled` where fills are still to be fetched."""
        return exact_sum(fill.quantity for fill in self.fills)

    @property
    def booked_price(self) -> Decimal | None:
        """Return the average price of what is in the books; None where nothing is."""
        paid = exact_sum(fill.quantity * fill.price for fill in self.fills)
        return paid / self.booked if self.fills else None

    @property
    def slippage_bps(self) -> float:
        """Return how much worse than planned it was filled; NaN where nothing is."""
        if self.average_price is None:
            return math.nan
        return float((self.average_price / self.order.price - 1) * self.order.side.sign * 10_000)

    @property
    def settled(self) -> bool:
        """Return True where nothing more can happen: it is over and all its fills are booked."""
        return self.state.over and self.booked >= self.filled


class Orders:
    """All orders of this journal."""

    def __init__(self, facts: Iterable[OrderIntended | OrderReported | FillRecorded] = ()) -> None:
        self._tracks: dict[ClientOrderId, OrderTrack] = {}
        self._unsettled: dict[ClientOrderId, None] = {}  # in order of intent
        self._of: dict[ProposalId, list[ClientOrderId]] = {}
        self._continued: set[ClientOrderId] = set()
        for fact in facts:
            self.apply(fact)

    def apply(self, fact: OrderIntended | OrderReported | FillRecorded) -> bool:
        """Take in a fact; return whether it changed anything. A stranger's report changes nothing."""
        match fact:
            case OrderIntended(order=order):
                return self._intend(order, fact.at)
            case OrderReported():
                after = self._reported(fact)
            case FillRecorded():
                after = self._filled(fact)
        if after is None:
            return False
        self._put(after)
        return True

    def news(self, fact: OrderReported) -> bool:
        """Return whether this report would change anything: what says nothing new is not journaled."""
        return self._reported(fact) is not None

    def get(self, client_order_id: ClientOrderId) -> OrderTrack | None:
        """Return an order, None where it is not ours."""
        return self._tracks.get(client_order_id)

    def all(self) -> tuple[OrderTrack, ...]:
        """Return all orders in order of intent."""
        return tuple(self._tracks.values())

    def newest(self, count: int) -> tuple[OrderTrack, ...]:
        """Return the last orders, newest first."""
        return tuple(islice(reversed(self._tracks.values()), count))

    def of(self, proposal: ProposalId) -> tuple[OrderTrack, ...]:
        """Return the orders of a proposal, in the order they were planned."""
        return tuple(self._tracks[name] for name in self._of.get(proposal, ()))

    def continued(self, track: OrderTrack) -> bool:
        """Return True where another order took the rest of this one."""
        return track.order.client_order_id in self._continued

    def unsettled(self) -> tuple[OrderTrack, ...]:
        """Return what has to be looked up at a start: everything that is not over, or not booked."""
        return tuple(self._tracks[name] for name in self._unsettled)

    def blocked(self) -> frozenset[Symbol]:
        """Return the symbols on which nothing may be sent: an order there has an unknown outcome."""
        return frozenset(track.order.symbol for track in self.unknown())

    def unknown(self) -> tuple[OrderTrack, ...]:
        """Return the orders of which it is not known what became."""
        return tuple(track for track in self.unsettled() if track.state is S.UNKNOWN)

    def _intend(self, order: Order, at: Ms) -> bool:
        if order.client_order_id in self._tracks:
            return False
        self._put(OrderTrack(order=order, state=S.INTENT, intended_at=at, updated_at=at))
        if order.continues is not None:
            self._continued.add(order.continues)
        for part in order.allocations:
            self._of.setdefault(part.proposal, []).append(order.client_order_id)
        return True

    def _put(self, track: OrderTrack) -> None:
        name = track.order.client_order_id
        self._tracks[name] = track
        if track.settled:
            self._unsettled.pop(name, None)
        else:
            self._unsettled.setdefault(name)

    def _reported(self, fact: OrderReported) -> OrderTrack | None:
        track = self._tracks.get(fact.client_order_id)
        if track is None or fact.state not in TRANSITIONS[track.state]:
            return None
        if fact.state is track.state and fact.filled <= track.filled:
            return None
        return replace(
            track,
            state=fact.state,
            updated_at=fact.at,
            venue_order_id=fact.venue_order_id or track.venue_order_id,
            filled=max(track.filled, fact.filled),
            average_price=fact.average_price if fact.average_price is not None else track.average_price,
            note=fact.note,
            latency_ms=fact.latency_ms if math.isnan(track.latency_ms) else track.latency_ms,
        )

    def _filled(self, fact: FillRecorded) -> OrderTrack | None:
        track = self._tracks.get(fact.client_order_id)
        if track is None:
            return None
        if any((known.fill_id, known.basket) == (fact.fill_id, fact.basket) for known in track.fills):
            return None
        fills = (*track.fills, fact)
        booked = exact_sum(fill.quantity for fill in fills)
        after = replace(track, fills=fills, filled=max(track.filled, booked), updated_at=fact.at)
        if track.state is not S.UNKNOWN or booked < track.order.quantity:
            return after
        return replace(after, state=S.FILLED, average_price=after.booked_price, note="known by its executions")
