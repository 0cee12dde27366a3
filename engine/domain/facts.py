"""Owns the facts in the life of money: deposits, proposals, decisions, orders, fills, fees, funding, adoptions.

Past tense, in market time, never changed. They go to the journal; the portfolio room folds them into books. Amounts
are in the account's currency. An amount that is "paid" left the account where it is positive.
"""

from decimal import Decimal

import msgspec

from engine.domain.order import Order, OrderSide, OrderState
from engine.domain.proposal import Decision, Proposal, ProposalState
from engine.domain.units import (
    Asset,
    BasketName,
    ClientOrderId,
    FillId,
    Ms,
    ProposalId,
    Symbol,
    VenueOrderId,
)


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who acted and from where; `who` is "auto" or "auto_reduce" where the engine decided by itself."""

    who: str
    terminal: str


class ConfigLoaded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The engine read its config; `changes` says in words what differs from the one before."""

    at: Ms
    digest: str
    changes: tuple[str, ...]


class Deposited(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Money came into the account; `venue_id` is the venue's own record of it, where it has one."""

    at: Ms
    amount: Decimal
    note: str
    actor: Actor
    venue_id: str = ""


class Withdrawn(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Money left the account; `venue_id` as for what came in."""

    at: Ms
    amount: Decimal
    note: str
    actor: Actor
    venue_id: str = ""


class PositionAdopted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A quantity that the account held already was given to a basket; signed, negative is short."""

    at: Ms
    basket: BasketName
    asset: Asset
    symbol: Symbol
    quantity: Decimal
    price: Decimal
    note: str
    actor: Actor


class FillRecorded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A basket's part of one execution. `fill_id` is the venue's and may come once per basket.

    `fee_in_kind` is what the venue kept back of the traded coin: so much less is held, and `fee` is what it was worth.
    `elsewhere` is what the whole execution cost in a coin that these books do not hold, where the venue took it there.
    """

    at: Ms
    fill_id: FillId
    client_order_id: ClientOrderId
    proposal: ProposalId
    basket: BasketName
    asset: Asset
    symbol: Symbol
    side: OrderSide
    quantity: Decimal
    price: Decimal
    fee: Decimal
    fee_in_kind: Decimal = Decimal(0)
    elsewhere: str = ""


class FeeCharged(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A fee that belongs to no fill: liquidation, conversion."""

    at: Ms
    basket: BasketName
    amount: Decimal
    note: str


class FundingPaid(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A position of a basket paid funding (or received it: a negative amount)."""

    at: Ms
    basket: BasketName
    asset: Asset
    symbol: Symbol
    amount: Decimal
    rate: float


class InterestPaid(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Interest on borrowed money or coins was charged to a basket."""

    at: Ms
    basket: BasketName
    amount: Decimal
    note: str


class ProposalDrafted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A proposal waits for a decision; the one it supersedes is over with this."""

    at: Ms
    proposal: Proposal


class ProposalDecided(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Somebody decided on exactly these numbers (`hash`)."""

    at: Ms
    proposal: ProposalId
    basket: BasketName
    hash: str
    decision: Decision
    note: str
    until: Ms | None  # end of a snooze
    actor: Actor


class ProposalEnded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A proposal came to its end: expired, superseded, done, partial or failed."""

    at: Ms
    proposal: ProposalId
    basket: BasketName
    state: ProposalState
    why: str


class OrderIntended(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An order is about to be sent. Durable before the request leaves."""

    at: Ms
    order: Order


class OrderReported(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What is known of an order changed; `filled` is all that is filled so far."""

    at: Ms
    client_order_id: ClientOrderId
    venue_order_id: VenueOrderId | None
    state: OrderState
    filled: Decimal
    average_price: Decimal | None
    note: str
    latency_ms: float = float("nan")  # from the request to this answer, host time


class TradingHalted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """No order leaves from here on."""

    at: Ms
    note: str
    actor: Actor


class TradingResumed(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Orders may leave again."""

    at: Ms
    note: str
    actor: Actor


class ForeignCounted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What the account holds of a symbol that belongs to no basket; signed, in the place of the count before."""

    at: Ms
    symbol: Symbol
    quantity: Decimal
    why: str
    actor: Actor


class SymbolFrozen(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The venue holds something else of a symbol than the books: nothing is sent on it until that is settled."""

    at: Ms
    asset: Asset
    symbol: Symbol
    venue: Decimal
    books: Decimal
    foreign: Decimal


class SymbolReleased(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Books and venue agree on a symbol again."""

    at: Ms
    asset: Asset
    symbol: Symbol
    why: str
    actor: Actor


class AccountValued(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What the account was worth at a check: the equity curve. `partial` where a position had no price."""

    at: Ms
    equity: Decimal
    paid_in: Decimal
    gross: Decimal
    net: Decimal
    partial: bool


BookFact = (
    Deposited | Withdrawn | PositionAdopted | FillRecorded | FeeCharged | FundingPaid | InterestPaid
)  # what the ledger folds

OrderFact = OrderIntended | OrderReported
ProposalFact = ProposalDrafted | ProposalDecided | ProposalEnded
ReconcileFact = ForeignCounted | SymbolFrozen | SymbolReleased
TradeFact = (
    BookFact | ProposalFact | OrderFact | ReconcileFact | TradingHalted | TradingResumed | AccountValued
)  # money's whole state

Fact = ConfigLoaded | TradeFact
