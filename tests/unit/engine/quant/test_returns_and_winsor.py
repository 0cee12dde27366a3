"""Returns exist where both closes do; each return is clipped once, by the limits of its own UTC day."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.returns import log_return, log_returns
from engine.quant.winsor import clip, winsor_limits, winsorize
from support.quant_oracles import fat_returns, plain_winsorized, worst_difference


def test_a_return_exists_only_where_both_closes_do() -> None:
    closes = np.array([[1.0], [2.0], [np.nan], [2.0], [1.0]])
    expected = np.array([np.nan, np.log(2.0), np.nan, np.nan, -np.log(2.0)])
    np.testing.assert_allclose(log_returns(closes).ravel(), expected, rtol=1e-15)


def test_equal_closes_give_exactly_zero_at_any_price() -> None:
    prices = np.random.default_rng(0).lognormal(0, 8, size=(1, 500))
    assert (log_returns(np.vstack([prices, prices]))[1] == 0).all()


def test_one_row_and_the_whole_table_give_the_same_returns() -> None:
    closes = np.exp(np.cumsum(fat_returns(np.random.default_rng(1), 50, 3), axis=0))
    table = log_returns(closes)
    rows = [log_return(closes[k - 1], closes[k]) for k in range(1, 50)]
    np.testing.assert_array_equal(table[1:], np.array(rows))


@pytest.mark.parametrize("bad", [0.0, -1.0, np.inf])
def test_a_close_that_is_no_price_is_refused_with_its_place(bad: float) -> None:
    with pytest.raises(ValueError, match=r"at \(1, 0\) is not a positive price"):
        log_returns(np.array([[1.0], [bad]]))


def test_winsorized_returns_equal_the_plain_sentence_of_the_rule() -> None:
    returns = fat_returns(np.random.default_rng(2), 1700, 3, missing=0.1)
    returns[:900, 1] = np.nan  # listed mid-way
    returns[300:500, 2] = 0.0  # flat
    for first_slot in (0, 5, 24 * 19_000 + 23):
        mine = winsorize(returns, first_slot, 24)
        assert worst_difference(mine, plain_winsorized(returns, first_slot)) <= 1e-18
        assert (np.abs(mine) < np.abs(returns)).any()


def test_limits_of_a_long_history_need_little_more_memory_than_it_has() -> None:
    returns = fat_returns(np.random.default_rng(4), 24 * 400, 20, missing=0.01)
    tracemalloc.start()
    try:
        winsorize(returns, 5, 24)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 * returns.nbytes  # all windows of all days at once would be thirty times as much


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10_000), offset=st.integers(0, 23), missing=st.sampled_from([0.0, 0.3, 0.55]))
def test_clipping_day_by_day_equals_clipping_the_table(seed: int, offset: int, missing: float) -> None:
    returns = fat_returns(np.random.default_rng(seed), 800, 2, missing=missing)
    table = winsorize(returns, offset, 24)
    for row in range(len(returns)):
        midnight = row - (row + offset) % 24
        limits = winsor_limits(returns[max(midnight - 720, 0) : max(midnight, 0)])
        np.testing.assert_array_equal(table[row], clip(returns[row], limits))


def test_with_359_returns_nothing_is_clipped_and_with_360_it_is() -> None:
    history = fat_returns(np.random.default_rng(3), 720, 1)
    history[360:] = np.nan
    assert np.isfinite(winsor_limits(history)).all()
    history[0] = np.nan
    low, high = winsor_limits(history)
    assert (low[0], high[0]) == (-np.inf, np.inf)


def test_more_history_than_the_rule_looks_at_is_refused() -> None:
    with pytest.raises(ValueError, match="720 slots, got 721"):
        winsor_limits(np.zeros((721, 1)))
