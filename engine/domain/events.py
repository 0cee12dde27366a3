"""Owns what is told: events in the past tense, in market time. The feed and the headless printer read them.

Structs instead of dataclasses because a union of events crosses the wire and needs a tag. Events are never dropped
and never changed; numbers that were undefined stay NaN.
"""

import msgspec

from engine.domain.alerts import AlertKind, Direction, Evidence, PairMove
from engine.domain.bar_events import BarsCorrected, CandlesRejected, HistoryJoined
from engine.domain.facts import Fact
from engine.domain.market import LinkState
from engine.domain.units import Asset, BasketName, Ms

__all__ = [
    "BarsCorrected",
    "CandlesRejected",
    "HistoryJoined",
    "PairMove",
]  # of the names that come from elsewhere; everything defined here can be imported as well


class BasketCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What one check found in one basket; NaN where undefined.

    `leaning` (and `assets_leaning`) is the sign that went past the limit at this check and speaks if the next agrees.
    """

    basket: BasketName
    state: str
    mean_rho_base: float
    mean_rho_now: float
    shift: float
    watching: int
    pairs: int
    alert: int = 0
    leaning: int = 0
    assets_leaning: tuple[tuple[Asset, int], ...] = ()


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
    """The check for grid instant `at` ran on the bars closed by `as_of`."""

    at: Ms
    late_ms: int
    missing: tuple[Asset, ...]
    baskets: tuple[BasketCheck, ...]
    as_of: Ms | None = None
    fast: bool = False


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


class AlertRaised(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An alert began: the one message on entry. `rings` is False where it is only a line, or snoozed."""

    at: Ms
    id: str
    kind: AlertKind
    basket: BasketName | None
    asset: Asset | None
    direction: Direction
    evidence: Evidence
    rings: bool


class AlertWorsened(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An alert that stands went another step beyond its last message."""

    at: Ms
    id: str
    evidence: Evidence
    rings: bool


class AlertCleared(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An alert is over; `shift` is where it stood then, `why` is said where it did not simply recover."""

    at: Ms
    id: str
    lasted_ms: int
    shift: float
    why: str = ""


class AlertAcknowledged(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A person has seen the alert; it speaks again only when it worsens."""

    at: Ms
    id: str
    who: str
    note: str = ""


class AlertSnoozed(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A person wants no ringing from this cause before `until`, also if it ends and comes back."""

    at: Ms
    id: str
    until: Ms
    who: str


class VolatilityBroadened(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """One-hour volatility broke out over enough assets: checks run fast until `until`, unless it happens again.

    `started` is True for the one that compressed the cycle. `breadth` is the share of the `judged` assets.
    """

    at: Ms
    started: bool
    until: Ms
    breadth: float
    judged: int
    assets: tuple[Asset, ...]
    peak_sigma: float
    rolling: bool = False


class VolatilityFell(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The fast cycle is over; breadth, assets and sigma are the most that was seen in it."""

    at: Ms
    since: Ms
    breadth: float
    assets: tuple[Asset, ...]
    peak_sigma: float


class RegimeChanged(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The filtered market regime changed; `reasons` are the two strongest, in words."""

    at: Ms
    regime: str
    probability: float
    reasons: tuple[str, ...]


class BaselineAnchored(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A basket's baseline was frozen: its pairs above the diagonal, row by row, unsigned, raw and winsorized."""

    at: Ms
    basket: BasketName
    assets: tuple[Asset, ...]
    raw: tuple[float, ...]
    win: tuple[float, ...]


SignalEvent = (
    WatchRaised
    | WatchCleared
    | AlertRaised
    | AlertWorsened
    | AlertCleared
    | AlertAcknowledged
    | AlertSnoozed
    | VolatilityBroadened
    | VolatilityFell
    | RegimeChanged
    | BaselineAnchored
    | CheckCompleted
)


class LinkChanged(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The link to the venue changed its state."""

    at: Ms
    venue: str
    state: LinkState
    why: str


class StreamChanged(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Prices come by stream again, or they do not and are polled: `why`."""

    at: Ms
    venue: str
    up: bool
    why: str


class ClockSkewed(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """This host's clock is behind the venue's by `skew_ms` (ahead where negative), or right again; it is corrected."""

    at: Ms
    skew_ms: float
    skewed: bool


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


class AssetsListed(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The venue lists these configured assets again, or for the first time."""

    at: Ms
    venue: str
    assets: tuple[Asset, ...]


Event = (
    EngineStarted
    | HistoryLoaded
    | SignalEvent
    | LinkChanged
    | StreamChanged
    | ClockSkewed
    | QuoteWentStale
    | QuoteRecovered
    | AssetsUnlisted
    | AssetsListed
    | CandlesRejected
    | BarsCorrected
    | HistoryJoined
    | Fact
)


class EventRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An event with its place in the engine's sequence."""

    seq: int
    event: Event
