"""Owns what a screen sees of money: proposals, orders, fills, positions.

Frozen values like those of `views`; amounts that were agreed on are Decimals as they were journaled, so that what is
shown is what is executed. Made by the core's views, shown by the cockpit and the command line.
"""

from dataclasses import dataclass
from decimal import Decimal

from engine.domain.order import OrderSide, OrderState
from engine.domain.proposal import Proposal, ProposalState
from engine.domain.units import Asset, BasketName, ClientOrderId, FillId, Ms, ProposalId, Symbol, VenueOrderId

NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """One order. An order may serve several baskets; `slippage_bps` is against the planned price, positive is worse."""

    client_order_id: ClientOrderId
    venue_order_id: VenueOrderId | None
    proposals: tuple[ProposalId, ...]
    baskets: tuple[BasketName, ...]
    asset: Asset
    symbol: Symbol
    side: OrderSide
    quantity: Decimal
    price: Decimal  # as planned
    filled: Decimal
    average_price: Decimal | None
    state: OrderState
    reduce_only: bool
    latency_ms: float
    slippage_bps: float
    updated_ms: Ms
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FillView:
    """One basket's part of an execution."""

    at_ms: Ms
    fill_id: FillId
    proposal: ProposalId
    basket: BasketName
    asset: Asset
    side: OrderSide
    quantity: Decimal
    price: Decimal
    fee: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionView:
    """A net position as the venue has it, and how the books share it; `mark` is None without a price."""

    asset: Asset
    symbol: Symbol
    quantity: Decimal
    average_price: Decimal
    mark: Decimal | None
    value: Decimal
    unrealized: Decimal
    liquidation_distance: float
    baskets: tuple[tuple[BasketName, Decimal], ...]
    foreign: Decimal = Decimal(0)  # what of it belongs to no basket
    frozen: str = ""  # why nothing is sent on it, empty where it may be traded


@dataclass(frozen=True, slots=True, kw_only=True)
class BlotterView:
    """Orders and fills, newest first (the last ones), open positions, and the equity at past checks, oldest first."""

    orders: tuple[OrderView, ...] = ()
    fills: tuple[FillView, ...] = ()
    positions: tuple[PositionView, ...] = ()
    equity: tuple[tuple[Ms, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalView:
    """A proposal as it stands. `left_s` is host time until it expires, NaN unless it can still be approved.

    `refusal` says why it could not be approved right now (a stale price, a halt), empty where it could. `ended_why`
    is said when it is over. `orders` is its execution, in the order in which they go out.
    """

    proposal: Proposal
    state: ProposalState
    left_s: float = NAN
    refusal: str = ""
    decided_by: str = ""
    decided_ms: Ms | None = None
    note: str = ""
    snoozed_until_ms: Ms | None = None
    ended_ms: Ms | None = None
    ended_why: str = ""
    orders: tuple[OrderView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalsView:
    """What waits for a decision, the most urgent first; what is under way or over, newest first."""

    pending: tuple[ProposalView, ...] = ()
    recent: tuple[ProposalView, ...] = ()
