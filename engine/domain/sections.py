"""Owns which view each section holds: one table for whoever encodes, decodes and keeps them."""

from engine.domain.engine_room import EngineRoomView
from engine.domain.lab_views import MapView, PairView
from engine.domain.trade_views import BlotterView, ProposalsView
from engine.domain.views import AlertsView, BooksView, HealthView, MatrixView, QuotesView, Section, SeriesView

View = (
    HealthView
    | QuotesView
    | BooksView
    | MatrixView
    | SeriesView
    | AlertsView
    | ProposalsView
    | BlotterView
    | MapView
    | PairView
    | EngineRoomView
)

VIEW_TYPES: dict[Section, type[View]] = {
    Section.HEALTH: HealthView,
    Section.QUOTES: QuotesView,
    Section.BOOKS: BooksView,
    Section.MATRIX: MatrixView,
    Section.SERIES: SeriesView,
    Section.ALERTS: AlertsView,
    Section.PROPOSALS: ProposalsView,
    Section.BLOTTER: BlotterView,
    Section.MAP: MapView,
    Section.PAIR: PairView,
    Section.ENGINE: EngineRoomView,
}
