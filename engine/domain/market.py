"""Owns what comes from a venue: instruments, raw candles, closed bars, quotes, and the state of a link.

A candle is raw and may be unfinished; a bar is closed and ours. Nothing here fetches anything: adapters make
candles and quotes, the market room turns candles into bars.
"""

import math
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import msgspec

from engine.domain.units import DAY_MS, Asset, Ms, Symbol


class MarketKind(StrEnum):
    """The two kinds of market a basket can trade."""

    SPOT = "spot"
    SWAP = "swap"


class LinkState(StrEnum):
    """How the link to the venue is: shown as three shapes."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueLine:
    """How the line to one venue of the book is; `name` is the trader's, the ccxt id for the default one."""

    name: str
    link: LinkState
    why: str = ""
    latency_ms: float = math.nan
    streaming: bool = False
    stream_why: str = ""
    listed: bool = False  # it has said what it trades; until then its assets stand still


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One listed market of a venue, with the steps that orders must respect; `ends_ms` is an announced delisting."""

    asset: Asset
    symbol: Symbol
    kind: MarketKind
    price_step: Decimal
    quantity_step: Decimal
    min_notional: Decimal
    ends_ms: Ms | None = None
    min_quantity: Decimal = Decimal(0)  # 0: the step is the smallest


@dataclass(frozen=True, slots=True, kw_only=True)
class Candle:
    """One candle as the venue sent it; `open_ms` is its open time, prices are in the quote currency."""

    symbol: Symbol
    open_ms: Ms
    open: float
    high: float
    low: float
    close: float
    volume: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One closed candle that passed the door-keeper; known from `open_ms` + interval on."""

    symbol: Symbol
    open_ms: Ms
    close: float
    volume: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Funding:
    """What a long pays at the next funding, as a fraction of value, and how often that falls due."""

    rate: float
    every_ms: int

    @property
    def per_day(self) -> float:
        """Return what a long pays in a day at this rate."""
        return self.rate * DAY_MS / self.every_ms


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """The latest price of a symbol. `event_ms` is venue time, `received` is host monotonic seconds.

    `bid`, `ask`, `change_24h` (a fraction) and `funding` are None where the venue did not say.
    """

    symbol: Symbol
    last: Decimal
    bid: Decimal | None
    ask: Decimal | None
    change_24h: float | None
    event_ms: Ms
    received: float
    funding: Funding | None = None


def with_funding_of(quote: Quote, other: Quote) -> Quote:
    """Return the quote with the funding of another one, where it names none: streamed prices do not, polled ones do."""
    return (
        quote
        if quote.funding is not None or other.funding is None
        else msgspec.structs.replace(quote, funding=other.funding)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HostPause:
    """A host that asked to be left alone until host second `until`; `status` is the HTTP status it asked with, or 0."""

    host: str
    until: float
    status: int
