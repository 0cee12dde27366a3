"""Owns what a screen sees: frozen snapshots in sections, made by the publisher, shown by the cockpit and the CLI.

A view holds numbers, never strings made for a screen. NaN is "undefined" and is shown as a dash; a field that does not
exist yet is NaN too. Ages are seconds at the moment the view was made.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from engine.domain.alerts import AlertKind, Direction, Evidence
from engine.domain.basket import Side
from engine.domain.events import PairMove
from engine.domain.market import LinkState, VenueLine
from engine.domain.units import Asset, BasketName, Ms, ProposalId, Symbol

NAN = float("nan")


class Section(StrEnum):
    """The sections a client can fetch; each has its own version."""

    HEALTH = "health"
    QUOTES = "quotes"
    BOOKS = "books"
    MATRIX = "matrix"
    SERIES = "series"
    ALERTS = "alerts"
    PROPOSALS = "proposals"
    BLOTTER = "blotter"
    MAP = "map"
    PAIR = "pair"
    ENGINE = "engine"


class BasketState(StrEnum):
    """The state of a basket, from calm to urgent; `flat` until it holds positions."""

    FLAT = "flat"
    OK = "ok"
    WATCH = "watch"
    ALERT = "alert"
    PROPOSAL = "proposal"
    NO_DATA = "no_data"
    FROZEN = "frozen"


class MatrixKind(StrEnum):
    """Which correlation a matrix shows.

    `window` is the plain window chosen by days; base, now and delta are CALIBRATION's; calm and stress are over the
    bars of that regime since the history begins (winsorized). `live` is now as if the unfinished bar closed at the
    latest quotes: for the eye only, no signal reads it; it changes with every quote.
    """

    WINDOW = "window"
    BASE = "base"
    NOW = "now"
    DELTA = "delta"
    CALM = "calm"
    STRESS = "stress"
    LIVE = "live"


ALL_ASSETS = "all"  # the scope of a matrix over every watched asset, unsigned


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthView:
    """How the engine and its links are."""

    version: str
    pid: int
    mode: str
    market: str  # real | sim | replay
    speed: float
    market_label: str
    uptime_s: float
    market_ms: Ms
    venue: str
    link: LinkState
    link_why: str
    latency_ms: float
    last_event_age_s: float
    ready: bool
    loaded: int  # bars of history loaded and wanted, while not ready
    wanted: int
    check_every_ms: int
    next_check_ms: Ms
    last_check_ms: Ms | None
    fast: bool
    cycle_why: str
    regime: str = ""
    regime_probability: float = NAN
    equity: float = NAN
    pnl_day: float = NAN
    stale_after_s: float = 15.0
    watch_delta: float = 0.15
    windows_days: tuple[int, ...] = (30, 60, 90)
    seq: int = 0  # newest event
    regime_reasons: tuple[str, ...] = ()
    fast_until_ms: Ms | None = None
    alert_shift: float = 0.40  # enter; `alert_clear` leaves
    alert_clear: float = 0.24
    journal_trouble: str = ""  # why facts are not being kept, empty while they are
    halted: str = ""  # why no order leaves, empty while they may
    streaming: bool = False  # prices come by stream; otherwise they are polled, `stream_why` says why
    stream_why: str = ""
    clock_skew_ms: float = NAN  # how far this host's clock is behind the venue's; market time is corrected by it
    paused_host: str = ""  # a host that asked to be left alone: nothing is sent to it for `paused_s` more seconds
    paused_s: float = NAN
    paused_status: int = 0  # the HTTP status it asked with, 0 where it asked otherwise
    broker_why: str = ""  # why the account's side of the venue does not answer, or why nothing may be sent
    account_streaming: bool = False  # the account's stream brings looks at orders forward; they are asked for anyway
    account_stream_why: str = ""
    balance_gap: float = 0.0  # the venue's balance beyond the books', once it stood still
    frozen: tuple[Asset, ...] = ()  # venue and books differ on these: nothing is sent on them
    unknown: int = 0  # orders of which it is not known what became
    assets_loaded: int = 0  # whose history is whole, and of how many, while not ready
    assets_wanted: int = 0
    load_left_s: float = NAN  # at the pace so far
    inputs_waiting: int = 0  # in the engine's queue: more than a few for long means that it does not keep up
    equity_partial: bool = False  # a position has no price, so it stands at its cost
    venues: tuple[VenueLine, ...] = ()  # each venue of a book on several; the fields above are then of the worst


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteRow:
    """One asset's latest price; `age_s` since receipt, NaN where nothing came yet."""

    asset: Asset
    symbol: Symbol
    last: float = NAN
    change_24h: float = NAN
    age_s: float = NAN
    stale: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotesView:
    """The latest prices of all watched assets."""

    rows: tuple[QuoteRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetView:
    """One leg of a basket. Weights are absolute fractions of the basket's base notional."""

    asset: Asset
    symbol: Symbol
    side: Side
    weight: float = NAN
    target_weight: float = NAN
    pnl: float = NAN
    liquidation_distance: float = NAN
    funding_next: float = NAN
    history_days: float = NAN
    since_ms: Ms | None = None  # when its first bar opened that is kept
    used: bool = True  # False: shown, but too young or too patchy for correlation


@dataclass(frozen=True, slots=True, kw_only=True)
class PairCounts:
    """How many returns of a pair are valid in each window: both assets have one."""

    first: Asset
    second: Asset
    valid: dict[str, int]  # window in days -> returns


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketView:
    """One basket's numbers. `planned` says that nothing is held: risk figures are those of the target it would open at.

    Money is the account's. `proposal` is the id of the one that waits for a decision; `flag` says in words what is
    wrong with what is held (a hedge left off neutral, and the leg that mends it).
    """

    name: BasketName
    thesis: str
    state: BasketState
    planned: bool
    leverage: float
    gross: float
    net: float
    vol_ann: float
    hidden_leverage: float
    effective_bets: float
    mean_rho: dict[str, float]  # window in days -> mean pair rho_eff
    mean_rho_base: float
    mean_rho_now: float
    shift: float
    drift_max: PairMove | None
    pairs: tuple[PairMove, ...]  # strongest move first
    watching: tuple[tuple[Asset, Asset], ...]
    assets: tuple[AssetView, ...]
    mean_rho_calm: float = NAN  # over the bars of each regime since the history begins
    mean_rho_stress: float = NAN
    pnl: float = NAN  # realized and open, less fees, funding and interest
    unrealized: float = NAN
    partial: bool = False  # a position has no price, so it stands at its cost
    notional: float = NAN  # base exposure at factor 1
    factor: float = NAN  # gross held / base
    proposal: ProposalId | None = None
    flag: str = ""
    counts: tuple[PairCounts, ...] = ()  # of every pair


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioView:
    """The account as one basket."""

    gross: float = NAN
    net: float = NAN
    vol_ann: float = NAN
    hidden_leverage: float = NAN
    effective_bets: float = NAN
    es95_1d: float = NAN
    es95_1d_rho95: float = NAN


@dataclass(frozen=True, slots=True, kw_only=True)
class BooksView:
    """All baskets and the account, as of the last closed bar."""

    as_of_ms: Ms | None = None
    baskets: tuple[BasketView, ...] = ()
    portfolio: PortfolioView = field(default_factory=PortfolioView)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertView:
    """One alert as it stands or stood: how it began, its latest evidence, and what a person did about it."""

    id: str
    kind: AlertKind
    basket: BasketName | None
    asset: Asset | None
    direction: Direction
    since_ms: Ms
    spoken_ms: Ms  # its last message: entry, or worsening
    evidence: Evidence
    acknowledged_by: str = ""
    snoozed_until_ms: Ms | None = None
    cleared_ms: Ms | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsView:
    """The board: alerts that stand, the most urgent first, and the last ones that are over, newest first."""

    standing: tuple[AlertView, ...] = ()
    recent: tuple[AlertView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixView:
    """A correlation matrix over `assets`: row-major floats (f4 or f8, little endian), NaN where undefined.

    `counts` are row-major uint16 pair counts; `marks` one byte a cell, 1 where the pair is on WATCH.
    A basket's matrix is signed by side (rho_eff), the matrix of all assets is not.
    """

    scope: str
    kind: MatrixKind
    window_days: int
    estimator: str
    as_of_ms: Ms | None
    assets: tuple[Asset, ...]
    dtype: str
    values: bytes
    counts: bytes
    marks: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PairSeries:
    """The now-correlation of one pair over the last bars, oldest first, NaN where undefined."""

    first: Asset
    second: Asset
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesView:
    """A basket's mean correlation and shift per closed bar, oldest first, and its pairs' recent course."""

    scope: str
    end_ms: Ms | None
    step_ms: int
    mean_now: tuple[float, ...]
    mean_base: tuple[float, ...]
    pairs: tuple[PairSeries, ...]
    shift: tuple[float, ...] = ()
