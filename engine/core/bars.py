"""Owns the way of bars through the core: candle to row, row to state, and the signals' instants in their order.

An instant of the fast cycle lies between two closes and runs on the bars closed by it: after the row of its hour was
committed, before the next. Never fetches, stores or publishes: what happened goes into the outcome.
"""

import numpy as np

from engine.core.inputs import CandlesArrived, HistoryReady, Stamp
from engine.core.outcome import Outcome
from engine.core.signals_check import run_instant
from engine.core.state import EngineState
from engine.core.warmup import append_row
from engine.domain.alerts import Regime
from engine.domain.config import Estimator, MarketSource
from engine.domain.events import BarsCorrected, CandlesRejected, HistoryLoaded
from engine.domain.market import Bar
from engine.domain.units import Asset, Ms, floor_to
from engine.domain.views import Section
from engine.market.bar_grid import BarGrid, Delivery, GridRow
from engine.market.doorkeeper import Verdict
from engine.quant.arrays import Floats

BOOK_SECTIONS = (Section.BOOKS, Section.MATRIX, Section.SERIES, Section.ALERTS, Section.MAP, Section.PAIR)


def take_candles(state: EngineState, stamp: Stamp, item: CandlesArrived, out: Outcome) -> None:
    """Judge candles at the door and put what passes on the grid."""
    asset = state.asset_of[item.symbol]
    rejected: list[Verdict] = []
    corrected = 0
    for candle in item.candles:
        verdict = state.door.judge(candle, stamp.market_ms)
        if verdict.bar is not None:
            out.bars.append(verdict.bar)
            if not item.history:  # the state is made from the store when all of it is there
                corrected += _deliver(state, asset, verdict.bar, verdict.missing)
        elif verdict.rejection is not None and not verdict.rejection.harmless:
            rejected.append(verdict)
    if rejected:
        why = rejected[0].why
        out.events.append(CandlesRejected(at=stamp.market_ms, asset=asset, count=len(rejected), why=why))
    if corrected:
        out.events.append(BarsCorrected(at=stamp.market_ms, asset=asset, count=corrected))
        out.changed.update(BOOK_SECTIONS)


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


def advance(state: EngineState, stamp: Stamp, out: Outcome) -> None:
    """Commit the slots that are complete, oldest first, and run every instant that is due, in the market's order."""
    if state.grid is None:
        return
    _declare_unlisted(state, state.grid, stamp.market_ms)
    for row in state.grid.ready(stamp.market_ms, stamp.monotonic):
        _look_inside(state, stamp, Ms(row.open_ms + state.config.rules.bar_ms), out)
        _commit(state, stamp, row, out, may_check=True)
    _look_inside(state, stamp, Ms(stamp.market_ms + 1), out)


def _declare_unlisted(state: EngineState, grid: BarGrid, market_ms: Ms) -> None:
    if state.listed is None:
        return
    slots = tuple(Ms(at) for at in range(grid.next_open, market_ms, state.config.rules.bar_ms))
    for symbol, asset in state.asset_of.items():
        if symbol not in state.listed:
            grid.declare_missing(asset, slots)


def _commit(state: EngineState, stamp: Stamp, row: GridRow, out: Outcome, *, may_check: bool) -> None:
    """Take one row into every state and judge the instant of its close."""
    append_row(state.config, row.open_ms, row.closes, state.correlation, state.baskets, state.reader)
    state.used = state.correlation.used()
    closed = Ms(row.open_ms + state.config.rules.bar_ms)
    _judge(state, stamp, closed, out, may_check=may_check, missing=row.missing)
    _keep_by_regime(state)
    out.changed.update(BOOK_SECTIONS)


def _keep_by_regime(state: EngineState) -> None:
    """Count the bar's returns to the regime that is known now; before the first is known they belong to none."""
    regime = state.signals.regime.reading.regime
    if state.calm_and_stress is not None and regime is not Regime.UNKNOWN:
        newest = state.correlation.returns(Estimator.WINSORIZED, 1)
        if len(newest):
            state.calm_and_stress.add(newest[-1], stress=regime is Regime.STRESS)


def _look_inside(state: EngineState, stamp: Stamp, before: Ms, out: Outcome) -> None:
    """Run the fast cycle's instants between the newest close and `before`, while volatility is on."""
    rules, closed = state.config.rules, state.correlation.as_of
    if closed is None:
        return
    at = Ms(max(closed, state.judged_until or closed))
    at = Ms(floor_to(at, rules.fast_check_every_ms) + rules.fast_check_every_ms)
    while at < min(before, closed + rules.bar_ms) and state.signals.volatile(at):
        finer = state.config.simulation.source is not MarketSource.REPLAY  # a replay holds each close for its hour
        _judge(state, stamp, at, out, rolling=state.rolling.returns(at) if finer else None)
        at = Ms(at + rules.fast_check_every_ms)


def _judge(
    state: EngineState,
    stamp: Stamp,
    at: Ms,
    out: Outcome,
    *,
    may_check: bool = True,
    rolling: Floats | None = None,
    missing: tuple[Asset, ...] = (),
) -> None:
    """Run the signals at `at`, once."""
    if state.judged_until is not None and at <= state.judged_until:
        return
    instant = state.reader.instant(
        state.correlation,
        state.baskets,
        at,
        anchors=state.signals.anchors,
        rolling=rolling,
        may_check=may_check,
        late_ms=stamp.market_ms - at,
        missing=missing,
    )
    events = run_instant(state.signals, instant)
    state.judged_until = at
    out.events += events
    if events:
        out.changed.update((Section.BOOKS, Section.MATRIX, Section.ALERTS, Section.HEALTH))


def install(state: EngineState, stamp: Stamp, item: HistoryReady, out: Outcome) -> None:
    """Take over the market state built from the store, and judge what the signals have not seen of it."""
    history, bar_ms = item.history, state.config.rules.bar_ms
    state.correlation, state.baskets, state.reader = history.correlation, history.tracks, history.reader
    state.used = history.correlation.used()
    state.calm_and_stress = history.calm_and_stress
    said: Regime = state.signals.regime.reading.regime
    state.signals.regime = history.regime
    state.signals.regime.restore(said)
    _remember_at_the_door(state, history.recent, Ms(history.end - len(history.recent) * bar_ms))
    out.events.append(HistoryLoaded(at=stamp.market_ms, bars=history.bars, fetched=item.fetched, short=history.short))
    for event in state.signals.retired(stamp.market_ms):
        state.signals.apply(event)
        out.events.append(event)
    # a check of the fast cycle that was missed lies inside an hour: it is made up on the close before it
    made_up = None if history.made_up is None else floor_to(history.made_up, bar_ms)
    for number, closes in enumerate(history.tail):
        open_ms = Ms(history.tail_open + number * bar_ms)
        absent = tuple(asset for asset, close in zip(state.assets, closes, strict=True) if np.isnan(close))
        row = GridRow(open_ms=open_ms, closes=closes, missing=absent, timed_out=False)
        _commit(state, stamp, row, out, may_check=made_up is None or open_ms + bar_ms >= made_up)
    state.grid = BarGrid(state.assets, bar_ms=bar_ms, first_open=history.end)
    state.ready = True
    out.changed.update(Section)


def _remember_at_the_door(state: EngineState, recent: Floats, first_open: Ms) -> None:
    symbols, bar_ms = list(state.asset_of), state.config.rules.bar_ms
    state.door.remember(
        Bar(symbol=symbols[column], open_ms=Ms(first_open + row * bar_ms), close=float(close), volume=0.0)
        for (row, column), close in np.ndenumerate(recent)
        if not np.isnan(close)
    )
