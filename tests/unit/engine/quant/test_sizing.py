"""Sizes: the rule itself, its rivals, the net target, undefined legs, and the numbers of an independent oracle."""

import json
import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.quant.correlation import pearson, signed
from engine.quant.hierarchy import hrp_weights
from engine.quant.portfolio_risk import risk_figures
from engine.quant.returns import log_returns
from engine.quant.sizing import (
    Sizes,
    SizingMethod,
    cautious_rho,
    equal_risk_factor,
    net_target,
    one_minus_rho,
    size_basket,
)
from support.shared_material import shared

Floats = NDArray[np.float64]
RHO = np.array([[1.0, 0.8, 0.6], [0.8, 1.0, 0.7], [0.6, 0.7, 1.0]])
BASE, SIGMA = np.array([0.5, 0.3, 0.2]), np.array([0.6, 0.9, 1.2])
LONG = np.ones(3)


def sized(
    method: SizingMethod = SizingMethod.ONE_MINUS_RHO,
    *,
    rho: Floats = RHO,
    signs: Floats = LONG,
    base: Floats = BASE,
    sigma: Floats = SIGMA,
    held: Floats | None = None,
    renormalise: bool = False,
    net_tolerance: float = 0.05,
) -> Sizes:
    return size_basket(
        base=base,
        signs=signs,
        rho_eff=signed(rho, signs),
        sigma=sigma,
        held=np.zeros(len(base)) if held is None else held,
        method=method,
        renormalise=renormalise,
        net_tolerance=net_tolerance,
    )


def test_a_leg_is_its_base_times_one_minus_the_mean_of_its_pairs() -> None:
    sizes = sized()
    np.testing.assert_allclose(sizes.weights, [0.5 * 0.3, 0.3 * 0.25, 0.2 * 0.35], rtol=1e-14)
    assert not sizes.undefined.any()


def test_a_long_short_pair_that_moves_together_is_a_hedge_and_is_not_cut() -> None:
    rho = np.array([[1.0, 0.8], [0.8, 1.0]])
    two = np.array([0.5, 0.5])
    sizes = sized(rho=rho, signs=np.array([1.0, -1.0]), base=two, sigma=np.ones(2))
    assert sizes.weights.tolist() == [0.5, 0.5]
    apart = sized(rho=-rho + 2 * np.eye(2), signs=np.ones(2), base=two, sigma=np.ones(2))
    assert apart.weights.tolist() == [0.5, 0.5]


def test_the_larger_of_both_correlations_counts_and_an_unknown_one_is_not_calm() -> None:
    base, now = np.array([[1.0, 0.7], [0.7, 1.0]]), np.array([[1.0, 0.4], [0.4, 1.0]])
    assert one_minus_rho(cautious_rho(base, now)) == pytest.approx(np.array([0.3, 0.3]))
    assert one_minus_rho(cautious_rho(now, base)) == pytest.approx(np.array([0.3, 0.3]))
    now[0, 1] = now[1, 0] = np.nan
    assert np.isnan(one_minus_rho(cautious_rho(base, now))).all()


def test_renormalised_sizes_have_the_gross_of_the_base() -> None:
    sizes = sized(renormalise=True)
    assert sizes.weights.sum() == pytest.approx(1.0)
    plain = sized().weights
    np.testing.assert_allclose(sizes.weights, plain / plain.sum(), rtol=1e-14)


def test_equal_risk_gives_the_volatility_of_independent_legs() -> None:
    sizes = sized(SizingMethod.EQUAL_RISK)
    mine = risk_figures(sizes.weights, SIGMA, RHO, 1.0).vol_ann
    assert mine == pytest.approx(math.sqrt(float(((BASE * SIGMA) ** 2).sum())))
    assert sizes.weights.sum() == pytest.approx(1 / risk_figures(BASE, SIGMA, RHO, 1.0).hidden_leverage)
    assert sized().equal_risk_factor == pytest.approx(sizes.weights.sum())


@pytest.mark.parametrize("n", [2, 3, 5])
def test_the_equal_risk_factor_of_equal_legs_is_the_formula_of_hidden_leverage(n: int) -> None:
    rho = np.full((n, n), 0.75)
    np.fill_diagonal(rho, 1.0)
    assert equal_risk_factor(np.ones(n), np.ones(n), rho) == pytest.approx(1 / math.sqrt(1 + (n - 1) * 0.75))
    assert equal_risk_factor(np.ones(n), np.ones(n), 2 * np.eye(n) - rho if n == 2 else np.eye(n)) == 1.0
    assert math.isnan(equal_risk_factor(np.zeros(n), np.ones(n), rho))


def test_inverse_volatility_and_equal_weights_keep_the_full_gross() -> None:
    inverse = sized(SizingMethod.INVERSE_VOL).weights
    np.testing.assert_allclose(inverse, (BASE / SIGMA) / (BASE / SIGMA).sum(), rtol=1e-14)
    assert sized(SizingMethod.EQUAL).weights.tolist() == [1 / 3] * 3


def test_hierarchical_risk_parity_of_independent_legs_is_inverse_variance() -> None:
    inverse = (1 / SIGMA**2) / (1 / SIGMA**2).sum()
    np.testing.assert_allclose(hrp_weights(np.eye(3), SIGMA), inverse, rtol=1e-12)
    assert sized(SizingMethod.HRP).weights.sum() == pytest.approx(1.0)
    assert hrp_weights(np.eye(1), np.ones(1)).tolist() == [1.0]
    with pytest.raises(ValueError, match="positive volatilities"):
        hrp_weights(np.eye(2), np.array([1.0, 0.0]))


def test_hierarchical_risk_parity_halves_between_clusters_before_within() -> None:
    rho = np.eye(4)
    rho[0, 1] = rho[1, 0] = rho[2, 3] = rho[3, 2] = 0.9
    weights = hrp_weights(rho, np.array([1.0, 1.0, 2.0, 2.0]))
    # each pair's variance at inverse-variance weights: s^2 (1 + 0.9) / 2, so the calm pair gets 4 / 5
    np.testing.assert_allclose(weights, [0.4, 0.4, 0.1, 0.1], rtol=1e-12)


def test_a_leg_that_is_undefined_keeps_what_it_holds_and_nothing_grows() -> None:
    rho = RHO.copy()
    rho[2, :] = rho[:, 2] = np.nan
    held = np.array([0.30, 0.01, 0.123])
    sizes = sized(rho=rho, held=held)
    assert sizes.undefined.tolist() == [False, False, True]
    assert sizes.weights[2] == 0.123
    np.testing.assert_allclose(sizes.weights[:2], [0.5 * (1 - 0.8), 0.01], rtol=1e-14)
    assert sized(rho=rho, held=np.zeros(3)).weights.tolist() == [0, 0, 0]


@pytest.mark.parametrize("method", [SizingMethod.EQUAL_RISK, SizingMethod.HRP, SizingMethod.INVERSE_VOL])
def test_an_unknown_volatility_is_undefined_too(method: SizingMethod) -> None:
    sizes = sized(method, sigma=np.array([0.6, np.nan, 1.2]), held=np.array([0.1, 0.2, 0.3]))
    assert sizes.undefined.tolist() == [False, True, False]
    assert (sizes.weights <= [0.1, 0.2, 0.3]).all()


HEDGED = np.array([1.0, 1.0, -1.0, -1.0])
QUARTERS = np.full(4, 0.25)


def test_a_hedged_basket_keeps_its_net_target_and_only_the_heavier_side_is_cut() -> None:
    rho = np.array([[1, 0.2, 0.1, 0.1], [0.2, 1, 0.1, 0.1], [0.1, 0.1, 1, 0.9], [0.1, 0.1, 0.9, 1]])
    plain = QUARTERS * one_minus_rho(signed(rho, HEDGED))
    assert abs(net_target(plain, HEDGED)) > 0.1
    sizes = sized(rho=rho, signs=HEDGED, base=QUARTERS, sigma=np.ones(4))
    assert net_target(sizes.weights, HEDGED) == pytest.approx(0.025)
    assert (sizes.weights[2:] == plain[2:]).all()
    assert (sizes.weights[:2] < plain[:2]).all()
    mirrored = sized(rho=rho, signs=-HEDGED, base=QUARTERS, sigma=np.ones(4))
    assert net_target(mirrored.weights, -HEDGED) == pytest.approx(-0.025)


def test_a_basket_meant_to_be_net_long_stays_as_net_long_as_meant() -> None:
    base = np.array([0.4, 0.3, 0.2, 0.1])
    rho = np.full((4, 4), 0.1)
    rho[0, 1] = rho[1, 0] = 0.95
    np.fill_diagonal(rho, 1.0)
    sizes = sized(rho=rho, signs=HEDGED, base=base, sigma=np.ones(4))
    assert net_target(base, HEDGED) == pytest.approx(0.4)
    assert abs(net_target(sizes.weights, HEDGED) - 0.4) <= 0.025 + 1e-12


def test_a_hedge_whose_other_side_is_gone_is_closed() -> None:
    rho = np.eye(2)
    sizes = sized(rho=rho, signs=np.array([1.0, -1.0]), base=np.array([1.0, 0.0]), sigma=np.ones(2))
    assert sizes.weights.tolist() == [1.0, 0.0]  # the base itself is one-sided: that is the target
    rho = np.array([[1, -0.5, -0.9], [-0.5, 1, -0.5], [-0.9, -0.5, 1]])
    three = np.array([0.25, 0.5, 0.25])
    signs = np.array([1.0, -1.0, 1.0])
    sizes = sized(rho=rho, signs=signs, base=three, sigma=np.ones(3))
    assert abs(net_target(sizes.weights, signs)) <= 0.025 + 1e-12


@st.composite
def books(draw: st.DrawFn) -> tuple[Floats, Floats, Floats, Floats]:
    size = draw(st.integers(2, 5))
    unit = st.floats(0.05, 1.0)
    returns = np.array(draw(st.lists(st.lists(st.floats(-1, 1), min_size=8, max_size=8), min_size=size, max_size=size)))
    rho = pearson(returns.T, 2)
    base = np.array(draw(st.lists(unit, min_size=size, max_size=size)))
    held = np.array(draw(st.lists(st.floats(-0.5, 1.0), min_size=size, max_size=size)))
    signs = np.array(draw(st.lists(st.sampled_from([1.0, -1.0]), min_size=size, max_size=size)))
    return rho, base / base.sum(), held, signs


@settings(deadline=None, max_examples=150)
@given(book=books(), method=st.sampled_from(SizingMethod), renormalise=st.booleans())
def test_no_size_is_negative_beyond_base_or_off_the_net_target(
    book: tuple[Floats, Floats, Floats, Floats], method: SizingMethod, renormalise: bool
) -> None:
    rho, base, held, signs = book
    sizes = sized(method, rho=rho, base=base, signs=signs, held=held, sigma=np.ones(len(base)), renormalise=renormalise)
    known = ~sizes.undefined
    assert not np.isnan(sizes.weights).any()
    assert (sizes.weights[known] >= 0).all()
    assert (sizes.weights[~known] == held[~known]).all()
    if sizes.undefined.any():
        assert (sizes.weights[known] <= np.maximum(held[known], 0) + 1e-12).all()
    else:
        assert np.abs(sizes.weights).sum() <= 1 + 1e-9
        if len(set(signs.tolist())) == 2 and sizes.weights.sum() > 0:
            assert abs(net_target(sizes.weights, signs) - net_target(base, signs)) <= 0.025 + 1e-9
    if method is SizingMethod.ONE_MINUS_RHO and not renormalise:
        assert (sizes.weights[known] <= base[known] + 1e-12).all()


def test_shapes_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="same legs"):
        sized(base=np.ones(2) / 2)


CASES = [
    ("c_one_minus_rho_given_times", 1.0, False, 1.0),
    ("c_given_times_3x", 1.0, False, 3.0),
    ("c_given_times_short", -1.0, False, 1.0),
    ("d_one_minus_rho_renormalised_given_times", 1.0, True, 1.0),
]


@pytest.mark.parametrize(("case", "sign", "renormalise", "leverage"), CASES, ids=[case for case, *_ in CASES])
def test_weights_equal_those_of_an_independent_backtest(
    case: str, sign: float, renormalise: bool, leverage: float
) -> None:
    prices = pd.read_csv(shared("reference", "backtest", "synthetic_prices.csv"), index_col=0)
    fills = json.loads(shared("reference", "backtest", f"synthetic_{case}.json").read_text())["fills"]
    returns = log_returns(prices.to_numpy(dtype=np.float64))
    signs = np.full(4, sign)
    assert len(fills) > 10
    assert all(one["decision_bar"] < other["decision_bar"] for one, other in pairwise(fills))
    for fill in fills:
        row = int(np.flatnonzero(prices.index == fill["decision_bar"])[0])
        sizes = size_basket(
            base=np.full(4, 0.25),
            signs=signs,
            rho_eff=signed(pearson(returns[row - 167 : row + 1], 112), signs),
            sigma=np.ones(4),
            held=np.zeros(4),
            method=SizingMethod.ONE_MINUS_RHO,
            renormalise=renormalise,
        )
        np.testing.assert_allclose(leverage * sign * sizes.weights, fill["weights"], rtol=0, atol=1e-12)
