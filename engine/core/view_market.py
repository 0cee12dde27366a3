"""Owns the sections `quotes`, `matrix` and `series`, read from the state."""

import numpy as np

from engine.core.state import EngineState
from engine.domain.config import Estimator
from engine.domain.errors import RefusedError
from engine.domain.units import Asset, BasketName
from engine.domain.views import (
    ALL_ASSETS,
    NAN,
    MatrixKind,
    MatrixView,
    PairSeries,
    QuoteRow,
    QuotesView,
    SeriesView,
)
from engine.market.correlation_state import Matrix
from engine.quant.arrays import Floats
from engine.quant.correlation import signed


def quotes_view(state: EngineState, *, monotonic: float) -> QuotesView:
    """Return every watched asset's latest price; without one its row is NaN and stale."""
    rows = []
    for asset, symbol in state.config.symbols.items():
        quote = state.quotes.get(asset)
        if quote is None:
            rows.append(QuoteRow(asset=asset, symbol=symbol))
            continue
        age = monotonic - quote.received
        rows.append(
            QuoteRow(
                asset=asset,
                symbol=symbol,
                last=float(quote.last),
                change_24h=NAN if quote.change_24h is None else quote.change_24h,
                age_s=age,
                stale=age > state.stale_after_s,
            )
        )
    return QuotesView(rows=tuple(rows))


def _scope(state: EngineState, scope: str) -> tuple[tuple[Asset, ...], Floats]:
    """Return the assets of a scope and their signs; all assets together are unsigned."""
    if scope == ALL_ASSETS:
        return state.assets, np.ones(len(state.assets))
    track = state.baskets.get(BasketName(scope))
    if track is None:
        raise RefusedError(f"no basket {scope!r}: there are {', '.join(state.baskets)} and {ALL_ASSETS}")
    return track.basket.assets, track.signs


def _pick(state: EngineState, kind: MatrixKind, window_days: int, estimator: Estimator) -> Matrix:
    correlation = state.correlation
    match kind:
        case MatrixKind.WINDOW:
            if window_days not in state.config.rules.windows_days:
                raise RefusedError(f"no window of {window_days} days: rules.windows_days has the ones that are kept")
            return correlation.window(window_days, estimator)
        case MatrixKind.BASE:
            return correlation.base(estimator)
        case MatrixKind.NOW:
            return correlation.now(estimator)
        case MatrixKind.LIVE:
            return _live(state, estimator)
        case MatrixKind.CALM | MatrixKind.STRESS:
            if state.calm_and_stress is None:
                raise RefusedError("calm and stress correlation are known once the history is loaded")
            rho, counts = state.calm_and_stress.matrix(stress=kind is MatrixKind.STRESS)
            return Matrix(rho=rho, counts=counts)
        case MatrixKind.DELTA:
            now, base = correlation.now(estimator), correlation.base(estimator)
            return Matrix(rho=now.rho - base.rho, counts=base.counts)


def _live(state: EngineState, estimator: Estimator) -> Matrix:
    """Return the now-estimate with the unfinished bar closing at the latest quotes; one row per asset, uncommitted."""
    prices = [state.quotes.get(asset) for asset in state.assets]
    closes = np.array([np.nan if quote is None else float(quote.last) for quote in prices])
    rows = [state.correlation.overlay_row(None, estimator, asset, closes) for asset in state.assets]
    return Matrix(rho=np.array(rows), counts=state.correlation.now(estimator).counts)


def matrix_view(
    state: EngineState, *, scope: str, kind: MatrixKind, window_days: int, estimator: Estimator, dtype: str
) -> MatrixView:
    """Return one matrix of a scope. Raises RefusedError for a scope, window or estimator that is not kept."""
    if estimator is Estimator.SPEARMAN:
        raise RefusedError("spearman is not kept live: take pearson or winsorized")
    assets, signs = _scope(state, scope)
    at = np.array([state.index[asset] for asset in assets])
    if state.ready:
        matrix = _pick(state, kind, window_days, estimator)
        cells = np.ix_(at, at)
        rho = signed(matrix.rho[cells], signs)
        rho[~state.used[at], :] = np.nan
        rho[:, ~state.used[at]] = np.nan
        counts = matrix.counts[cells]
    else:
        rho, counts = np.full((len(at), len(at)), np.nan), np.zeros((len(at), len(at)))
    return MatrixView(
        scope=scope,
        kind=kind,
        window_days=window_days,
        estimator=estimator,
        as_of_ms=state.correlation.as_of if state.ready else None,
        assets=assets,
        dtype=dtype,
        values=rho.astype(f"<{dtype}").tobytes(),
        counts=np.clip(counts, 0, 65_535).astype("<u2").tobytes(),
        marks=_marks(state, scope, assets),
    )


def _marks(state: EngineState, scope: str, assets: tuple[Asset, ...]) -> bytes:
    """Return one byte a cell: 1 where a basket of this scope has the pair on WATCH."""
    names = state.baskets if scope == ALL_ASSETS else (BasketName(scope),)
    watching = {frozenset(pair) for name in names for pair in state.signals.watches[name].pairs}
    return bytes(first != second and frozenset((first, second)) in watching for first in assets for second in assets)


def series_view(state: EngineState, *, scope: str) -> SeriesView:
    """Return the course of a basket's mean correlation. Raises RefusedError for an unknown basket."""
    track = state.baskets.get(BasketName(scope))
    if track is None:
        raise RefusedError(f"no basket {scope!r}: there are {', '.join(state.baskets)}")
    course = track.course
    names = [(move.first, move.second) for move in track.drift.moves] if track.drift is not None else []
    return SeriesView(
        scope=scope,
        end_ms=state.correlation.as_of if state.ready else None,
        step_ms=state.config.rules.bar_ms,
        mean_now=tuple(course.mean_now),
        mean_base=tuple(course.mean_base),
        shift=tuple(course.shift),
        pairs=tuple(PairSeries(first=a, second=b, values=tuple(course.pair_now[frozenset((a, b))])) for a, b in names),
    )
