"""Owns the hedge leg of a candidate basket: which other asset follows it most steadily, and what is left when it does.

A hedged basket has half of its money on each side. Reads a map of candidates; ranks no baskets and writes nothing.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from engine.domain.units import Asset
from engine.lab.candidates import CandidateMap
from engine.quant.arrays import Floats
from engine.quant.portfolio_risk import risk_figures
from engine.quant.stress import hedge_break_scenario

HEDGE_WEIGHT = 0.5


class Shape(StrEnum):
    """Which side a basket stands on, and whether something stands against it."""

    LONG = "long"  # all legs long, nothing against them
    SHORT = "short"  # the assets short, one long leg against them
    NEUTRAL = "neutral"  # the assets long, one short leg against them

    @property
    def sign(self) -> int:
        """Return the sign of the assets' own side."""
        return -1 if self is Shape.SHORT else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class HedgeLeg:
    """One asset against a basket of equal weights; correlations are with the basket's return.

    `correlation` is the lowest over 30, 60 and 90 days, calm and stress: what can be relied on; `now` that of 30 days.
    `beta` is the basket's on the leg, and of each move of the leg `residual_beta` = beta - 1 stays, for equal money on
    both sides. Losses are the mean of the worst 5 % of days in the money of `notional`: now, and with the hedge broken.
    """

    asset: Asset
    place: int
    correlation: float
    now: float
    beta: float
    residual_beta: float
    es95_1d: float
    hedge_break: float


def hedge_leg(found: CandidateMap, places: tuple[int, ...], shape: Shape, *, notional: float) -> HedgeLeg | None:
    """Return the leg with the highest stable correlation; None where none is known or nothing follows the basket."""
    others = [place for place in found.usable if place not in places]
    stable = {place: _stable(found, places, place) for place in others}
    known = {place: value for place, value in stable.items() if value > 0}
    if not known:
        return None
    place = max(known, key=lambda each: known[each])
    now = _correlation(found, places, place, found.rho[30])
    beta = now * _deviation(found, places, found.rho[30]) / float(found.sigma[place])
    side = shape.sign * HEDGE_WEIGHT
    weights = np.array([*(side / len(places) for _ in places), -side])
    held = [*places, place]
    sigma, rho = found.sigma[held], _with_ones(found.rho[30][np.ix_(held, held)])
    return HedgeLeg(
        asset=found.assets[place],
        place=place,
        correlation=known[place],
        now=now,
        beta=beta,
        residual_beta=beta - 1.0,
        es95_1d=risk_figures(weights, sigma, rho, notional).es95_1d,
        hedge_break=hedge_break_scenario(weights, sigma, notional).figures.es95_1d,
    )


def _stable(found: CandidateMap, places: tuple[int, ...], place: int) -> float:
    """Return the lowest correlation over the windows and the known regimes; NaN where a window has none."""
    windows = [_correlation(found, places, place, rho) for rho in found.rho.values()]
    regimes = [_correlation(found, places, place, rho) for rho in (found.calm, found.stress)]
    return min(*windows, *(each for each in regimes if not math.isnan(each))) if not _any_nan(windows) else math.nan


def _any_nan(values: list[float]) -> bool:
    return any(math.isnan(value) for value in values)


def _correlation(found: CandidateMap, places: tuple[int, ...], place: int, rho: Floats) -> float:
    """Return the correlation of an asset with the return of the equally weighted basket."""
    spread = _deviation(found, places, rho)
    shared = float((found.sigma[list(places)] * rho[list(places), place]).mean())
    return shared / spread if spread > 0 else math.nan


def _deviation(found: CandidateMap, places: tuple[int, ...], rho: Floats) -> float:
    """Return the annual volatility of the equally weighted basket."""
    weights = np.full(len(places), 1 / len(places))
    grid = _with_ones(rho[np.ix_(places, places)])
    return risk_figures(weights, found.sigma[list(places)], grid, 1.0).vol_ann


def _with_ones(rho: Floats) -> Floats:
    grid: Floats = rho.copy()
    np.fill_diagonal(grid, 1.0)
    return grid
