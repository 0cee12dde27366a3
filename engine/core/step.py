"""Owns the one transition of the engine: state and an input in, facts and effects out. Deterministic, no I/O.

The state is changed in place (its arrays are not copied). Facts go to the event log, effects to the runtime, and
`changed` names the sections whose views are new.
"""

from dataclasses import dataclass, field

import numpy as np

from engine.core.baskets import drift_snapshot
from engine.core.check import run_check
from engine.core.inputs import (
    CandlesArrived,
    HistoryReady,
    Input,
    InstrumentsListed,
    LinkReported,
    LoadProgressed,
    QuotesArrived,
    Stamp,
    Ticked,
)
from engine.core.state import EngineState
from engine.domain.events import (
    AssetsUnlisted,
    BarsCorrected,
    CandlesRejected,
    CheckCompleted,
    Event,
    HistoryLoaded,
    LinkChanged,
    QuoteRecovered,
    QuoteWentStale,
)
from engine.domain.market import Bar, LinkState
from engine.domain.units import Asset, Ms
from engine.domain.views import Section
from engine.market.bar_grid import BarGrid, Delivery, GridRow
from engine.market.doorkeeper import Verdict

_BOOK_SECTIONS = (Section.BOOKS, Section.MATRIX, Section.SERIES)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreBars:
    """Effect: keep these closed bars."""

    bars: tuple[Bar, ...]


Effect = StoreBars


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a step brought."""

    events: tuple[Event, ...]
    effects: tuple[Effect, ...]
    changed: frozenset[Section]


@dataclass(slots=True)
class _Outcome:
    """A result in the making."""

    events: list[Event] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    changed: set[Section] = field(default_factory=set)

    def result(self) -> Result:
        effects = (StoreBars(bars=tuple(self.bars)),) if self.bars else ()
        return Result(events=tuple(self.events), effects=effects, changed=frozenset(self.changed))


def step(state: EngineState, stamp: Stamp, item: Input) -> Result:
    """Take in one input."""
    out = _Outcome()
    match item:
        case QuotesArrived():
            _take_quotes(state, stamp, item, out)
        case CandlesArrived():
            _take_candles(state, stamp, item, out)
            _advance(state, stamp, out)
        case Ticked():
            _age_quotes(state, stamp, out)
            _advance(state, stamp, out)
        case LinkReported():
            _take_link(state, stamp, item, out)
        case LoadProgressed():
            state.loaded, state.wanted = item.loaded, item.wanted
            out.changed.add(Section.HEALTH)
        case InstrumentsListed():
            _take_instruments(state, stamp, item, out)
        case HistoryReady():
            _install(state, stamp, item, out)
    return out.result()


def _take_quotes(state: EngineState, stamp: Stamp, item: QuotesArrived, out: _Outcome) -> None:
    for quote in item.quotes:
        asset = state.asset_of[quote.symbol]
        state.quotes[asset] = quote
        since = state.stale.pop(asset, None)
        if since is not None:
            out.events.append(QuoteRecovered(at=stamp.market_ms, asset=asset, stale_s=stamp.monotonic - since))
    out.changed.add(Section.QUOTES)


def _age_quotes(state: EngineState, stamp: Stamp, out: _Outcome) -> None:
    """Say which prices went stale; with the link down all do, and the link's own event has said so."""
    if state.link.state is LinkState.DOWN:
        return
    for asset, quote in state.quotes.items():
        age = stamp.monotonic - quote.received
        if age > state.stale_after_s and asset not in state.stale:
            state.stale[asset] = quote.received
            out.events.append(QuoteWentStale(at=stamp.market_ms, asset=asset, age_s=age))
            out.changed.add(Section.QUOTES)


def _take_candles(state: EngineState, stamp: Stamp, item: CandlesArrived, out: _Outcome) -> None:
    asset = state.asset_of[item.symbol]
    rejected: list[Verdict] = []
    corrected = 0
    for candle in item.candles:
        verdict = state.door.judge(candle, stamp.market_ms)
        if verdict.bar is not None:
            out.bars.append(verdict.bar)
            corrected += _deliver(state, asset, verdict.bar, verdict.missing)
        elif verdict.rejection is not None and not verdict.rejection.harmless:
            rejected.append(verdict)
    if rejected:
        why = rejected[0].why
        out.events.append(CandlesRejected(at=stamp.market_ms, asset=asset, count=len(rejected), why=why))
    if corrected:
        out.events.append(BarsCorrected(at=stamp.market_ms, asset=asset, count=corrected))
        out.changed.update(_BOOK_SECTIONS)


def _deliver(state: EngineState, asset: Asset, bar: Bar, missing: tuple[Ms, ...]) -> bool:
    """Put a bar on the grid; return True where it changed a slot that was out already."""
    if state.grid is None:
        return False
    state.grid.declare_missing(asset, missing)
    if state.grid.deliver(asset, bar.open_ms, bar.close) is Delivery.TAKEN:
        return False
    if not state.correlation.holds(bar.open_ms):
        return False
    state.correlation.correct(bar.open_ms, asset, bar.close)
    return True


def _advance(state: EngineState, stamp: Stamp, out: _Outcome) -> None:
    """Commit the slots that are complete, oldest first, each with the check that falls on its close."""
    if state.grid is None:
        return
    _declare_unlisted(state, state.grid, stamp.market_ms)
    for row in state.grid.ready(stamp.market_ms, stamp.monotonic):
        _commit(state, stamp, row, out)


def _declare_unlisted(state: EngineState, grid: BarGrid, market_ms: Ms) -> None:
    if state.listed is None:
        return
    slots = tuple(Ms(at) for at in range(grid.next_open, market_ms, state.config.rules.bar_ms))
    for symbol, asset in state.asset_of.items():
        if symbol not in state.listed:
            grid.declare_missing(asset, slots)


def _commit(state: EngineState, stamp: Stamp, row: GridRow, out: _Outcome) -> None:
    rules = state.config.rules
    state.correlation.append(row.open_ms, row.closes)
    snapshot = drift_snapshot(state.correlation, rules)
    state.used = snapshot.used
    for track in state.baskets.values():
        track.read(snapshot)
    closed = Ms(row.open_ms + rules.bar_ms)
    if closed % rules.check_every_ms == 0:
        late = stamp.market_ms - closed
        out.events += run_check(state.baskets.values(), closed, late_ms=late, missing=row.missing)
        state.last_check = closed
    out.changed.update(_BOOK_SECTIONS)


def _take_link(state: EngineState, stamp: Stamp, item: LinkReported, out: _Outcome) -> None:
    was, state.link = state.link.state, item
    if item.state is not was:
        venue = state.config.venue.id
        out.events.append(LinkChanged(at=stamp.market_ms, venue=venue, state=item.state, why=item.why))
    out.changed.add(Section.HEALTH)


def _take_instruments(state: EngineState, stamp: Stamp, item: InstrumentsListed, out: _Outcome) -> None:
    state.listed = item.listed
    absent = tuple(asset for symbol, asset in state.asset_of.items() if symbol not in item.listed)
    if absent:
        out.events.append(AssetsUnlisted(at=stamp.market_ms, venue=state.config.venue.id, assets=absent))
    out.changed.add(Section.HEALTH)


def _install(state: EngineState, stamp: Stamp, item: HistoryReady, out: _Outcome) -> None:
    """Take over the market state built from the store, and say what its newest check found."""
    history, bar_ms = item.history, state.config.rules.bar_ms
    state.correlation, state.baskets = history.correlation, history.tracks
    state.used = history.correlation.used()
    as_of = history.correlation.as_of
    if as_of is not None:
        state.grid = BarGrid(state.assets, bar_ms=bar_ms, first_open=as_of)
        first = as_of - len(history.recent) * bar_ms
        symbols = list(state.asset_of)
        state.door.remember(
            Bar(symbol=symbols[column], open_ms=Ms(first + row * bar_ms), close=float(close), volume=0.0)
            for (row, column), close in np.ndenumerate(history.recent)
            if not np.isnan(close)
        )
    state.last_check = history.last_check
    state.ready = True
    out.events.append(HistoryLoaded(at=stamp.market_ms, bars=history.bars, fetched=item.fetched, short=history.short))
    for event in history.last_events:
        if isinstance(event, CheckCompleted):
            late = stamp.market_ms - event.at
            event = CheckCompleted(at=event.at, late_ms=late, missing=event.missing, baskets=event.baskets)  # noqa: PLW2901
        out.events.append(event)
    out.changed.update(Section)
