"""Owns the facts: what happened, in the past tense, in market time. The feed and the headless printer read them.

Structs instead of dataclasses because a union of events crosses the wire and needs a tag. Events are never dropped
and never changed; numbers that were undefined stay NaN.
"""

import msgspec

from engine.domain.market import LinkState
from engine.domain.units import Asset, BasketName, Ms


class PairMove(msgspec.Struct, frozen=True, kw_only=True):
    """One pair with its correlation then and now (signed by side: rho_eff); `delta` = now - base."""

    first: Asset
    second: Asset
    rho_base: float
    rho_now: float
    delta: float


class BasketCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What one check found in one basket; NaN where undefined."""

    basket: BasketName
    state: str
    mean_rho_base: float
    mean_rho_now: float
    shift: float
    watching: int
    pairs: int


class EngineStarted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The engine came up and says what it watches."""

    at: Ms
    version: str
    mode: str
    market: str
    baskets: int
    assets: int


class HistoryLoaded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The history needed for the longest window is in the store and in the state."""

    at: Ms
    bars: int
    fetched: int
    short: tuple[tuple[Asset, float], ...]


class CheckCompleted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The check for grid instant `at` ran on the bars closed by it."""

    at: Ms
    late_ms: int
    missing: tuple[Asset, ...]
    baskets: tuple[BasketCheck, ...]


class WatchRaised(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Pairs of one basket moved past the watch limit since the last check."""

    at: Ms
    basket: BasketName
    pairs: tuple[PairMove, ...]


class WatchCleared(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Pairs of one basket came back below the clear limit, or became undefined."""

    at: Ms
    basket: BasketName
    pairs: tuple[PairMove, ...]


class LinkChanged(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The link to the venue changed its state."""

    at: Ms
    venue: str
    state: LinkState
    why: str


class QuoteWentStale(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An asset's price is older than the limit; totals that use it are partial."""

    at: Ms
    asset: Asset
    age_s: float


class QuoteRecovered(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An asset's price is fresh again."""

    at: Ms
    asset: Asset
    stale_s: float


class AssetsUnlisted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The venue does not list these configured assets: they are shown, without price, and used for nothing."""

    at: Ms
    venue: str
    assets: tuple[Asset, ...]


class CandlesRejected(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The door-keeper refused candles of one symbol; `why` names the first reason."""

    at: Ms
    asset: Asset
    count: int
    why: str


class BarsCorrected(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Closed bars arrived late or were corrected by the venue, and the state was brought up to them."""

    at: Ms
    asset: Asset
    count: int


Event = (
    EngineStarted
    | HistoryLoaded
    | CheckCompleted
    | WatchRaised
    | WatchCleared
    | LinkChanged
    | QuoteWentStale
    | QuoteRecovered
    | AssetsUnlisted
    | CandlesRejected
    | BarsCorrected
)


class EventRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An event with its place in the engine's sequence."""

    seq: int
    event: Event
