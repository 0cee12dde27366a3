"""Owns the stress of a book: CONTRACT's risk figures of every basket and of the account, now and under scenarios.

Takes positions as signed money and a price table for volatilities, correlations and betas; the same definitions as the
live figures. Reads no file and prints nothing.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.adapters.price_file import PriceTable
from engine.domain.basket import Basket
from engine.domain.config import Config, Estimator
from engine.domain.errors import ConfigError
from engine.domain.units import DAY_MS, HOUR_MS, Asset, BasketName, Ms
from engine.lab.correlate import closed_rows, last_returns
from engine.quant.arrays import Floats
from engine.quant.comoments import required
from engine.quant.correlation import pearson
from engine.quant.deviations import deviations
from engine.quant.margin import SwapPosition, isolated_price, liquidation_distance, worst_distance
from engine.quant.portfolio_risk import RiskFigures, risk_figures
from engine.quant.stress import Scenario, betas, hedge_break_scenario, rho_scenario, shock_loss

DAYS = 30
SLOTS = DAYS * DAY_MS // HOUR_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Shock:
    """A move of one asset that all others follow by their betas; `move` is a fraction."""

    asset: Asset
    move: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StressMarket:
    """What the figures are made of at one instant: assets [N], sigma [N] annual, rho [N, N], betas per benchmark."""

    at: Ms
    assets: tuple[Asset, ...]
    sigma: Floats
    rho: Floats
    betas: Mapping[Asset, Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class StressedBook:
    """One basket, or the account where `basket` is None. Losses are money, a gain is negative; NaN is undefined."""

    basket: BasketName | None
    gross: float
    net: float
    figures: RiskFigures
    scenarios: tuple[Scenario, ...]
    losses: tuple[tuple[Shock, float], ...]
    worst_liquidation_distance: float


Positions = Mapping[BasketName, Mapping[Asset, float]]


def stress_market(
    config: Config, table: PriceTable, *, at: Ms | None, benchmarks: Sequence[Asset] = ()
) -> StressMarket:
    """Return volatilities, correlations and betas of the config's assets. Raises ConfigError for what is not there."""
    assets = tuple(config.symbols)
    absent = [asset for asset in (*assets, *benchmarks) if asset not in table.assets]
    if absent:
        raise ConfigError(f"the prices have no column for {', '.join(dict.fromkeys(absent))}: add it, or leave it out")
    rows = closed_rows(table, at)
    clipped = last_returns(table, assets=assets, slots=SLOTS, rows=rows, method=Estimator.WINSORIZED)[-SLOTS:]
    least = required(SLOTS)
    found = {}
    for benchmark in benchmarks:
        both = (benchmark, *(asset for asset in assets if asset != benchmark))
        raw = last_returns(table, assets=both, slots=SLOTS, rows=rows, method=Estimator.PEARSON)[-SLOTS:]
        slope = dict(zip(both, betas(raw, 0, least).tolist(), strict=True))
        found[benchmark] = np.array([slope[asset] for asset in assets])
    return StressMarket(
        at=at if at is not None else Ms(int(table.open_ms[rows - 1]) + table.bar_ms),
        assets=assets,
        sigma=deviations(clipped, least) * math.sqrt(8760.0),
        rho=pearson(clipped, least),
        betas=found,
    )


def base_positions(config: Config) -> dict[BasketName, dict[Asset, float]]:
    """Return every basket at its base exposure: what a factor of 1 would hold."""
    return {basket.name: _at_base(basket) for basket in config.baskets}


def stress_baskets(
    config: Config,
    market: StressMarket,
    positions: Positions,
    *,
    equity: float,
    levels: Sequence[float],
    shocks: Sequence[Shock],
) -> tuple[StressedBook, ...]:
    """Return the account first (it is all positions over equity), then each basket over its own base notional."""
    everything: dict[Asset, float] = {}
    for held in positions.values():
        for asset, value in held.items():
            everything[asset] = everything.get(asset, 0.0) + value
    distances = {
        basket.name: _nearest(basket, positions[basket.name]) for basket in config.baskets if basket.name in positions
    }
    account = _stressed(None, everything, market, equity, levels, shocks, worst_distance(list(distances.values())))
    gross = sum(abs(value) for held in positions.values() for value in held.values())
    books = []
    for basket in config.baskets:
        if basket.name in positions:
            held, base = positions[basket.name], float(basket.notional)
            books.append(_stressed(basket.name, held, market, base, levels, shocks, distances[basket.name]))
    return (replace(account, gross=gross), *books)  # gross adds the baskets up, before anything nets


def _at_base(basket: Basket) -> dict[Asset, float]:
    return {leg.asset: leg.side.sign * leg.weight * float(basket.notional) for leg in basket.legs}


def _stressed(
    name: BasketName | None,
    held: Mapping[Asset, float],
    market: StressMarket,
    base: float,
    levels: Sequence[float],
    shocks: Sequence[Shock],
    distance: float,
) -> StressedBook:
    values = np.array([held.get(asset, 0.0) for asset in market.assets])
    weights = values / base
    scenarios = [rho_scenario(weights, market.sigma, market.rho, base, level) for level in levels]
    scenarios.append(hedge_break_scenario(weights, market.sigma, base))
    return StressedBook(
        basket=name,
        gross=float(np.abs(values).sum()),
        net=float(values.sum()),
        figures=risk_figures(weights, market.sigma, market.rho, base),
        scenarios=tuple(scenarios),
        losses=tuple((shock, shock_loss(values, market.betas[shock.asset], shock.move)) for shock in shocks),
        worst_liquidation_distance=distance,
    )


def _nearest(basket: Basket, held: Mapping[Asset, float]) -> float:
    """Return the smallest liquidation distance of legs entered now, isolated.

    The margin is base notional / leverage and stays where the rule has cut a position: less is further away.
    """
    margins = {leg.asset: leg.weight * float(basket.notional) / basket.leverage for leg in basket.legs}
    return worst_distance([leg_distance(value, margins[asset]) for asset, value in held.items() if value])


def leg_distance(value: float, margin: float) -> float:
    """Return how far an isolated position of this value, entered now, is from its liquidation, as a fraction of price.

    NaN where no price liquidates it. It does not depend on the price.
    """
    position = SwapPosition(quantity=value, entry=1.0, mark=1.0, margin=margin)
    return liquidation_distance(1.0, isolated_price(position), value)
