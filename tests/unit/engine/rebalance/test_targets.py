"""Targets in money: sized, only reduced, closed; and when they are far enough to be worth a proposal."""

import numpy as np
import pytest

from engine.domain.basket import Side
from engine.domain.config import SizingConfig
from engine.quant.correlation import signed
from engine.quant.sizing import net_target
from engine.rebalance.targets import base_values, closed_targets, distance, excess, sized_targets, sizing_rho
from support.books import basket, long_basket
from support.pictures import equicorrelated

LONG = long_basket("layer-1", "ETH", "SOL", "AVAX", "NEAR")
HEDGED = basket("majors", {"BTC": Side.LONG, "ETH": Side.LONG, "SOL": Side.SHORT, "DOGE": Side.SHORT})
SIZING, SIGMA = SizingConfig(), np.full(4, 0.8)


def test_the_rule_in_money_and_the_factor_of_the_basket() -> None:
    targets = sized_targets(LONG, 12_000.0, SIZING, rho_eff=equicorrelated(4, 0.74), sigma=SIGMA, held=np.zeros(4))
    np.testing.assert_allclose(targets.values, [3000 * 0.26] * 4, rtol=1e-12)
    assert targets.factor == pytest.approx(0.26)
    assert targets.equal_risk_factor == pytest.approx((1 + 3 * 0.74) ** -0.5)
    assert targets.kept == ()


def test_the_base_carries_the_sides() -> None:
    assert base_values(HEDGED, 8000.0).tolist() == [2000, 2000, -2000, -2000]


def test_max_takes_the_larger_correlation_and_a_window_takes_its_own() -> None:
    window, now = equicorrelated(2, 0.7), equicorrelated(2, 0.9)
    assert sizing_rho(SIZING, window, now)[0, 1] == 0.9
    assert sizing_rho(SIZING, now, window)[0, 1] == 0.9
    assert sizing_rho(SizingConfig(rho="30d"), window, now)[0, 1] == 0.7


def test_a_reduction_never_lets_a_leg_grow_and_ends_what_is_held_the_wrong_way() -> None:
    held = np.array([5000.0, 100.0, 780.0, -50.0])
    targets = sized_targets(
        LONG, 12_000.0, SIZING, rho_eff=equicorrelated(4, 0.74), sigma=SIGMA, held=held, only_reduce=True
    )
    np.testing.assert_allclose(targets.values, [780, 100, 780, 0], rtol=1e-12)


def test_a_reduced_hedge_keeps_its_net_target() -> None:
    rho = signed(np.eye(4), np.array([1.0, 1, -1, -1]))
    held = np.array([500.0, 500.0, -2000.0, -2000.0])
    targets = sized_targets(HEDGED, 8000.0, SIZING, rho_eff=rho, sigma=SIGMA, held=held, only_reduce=True)
    assert targets.values[:2].tolist() == [500, 500]
    assert net_target(np.abs(targets.values), np.sign(targets.values)) == pytest.approx(-0.025)


def test_an_undefined_leg_is_named_and_keeps_what_it_holds() -> None:
    rho = equicorrelated(4, 0.74)
    rho[1, :] = rho[:, 1] = np.nan
    held = np.array([1000.0, 640.0, 0.0, 0.0])
    targets = sized_targets(LONG, 12_000.0, SIZING, rho_eff=rho, sigma=SIGMA, held=held)
    np.testing.assert_allclose(targets.values, [780, 640, 0, 0], rtol=1e-12)
    assert targets.kept == ("SOL",)


def test_closing_leaves_the_rest_of_every_leg() -> None:
    held = np.array([1000.0, -200.0, 0.0, 40.0])
    assert closed_targets(LONG, 12_000.0, held, 1.0).values.tolist() == [0, 0, 0, 0]
    assert closed_targets(LONG, 12_000.0, held, 0.25).values.tolist() == [750, -150, 0, 30]
    for fraction in (0.0, 1.1):
        with pytest.raises(ValueError, match="cannot be closed"):
            closed_targets(LONG, 12_000.0, held, fraction)


def test_distance_and_excess_are_shares_of_what_is_held() -> None:
    held, target = np.array([1000.0, -1000.0]), np.array([800.0, -900.0])
    assert distance(held, target) == pytest.approx(0.15)
    assert excess(held, target) == pytest.approx(0.15)
    assert excess(target, held) < 0
    assert distance(np.zeros(2), target) == 1.0
    assert (distance(np.zeros(2), np.zeros(2)), excess(np.zeros(2), target)) == (0.0, 0.0)
