"""The risk figures are CONTRACT's formulas; a broken matrix is blended until it is positive semidefinite."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.correlation import fisher_difference, mean_if_half, mean_pair_correlation, pearson, signed
from engine.quant.portfolio_risk import EMPTY, hedge_break, raised_to, risk_figures, stressed
from engine.quant.psd import blend_to_psd, constant_correlation, smallest_eigenvalue
from support.quant_oracles import Floats, fat_returns

BROKEN = np.array([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]])


def _constant(size: int, rho: float) -> Floats:
    return np.full((size, size), rho) + (1 - rho) * np.eye(size)


@pytest.mark.parametrize(("size", "rho"), [(2, 0.3), (4, 0.8), (5, 0.0)])
def test_hidden_leverage_of_equal_legs_is_the_textbook_root(size: int, rho: float) -> None:
    figures = risk_figures(np.full(size, 1 / size), np.full(size, 0.7), _constant(size, rho), 10_000.0)
    assert figures.hidden_leverage == pytest.approx(np.sqrt(1 + (size - 1) * rho))
    assert figures.effective_bets == pytest.approx(size / (1 + (size - 1) * rho))
    assert figures.vol_ann == pytest.approx(0.7 * np.sqrt((1 + (size - 1) * rho) / size))
    assert figures.es95_1d == pytest.approx(2.0627 * figures.vol_ann / np.sqrt(365) * 10_000)


def test_a_short_leg_hedges_what_moves_together() -> None:
    sigma, rho = np.array([0.6, 0.6]), _constant(2, 0.9)
    long_short = risk_figures(np.array([0.5, -0.5]), sigma, rho, 1.0)
    assert long_short.vol_ann == pytest.approx(0.6 * 0.5 * np.sqrt(2 * (1 - 0.9)))
    assert stressed(np.array([0.5, -0.5]), sigma, rho, 1.0, level=0.99).vol_ann < long_short.vol_ann


def test_an_undefined_cell_makes_the_figures_undefined_unless_nothing_is_held_there() -> None:
    rho = _constant(3, 0.5)
    rho[2] = rho[:, 2] = np.nan
    sigma = np.array([0.5, 0.5, np.nan])
    held = risk_figures(np.array([0.5, 0.5, 0.1]), sigma, rho, 1.0)
    assert np.isnan([held.vol_ann, held.hidden_leverage, held.effective_bets, held.es95_1d]).all()
    assert np.isnan(stressed(np.array([0.5, 0.5, 0.1]), sigma, rho, 1.0, level=0.9).vol_ann)
    two = np.array([0.5, 0.5, 0.0])
    assert risk_figures(two, sigma, rho, 1.0).hidden_leverage == pytest.approx(np.sqrt(1.5))
    assert stressed(two, sigma, rho, 1.0, level=0.96).hidden_leverage == pytest.approx(np.sqrt(1.96))


def test_an_empty_book_has_no_volatility_and_no_leverage() -> None:
    figures = risk_figures(np.zeros(2), np.full(2, np.nan), np.full((2, 2), np.nan), 1.0)
    assert figures == EMPTY
    assert figures.vol_ann == 0.0
    assert np.isnan(figures.hidden_leverage)


def test_a_sound_matrix_is_returned_untouched() -> None:
    rho = pearson(fat_returns(np.random.default_rng(16), 100, 5), 2)
    assert blend_to_psd(rho) is rho


@settings(deadline=None, max_examples=50)
@given(cells=st.lists(st.floats(-1, 1), min_size=10, max_size=10), level=st.floats(-1, 1))
def test_blending_gives_a_correlation_matrix_with_the_smallest_change(cells: list[float], level: float) -> None:
    rho = np.eye(5)
    rho[np.triu_indices(5, 1)] = cells
    rho = np.maximum(rho, rho.T) + np.minimum(np.triu(rho, 1) + np.triu(rho, 1).T, 0)
    for matrix in (blend_to_psd(rho), raised_to(rho, level)):
        assert smallest_eigenvalue(matrix) >= -1e-9
        np.testing.assert_array_equal(matrix, matrix.T)
        np.testing.assert_allclose(matrix.diagonal(), 1.0, rtol=1e-15)
        assert (np.abs(matrix) <= 1 + 1e-12).all()


def test_the_blend_stops_where_the_matrix_becomes_sound() -> None:
    blended = blend_to_psd(BROKEN)
    assert smallest_eigenvalue(blended) == pytest.approx(0.0, abs=1e-9)
    share = (BROKEN - blended)[0, 1] / (BROKEN - constant_correlation(BROKEN))[0, 1]
    assert 0 < share < 1


def test_an_undefined_matrix_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="leave the asset out first"):
        blend_to_psd(np.full((2, 2), np.nan))


def test_a_broken_hedge_keeps_the_sides_together_and_apart_from_each_other() -> None:
    matrix = hedge_break(np.array([1.0, 1.0, -1.0]), 0.95)
    assert matrix.tolist() == [[1.0, 0.95, 0.0], [0.95, 1.0, 0.0], [0.0, 0.0, 1.0]]
    with pytest.raises(ValueError, match="from -1 to 1"):
        hedge_break(np.array([1.0]), 1.5)


def test_signs_means_and_fisher_differences_follow_the_rule() -> None:
    rho = np.array([[1.0, 0.8, 0.2], [0.8, 1.0, np.nan], [0.2, np.nan, 1.0]])
    assert signed(rho, np.array([1.0, 1.0, -1.0]))[0].tolist() == [1.0, 0.8, -0.2]
    assert mean_pair_correlation(rho) == pytest.approx(0.5)
    assert np.isnan(mean_if_half(np.array([0.4, np.nan, np.nan])))
    assert np.isnan(mean_if_half(np.array([])))
    moved = fisher_difference(np.array([1.0, 0.9]), np.array([0.5, np.nan]))
    assert moved[0] == pytest.approx(np.arctanh(0.9999) - np.arctanh(0.5))
    assert np.isnan(moved[1])
