"""Who is liquidated along a path: by hand, and against the venues' own liquidation prices."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.liquidation_walk import Taken, cross_walk, isolated_walk
from engine.quant.margin import MarginTier, SwapPosition, account_is_gone, isolated_price

RATE = 0.01


def line(moves: list[float], rows: int = 1_001) -> np.ndarray:
    return 1.0 + np.outer(np.linspace(0.0, 1.0, rows), np.array(moves))


def test_isolated_legs_go_in_the_order_their_margin_lasts_and_lose_no_more_than_it() -> None:
    values, margins = np.array([1_000.0, 1_000.0, 1_000.0]), np.array([100.0, 100.0, 100.0])
    walk = isolated_walk(values, margins, line([-0.08, -0.30, -0.15]), RATE)
    assert [each.leg for each in walk.taken] == [1, 2]
    assert walk.loss == pytest.approx(80.0 + 100.0 + 100.0)


@settings(max_examples=60, deadline=None)
@given(side=st.sampled_from([-1, 1]), leverage=st.floats(2.0, 50.0))
def test_an_isolated_leg_goes_at_the_liquidation_price_of_the_venue(side: int, leverage: float) -> None:
    value, margin = side * 1_000.0, 1_000.0 / leverage
    path = line([-side * 0.9], rows=90_001)
    position = SwapPosition(quantity=value, entry=1.0, mark=1.0, margin=margin)
    (taken,) = isolated_walk(np.array([value]), np.array([margin]), path, RATE).taken
    assert path[taken.row, 0] == pytest.approx(isolated_price(position), abs=2e-5)


def test_a_cross_account_is_taken_where_the_venue_says_it_is_gone() -> None:
    values, balance, path = np.array([2_000.0, -500.0]), 250.0, line([-0.2, -0.1])
    walk = cross_walk(values, balance, path, RATE)
    tiers = (MarginTier(up_to=float("inf"), rate=RATE, deduction=0.0),)

    def gone(row: int) -> bool:
        legs = [
            SwapPosition(quantity=float(v), entry=1.0, mark=float(p), margin=0.0, tiers=tiers)
            for v, p in zip(values, path[row], strict=True)
        ]
        return account_is_gone(legs, balance)

    first = walk.taken[0]
    assert first.leg == 0
    assert gone(first.row)
    assert not gone(first.row - 1)


def test_shared_collateral_carries_one_bad_leg_where_its_own_margin_does_not() -> None:
    values, margins, path = np.full(3, 1_000.0), np.full(3, 100.0), line([-0.2, 0.0, 0.0])
    alone, together = isolated_walk(values, margins, path, RATE), cross_walk(values, 300.0, path, RATE)
    assert (len(alone.taken), len(together.taken)) == (1, 0)
    assert alone.loss == pytest.approx(100.0)
    assert together.loss == pytest.approx(200.0)


def test_a_leg_that_is_taken_can_take_the_others_with_it_at_the_same_price() -> None:
    walk = cross_walk(np.full(3, 1_000.0), 300.0, line([-0.12, -0.12, -0.12]), RATE)
    assert {each.leg for each in walk.taken} == {0, 1, 2}
    assert len({each.row for each in walk.taken}) == 1
    assert walk.loss == pytest.approx(300.0)


def test_shorts_gain_in_a_fall_and_a_closed_leg_does_not_come_back() -> None:
    path = np.array([[1.0], [0.8], [1.5]])
    short = isolated_walk(np.array([-100.0]), np.array([1_000.0]), path[:2], RATE)
    assert short.taken == ()
    assert short.loss == pytest.approx(-20.0)
    long = isolated_walk(np.array([100.0]), np.array([10.0]), path, RATE)
    assert (long.taken, long.loss) == ((Taken(leg=0, row=1),), 10.0)


def test_an_undefined_price_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="leave out the rows"):
        cross_walk(np.array([1.0]), 1.0, np.array([[1.0], [np.nan]]), RATE)
