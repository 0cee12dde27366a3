"""Owns the stress scenarios of a book: correlations raised, a hedge that breaks, a shock that travels by betas.

Builds on the risk figures; never prices anything. Results go to proposals (before and after) and to the stress lab.
"""

from dataclasses import dataclass

import numpy as np

from engine.quant.arrays import Floats
from engine.quant.portfolio_risk import STRESS_SIGMA, UNDEFINED, RiskFigures, hedge_break, risk_figures, stressed

STRESS_RHO = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A book under a scenario of correlations: as volatile as now, and with every volatility times 1.5."""

    name: str
    figures: RiskFigures
    wild: RiskFigures


def rho_scenario(
    weights: Floats, sigma: Floats, rho: Floats, equity_base: float, level: float = STRESS_RHO
) -> Scenario:
    """Return the book with every correlation raised to at least `level`.

    Shapes and NaN rule as `risk_figures`: weights [N] signed notional / equity base, sigma [N] annual, rho [N, N]
    unsigned. Errors: ValueError for a level outside [-1, 1]. Source: CONTRACT, "rho_X scenario".

    >>> both = np.array([[1.0, 0.5], [0.5, 1.0]])
    >>> scenario = rho_scenario(np.array([0.5, 0.5]), np.array([0.6, 0.6]), both, 1000.0)
    >>> scenario.name, round(scenario.figures.hidden_leverage**2, 6)
    ('rho_0.95', 1.95)
    """
    return Scenario(
        name=f"rho_{level:g}",
        figures=stressed(weights, sigma, rho, equity_base, level=level),
        wild=stressed(weights, sigma * STRESS_SIGMA, rho, equity_base, level=level),
    )


def hedge_break_scenario(weights: Floats, sigma: Floats, equity_base: float, level: float = STRESS_RHO) -> Scenario:
    """Return the book with correlations of `level` within a side and 0 across the sides.

    The sides are those of the positions held. NaN rule: a held position without sigma makes all NaN; correlations as
    they are now play no part. Source: CONTRACT, "hedge_break".
    """
    held = weights != 0
    name = "hedge_break"
    if not held.any():
        empty = risk_figures(weights, sigma, np.eye(len(weights)), equity_base)
        return Scenario(name=name, figures=empty, wild=empty)
    if np.isnan(sigma[held]).any():
        return Scenario(name=name, figures=UNDEFINED, wild=UNDEFINED)
    w, s = weights[held], sigma[held]
    rho = hedge_break(np.sign(w), level)
    return Scenario(
        name=name,
        figures=risk_figures(w, s, rho, equity_base),
        wild=risk_figures(w, s * STRESS_SIGMA, rho, equity_base),
    )


def shock_loss(values: Floats, betas: Floats, shock: float) -> float:
    """Return the loss of a book when the benchmark moves by `shock` (a fraction) and everything follows by its beta.

    Shapes: values [N] signed money, betas [N]. NaN rule: one NaN beta of a position that is held makes it NaN.
    A gain is a negative loss. Source: CONTRACT, "shock BTC=-8%".

    >>> shock_loss(np.array([1000.0, -500.0]), np.array([1.0, 1.2]), -0.08)
    32.0
    """
    held = values != 0
    return -float((values[held] * betas[held]).sum()) * shock


def betas(returns: Floats, benchmark: int, min_count: int) -> Floats:
    """Return the OLS slope of each column of returns [T, N] on the column `benchmark`, over their common rows.

    NaN rule: NaN with fewer than `min_count` common rows or a flat benchmark; the benchmark's own beta is 1 where it
    moves. Source: CONTRACT, "beta = 30-day hourly OLS on BTC (BTC: 1)".

    >>> betas(np.array([[0.01, 0.02], [0.02, 0.04], [0.0, 0.0]]), 0, 3).round(12).tolist()
    [1.0, 2.0]
    """
    result = np.full(returns.shape[1], np.nan)
    x = returns[:, benchmark]
    for column in range(returns.shape[1]):
        both = ~np.isnan(x) & ~np.isnan(returns[:, column])
        if both.sum() < max(min_count, 2):
            continue
        dx = x[both] - x[both].mean()
        variance = float(dx @ dx)
        if variance > 0:
            y = returns[both, column]
            result[column] = float(dx @ (y - y.mean())) / variance
    return result
