"""Owns what the cockpit knows: the newest snapshot of each section, the feed, and the state of the line to the engine.

Latest wins for snapshots; events are kept in order, bounded. Never fetches (the bridge does) and never formats
(panels do). All instants of its own are host monotonic seconds.
"""

import math
import struct
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from engine.domain.engine_room import EngineRoomView
from engine.domain.events import Event, EventRecord, VolatilityBroadened, VolatilityFell
from engine.domain.facts import OrderIntended
from engine.domain.lab_views import MapView, PairView
from engine.domain.order import Order
from engine.domain.sections import View
from engine.domain.trade_views import BlotterView, ProposalsView
from engine.domain.units import DAY_MS, Asset, ClientOrderId, Ms, floor_to
from engine.domain.views import (
    AlertsView,
    BasketView,
    BooksView,
    HealthView,
    MatrixKind,
    MatrixView,
    QuoteRow,
    QuotesView,
    Section,
    SeriesView,
)

FEED_LIMIT = 2000
V = TypeVar("V", bound=View)


class Contact(StrEnum):
    """The state of the line to the engine."""

    CONNECTING = "connecting"  # never had one
    UP = "up"
    GONE = "gone"  # had one; everything shown is old


@dataclass(frozen=True, slots=True)
class Want:
    """One thing a screen shows: a section, and for matrix and series which one."""

    section: Section
    scope: str = ""
    kind: MatrixKind = MatrixKind.WINDOW
    window_days: int = 0
    estimator: str = ""  # empty: the one that goes with the kind


HEALTH = Want(Section.HEALTH)
QUOTES = Want(Section.QUOTES)
BOOKS = Want(Section.BOOKS)
ALERTS = Want(Section.ALERTS)
PROPOSALS = Want(Section.PROPOSALS)
BLOTTER = Want(Section.BLOTTER)
MAP = Want(Section.MAP)
ENGINE = Want(Section.ENGINE)
ORDERS_KEPT = 2000
_NO_ALERTS = AlertsView()
_NO_PROPOSALS = ProposalsView()
_NO_BLOTTER = BlotterView()


@dataclass(frozen=True, slots=True)
class Stamped:
    """A view and the monotonic second at which it came."""

    view: View
    at: float
    version: int


@dataclass(slots=True)
class EngineLine:
    """How the line is and what there is to say about it."""

    state: Contact = Contact.CONNECTING
    why: str = ""
    attempt: int = 0
    retry_at: float = math.nan
    last_heard: float = math.nan
    pid: int = 0
    version: str = ""
    epoch: int = 0


@dataclass(slots=True)
class Deck:
    """Everything a screen may show."""

    engine: EngineLine = field(default_factory=EngineLine)
    market_ms: Ms | None = None
    beat: int = 0
    seq: int = 0
    feed: deque[Event] = field(default_factory=lambda: deque(maxlen=FEED_LIMIT))
    feed_revision: int = 0
    feed_gap: bool = False
    views: dict[Want, Stamped] = field(default_factory=dict)
    refused: dict[Want, str] = field(default_factory=dict)
    revisions: dict[Section, int] = field(default_factory=lambda: dict.fromkeys(Section, 0))
    matrices: dict[Want, "Matrix"] = field(default_factory=dict)
    orders: dict[ClientOrderId, Order] = field(default_factory=dict)  # as intended: later facts name them by id
    _volatility: VolatilityBroadened | None = None
    _quotes: tuple[dict[Asset, QuoteRow], float] = field(default_factory=lambda: ({}, math.nan))

    @property
    def frozen(self) -> bool:
        """Return True when what is shown can no longer be trusted to be now."""
        return self.engine.state is Contact.GONE

    @property
    def health(self) -> HealthView | None:
        """Return the newest health, if any came."""
        return self._view(HEALTH, HealthView)

    @property
    def books(self) -> BooksView | None:
        """Return the newest books, if any came."""
        return self._view(BOOKS, BooksView)

    @property
    def alerts(self) -> AlertsView:
        """Return the newest board, empty before any came."""
        return self._view(ALERTS, AlertsView) or _NO_ALERTS

    @property
    def proposals(self) -> ProposalsView:
        """Return the newest proposals, none before any came."""
        return self._view(PROPOSALS, ProposalsView) or _NO_PROPOSALS

    @property
    def blotter(self) -> BlotterView:
        """Return the newest blotter, empty before any came."""
        return self._view(BLOTTER, BlotterView) or _NO_BLOTTER

    @property
    def volatility(self) -> VolatilityBroadened | None:
        """Return the broad volatility that stands now, if any: neither over nor run out."""
        found = self._volatility
        return found if found is not None and self.market_ms is not None and found.until > self.market_ms else None

    def quotes(self) -> tuple[dict[Asset, QuoteRow], float]:
        """Return the newest quotes by asset and the monotonic second they came."""
        return self._quotes

    def series(self, scope: str) -> SeriesView | None:
        """Return the newest series of a basket, if any came."""
        return self._view(Want(Section.SERIES, scope), SeriesView)

    @property
    def map(self) -> MapView | None:
        """Return the newest map of all assets, if any came."""
        return self._view(MAP, MapView)

    @property
    def room(self) -> EngineRoomView | None:
        """Return the newest look at the engine's process, if any came."""
        return self._view(ENGINE, EngineRoomView)

    def pair(self, want: Want) -> PairView | None:
        """Return the newest look at a pair, if any came."""
        return self._view(want, PairView)

    def health_age(self, now: float) -> float:
        """Return seconds since the health came, NaN if it never did."""
        return self.age_of(HEALTH, now)

    def age_of(self, want: Want, now: float) -> float:
        """Return seconds since a section came, NaN if it never did."""
        stamped = self.views.get(want)
        return now - stamped.at if stamped else math.nan

    def put(self, want: Want, view: View, version: int, at: float) -> None:
        """Keep the newest `view` of `want`."""
        self.views[want] = Stamped(view, at, version)
        self.revisions[want.section] += 1
        self.refused.pop(want, None)
        if isinstance(view, QuotesView):  # asked for with every row that is painted
            self._quotes = {row.asset: row for row in view.rows}, at
        if isinstance(view, MatrixView):
            self.matrices[want] = Matrix.of(view)

    def append(self, records: Iterable[EventRecord], *, gap: bool) -> None:
        """Add events, newest last; one that is already here is not added again."""
        for record in records:
            if record.seq > self.seq:
                self.seq = record.seq
                self.feed.append(record.event)
                self.feed_revision += 1
                self._note(record.event)
        self.feed_gap = self.feed_gap or gap

    def _note(self, event: Event) -> None:
        """Keep what later facts or the situation line refer to."""
        match event:
            case VolatilityBroadened() as broad:
                self._volatility = broad
            case VolatilityFell():
                self._volatility = None
            case OrderIntended(order=order):
                self.orders[order.client_order_id] = order
                if len(self.orders) > ORDERS_KEPT:
                    del self.orders[next(iter(self.orders))]
            case _:
                pass

    def today(self) -> int:
        """Return how many of the kept events belong to the market day of now."""
        if self.market_ms is None:
            return 0
        day = floor_to(self.market_ms, DAY_MS)
        return sum(event.at >= day for event in self.feed)

    def basket(self, name: str) -> BasketView | None:
        """Return the basket called `name`."""
        books = self.books
        return next((basket for basket in books.baskets if basket.name == name), None) if books else None

    def _view(self, want: Want, kind: type[V]) -> V | None:
        stamped = self.views.get(want)
        return stamped.view if stamped is not None and isinstance(stamped.view, kind) else None


@dataclass(frozen=True, slots=True)
class Matrix:
    """A matrix decoded for drawing: rows of floats, NaN where undefined, and which pairs are on WATCH."""

    assets: tuple[Asset, ...]
    values: tuple[tuple[float, ...], ...]
    marks: tuple[tuple[bool, ...], ...]
    counts: tuple[tuple[int, ...], ...]
    estimator: str = ""

    @classmethod
    def of(cls, view: MatrixView) -> "Matrix":
        """Decode the little-endian bytes of `view`. What has not the right length reads as undefined."""
        size = len(view.assets)
        cells = size * size
        code, wide = ("f", 4) if view.dtype.endswith("4") else ("d", 8)
        flat: tuple[float, ...] = (
            struct.unpack(f"<{cells}{code}", view.values) if len(view.values) == cells * wide else (math.nan,) * cells
        )
        marks = view.marks if len(view.marks) == cells else bytes(cells)
        counts = struct.unpack(f"<{cells}H", view.counts) if len(view.counts) == cells * 2 else (0,) * cells
        spans = [slice(row * size, (row + 1) * size) for row in range(size)]
        return cls(
            assets=view.assets,
            values=tuple(flat[span] for span in spans),
            marks=tuple(tuple(bool(mark) for mark in marks[span]) for span in spans),
            counts=tuple(tuple(counts[span]) for span in spans),
            estimator=view.estimator,
        )
