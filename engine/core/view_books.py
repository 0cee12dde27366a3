"""Owns the `books` section: every basket's numbers and the account as one basket, read from the state.

Until a ledger exists the book is the planned one: base weights times notional, and `planned` says so. Figures and
formulas are CONTRACT's "Risk figures"; the plain windows are Pearson, the drift is what the signals read.
"""

import math
from collections.abc import Iterable

import numpy as np

from engine.core.baskets import BasketTrack
from engine.core.state import EngineState
from engine.domain.alerts import AlertKind
from engine.domain.basket import Leg
from engine.domain.config import Estimator
from engine.domain.views import NAN, AssetView, BasketState, BasketView, BooksView, PortfolioView
from engine.quant.arrays import Floats
from engine.quant.correlation import mean_if_half, pairs_of
from engine.quant.portfolio_risk import UNDEFINED, risk_figures, stressed
from engine.signals.drift import rho_eff, strongest

RISK_WINDOW_DAYS = 30
STRESS_RHO = 0.95


def books_view(state: EngineState) -> BooksView:
    """Return the section as of the last closed bar; before history is loaded only what the config says."""
    return BooksView(
        as_of_ms=state.correlation.as_of if state.ready else None,
        baskets=tuple(_basket(state, track) for track in state.baskets.values()),
        portfolio=_portfolio(state, state.baskets.values()),
    )


def _weights(state: EngineState, track: BasketTrack) -> Floats:
    """Return the basket's signed base weights [N] in the order of the watched assets."""
    weights = np.zeros(len(state.assets))
    np.add.at(weights, track.rows, track.signs * np.array([leg.weight for leg in track.basket.legs]))
    return weights


def _correlation_of(state: EngineState) -> Floats:
    """Return R of the risk figures [N, N]: winsorized, 30 days, undefined for assets that are not used."""
    rho = state.correlation.window(RISK_WINDOW_DAYS, Estimator.WINSORIZED).rho.copy()
    rho[~state.used, :] = np.nan
    rho[:, ~state.used] = np.nan
    return rho


def _basket(state: EngineState, track: BasketTrack) -> BasketView:
    basket, drift = track.basket, track.drift
    notional = float(basket.notional)
    weights = _weights(state, track)
    risk = UNDEFINED
    if state.ready:
        risk = risk_figures(weights, state.correlation.sigma_ann(), _correlation_of(state), notional)
    moves = strongest(drift.moves) if drift is not None else ()
    return BasketView(
        name=basket.name,
        thesis=basket.thesis,
        state=_state_of(state, track),
        planned=True,
        leverage=basket.leverage,
        gross=notional * float(np.abs(weights).sum()),
        net=notional * float(weights.sum()),
        vol_ann=risk.vol_ann,
        hidden_leverage=risk.hidden_leverage,
        effective_bets=risk.effective_bets,
        mean_rho=_mean_rho(state, track),
        mean_rho_base=drift.mean_rho_base if drift is not None else NAN,
        mean_rho_now=drift.mean_rho_now if drift is not None else NAN,
        shift=drift.shift if drift is not None else NAN,
        drift_max=moves[0] if moves else None,
        pairs=moves,
        watching=state.signals.watches[basket.name].pairs,
        assets=_legs(state, track),
        mean_rho_calm=_mean_in(state, track, stress=False),
        mean_rho_stress=_mean_in(state, track, stress=True),
    )


def _state_of(state: EngineState, track: BasketTrack) -> BasketState:
    """Return how a basket is, the most urgent first; an alert that is held without data is shown as no data."""
    name, drift = track.basket.name, track.drift
    if not state.ready or drift is None or math.isnan(drift.shift):
        return BasketState.NO_DATA
    if state.signals.board.find(AlertKind.BASKET, name) is not None:
        return BasketState.ALERT
    return BasketState.WATCH if state.signals.watches[name].pairs else BasketState.OK


def _mean_rho(state: EngineState, track: BasketTrack) -> dict[str, float]:
    windows = state.config.rules.windows_days
    if not state.ready:
        return {str(days): NAN for days in windows}
    return {str(days): track.mean_rho(state.correlation, state.used, days) for days in windows}


def _mean_in(state: EngineState, track: BasketTrack, *, stress: bool) -> float:
    """Return the basket's mean pair rho_eff over the bars of one regime, NaN where too few are known."""
    if not state.ready or state.calm_and_stress is None:
        return NAN
    rho, _ = state.calm_and_stress.matrix(stress=stress)
    return mean_if_half(pairs_of(rho_eff(rho, track.members(state.used))))


def _legs(state: EngineState, track: BasketTrack) -> tuple[AssetView, ...]:
    days = state.correlation.history_days() if state.ready else np.full(len(state.assets), math.nan)
    return tuple(
        _leg(leg, history_days=float(days[row]), used=bool(state.used[row]) or not state.ready)
        for leg, row in zip(track.basket.legs, track.rows, strict=True)
    )


def _leg(leg: Leg, *, history_days: float, used: bool) -> AssetView:
    """Return the planned leg; what only a held position has stays NaN."""
    return AssetView(
        asset=leg.asset, symbol=leg.symbol, side=leg.side, weight=leg.weight, history_days=history_days, used=used
    )


def _portfolio(state: EngineState, tracks: Iterable[BasketTrack]) -> PortfolioView:
    """Return the account's figures: positions of several baskets in one asset net, weights are of equity."""
    equity = float(state.config.account.equity)
    by_basket = [_weights(state, track) * float(track.basket.notional) for track in tracks]
    values = np.sum(by_basket, axis=0) if by_basket else np.zeros(len(state.assets))
    gross, net = float(sum(np.abs(value).sum() for value in by_basket)), float(values.sum())
    if not state.ready:
        return PortfolioView(gross=gross, net=net)
    weights, sigma, rho = values / equity, state.correlation.sigma_ann(), _correlation_of(state)
    risk = risk_figures(weights, sigma, rho, equity)
    stress = stressed(weights, sigma, rho, equity, level=STRESS_RHO)
    return PortfolioView(
        gross=gross,
        net=net,
        vol_ann=risk.vol_ann,
        hidden_leverage=risk.hidden_leverage,
        effective_bets=risk.effective_bets,
        es95_1d=risk.es95_1d,
        es95_1d_rho95=stress.es95_1d,
    )
