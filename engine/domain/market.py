"""Owns what comes from a venue: instruments, raw candles, closed bars, quotes, and the state of a link.

A candle is raw and may be unfinished; a bar is closed and ours. Nothing here fetches anything: adapters make
candles and quotes, the market room turns candles into bars.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from engine.domain.units import Asset, Ms, Symbol


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
class Instrument:
    """One listed market of a venue, with the steps that orders must respect."""

    asset: Asset
    symbol: Symbol
    kind: MarketKind
    price_step: Decimal
    quantity_step: Decimal
    min_notional: Decimal


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
class Quote:
    """The latest price of a symbol. `event_ms` is venue time, `received` is host monotonic seconds.

    `bid`, `ask` and `change_24h` (a fraction) are None where the venue did not say.
    """

    symbol: Symbol
    last: Decimal
    bid: Decimal | None
    ask: Decimal | None
    change_24h: float | None
    event_ms: Ms
    received: float
