"""Orders of approved proposals: netted over baskets, reductions first, split at zero and at the largest order."""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from engine.domain.order import Allocation, Fill, OrderSide
from engine.domain.proposal import Proposal, ProposalLeg
from engine.domain.units import Asset, BasketName, ClientOrderId, FillId, ProposalId, Symbol
from engine.execution.allocation import allocate_fill, shares
from engine.execution.plan import OrderPlan, plan_orders
from engine.portfolio.ledger import Ledger
from support.books import START, symbol_of
from support.some_facts import order, proposal

BUY, SELL = OrderSide.BUY, OrderSide.SELL


def leg(asset: str, quantity: str, *, price: str = "100") -> ProposalLeg:
    """A leg that trades a signed quantity."""
    signed = Decimal(quantity)
    base = proposal().legs[0]
    return structs.replace(
        base,
        asset=Asset(asset),
        symbol=symbol_of(asset),
        side=BUY if signed > 0 else SELL,
        quantity=abs(signed),
        price=Decimal(price),
        notional=abs(signed) * Decimal(price),
    )


def of(basket: str, *legs: ProposalLeg) -> Proposal:
    return replace(proposal(), id=ProposalId(f"p-{basket}"), basket=BasketName(basket), legs=legs, hash=basket)


def plan(
    *proposals: Proposal, net: Mapping[str, str] | None = None, most: str = "1000000", attempt: int = 0
) -> OrderPlan:
    held = {symbol_of(asset): Decimal(quantity) for asset, quantity in (net or {}).items()}
    steps = {each.symbol: Decimal("0.1") for one in proposals for each in one.legs}
    return plan_orders(proposals, held, steps=steps, max_notional=Decimal(most), attempt=attempt)


def told(result: OrderPlan) -> list[tuple[str, str, str, bool]]:
    return [(o.asset, o.side.value, str(o.quantity), o.reduce_only) for o in result.orders]


def test_reductions_go_first_and_the_largest_first() -> None:
    result = plan(
        of("a", leg("ETH", "5"), leg("SOL", "-2"), leg("NEAR", "-3")), net={"SOL": "9", "NEAR": "9", "ETH": "1"}
    )
    assert told(result) == [
        ("NEAR", "sell", "3", True),
        ("SOL", "sell", "2", True),
        ("ETH", "buy", "5", False),
    ]


def test_reduce_only_is_judged_on_the_net_position_of_the_venue() -> None:
    """The basket sells what it holds, but another basket is short more: at the venue this opens."""
    assert told(plan(of("a", leg("ETH", "-2")), net={"ETH": "-1"})) == [("ETH", "sell", "2", False)]
    assert told(plan(of("a", leg("ETH", "-5")), net={"ETH": "3"})) == [
        ("ETH", "sell", "3", True),
        ("ETH", "sell", "2", False),
    ]


def test_what_one_basket_sells_and_another_buys_never_leaves() -> None:
    result = plan(of("a", leg("ETH", "-1")), of("b", leg("ETH", "0.4")), net={"ETH": "5"})
    assert told(result) == [("ETH", "sell", "0.6", True)]
    assert result.orders[0].allocations == (
        Allocation(basket=BasketName("a"), proposal=ProposalId("p-a"), quantity=Decimal("0.6")),
    )
    (crossing,) = result.crossings
    sale, purchase = crossing.facts(START)
    assert (sale.basket, sale.side, sale.quantity, sale.proposal) == ("a", SELL, Decimal("0.4"), "p-a")
    assert (purchase.basket, purchase.side, purchase.quantity) == ("b", BUY, Decimal("0.4"))
    assert sale.fee == purchase.fee == 0
    ledger = Ledger([sale, purchase])
    assert ledger.account().net(symbol_of("ETH")) == 0
    assert ledger.account().cash == 0


def test_several_baskets_on_one_side_share_an_order() -> None:
    (found,) = plan(of("a", leg("ETH", "1")), of("b", leg("ETH", "3"))).orders
    assert found.quantity == 4
    assert [(part.basket, part.quantity) for part in found.allocations] == [("a", Decimal("1")), ("b", Decimal("3"))]


def test_large_orders_are_split_into_equal_pieces_and_a_single_step_is_never_split() -> None:
    result = plan(of("a", leg("ETH", "2.5")), most="100")
    assert [(o.quantity, o.reduce_only) for o in result.orders] == [(Decimal(q), False) for q in ("0.9", "0.8", "0.8")]
    assert told(plan(of("a", leg("ETH", "0.2")), most="1")) == [("ETH", "buy", "0.1", False)] * 2


def test_no_piece_of_a_split_is_a_small_rest() -> None:
    pieces = [o.quantity for o in plan(of("a", leg("ETH", "200.1")), most="10000").orders]
    assert pieces == [Decimal("66.7")] * 3


def test_both_legs_of_a_crossing_of_zero_are_one_trade() -> None:
    result = plan(of("a", leg("ETH", "-3"), leg("ETH", "-2")), net={"ETH": "3"})
    assert told(result) == [("ETH", "sell", "3", True), ("ETH", "sell", "2", False)]


def test_ids_are_the_same_again_and_differ_by_everything_that_matters() -> None:
    one = of("a", leg("ETH", "1"), leg("SOL", "1"))
    ids = [o.client_order_id for o in plan(one).orders]
    assert ids == [o.client_order_id for o in plan(one).orders]
    assert all(re.fullmatch("[a-z0-9]{26}", each) for each in ids)
    others = [plan(one, attempt=1), plan(replace(one, hash="z")), plan(replace(one, created_at=START))]
    assert len({*ids, *(other.orders[0].client_order_id for other in others[:2])}) == 4
    assert others[2].orders[0].client_order_id == ids[0]  # the same instant is the same proposal
    assert plan() == OrderPlan(orders=(), crossings=())


quantities = st.integers(1, 400).map(lambda steps: Decimal(steps) / 10)
signed = st.tuples(quantities, st.sampled_from([1, -1])).map(lambda pair: str(pair[0] * pair[1]))


@settings(deadline=None, max_examples=150)
@given(
    wanted=st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["ETH", "SOL"]), signed), max_size=6),
    net=st.integers(-300, 300),
    most=st.sampled_from(["50", "777", "1000000"]),
)
def test_every_basket_gets_exactly_its_leg(wanted: list[tuple[str, str, str]], net: int, most: str) -> None:
    legs: dict[str, dict[str, str]] = {}
    for basket, asset, quantity in wanted:
        legs.setdefault(basket, {})[asset] = quantity
    proposals = [of(name, *(leg(asset, q) for asset, q in each.items())) for name, each in legs.items()]
    held = Decimal(net) / 10
    result = plan(*proposals, net={"ETH": str(held), "SOL": str(-held)}, most=most)
    books: dict[tuple[str, str], Decimal] = {}
    for o in result.orders:
        assert sum(part.quantity for part in o.allocations) == o.quantity
        assert o.quantity * 10 % 1 == 0
        for part in o.allocations:
            key = (part.basket, o.asset)
            books[key] = books.get(key, Decimal(0)) + o.side.sign * part.quantity
    for crossing in result.crossings:
        for fact in crossing.facts(START):
            key = (fact.basket, fact.asset)
            books[key] = books.get(key, Decimal(0)) + fact.side.sign * fact.quantity
    assert {k: v for k, v in books.items() if v} == {
        (b, a): Decimal(q) for b, each in legs.items() for a, q in each.items()
    }
    position = {symbol_of("ETH"): held, symbol_of("SOL"): -held}
    seen_increase = False
    for o in result.orders:
        seen_increase |= not o.reduce_only
        assert not (o.reduce_only and seen_increase)
        before = position[o.symbol]
        position[o.symbol] = before + o.side.sign * o.quantity
        if o.reduce_only:
            assert abs(position[o.symbol]) < abs(before)
            assert before * position[o.symbol] >= 0


def venue_fill(quantity: str, fee: str, number: int = 1) -> Fill:
    return Fill(
        fill_id=FillId(f"t{number}"),
        client_order_id=ClientOrderId("dd1"),
        symbol=Symbol("ETH/USDT:USDT"),
        side=SELL,
        quantity=Decimal(quantity),
        price=Decimal("3000"),
        fee=Decimal(fee),
        at=START,
    )


def test_a_fill_goes_to_the_baskets_pro_rata_in_whole_steps_with_its_fee() -> None:
    facts = allocate_fill(order(), venue_fill("0.3", "0.5"), {}, Decimal("0.001"))
    assert [(f.basket, f.proposal, f.quantity) for f in facts] == [
        ("layer-1", "p1", Decimal("0.100")),
        ("majors", "p2", Decimal("0.200")),
    ]
    assert sum(fact.fee for fact in facts) == Decimal("0.5")
    assert facts[0].fee == Decimal("0.166666666667")


def test_a_fee_in_kind_is_shared_as_the_coins_are_and_each_part_is_worth_its_price() -> None:
    fill = replace(venue_fill("0.3", "0.9"), fee_in_kind=Decimal("0.0003"))
    facts = allocate_fill(order(), fill, {}, Decimal("0.001"))
    assert [(f.fee_in_kind, f.fee) for f in facts] == [
        (Decimal("0.0001"), Decimal("0.3")),
        (Decimal("0.0002"), Decimal("0.6")),
    ]
    odd = replace(venue_fill("0.3", "1.2"), fee_in_kind=Decimal("0.0004"))
    facts = allocate_fill(order(), odd, {}, Decimal("0.001"))
    assert sum(f.fee_in_kind for f in facts) == Decimal("0.0004")
    assert all(f.fee == f.fee_in_kind * f.price for f in facts)


@settings(deadline=None, max_examples=200)
@given(
    steps=st.lists(st.integers(1, 60), min_size=1, max_size=4),
    cuts=st.lists(st.integers(1, 30), max_size=12),
)
def test_shares_are_exact_never_taken_back_and_never_more_than_ones_part(steps: list[int], cuts: list[int]) -> None:
    step = Decimal("0.01")
    parts = [
        Allocation(basket=BasketName(f"b{k}"), proposal=ProposalId("p"), quantity=n * step) for k, n in enumerate(steps)
    ]
    given_so_far = {part.basket: Decimal(0) for part in parts}
    total, handed = sum(steps), 0
    for cut in [*cuts, total]:
        more = min(cut, total - handed)
        if not more:
            break
        got = shares(parts, given_so_far, more * step, step)
        assert sum(part.quantity for part in got) == more * step
        handed += more
        for part in got:
            assert part.quantity > 0
            assert part.quantity % step == 0
            given_so_far[part.basket] += part.quantity
        for part in parts:
            assert given_so_far[part.basket] <= part.quantity
            assert abs(given_so_far[part.basket] - part.quantity * handed / total) <= len(parts) * step
    assert all(given_so_far[part.basket] == part.quantity for part in parts) == (handed == total)


def test_a_basket_that_has_more_than_its_part_waits_until_the_others_have_theirs() -> None:
    a, b = (Allocation(basket=BasketName(name), proposal=ProposalId("p"), quantity=Decimal(5)) for name in "ab")
    (got,) = shares((a, b), {a.basket: Decimal(3)}, Decimal(1), Decimal(1))  # 4 in all: two each would be due
    assert (got.basket, got.quantity) == (b.basket, Decimal(1))
    both = shares((a, b), {a.basket: Decimal(3)}, Decimal(5), Decimal(1))
    assert [(part.basket, part.quantity) for part in both] == [(a.basket, Decimal(1)), (b.basket, Decimal(4))]


def test_more_than_an_order_is_refused() -> None:
    with pytest.raises(ValueError, match=r"0\.4 of an order of 0\.3 cannot be shared"):
        allocate_fill(order(), venue_fill("0.4", "0"), {}, Decimal("0.1"))
