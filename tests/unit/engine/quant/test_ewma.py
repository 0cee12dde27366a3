"""The recursion of the now-estimate equals its formula, pandas, and leaves undefined pairs undefined."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.ewma import EwmaState, decay, effective_length, ewma_pearson
from support.quant_oracles import Floats, exact_weighted_pearson, fat_returns, worst_difference


def _run(returns: Floats, halflife: float) -> EwmaState:
    state = EwmaState(returns.shape[1], halflife)
    for row in returns:
        state.update(row)
    return state


def _oracle(returns: Floats, halflife: float) -> Floats:
    weights = 0.5 ** (np.arange(len(returns) - 1, -1, -1) / halflife)
    return exact_weighted_pearson(returns, weights, 2 / 3 / (1 - 0.5 ** (1 / halflife)))


def test_without_gaps_it_is_the_ewm_of_pandas() -> None:
    returns = fat_returns(np.random.default_rng(10), 900, 4)
    theirs = pd.DataFrame(returns).ewm(halflife=24).corr(pairwise=True).to_numpy()[-4:]
    assert worst_difference(_run(returns, 24).correlation(), theirs) < 1e-12


@settings(deadline=None, max_examples=25)
@given(
    seed=st.integers(0, 10_000),
    rows=st.integers(1, 260),
    missing=st.sampled_from([0.0, 0.1, 0.3]),
    halflife=st.sampled_from([6.0, 24.0]),
)
def test_the_recursion_and_the_batch_formula_equal_extended_precision(
    seed: int, rows: int, missing: float, halflife: float
) -> None:
    returns = fat_returns(np.random.default_rng(seed), rows, 3, missing=missing)
    theirs = _oracle(returns, halflife)
    mine = _run(returns, halflife).correlation()
    assert worst_difference(mine, theirs) < 1e-12
    assert worst_difference(ewma_pearson(returns, halflife), theirs) < 1e-12
    np.testing.assert_array_equal(mine, mine.T)
    assert not (np.abs(mine) > 1).any()


def test_a_crash_a_thousand_times_the_usual_size_fades_without_a_trace() -> None:
    returns = fat_returns(np.random.default_rng(11), 700, 3) * 1e-4
    returns[200] = [-0.4, -0.2, 0.3]
    assert worst_difference(_run(returns, 24).correlation(), _oracle(returns, 24)) < 1e-12


def test_a_frozen_price_becomes_undefined_instead_of_decoupled() -> None:
    returns = fat_returns(np.random.default_rng(12), 1000, 2)
    returns[280:, 1] = 0.0
    for rho in (_run(returns, 24).correlation(), ewma_pearson(returns, 24)):
        assert rho[0, 0] == 1.0
        assert np.isnan(rho[1]).all()


def test_an_asset_that_is_always_flat_is_undefined() -> None:
    returns = fat_returns(np.random.default_rng(13), 100, 2)
    returns[:, 1] = 1e-5
    assert np.isnan(_run(returns, 24).correlation()[:, 1]).all()


def test_a_pair_needs_two_thirds_of_the_weight() -> None:
    returns = fat_returns(np.random.default_rng(14), 400, 2)
    returns[-20:, 1] = np.nan  # 0.5 ** (20 / 24) = 0.56 of the weight is left
    rho = _run(returns, 24).correlation()
    assert rho[0, 0] == 1.0
    assert np.isnan(rho[0, 1])
    assert np.isnan(rho[1, 1])
    assert _run(returns[:-10], 24).correlation()[0, 1] == pytest.approx(_oracle(returns[:-10], 24)[0, 1], abs=1e-12)


def test_it_is_worth_69_bars_at_24_hours() -> None:
    assert effective_length(24) == 69
    assert decay(24) == 0.5 ** (1 / 24)
    counts = _run(fat_returns(np.random.default_rng(15), 900, 2), 24).counts()
    assert counts.tolist() == [[69, 69], [69, 69]]
