"""Costs and stress: recomputed by hand from the sentences of the contract."""

import math

import numpy as np
import pytest

from engine.quant.costs import half_spread, trading_cost
from engine.quant.portfolio_risk import ES95_GAUSS
from engine.quant.stress import betas, hedge_break_scenario, rho_scenario, shock_loss
from support.quant_oracles import fat_returns


def test_cost_is_fee_plus_half_spread_plus_slippage_on_what_is_traded() -> None:
    cost = trading_cost(
        np.array([-3000.0, 1000.0, 0.0]),
        np.array([0.0001, 0.0005, np.nan]),
        fee_bps=5.5,
        slippage_bps=2.0,
        gross_base=12_000.0,
    )
    assert cost.fee == pytest.approx(4000 * 0.00055, rel=1e-14)
    assert cost.spread == pytest.approx(0.3 + 0.5, rel=1e-14)
    assert cost.slippage == pytest.approx(0.8, rel=1e-14)
    assert cost.total == pytest.approx(3.8)
    assert cost.bps == pytest.approx(9.5)
    assert cost.turnover == pytest.approx(1 / 3)


def test_nothing_traded_costs_nothing_and_an_unknown_spread_is_unknown() -> None:
    nothing = trading_cost(np.zeros(2), np.full(2, np.nan), fee_bps=5.5, slippage_bps=2.0, gross_base=0.0)
    assert (nothing.total, nothing.traded) == (0.0, 0.0)
    assert math.isnan(nothing.bps)
    assert math.isnan(nothing.turnover)
    unknown = trading_cost(np.array([100.0]), np.array([np.nan]), fee_bps=5.5, slippage_bps=2.0, gross_base=100.0)
    assert math.isnan(unknown.total)
    assert unknown.fee == pytest.approx(0.055)


@pytest.mark.parametrize(("bid", "ask"), [(101.0, 99.0), (0.0, 1.0), (math.nan, 1.0), (1.0, math.nan)])
def test_a_market_that_is_none_has_no_spread(bid: float, ask: float) -> None:
    assert math.isnan(half_spread(bid, ask))


SIGMA = np.array([0.6, 0.9, 1.2])
RHO = np.array([[1.0, 0.8, 0.97], [0.8, 1.0, 0.7], [0.97, 0.7, 1.0]])


def es95(weights: list[float], sigma: list[float], rho: list[list[float]], equity: float) -> float:
    """The formula as the contract writes it, element by element."""
    variance = sum(
        weights[i] * sigma[i] * weights[j] * sigma[j] * rho[i][j]
        for i in range(len(weights))
        for j in range(len(weights))
    )
    return 2.0627 * math.sqrt(variance) / math.sqrt(365) * equity


def test_correlation_stress_raises_what_is_below_and_leaves_what_is_above() -> None:
    weights = np.array([0.5, 0.3, 0.2])
    scenario = rho_scenario(weights, SIGMA, RHO, 12_000.0)
    raised = [[1, 0.95, 0.97], [0.95, 1, 0.95], [0.97, 0.95, 1]]
    expected = es95([0.5, 0.3, 0.2], [0.6, 0.9, 1.2], raised, 12_000.0)
    assert scenario.figures.es95_1d == pytest.approx(expected, rel=1e-12)
    assert scenario.wild.es95_1d == pytest.approx(1.5 * expected, rel=1e-12)
    assert scenario.name == "rho_0.95"
    assert rho_scenario(weights, SIGMA, RHO, 1.0, 0.9).name == "rho_0.9"


def test_a_hedge_that_breaks_is_a_loss_that_correlation_stress_does_not_show() -> None:
    weights = np.array([0.5, 0.0, -0.5])
    rho = np.array([[1, np.nan, 0.9], [np.nan, 1, np.nan], [0.9, np.nan, 1]])
    sigma = np.array([0.6, np.nan, 0.6])
    broken = hedge_break_scenario(weights, sigma, 1000.0)
    together = rho_scenario(weights, sigma, rho, 1000.0)
    expected = es95([0.5, -0.5], [0.6, 0.6], [[1, 0], [0, 1]], 1000.0)
    assert broken.figures.es95_1d == pytest.approx(expected, rel=1e-12)
    assert broken.wild.es95_1d == pytest.approx(1.5 * expected, rel=1e-12)
    assert together.figures.es95_1d < broken.figures.es95_1d / 3


def test_scenarios_of_nothing_are_nothing_and_of_the_unknown_are_unknown() -> None:
    nothing = hedge_break_scenario(np.zeros(2), np.full(2, np.nan), 1000.0)
    assert nothing.figures.es95_1d == 0.0
    assert rho_scenario(np.zeros(2), np.full(2, np.nan), np.full((2, 2), np.nan), 1.0).figures.es95_1d == 0.0
    unknown = hedge_break_scenario(np.array([0.5, 0.5]), np.array([0.5, np.nan]), 1000.0)
    assert math.isnan(unknown.wild.es95_1d)
    assert math.isnan(rho_scenario(np.array([0.5, 0.5]), np.ones(2), np.full((2, 2), np.nan), 1.0).wild.vol_ann)


def test_a_shock_travels_by_betas_and_a_short_gains_from_a_fall() -> None:
    values, slopes = np.array([6000.0, -4000.0, 0.0]), np.array([1.0, 1.5, np.nan])
    assert shock_loss(values, slopes, -0.08) == pytest.approx(480 - 480)
    assert shock_loss(np.array([-4000.0]), np.array([1.5]), -0.08) == pytest.approx(-480)
    assert math.isnan(shock_loss(np.array([1.0]), np.array([np.nan]), -0.08))


def test_betas_are_least_squares_on_common_rows() -> None:
    returns = fat_returns(np.random.default_rng(5), 720, 4, missing=0.1)
    found = betas(returns, 1, 480)
    for column in range(4):
        both = ~np.isnan(returns[:, 1]) & ~np.isnan(returns[:, column])
        slope = np.polyfit(returns[both, 1], returns[both, column], 1)[0]
        assert found[column] == pytest.approx(slope, rel=1e-10)
    assert found[1] == pytest.approx(1.0, abs=1e-15)
    assert np.isnan(betas(returns, 1, 721)).all()
    assert np.isnan(betas(np.zeros((10, 2)), 0, 2)).all()


def test_the_gaussian_expected_shortfall_is_the_contracts() -> None:
    assert ES95_GAUSS == 2.0627
