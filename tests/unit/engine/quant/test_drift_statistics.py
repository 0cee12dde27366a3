"""z beside a drift is CALIBRATION's; residuals find one jump; a basket is carried by the legs that have a price."""

import numpy as np
import pytest

from engine.quant.basket_returns import basket_returns
from engine.quant.drift_statistics import fisher_z, pair_kappa, residual_z, tail_weight
from support.quant_oracles import fat_returns


def test_tail_weight_is_kurtosis_over_three_less_one() -> None:
    rng = np.random.default_rng(0)
    rows = fat_returns(rng, 500, 3, missing=0.1)
    rows[:, 2] = 0.5
    weights = tail_weight(rows)
    values = rows[~np.isnan(rows[:, 0]), 0]
    centered = values - values.mean()
    assert weights[0] == pytest.approx((centered**4).mean() / (3 * (centered**2).mean() ** 2) - 1)
    assert np.isnan(weights[2])
    assert abs(float(tail_weight(rng.normal(size=(200_000, 1)))[0])) < 0.05


def test_z_needs_more_for_fat_tails_and_never_less_than_gaussian() -> None:
    plain = fisher_z(np.array(0.4), np.array(0.0), 69, 720)
    assert float(plain) == pytest.approx(0.4 / np.sqrt(1 / 69 + 1 / 717))
    assert float(fisher_z(np.array(0.4), np.array(3.0), 69, 720)) == pytest.approx(float(plain) / 2)
    assert pair_kappa(np.array([-0.4]), np.array([0.1])).tolist() == [0.0]
    assert np.isnan(fisher_z(np.array(0.4), np.array(np.nan), 69, 720))


def test_a_jump_of_one_asset_alone_shows_in_its_residual_and_in_no_other() -> None:
    rng = np.random.default_rng(3)
    rows = fat_returns(rng, 744, 4)
    rows[-5, 2] -= 0.2
    assert residual_z(rows, 2) < -10
    assert abs(residual_z(rows, 0)) < 10
    rows[-5] -= 0.2
    assert abs(residual_z(rows - 0.0, 1)) < abs(residual_z(rows, 2))
    assert np.isnan(residual_z(rows[-200:], 2))


def test_a_residual_without_todays_return_or_without_movement_is_undefined() -> None:
    rows = fat_returns(np.random.default_rng(4), 744, 3)
    rows[-24:, 0] = np.nan
    assert np.isnan(residual_z(rows, 0))
    assert np.isnan(residual_z(np.zeros((744, 3)), 0))


def test_a_baskets_return_is_the_weighted_signed_return_of_its_legs() -> None:
    closes = np.exp(np.cumsum(fat_returns(np.random.default_rng(5), 50, 3), axis=0))
    weights = np.array([[0.5, -0.5, 0.0], [0.2, 0.2, 0.6]])
    found = basket_returns(closes, weights)
    assert np.isnan(found[0]).all()
    np.testing.assert_allclose(found[1:], np.diff(np.log(closes), axis=0) @ weights.T, atol=1e-14)


def test_legs_of_half_the_weight_carry_a_basket_and_fewer_do_not() -> None:
    closes = np.exp(np.cumsum(fat_returns(np.random.default_rng(6), 30, 3), axis=0))
    weights = np.array([[0.5, 0.25, 0.25]])
    closes[10, 1:] = np.nan
    closes[20, 0] = np.nan
    closes[20, 1] = np.nan
    found = basket_returns(closes, weights)[:, 0]
    assert found[10] == pytest.approx(np.log(closes[10, 0] / closes[9, 0]))
    assert np.flatnonzero(np.isnan(found)).tolist() == [0, 20, 21]
