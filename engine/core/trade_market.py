"""Owns the picture that sizes, costs and risk figures are made from: the state read at one moment, by symbol.

Reads correlation, quotes, instruments and books; changes nothing. Goes to drafting, decisions and the views.
"""

from collections.abc import Mapping
from decimal import Decimal

import numpy as np

from engine.core.baskets import BasketTrack
from engine.core.state import EngineState
from engine.domain.basket import Basket
from engine.domain.config import Estimator, SizingConfig
from engine.domain.market import Quote
from engine.domain.portfolio import AccountValue
from engine.domain.units import Symbol
from engine.portfolio.valuation import account_equity, value_account
from engine.quant.arrays import Floats
from engine.quant.sizing import SizingMethod
from engine.rebalance.figures import Picture
from engine.rebalance.legs import reference_price
from engine.rebalance.targets import RHO_MAX, sizing_rho

RISK_WINDOW_DAYS = 30
_BY_CORRELATION = (SizingMethod.ONE_MINUS_RHO, SizingMethod.EQUAL)


def quotes_by_symbol(state: EngineState) -> dict[Symbol, Quote]:
    """Return the newest quote of every symbol that has one."""
    return {quote.symbol: quote for quote in state.quotes.values()}


def marks(state: EngineState) -> dict[Symbol, Decimal]:
    """Return the price of every symbol that positions are valued at."""
    return {quote.symbol: reference_price(quote) for quote in state.quotes.values()}


def account_value(state: EngineState) -> AccountValue:
    """Return the account at the present prices."""
    return value_account(state.trading.account, marks(state))


def equity_now(state: EngineState) -> Decimal:
    """Return the account's equity at the present prices."""
    return account_equity(state.trading.account, marks(state))


def risk_rho(state: EngineState) -> Floats:
    """Return R of the risk figures [N, N]: winsorized, 30 days, undefined for assets that are not used."""
    rho = state.correlation.window(RISK_WINDOW_DAYS, Estimator.WINSORIZED).rho.copy()
    rho[~state.used, :] = np.nan
    rho[:, ~state.used] = np.nan
    return rho


def picture(state: EngineState) -> Picture:
    """Return the market at this moment; assets without history are undefined in it."""
    quotes = quotes_by_symbol(state)
    funding = {symbol: quote.funding.per_day for symbol, quote in quotes.items() if quote.funding is not None}
    count = len(state.assets)
    return Picture(
        symbols=tuple(state.config.symbols.values()),
        sigma=state.correlation.sigma_ann() if state.ready and _by_risk(state) else np.full(count, np.nan),
        rho=risk_rho(state) if state.ready and not state.unwatched else np.full((count, count), np.nan),
        quotes=quotes,
        instruments=state.listed or {},
        funding_day=funding,
        tiers={},
    )


def _by_risk(state: EngineState) -> bool:
    """Return True where anything is made of volatilities: figures for a person, or sizes that ask for them."""
    rules = (state.config.sizing, *dict(state.config.basket_sizing).values())
    return not state.unwatched or any(rule.method not in _BY_CORRELATION for rule in rules)


def sizing_of(state: EngineState, basket: Basket) -> SizingConfig:
    """Return how a basket is sized: its own words, or those of the whole config."""
    return dict(state.config.basket_sizing).get(basket.name, state.config.sizing)


def basket_rho(state: EngineState, track: BasketTrack, sizing: SizingConfig) -> Floats:
    """Return the rho_eff [N, N] that sizes a basket, in the order of its legs."""
    days = RISK_WINDOW_DAYS if sizing.rho == RHO_MAX else int(sizing.rho.removesuffix("d"))
    window = track.rho_eff(state.correlation.window(days, sizing.estimator).rho, state.used)
    return sizing_rho(sizing, window, track.rho_eff(state.correlation.now(sizing.estimator).rho, state.used))


def notional_of(basket: Basket, equity: Decimal) -> Decimal:
    """Return the base exposure of a basket: its notional, or its share of the equity of now."""
    return basket.notional if basket.share is None else max(equity, Decimal(0)) * Decimal(str(basket.share))


def unpriced(state: EngineState, basket: Basket, monotonic: float) -> tuple[str, ...]:
    """Return the legs of a basket that have no fresh price."""
    found: Mapping[Symbol, Quote] = quotes_by_symbol(state)
    return tuple(
        leg.asset
        for leg in basket.legs
        if (quote := found.get(leg.symbol)) is None or monotonic - quote.received > state.stale_after_s
    )
