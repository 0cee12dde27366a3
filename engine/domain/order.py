"""Owns orders and fills as the engine speaks of them: sides, states, the parts of an order that belong to baskets.

Plain values; the transitions of a state are the execution room's, the books that fills make are the portfolio's.
Quantities here are positive, the side carries the sign, and prices are in the quote currency.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from engine.domain.units import Asset, BasketName, ClientOrderId, FillId, Ms, ProposalId, Symbol, VenueOrderId

LIQUIDATION = ClientOrderId("liquidation")  # of an execution that the venue forced


class OrderSide(StrEnum):
    """Which way an order trades."""

    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """Return +1 for a buy, -1 for a sale."""
        return 1 if self is OrderSide.BUY else -1


class OrderState(StrEnum):
    """Where an order stands; `unknown` blocks its symbol until it is resolved (DESIGN 5)."""

    INTENT = "intent"
    SENT = "sent"
    OPEN = "open"
    PARTIAL = "partial"
    FILLED = "filled"
    CANCELED = "canceled"
    REJECTED = "rejected"
    UNKNOWN = "unknown"

    @property
    def over(self) -> bool:
        """Return True where nothing more can happen to the order."""
        return self in (OrderState.FILLED, OrderState.CANCELED, OrderState.REJECTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """The part of an order, or of a fill, that belongs to one basket's proposal."""

    basket: BasketName
    proposal: ProposalId
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order as it is intended: `price` is what it was planned at, `limit` is None for a market order.

    Allocations sum to `quantity`; `reduce_only` is judged on the venue's net position. `continues` names the order
    whose rest this one takes.
    """

    client_order_id: ClientOrderId
    asset: Asset
    symbol: Symbol
    side: OrderSide
    quantity: Decimal
    price: Decimal
    limit: Decimal | None
    reduce_only: bool
    allocations: tuple[Allocation, ...]
    continues: ClientOrderId | None = None

    @property
    def notional(self) -> Decimal:
        """Return its size in money, at the price it was planned at."""
        return self.quantity * self.price


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """One execution as the venue tells it, before it is given to baskets; `fee` is negative for a rebate.

    `fee_in_kind` is what the venue kept back of the traded coin itself, as on spot: a buy leaves so much less than it
    executed, and `fee` is what that was worth at this price. `elsewhere` is a fee that another coin paid, which these
    books do not hold: "0.00012 BNB".
    """

    fill_id: FillId
    client_order_id: ClientOrderId
    symbol: Symbol
    side: OrderSide
    quantity: Decimal
    price: Decimal
    fee: Decimal
    at: Ms
    fee_in_kind: Decimal = Decimal(0)
    elsewhere: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAnswer:
    """What a venue says of an order; `filled` is all that is filled so far."""

    client_order_id: ClientOrderId
    venue_order_id: VenueOrderId | None
    state: OrderState
    filled: Decimal
    average_price: Decimal | None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VenuePosition:
    """The venue's net position, or on spot the balance of a coin.

    `entry` is None where the venue keeps none, `margin` where it shares the account's, and `liquidation` where there is
    none.
    """

    symbol: Symbol
    quantity: Decimal
    entry: Decimal | None
    margin: Decimal | None
    liquidation: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CashMovement:
    """Money that came in (above zero) or went out without a trade: transfers, interest, other fees."""

    id: str
    amount: Decimal
    what: str
    at: Ms


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingCharge:
    """Funding as the venue charged it on a net position; negative where it was received."""

    id: FillId
    symbol: Symbol
    amount: Decimal
    rate: float
    at: Ms


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountNews:
    """What a venue's private stream spoke of: a reason to ask, and no proof of anything."""

    orders: frozenset[ClientOrderId] = frozenset()
    fills: frozenset[FillId] = frozenset()
