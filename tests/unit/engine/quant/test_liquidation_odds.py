"""The odds of a liquidation against a second Monte Carlo, a closed form, and the signs that matter."""

import math

import numpy as np
import pytest
from scipy.stats import multivariate_t

from engine.quant.liquidation_odds import FREEDOM, STEPS_A_DAY, liquidation_odds
from engine.quant.portfolio_risk import ES95_GAUSS, hedge_break, raised_to, risk_figures
from support.quant_oracles import Floats

RATE, PATHS = 0.01, 20_000


def constant(size: int, rho: float) -> Floats:
    return np.full((size, size), rho) + (1 - rho) * np.eye(size)


def close(one: float, other: float, paths: int = PATHS) -> bool:
    return abs(one - other) < 4 * math.sqrt(2 * max(one * (1 - one), 1 / paths) / paths)


def test_an_independent_monte_carlo_path_by_path_says_the_same() -> None:
    values, margins, sigma = np.array([1_000.0, -500.0, 700.0]), np.array([80.0, 60.0, 70.0]), np.array([0.9, 1.1, 0.7])
    rho = np.array([[1.0, 0.7, 0.5], [0.7, 1.0, 0.6], [0.5, 0.6, 1.0]])
    step = np.outer(sigma, sigma) * rho / (365 * STEPS_A_DAY) * (FREEDOM - 2) / FREEDOM
    moves = multivariate_t(shape=step, df=FREEDOM, seed=11).rvs(size=(PATHS, STEPS_A_DAY))
    prices = np.exp(moves.cumsum(axis=1))
    left = margins + values * (prices - 1) - RATE * np.abs(values) * prices
    shared = 210.0 + (values * (prices - 1) - RATE * np.abs(values) * prices).sum(axis=2)
    (found,) = liquidation_odds(values, margins, 210.0, sigma, rho, rate=RATE, days=(1,), paths=PATHS)
    assert 0.01 < found.isolated < 0.5
    assert close(found.isolated, float((left <= 0).any(axis=(1, 2)).mean()))
    assert close(found.cross, float((shared <= 0).any(axis=1).mean()))


def test_independent_legs_have_the_odds_of_one_leg_multiplied_out() -> None:
    one, four = (
        liquidation_odds(
            np.full(n, 100.0), np.full(n, 10.0), 1e9, np.full(n, 0.8), None, rate=RATE, days=(7,), paths=PATHS
        )[0].isolated
        for n in (1, 4)
    )
    expected = 1 - (1 - one) ** 4
    assert abs(four - expected) < 4 * (1 + 4 * (1 - one) ** 3) * math.sqrt(0.25 / PATHS)


def test_correlation_brings_liquidations_together_fewer_first_ones_alone_more_of_the_whole_account() -> None:
    values, margins, sigma = np.full(4, 100.0), np.full(4, 12.0), np.full(4, 0.8)
    apart, together = (
        liquidation_odds(values, margins, 48.0, sigma, rho, rate=RATE, days=(7,), paths=PATHS)[0]
        for rho in (None, constant(4, 0.95))
    )
    assert together.cross > 2 * apart.cross
    assert together.isolated < apart.isolated


def test_a_hedged_account_is_safer_when_correlation_goes_to_one_and_in_danger_when_the_hedge_breaks() -> None:
    values, margins, sigma, rho = np.array([500.0, -500.0]), np.full(2, 50.0), np.full(2, 0.8), constant(2, 0.7)
    cases = (raised_to(rho, 0.95), rho, hedge_break(np.sign(values), 0.95))
    one, today, broken = (
        liquidation_odds(values, margins, 100.0, sigma, each, rate=RATE, days=(30,), paths=PATHS)[0].cross
        for each in cases
    )
    assert one < today < broken


def test_odds_grow_with_days_and_what_is_undefined_stays_undefined() -> None:
    values, margins, sigma = np.array([100.0, 0.0]), np.array([10.0, 0.0]), np.array([0.8, np.nan])
    odds = liquidation_odds(values, margins, 10.0, sigma, np.eye(2), rate=RATE)
    assert [each.days for each in odds] == [1, 7, 30]
    assert odds[0].isolated < odds[1].isolated < odds[2].isolated
    unknown = liquidation_odds(np.array([1.0, 1.0]), margins, 10.0, sigma, np.eye(2), rate=RATE)
    assert all(math.isnan(each.isolated) and math.isnan(each.cross) for each in unknown)
    nothing = liquidation_odds(np.zeros(2), np.zeros(2), 0.0, sigma, np.eye(2), rate=RATE, days=(1,), paths=10)
    assert (nothing[0].isolated, nothing[0].cross) == (0.0, 0.0)


@pytest.mark.parametrize("level", [-0.2, 0.5, 0.95])
def test_the_expected_shortfall_is_what_a_monte_carlo_of_normal_days_finds(level: float) -> None:
    rho, sigma, weights = raised_to(constant(4, -0.3), level), np.full(4, 0.8), np.array([0.4, 0.3, 0.2, -0.1])
    spectrum, vectors = np.linalg.eigh(rho)
    normal = np.random.default_rng(3).standard_normal((400_000, 4))
    daily = (normal * np.sqrt(np.maximum(spectrum, 0.0))) @ vectors.T * sigma / math.sqrt(365) @ weights * 10_000
    worst = np.sort(daily)[: len(daily) // 20]
    assert risk_figures(weights, sigma, rho, 10_000.0).es95_1d == pytest.approx(-worst.mean(), rel=0.01)
    assert pytest.approx(2.0627) == ES95_GAUSS
