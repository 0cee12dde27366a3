"""Owns what may enter the core: one type per kind of input, and the stamp of the two clocks each comes with.

Inputs carry what a port said, unjudged; `engine.core.step` judges them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from engine.core.warmup import History
from engine.domain.commands import CoreCommand
from engine.domain.facts import Actor, TradeFact
from engine.domain.market import Candle, HostPause, Instrument, LinkState, Quote
from engine.domain.order import CashMovement, Fill, FundingCharge, OrderAnswer, VenuePosition
from engine.domain.units import ClientOrderId, Ms, Symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """When an input was taken up: market time, and host monotonic seconds."""

    market_ms: Ms
    monotonic: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CandlesArrived:
    """Candles of one symbol as the venue sent them.

    `history` is fetched to be stored only: the market state is made from the store once all of it is there.
    """

    symbol: Symbol
    candles: tuple[Candle, ...]
    history: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotesArrived:
    """Quotes of any symbols."""

    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReported:
    """How the link to a venue is, measured by whoever speaks to it. `latency_ms` is NaN where unknown.

    `venue` is the venue's name in the config, here and below: empty for the default one.
    """

    state: LinkState
    why: str
    latency_ms: float
    venue: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockMeasured:
    """How far this host's clock is behind the venue's, milliseconds; market time is corrected by it."""

    skew_ms: float
    venue: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamReported:
    """Whether prices come by stream; `why` they do not, empty where streams are not wanted."""

    up: bool
    why: str
    venue: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PausesReported:
    """Which hosts asked to be left alone, the longest pause first; none where every host may be asked."""

    pauses: tuple[HostPause, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentsListed:
    """What the venue lists of the watched symbols; a symbol that is absent is not traded there."""

    listed: Mapping[Symbol, Instrument]
    venue: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadProgressed:
    """How many bars of history are stored, of how many, and so for assets. `left_s` is NaN where unknown."""

    loaded: int = 0
    wanted: int = 0
    assets: int = 0
    assets_wanted: int = 0
    left_s: float = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryReady:
    """The history was loaded and turned into state off the loop; `fetched` bars of it came from the venue now."""

    history: History
    fetched: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """Time passed: deadlines and ages are judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """A person asks for something."""

    command: CoreCommand
    actor: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAnswered:
    """The venue said where an order stands. `latency_ms` is host time from the request, NaN where nobody waited."""

    answer: OrderAnswer
    latency_ms: float = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRefused:
    """The venue refused an order for certain: nothing was placed."""

    client_order_id: ClientOrderId
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderHeldBack:
    """An order did not leave, for certain: it may be tried again."""

    client_order_id: ClientOrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLost:
    """An order may or may not have been placed; it is looked up until that is known."""

    client_order_id: ClientOrderId
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderNotFound:
    """The venue never got this order, for certain."""

    client_order_id: ClientOrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class Executed:
    """Executions, funding and moved money of the venue, oldest first; what is known already changes nothing."""

    fills: tuple[Fill, ...] = ()
    funding: tuple[FundingCharge, ...] = ()
    movements: tuple[CashMovement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionsListed:
    """All open positions as the venue has them; `balance` is without open profit, None where it was not asked."""

    positions: tuple[VenuePosition, ...]
    balance: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerReported:
    """The private side of the venue answers, or why it does not."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStreamReported:
    """The account's private stream speaks, or why it does not; orders are asked for either way."""

    up: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountAdmitted:
    """The venue took the keys; `refused` says why nothing may be sent with them, empty where they may trade."""

    refused: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalFailed:
    """Facts cannot be kept any more; `kept` are those that were (None: not even that can be read)."""

    why: str
    kept: tuple[TradeFact, ...] | None


BrokerInput = (
    OrderAnswered
    | OrderRefused
    | OrderHeldBack
    | OrderLost
    | OrderNotFound
    | Executed
    | PositionsListed
    | BrokerReported
    | AccountStreamReported
    | AccountAdmitted
)

FeedReport = LinkReported | StreamReported | ClockMeasured | PausesReported | LoadProgressed

Input = (
    CandlesArrived
    | QuotesArrived
    | FeedReport
    | InstrumentsListed
    | HistoryReady
    | Ticked
    | Requested
    | BrokerInput
    | JournalFailed
)
