"""The now-estimate equals its formula, pandas, and leaves undefined pairs undefined; with both kernels."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.comoments import CoMoments
from engine.quant.ewma import decay, effective_length, ewma_pearson
from engine.quant.ranges import Reading
from support.quant_kernels import BOTH_KERNELS, kernel_named
from support.quant_oracles import Floats, exact_weighted_pearson, fat_returns, nasty_returns, worst_difference

both_kernels = pytest.mark.parametrize("fast", BOTH_KERNELS)


def _state(returns: Floats, *, fast: bool = False, loaded: int = 0) -> CoMoments:
    state = CoMoments(returns.shape[1], 24, kernel=kernel_named(fast))
    state.load(7, returns[:loaded])
    for row in returns[loaded:]:
        state.append(row)
    return state


def _now(returns: Floats, halflife: float = 24, *, fast: bool = False) -> Reading:
    return _state(returns, fast=fast).now(halflife)


def _oracle(returns: Floats, halflife: float) -> Floats:
    weights = 0.5 ** (np.arange(len(returns) - 1, -1, -1) / halflife)
    return exact_weighted_pearson(returns, weights, 2 / 3 / (1 - 0.5 ** (1 / halflife)))


def test_without_gaps_it_is_the_ewm_of_pandas() -> None:
    returns = fat_returns(np.random.default_rng(10), 900, 4)
    theirs = pd.DataFrame(returns).ewm(halflife=24).corr(pairwise=True).to_numpy()[-4:]
    assert worst_difference(_now(returns).rho, theirs) < 1e-12


@both_kernels
@settings(deadline=None, max_examples=25)
@given(
    seed=st.integers(0, 10_000),
    rows=st.integers(1, 260),
    missing=st.sampled_from([0.0, 0.1, 0.3]),
    halflife=st.sampled_from([6.0, 24.0]),
)
def test_the_readout_and_the_batch_formula_equal_extended_precision(
    fast: bool, seed: int, rows: int, missing: float, halflife: float
) -> None:
    returns = fat_returns(np.random.default_rng(seed), rows, 3, missing=missing)
    theirs = _oracle(returns, halflife)
    mine = _now(returns, halflife, fast=fast).rho
    assert worst_difference(mine, theirs) < 1e-12
    assert worst_difference(ewma_pearson(returns, halflife), theirs) < 1e-12
    np.testing.assert_array_equal(mine, mine.T)
    assert not (np.abs(mine) > 1).any()


@both_kernels
@pytest.mark.parametrize("missing", [0.0, 0.03])
def test_it_is_exact_at_every_bar_of_nasty_series(fast: bool, missing: float) -> None:
    rng = np.random.default_rng(11)
    returns = nasty_returns(rng, 700)
    returns[:150, 2:4] = returns[150, 2:4]  # flat from the start on
    returns[rng.random(returns.shape) < missing] = np.nan
    state = _state(returns, fast=fast, loaded=90)
    fresh = _state(returns[:90], fast=fast)
    for end in range(91, 701):
        fresh.append(returns[end - 1])
        if end % 9 == 0:
            assert worst_difference(fresh.now(24).rho, _oracle(returns[:end], 24)) < 1e-12
    assert worst_difference(state.now(24).rho, fresh.now(24).rho) < 1e-13


def test_a_crash_a_thousand_times_the_usual_size_fades_without_a_trace() -> None:
    returns = fat_returns(np.random.default_rng(11), 700, 3) * 1e-4
    returns[200] = [-0.4, -0.2, 0.3]
    assert worst_difference(_now(returns).rho, _oracle(returns, 24)) < 1e-12


@both_kernels
@pytest.mark.parametrize("missing", [0.0, 0.01])
def test_a_frozen_price_becomes_undefined_instead_of_decoupled(fast: bool, missing: float) -> None:
    rng = np.random.default_rng(12)
    returns = fat_returns(rng, 1000, 2)
    returns[200:, 1] = 0.0
    returns[:, 0][rng.random(1000) < missing] = np.nan
    for rho in (_now(returns, fast=fast).rho, ewma_pearson(returns, 24)):
        assert rho[0, 0] == 1.0
        assert np.isnan(rho[1]).all()


def test_an_asset_that_is_always_flat_is_undefined() -> None:
    returns = fat_returns(np.random.default_rng(13), 100, 2)
    returns[:, 1] = 1e-5
    assert np.isnan(_now(returns).rho[:, 1]).all()


def test_a_pair_needs_two_thirds_of_the_weight() -> None:
    returns = fat_returns(np.random.default_rng(14), 400, 2)
    returns[-20:, 1] = np.nan  # 0.5 ** (20 / 24) = 0.56 of the weight is left
    rho = _now(returns).rho
    assert rho[0, 0] == 1.0
    assert np.isnan(rho[0, 1])
    assert np.isnan(rho[1, 1])
    assert _now(returns[:-10]).rho[0, 1] == pytest.approx(_oracle(returns[:-10], 24)[0, 1], abs=1e-12)


@pytest.mark.parametrize("missing", [0.0, 0.02])
def test_it_is_worth_69_bars_at_24_hours(missing: float) -> None:
    assert effective_length(24) == 69
    assert decay(24) == 0.5 ** (1 / 24)
    returns = fat_returns(np.random.default_rng(15), 900, 2)
    returns[:20, 0][np.random.default_rng(16).random(20) < missing] = np.nan
    assert _now(returns).counts.tolist() == [[69, 69], [69, 69]]
