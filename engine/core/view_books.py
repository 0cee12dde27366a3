"""Owns the `books` section: every basket's numbers and the account as one basket, read from the state.

A basket that holds nothing shows what it would open at, and `planned` says so. Figures and formulas are CONTRACT's
"Risk figures"; the plain windows are Pearson, the drift is what the signals read.
"""

import math
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

import numpy as np

from engine.core.baskets import BasketTrack
from engine.core.drafting import Draftsman
from engine.core.state import EngineState
from engine.core.trade_market import sizing_of
from engine.core.view_positions import distances
from engine.domain.alerts import AlertKind
from engine.domain.config import Estimator
from engine.domain.portfolio import BookValue, PositionValue
from engine.domain.renames import new_name
from engine.domain.units import DAY_MS, Ms, Symbol, iso
from engine.domain.views import NAN, AssetView, BasketState, BasketView, BooksView, PairCounts, PortfolioView
from engine.quant.arrays import Floats
from engine.quant.correlation import mean_if_half, pairs_of
from engine.quant.portfolio_risk import UNDEFINED, risk_figures, stressed
from engine.rebalance.mending import mend
from engine.signals.drift import strongest

STRESS_RHO = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moment:
    """What every basket's view reads: the market and the account's value, taken once."""

    state: EngineState
    desk: Draftsman
    liquidation: dict[Symbol, float]

    def book(self, track: BasketTrack) -> BookValue | None:
        return next((book for book in self.desk.value.books if book.basket == track.basket.name), None)


def books_view(state: EngineState, at: Ms) -> BooksView:
    """Return the section as of now; before history is loaded only what the config and the books say."""
    moment = _Moment(state=state, desk=Draftsman(state, at), liquidation=distances(state))
    return BooksView(
        as_of_ms=state.correlation.as_of if state.ready else None,
        baskets=tuple(_basket(moment, track) for track in state.baskets.values()),
        portfolio=_portfolio(moment),
    )


def _basket(moment: _Moment, track: BasketTrack) -> BasketView:
    state, basket, drift = moment.state, track.basket, track.drift
    book = moment.book(track)
    flat = book is None or not book.positions
    notional = float(basket.notional if basket.share is None else moment.desk.value.equity * _decimal(basket.share))
    held = moment.desk.held(basket)
    targets = moment.desk.sized(track).values if state.ready else np.full(len(track.rows), NAN)
    risk = UNDEFINED
    if state.ready and notional > 0:
        weights = _placed(state, track, targets if flat else held) / notional
        risk = risk_figures(weights, moment.desk.picture.sigma, moment.desk.picture.rho, notional)
    moves = strongest(drift.moves) if drift is not None else ()
    waiting = state.trading.board.waiting(basket.name)
    gross = 0.0 if flat or book is None else float(book.gross)
    return BasketView(
        name=basket.name,
        thesis=basket.thesis,
        state=_state_of(state, track, flat=flat),
        planned=flat,
        leverage=basket.leverage,
        gross=gross,
        net=0.0 if flat or book is None else float(book.net),
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
        assets=_legs(moment, track, held, targets, notional),
        mean_rho_calm=_mean_in(state, track, stress=False),
        mean_rho_stress=_mean_in(state, track, stress=True),
        pnl=float(book.pnl) if book is not None else 0.0,
        unrealized=float(book.unrealized) if book is not None else 0.0,
        partial=bool(book.unpriced) if book is not None else False,
        notional=notional,
        factor=gross / notional if notional > 0 else NAN,
        proposal=waiting.proposal.id if waiting is not None else None,
        flag=_flag(moment, track, held),
        counts=_counts(state, track),
    )


def _decimal(share: float) -> Decimal:
    return Decimal(str(share))


def _placed(state: EngineState, track: BasketTrack, values: Floats) -> Floats:
    """Return values per leg [n] in the order of the watched assets [N]."""
    placed = np.zeros(len(state.assets))
    np.add.at(placed, track.rows, values)
    return placed


def _flag(moment: _Moment, track: BasketTrack, held: Floats) -> str:
    """Return what is wrong with a basket: legs not listed any more, or soon; a hedge off its target, and its mend.

    Nothing of the hedge is said while a proposal of it is executed.
    """
    state = moment.state
    gone = [leg.asset for leg in track.basket.legs if state.listed is not None and leg.symbol not in state.listed]
    if gone:
        several = len(gone) > 1
        them = "them" if several else "it"
        renamed = [f"{old} may be {new} now" for old in gone if (new := new_name(old)) is not None]
        hint = "; ".join(["", *renamed])
        return f"{', '.join(gone)} {'are' if several else 'is'} not listed: the basket goes on without {them}{hint}"
    ending = _ending(state, track)
    if state.trading.board.busy(track.basket.name) is not None:
        return ending
    off = mend(track.basket, held, moment.desk.picture, sizing_of(state, track.basket).net_tolerance)
    return "; ".join(filter(None, (off, ending)))


def _ending(state: EngineState, track: BasketTrack) -> str:
    """Return which legs the venue will delist, and when the first of them."""
    listed = state.listed or {}
    found = [(leg.asset, listed.get(leg.symbol)) for leg in track.basket.legs]
    ends = sorted((market.ends_ms, asset) for asset, market in found if market is not None and market.ends_ms)
    if not ends:
        return ""
    names, them = ", ".join(asset for _, asset in ends), "them" if len(ends) > 1 else "it"
    return f"{names} will be delisted, from {iso(Ms(ends[0][0]))[:16]}Z on: close or replace {them} before"


def _state_of(state: EngineState, track: BasketTrack, *, flat: bool) -> BasketState:
    """Return how a basket is, the most urgent first; an alert that is held without data is shown as no data."""
    name, drift = track.basket.name, track.drift
    if state.trading.board.waiting(name) is not None:
        return BasketState.PROPOSAL
    if not state.ready or drift is None or math.isnan(drift.shift):
        return BasketState.NO_DATA
    if state.signals.board.find(AlertKind.BASKET, name) is not None:
        return BasketState.ALERT
    if state.signals.watches[name].pairs:
        return BasketState.WATCH
    return BasketState.FLAT if flat else BasketState.OK


def _mean_rho(state: EngineState, track: BasketTrack) -> dict[str, float]:
    windows = state.config.rules.windows_days
    if not state.ready:
        return {str(days): NAN for days in windows}
    return {str(days): track.mean_rho(state.correlation, state.used, days) for days in windows}


def _counts(state: EngineState, track: BasketTrack) -> tuple[PairCounts, ...]:
    """Return how many returns each pair has in each window; nothing before the history is there."""
    if not state.ready:
        return ()
    windows = {days: state.correlation.window(days, Estimator.PEARSON) for days in state.config.rules.windows_days}
    return tuple(
        PairCounts(
            first=first,
            second=second,
            valid={str(days): int(matrix.counts[row, column]) for days, matrix in windows.items()},
        )
        for (first, row), (second, column) in combinations(zip(track.basket.assets, track.rows, strict=True), 2)
    )


def _since(state: EngineState, days: float) -> Ms | None:
    """Return when an asset's first bar opened, from its age at the newest close."""
    closed = state.correlation.as_of
    return None if closed is None or math.isnan(days) else Ms(closed - round(days * DAY_MS))


def _mean_in(state: EngineState, track: BasketTrack, *, stress: bool) -> float:
    """Return the basket's mean pair rho_eff over the bars of one regime, NaN where too few are known."""
    if not state.ready or state.calm_and_stress is None:
        return NAN
    rho, _ = state.calm_and_stress.matrix(stress=stress)
    return mean_if_half(pairs_of(track.rho_eff(rho, state.used)))


def _legs(moment: _Moment, track: BasketTrack, held: Floats, targets: Floats, notional: float) -> tuple[AssetView, ...]:
    """Return the legs; weights are along each leg's side, so a leg held the wrong way is negative."""
    state = moment.state
    days = state.correlation.history_days() if state.ready else np.full(len(state.assets), math.nan)
    book = moment.book(track)
    found: list[AssetView] = []
    for place, (leg, row) in enumerate(zip(track.basket.legs, track.rows, strict=True)):
        quote = state.quotes.get(leg.asset)
        position = _position(book, leg.symbol)
        found.append(
            AssetView(
                asset=leg.asset,
                symbol=leg.symbol,
                side=leg.side,
                weight=float(held[place]) * leg.side.sign / notional if notional > 0 else NAN,
                target_weight=float(targets[place]) * leg.side.sign / notional if notional > 0 else NAN,
                pnl=float(position.unrealized) if position is not None else 0.0,
                liquidation_distance=moment.liquidation.get(leg.symbol, NAN) if position is not None else NAN,
                funding_next=quote.funding.rate if quote is not None and quote.funding is not None else NAN,
                history_days=float(days[row]),
                since_ms=_since(state, float(days[row])),
                used=bool(state.used[row]) or not state.ready,
            )
        )
    return tuple(found)


def _position(book: BookValue | None, symbol: Symbol) -> PositionValue | None:
    positions = book.positions if book is not None else ()
    return next((each for each in positions if each.symbol == symbol), None)


def _portfolio(moment: _Moment) -> PortfolioView:
    """Return the account's figures: positions of several baskets in one asset net, weights are of equity."""
    state, value = moment.state, moment.desk.value
    equity, picture = float(value.equity), moment.desk.picture
    gross, net = float(value.gross), float(value.net)
    known = {symbol: place for place, symbol in enumerate(picture.symbols)}
    if not state.ready or equity <= 0 or any(each.symbol not in known for each in value.positions):
        return PortfolioView(gross=gross, net=net)
    weights = np.zeros(len(picture.symbols))
    for each in value.positions:
        weights[known[each.symbol]] += float(each.value) / equity
    risk = risk_figures(weights, picture.sigma, picture.rho, equity)
    stress = stressed(weights, picture.sigma, picture.rho, equity, level=STRESS_RHO)
    return PortfolioView(
        gross=gross,
        net=net,
        vol_ann=risk.vol_ann,
        hidden_leverage=risk.hidden_leverage,
        effective_bets=risk.effective_bets,
        es95_1d=risk.es95_1d,
        es95_1d_rho95=stress.es95_1d,
    )
