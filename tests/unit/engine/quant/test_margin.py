"""Liquidation prices: the venues' own worked examples, the defining condition, tiers, and what leverage changes."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.margin import (
    ASSUMED_TIERS,
    MarginTier,
    SwapPosition,
    account_is_gone,
    bankruptcy_price,
    cross_price,
    isolated_margin,
    isolated_price,
    liquidation_distance,
    liquidation_price,
    maintenance_margin,
    position_is_gone,
    worst_distance,
)

# the first rows of a venue's table: continuous at the steps
TIERS = (
    MarginTier(up_to=2_000_000.0, rate=0.005, deduction=0.0),
    MarginTier(up_to=2_600_000.0, rate=0.0056, deduction=1200.0),
    MarginTier(up_to=3_200_000.0, rate=0.0063, deduction=3020.0),
)


def position(
    quantity: float, entry: float, *, leverage: float = 10.0, mark: float | None = None, rate: float = 0.005
) -> SwapPosition:
    return SwapPosition(
        quantity=quantity,
        entry=entry,
        mark=entry if mark is None else mark,
        margin=isolated_margin(quantity, entry, leverage),
        tiers=(MarginTier(up_to=math.inf, rate=rate, deduction=0.0),),
    )


def test_bybits_worked_example_with_added_margin() -> None:
    """One BTC long at 40,000 with 50x, 3,000 added, rate 0.5 %, taker fee 0.055 %: 36,380.25."""
    found = SwapPosition(
        quantity=1.0,
        entry=40_000.0,
        mark=40_000.0,
        margin=isolated_margin(1.0, 40_000.0, 50.0, added=3000.0, fee=0.00055),
        tiers=TIERS,
    )
    assert isolated_price(found) == pytest.approx(36_380.25, abs=0.005)


def test_bybits_worked_example_of_a_bankruptcy_price() -> None:
    assert bankruptcy_price(1.0, 60_000.0, isolated_margin(1.0, 60_000.0, 50.0)) == pytest.approx(58_800.0)
    assert bankruptcy_price(-2.0, 60_000.0, isolated_margin(-2.0, 60_000.0, 50.0)) == pytest.approx(61_200.0)
    assert math.isnan(bankruptcy_price(1.0, 60_000.0, 60_000.0))


def binance(
    wallet: float, tmm: float, upnl: float, cum: float, side: int, size: float, entry: float, rate: float
) -> float:
    """The formula of Binance's support page in one-way mode, letter by letter."""
    return (wallet - tmm + upnl + cum - side * size * entry) / (size * rate - side * size)


@pytest.mark.parametrize("side", [1, -1])
def test_binances_formula_gives_the_same_isolated_and_cross(side: int) -> None:
    mine = SwapPosition(quantity=side * 60.0, entry=40_000.0, mark=41_000.0, margin=130_000.0, tiers=TIERS)
    value = 60.0 * isolated_price(mine)
    tier = next(tier for tier in TIERS if value <= tier.up_to)
    expected = binance(130_000.0, 0, 0, tier.deduction, side, 60.0, 40_000.0, tier.rate)
    assert isolated_price(mine) == pytest.approx(expected, rel=1e-13)
    other = SwapPosition(quantity=-300.0, entry=2000.0, mark=2100.0, margin=1.0, tiers=TIERS)
    upnl, tmm = -300.0 * 100.0, 300.0 * 2100.0 * 0.005
    crossed = cross_price([other, mine], 1, 200_000.0)
    tier = next(tier for tier in TIERS if 60.0 * crossed <= tier.up_to)
    expected = binance(200_000.0, tmm, upnl, tier.deduction, side, 60.0, 40_000.0, tier.rate)
    assert crossed == pytest.approx(expected, rel=1e-13)


@settings(deadline=None)
@given(
    side=st.sampled_from([1, -1]),
    size=st.floats(1.0, 80.0),
    leverage=st.floats(1.5, 50.0),
)
def test_at_the_liquidation_price_nothing_but_maintenance_is_left(side: int, size: float, leverage: float) -> None:
    margin = isolated_margin(size, 40_000.0, leverage)
    found = isolated_price(SwapPosition(quantity=side * size, entry=40_000.0, mark=1.0, margin=margin, tiers=TIERS))
    left = margin + side * size * (found - 40_000.0)
    assert left == pytest.approx(maintenance_margin(size, found, TIERS), rel=1e-9)
    for nudge, gone in ((1e-6, side < 0), (-1e-6, side > 0)):
        there = SwapPosition(quantity=side * size, entry=40_000.0, mark=found * (1 + nudge), margin=margin, tiers=TIERS)
        assert position_is_gone(there) is gone


def test_the_tier_is_the_one_at_the_liquidation_price() -> None:
    long = SwapPosition(quantity=50.0, entry=40_500.0, mark=40_500.0, margin=400_000.0, tiers=TIERS)
    assert 50.0 * 40_500.0 > TIERS[0].up_to > 50.0 * isolated_price(long)
    assert isolated_price(long) == pytest.approx((50 * 40_500 - 400_000) / (50 * 0.995))
    beyond = SwapPosition(quantity=-90.0, entry=40_000.0, mark=40_000.0, margin=400_000.0, tiers=TIERS)
    assert isolated_price(beyond) == pytest.approx((90 * 40_000 + 400_000 + 3020) / (90 * 1.0063))


def test_an_unleveraged_long_cannot_be_liquidated_and_a_short_always_can() -> None:
    assert math.isnan(isolated_price(position(1.0, 100.0, leverage=1.0)))
    assert isolated_price(position(-1.0, 100.0, leverage=1.0)) == pytest.approx(200 / 1.005)
    assert np.isnan(liquidation_price(np.zeros(1), np.ones(1), np.ones(1), np.zeros(1), np.zeros(1))).all()


def test_less_notional_on_the_same_margin_moves_the_price_away_and_a_smaller_position_alone_does_not() -> None:
    """Isolated prices depend on leverage, not on size: so the factor cuts notional and leaves the margin."""
    full = position(10.0, 100.0, leverage=10.0)
    smaller = position(3.0, 100.0, leverage=10.0)
    assert isolated_price(smaller) == pytest.approx(isolated_price(full))
    same_margin = SwapPosition(quantity=3.0, entry=100.0, mark=100.0, margin=full.margin, tiers=full.tiers)
    lowered = position(3.0, 100.0, leverage=3.0)
    assert isolated_price(same_margin) == pytest.approx(isolated_price(lowered))
    assert isolated_price(same_margin) < isolated_price(full) - 20


def test_a_cross_account_is_gone_when_all_maintenance_is_eaten() -> None:
    def account(price: float) -> list[SwapPosition]:
        return [position(10.0, 100.0, mark=price), position(-5.0, 50.0, mark=52.0)]

    price = cross_price(account(100.0), 0, 300.0)
    assert account_is_gone(account(price - 1e-6), 300.0)
    assert not account_is_gone(account(price + 1e-6), 300.0)
    assert not account_is_gone([], 0.0)
    assert not account_is_gone([position(0.0, 1.0)], -5.0)


def test_distance_is_the_share_the_price_may_still_move() -> None:
    assert liquidation_distance(100.0, 130.0, -1.0) == pytest.approx(0.3)
    assert liquidation_distance(100.0, 101.0, 1.0) == 0.0
    assert math.isnan(liquidation_distance(100.0, math.nan, 1.0))
    assert worst_distance([0.4, math.nan, 0.2]) == 0.2
    assert math.isnan(worst_distance([math.nan]))
    assert math.isnan(worst_distance([]))


def test_margin_needs_a_leverage() -> None:
    with pytest.raises(ValueError, match="leverage of 0"):
        isolated_margin(1.0, 100.0, 0.0)


def test_the_assumed_table_asks_for_one_percent() -> None:
    assert maintenance_margin(-2.0, 500.0, ASSUMED_TIERS) == pytest.approx(10.0)
