"""Owns what a step brings: facts, effects, changed sections, and the refusal of a request."""

from dataclasses import dataclass, field
from decimal import Decimal

from engine.domain.events import Event
from engine.domain.market import Bar
from engine.domain.notice import Notice
from engine.domain.order import Order
from engine.domain.units import ClientOrderId, ProposalId, Symbol
from engine.domain.views import Section


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreBars:
    """Effect: keep these closed bars."""

    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOrder:
    """Effect: send this order, once; its intent is durable before it leaves."""

    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder:
    """Effect: ask the venue to end this order."""

    client_order_id: ClientOrderId
    symbol: Symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUpOrder:
    """Effect: ask the venue what it knows of this order."""

    client_order_id: ClientOrderId
    symbol: Symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class MovePaperMoney:
    """Effect: the paper account gains money, or a position that was adopted (quantity signed, at a price)."""

    amount: Decimal = Decimal(0)
    symbol: Symbol | None = None
    quantity: Decimal = Decimal(0)
    price: Decimal = Decimal(0)


TradeEffect = PlaceOrder | CancelOrder | LookUpOrder | MovePaperMoney
Effect = StoreBars | TradeEffect


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a step brought; `refusal` is why a request was not done, empty where it was or none was made.

    `made` are the ids of the proposals it drafted; `notices` is what to tell a person who does not look.
    """

    events: tuple[Event, ...] = ()
    effects: tuple[Effect, ...] = ()
    changed: frozenset[Section] = frozenset()
    refusal: str = ""
    made: tuple[ProposalId, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(slots=True)
class Outcome:
    """A result in the making."""

    events: list[Event] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    changed: set[Section] = field(default_factory=set)
    effects: list[TradeEffect] = field(default_factory=list)
    made: list[ProposalId] = field(default_factory=list)
    notices: tuple[Notice, ...] = ()
    refusal: str = ""

    def result(self) -> Result:
        """Return it whole."""
        bars = (StoreBars(bars=tuple(self.bars)),) if self.bars else ()
        return Result(
            events=tuple(self.events),
            effects=(*bars, *self.effects),
            changed=frozenset(self.changed),
            refusal=self.refusal,
            made=tuple(self.made),
            notices=self.notices,
        )
