"""Owns the words of the venue's order desk: requests, orders and executions as the exchange itself keeps them.

Plain records. The desk (`order_desk`) and the tick (`market_tick`) change orders, `accounts` books what they execute,
and the dialects write both down in their own names.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from engine.domain.order import OrderSide
from engine.domain.units import Asset, Ms

ZERO = Decimal(0)
QUOTE = Asset("USDT")


class Market(StrEnum):
    """The two markets of an asset."""

    SWAP = "swap"
    SPOT = "spot"


class OrderKind(StrEnum):
    """How an order is priced."""

    MARKET = "market"
    LIMIT = "limit"


class TimeInForce(StrEnum):
    """How long an order waits."""

    GTC = "gtc"
    IOC = "ioc"
    FOK = "fok"
    POST_ONLY = "post-only"


class OrderStatus(StrEnum):
    """Where an order stands at the venue."""

    NEW = "new"
    PARTIAL = "partial"
    FILLED = "filled"
    CANCELED = "canceled"
    REJECTED = "rejected"

    @property
    def open(self) -> bool:
        """Return True where more may happen to the order by itself."""
        return self in (OrderStatus.NEW, OrderStatus.PARTIAL)


class Ending(StrEnum):
    """Why an order was canceled or rejected."""

    NONE = ""
    BY_USER = "by user"
    NOT_FILLED = "not filled"  # an IOC or market order's rest
    POST_ONLY = "would take liquidity"
    REDUCE_ONLY = "would not reduce"
    LIQUIDATION = "liquidation"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """What a client asks for; `price` is None for a market order, `client_id` empty where none was given."""

    market: Market
    asset: Asset
    side: OrderSide
    kind: OrderKind
    quantity: Decimal
    price: Decimal | None
    time_in_force: TimeInForce
    reduce_only: bool
    client_id: str


@dataclass(slots=True, kw_only=True)
class VenueOrder:
    """One accepted order. It may trade and is listed from the host seconds `trades_from` and `listed_from` on."""

    number: int
    order_id: str
    request: OrderRequest
    created_ms: Ms
    updated_ms: Ms
    quantity: Decimal
    trades_from: float = 0.0
    listed_from: float = 0.0
    filled: Decimal = ZERO
    cost: Decimal = ZERO
    fee: Decimal = ZERO
    status: OrderStatus = OrderStatus.NEW
    ending: Ending = Ending.NONE
    rested: bool = False  # it has been in the book: what it trades from now on, it made
    forced: bool = False  # it will be filled whole although its cancel was accepted

    @property
    def left(self) -> Decimal:
        """Return what is not filled yet."""
        return self.quantity - self.filled


class ExecutionKind(StrEnum):
    """What moved money."""

    TRADE = "trade"
    FUNDING = "funding"
    LIQUIDATION = "liquidation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """A fill, a funding payment or a liquidation; `fee` is what it cost, in `fee_coin`, negative where it was paid."""

    number: int
    execution_id: str
    kind: ExecutionKind
    market: Market
    asset: Asset
    side: OrderSide
    quantity: Decimal
    price: Decimal
    fee: Decimal
    fee_rate: Decimal
    fee_coin: Asset
    maker: bool
    at_ms: Ms
    realized: Decimal = ZERO
    closed: Decimal = ZERO
    mark: Decimal = ZERO
    position: Decimal = ZERO  # signed, after it
    order: VenueOrder | None = None
    left_after: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a private stream tells: an order as it stood just then, what was executed, or both."""

    order: VenueOrder | None = None
    execution: Execution | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One movement of one coin: change = cash + funding - fee."""

    number: int
    kind: str  # trade, funding, liquidation, insurance, deposit, withdrawal
    coin: Asset
    cash: Decimal
    funding: Decimal
    fee: Decimal
    balance: Decimal
    at_ms: Ms
    market: Market = Market.SWAP
    execution: Execution | None = None

    @property
    def change(self) -> Decimal:
        """Return by how much the balance moved."""
        return self.cash + self.funding - self.fee
