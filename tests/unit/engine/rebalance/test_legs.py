"""Legs: the difference to what is held, rounded the safe way, reductions first, and what is too small is named."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.market import MarketKind
from engine.domain.order import OrderSide
from engine.domain.proposal import ProposalLeg, SkippedLeg
from engine.domain.units import Asset
from engine.rebalance.legs import LegRules, Wish, make_legs, reference_price
from support.books import symbol_of
from support.pictures import instrument, quote

RULES = LegRules(fee=Decimal("0.00055"), band=Decimal("0.005"))
Legs = tuple[tuple[ProposalLeg, ...], tuple[SkippedLeg, ...]]


def wish(held: str, target: float, *, asset: str = "ETH", base: float = 3000.0) -> Wish:
    return Wish(asset=Asset(asset), symbol=symbol_of(asset), held=Decimal(held), target=target, base=base)


def legs_of(
    *wishes: Wish,
    price: str = "100",
    step: str = "0.1",
    minimum: str = "5",
    kind: MarketKind = MarketKind.SWAP,
) -> Legs:
    quotes = {each.symbol: quote(each.asset, price) for each in wishes}
    markets = {each.symbol: instrument(each.asset, step=step, minimum=minimum, kind=kind) for each in wishes}
    return make_legs(wishes, quotes, markets, RULES)


def test_a_leg_is_the_difference_and_never_sells_all_to_buy_again() -> None:
    (leg,), skipped = legs_of(wish("10", 785.0))
    assert (leg.side, leg.quantity, leg.reduces) == (OrderSide.SELL, Decimal("2.2"), True)
    assert (leg.held, leg.target) == (Decimal(10), Decimal("7.8"))
    assert (leg.price, leg.notional, leg.fee) == (Decimal(100), Decimal(220), Decimal("0.121"))
    assert skipped == ()


@pytest.mark.parametrize(
    ("held", "target", "end"),
    [
        ("0", 785.0, "7.8"),  # grows: down
        ("0", -785.0, "-7.8"),
        ("2", 785.0, "7.8"),
        ("10", 785.0, "7.8"),  # shrinks: further
        ("-10", -785.0, "-7.8"),
        ("10", 0.0, "0"),
        ("0.25", 0.0, "0.05"),  # never through zero, even where the rest is dust
        ("7.8", 785.0, "7.8"),  # what rounding left is left
        ("7.8", 780.0000000001, "7.8"),  # float noise is no difference
        ("7.8", 779.9999999999, "7.8"),
    ],
)
def test_rounding_never_ends_beyond_the_target(held: str, target: float, end: str) -> None:
    legs, _ = legs_of(wish(held, target))
    assert (legs[-1].target if legs else Decimal(held)) == Decimal(end)


def test_a_leg_through_zero_is_split_and_the_closing_part_comes_first() -> None:
    (first, second), _ = legs_of(wish("3", -250.0))
    assert (first.side, first.quantity, first.reduces, first.target) == (OrderSide.SELL, Decimal(3), True, Decimal(0))
    assert (second.side, second.quantity, second.reduces) == (OrderSide.SELL, Decimal("2.5"), False)
    assert (second.held, second.target) == (Decimal(0), Decimal("-2.5"))


def test_reductions_go_first_and_the_largest_of_each() -> None:
    legs, _ = legs_of(
        wish("0", 900.0, asset="SOL"), wish("5", 400.0), wish("9", 100.0, asset="AVAX"), wish("1", 300.0, asset="NEAR")
    )
    assert [(leg.asset, leg.reduces) for leg in legs] == [
        ("AVAX", True),
        ("ETH", True),
        ("SOL", False),
        ("NEAR", False),
    ]


def test_what_is_too_small_is_listed_with_the_reason() -> None:
    legs, skipped = legs_of(wish("0", 40.0), step="1")
    assert legs == ()
    assert skipped == (SkippedLeg(asset=Asset("ETH"), why="$40.00 is less than the step of 1 ETH"),)
    legs, skipped = legs_of(wish("0", 90.0), step="0.1", minimum="100")
    assert [each.why for each in skipped] == ["$90.00 is less than the smallest order of $100.00"]


def test_a_smallest_quantity_above_the_step_is_kept_too() -> None:
    each = wish("0", 90.0)
    markets = {each.symbol: replace(instrument(each.asset, step="0.1"), min_quantity=Decimal(2))}
    legs, skipped = make_legs((each,), {each.symbol: quote(each.asset, "100")}, markets, RULES)
    assert legs == ()
    assert [one.why for one in skipped] == ["$90.00 is less than the smallest order of 2 ETH"]


def test_what_rounding_always_leaves_is_not_listed() -> None:
    legs, skipped = legs_of(wish("7.8", 785.0), step="0.1")
    assert (legs, skipped) == ((), ())


def test_a_swap_may_always_be_closed_whole_and_spot_may_not() -> None:
    (leg,), _ = legs_of(wish("0.2", 0.0), minimum="50")
    assert leg.target == 0
    legs, skipped = legs_of(wish("0.2", 0.0), minimum="50", kind=MarketKind.SPOT)
    assert legs == ()
    assert "smallest order of $50.00" in skipped[0].why


def test_a_crossing_that_cannot_close_does_not_open_the_other_side() -> None:
    legs, skipped = legs_of(wish("0.2", -500.0), minimum="50", kind=MarketKind.SPOT)
    assert legs == ()
    assert len(skipped) == 1


def test_without_price_listing_or_size_nothing_is_traded_and_it_says_so() -> None:
    each = wish("1", 500.0)
    market = {each.symbol: instrument("ETH")}
    assert make_legs([each], {}, market, RULES) == ((), (SkippedLeg(asset=Asset("ETH"), why="it has no price"),))
    assert make_legs([each], {each.symbol: quote("ETH", "100")}, {}, RULES)[1][0].why == "the venue does not list it"
    undefined = wish("1", float("nan"))
    quotes = {each.symbol: quote("ETH", "100")}
    assert make_legs([undefined], quotes, market, RULES)[1][0].why == "its size is undefined"


def test_the_price_is_the_middle_of_a_market_or_the_last() -> None:
    assert reference_price(quote("ETH", "100", spread="0.01")) == 100
    assert reference_price(quote("ETH", "101", spread=None)) == 101


def test_the_band_is_rounded_inwards_to_the_tick() -> None:
    (leg,), _ = legs_of(wish("0", 785.0), price="100.013")
    assert (leg.low, leg.high) == (Decimal("99.52"), Decimal("100.51"))


amounts = st.floats(-1e6, 1e6)
steps = st.sampled_from(["0.0001", "0.1", "1", "10", "1000"])
prices = st.decimals("0.00001", "90000", places=6)


@settings(deadline=None, max_examples=300)
@given(
    held=st.decimals("-5000", "5000", places=4), target=amounts, step=steps, price=prices, minimum=st.sampled_from("05")
)
def test_no_leg_goes_beyond_its_target_and_then_nothing_is_left_to_do(
    held: Decimal, target: float, step: str, price: Decimal, minimum: str
) -> None:
    legs, _ = legs_of(wish(str(held), target), price=str(price), step=step, minimum=minimum)
    position = held
    for leg in legs:
        assert leg.quantity > 0
        assert leg.quantity % Decimal(step) == 0
        assert leg.held == position
        position += leg.side.sign * leg.quantity
        assert leg.target == position
        assert leg.reduces == (abs(position) < abs(leg.held) and leg.held * position >= 0)
        assert leg.held * position >= 0 or abs(leg.held) < Decimal(step)  # dust left behind a closing
        assert leg.low <= leg.price <= leg.high
    wanted = Decimal(target) / price
    if legs:
        slack = Decimal("1.0000001")
        assert abs(position) <= max(abs(wanted) * slack + Decimal("1E-9"), Decimal(step) * slack)
    again, _ = legs_of(wish(str(position), target), price=str(price), step=step, minimum=minimum)
    assert again == ()
