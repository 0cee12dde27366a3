"""The faults of the table: what is broken, how the engine and the screen must show it, and when it is over."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from engine.domain.events import (
    AssetsListed,
    AssetsUnlisted,
    BarsCorrected,
    CheckCompleted,
    ClockSkewed,
    Event,
    LinkChanged,
    StreamChanged,
)
from engine.domain.market import LinkState
from engine.domain.units import Asset
from engine.domain.views import BooksView, HealthView, QuotesView

LASTS_S = 25.0
GIVE_UP_S = 60.0
FRESH_S = 5.0
OFF_MS = 1_000.0  # a clock that is off by more is shown
NEWCOMER, LIKE = Asset("NEW"), Asset("SOL")


@dataclass(slots=True)
class Watch:
    """What the engine says: its newest sections and every event since the fault began."""

    health: HealthView
    books: BooksView = field(default_factory=BooksView)
    quotes: QuotesView = field(default_factory=QuotesView)
    events: list[Event] = field(default_factory=list)

    def said(self, kind: type[Event], fits: Callable[[Event], bool] = lambda _: True) -> bool:
        """Return True where an event of a kind has come."""
        return any(isinstance(event, kind) and fits(event) for event in self.events)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault, what shows that the engine noticed, what the screen must say, and what shows that it is over.

    `words` is an expression. `moves` says that the line which holds them must count down.
    """

    kind: str
    told: Mapping[str, object] = field(default_factory=dict)
    noticed: Callable[[Watch], bool]
    words: str
    healed: Callable[[Watch], bool]
    lasts_s: float = LASTS_S
    within_s: float = GIVE_UP_S
    moves: bool = False

    @property
    def name(self) -> str:
        """Return kind and whom it is about."""
        return " ".join([self.kind, *map(str, self.told.values())])


def well(watch: Watch) -> bool:
    """Return True where nothing is wrong."""
    return (
        watch.health.ready
        and not watch.health.paused_host
        and watch.health.link is LinkState.UP
        and watch.health.streaming
        and watch.health.last_event_age_s < FRESH_S
    )


def _polled(watch: Watch) -> bool:
    return watch.said(StreamChanged, lambda event: isinstance(event, StreamChanged) and not event.up)


def _troubled(watch: Watch) -> bool:
    return watch.said(LinkChanged, lambda event: isinstance(event, LinkChanged) and event.state is not LinkState.UP)


def _paused(watch: Watch) -> bool:
    return watch.health.paused_s > 0.0


def _lacks(*assets: str) -> Callable[[Watch], bool]:
    def lacking(event: Event) -> bool:
        return isinstance(event, CheckCompleted) and set(assets) <= set(event.missing)

    return lambda watch: watch.said(CheckCompleted, lacking)


def _corrected(watch: Watch) -> bool:
    return watch.said(BarsCorrected, lambda event: isinstance(event, BarsCorrected) and event.asset == "ETH")


def _checked(watch: Watch) -> bool:
    return watch.said(CheckCompleted)


def _gone(watch: Watch) -> bool:
    return watch.said(AssetsUnlisted)


def _back(watch: Watch) -> bool:
    return watch.said(AssetsListed) and well(watch)


def _new_and_not_used(watch: Watch) -> bool:
    """The newcomer has a price and bars, and no correlation counts it."""
    legs = [leg for basket in watch.books.baskets for leg in basket.assets if leg.asset == NEWCOMER]
    priced = any(row.asset == NEWCOMER and not row.stale and not math.isnan(row.last) for row in watch.quotes.rows)
    return watch.said(AssetsListed) and priced and all(not leg.used for leg in legs)


def _left_again(watch: Watch) -> bool:
    return _gone(watch) and well(watch)


def _skewed(watch: Watch) -> bool:
    return watch.said(ClockSkewed) and abs(watch.health.clock_skew_ms) > OFF_MS


def _right_again(watch: Watch) -> bool:
    return abs(watch.health.clock_skew_ms) < OFF_MS and well(watch)


_LINK = r"LINK +\w+ +(degraded|down)"
_CORRECTED = Fault(
    kind="corrected-candle",
    told={"asset": "ETH"},
    noticed=_corrected,
    words=r"BARS +ETH +\d+ closed bars? corrected",
    healed=well,
)
_SILENT = Fault(
    kind="silent-stream", noticed=_polled, words="not streamed: the stream has been silent", healed=well, lasts_s=40.0
)
_MANY = Fault(kind="too-many-requests", noticed=_paused, words=r"paused \d.*429", healed=well, moves=True)


def _ban(status: int) -> Fault:
    told = {"retry_after_s": 40.0}
    return Fault(kind="ban", told=told, noticed=_paused, words=rf"paused \d.*{status}", healed=well, moves=True)


STREAMED = (
    _SILENT,
    Fault(
        kind="silent-stream",
        told={"asset": "SOL"},
        noticed=_polled,
        words="not streamed: the stream is silent for SOL",
        healed=well,
        lasts_s=50.0,
    ),
    Fault(kind="disconnect-storm", noticed=_polled, words=r"STREAM .* not streamed", healed=well),
    Fault(kind="refused-connections", noticed=_troubled, words=_LINK, healed=well),
    Fault(kind="server-error", noticed=_troubled, words=_LINK, healed=well),
    Fault(kind="html-page", noticed=_troubled, words=_LINK, healed=well),
    _MANY,
    _ban(403),
    _CORRECTED,
    Fault(kind="duplicate-candles", noticed=_checked, words="CHECK", healed=well),
    Fault(kind="delayed-messages", noticed=_polled, words="not streamed: the stream is out of order", healed=well),
    Fault(  # a check waits 20 s for the bar of its own hour
        kind="hole",
        told={"asset": "SOL"},
        noticed=_lacks("SOL"),
        words=r"CHECK .*no bar from SOL",
        healed=well,
        lasts_s=60.0,
    ),
    Fault(
        kind="hole",
        noticed=_lacks("ETH", "SOL", "AVAX"),
        words=r"CHECK .*no bar from ETH, SOL, AVAX",
        healed=well,
        lasts_s=60.0,
    ),
    Fault(
        kind="delisting",
        told={"asset": "AVAX", "notice_hours": 0.0},
        noticed=_gone,
        words="AVAX is not listed: the basket goes on without it",
        healed=_back,
    ),
    Fault(
        kind="rename",
        told={"asset": "AVAX", "to": "AVAXN"},
        noticed=_gone,
        words="AVAX is not listed: the basket goes on without it",
        healed=_back,
    ),
)
OTHER_DIALECT = (
    _SILENT,
    Fault(kind="disconnect-storm", noticed=_polled, words=r"STREAM .* not streamed", healed=well),
    Fault(kind="server-error", noticed=_troubled, words=_LINK, healed=well),
    _MANY,
    _ban(418),
    _CORRECTED,
)
NEWCOMERS = (
    Fault(
        kind="listing",
        told={"asset": NEWCOMER, "like": LIKE},
        noticed=_new_and_not_used,
        words=rf"LISTED .*listed there now: {NEWCOMER}",
        healed=_left_again,
    ),
)
CLOCKS = tuple(  # market time is real time here
    Fault(
        kind="clock-jump",
        told={"skew_s": skew_s},
        noticed=_skewed,
        words=rf"this host's clock is \d+\.\d s {way} the venue's",
        healed=_right_again,
        lasts_s=90.0,
        within_s=100.0,
    )
    for skew_s, way in ((120.0, "behind"), (-120.0, "ahead of"))
)
