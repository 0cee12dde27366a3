"""The books: average cost by hand, netting over baskets, and what may never break whatever happens."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.errors import StoreError
from engine.domain.facts import BookFact, Deposited, FeeCharged, FundingPaid, InterestPaid, PositionAdopted, Withdrawn
from engine.domain.order import OrderSide
from engine.domain.portfolio import Account, empty_book
from engine.domain.units import Asset, BasketName, ClientOrderId, FillId
from engine.portfolio.ledger import Ledger
from engine.portfolio.valuation import DayStart, day_profit, value_account, value_book
from support.books import START, symbol_of
from support.some_facts import ACTOR, LAYER_1, fill

BUY, SELL = OrderSide.BUY, OrderSide.SELL
ETH, SOL = symbol_of("ETH"), symbol_of("SOL")
MAJORS = BasketName("majors")


def nums(*values: object) -> tuple[Decimal, ...]:
    return tuple(Decimal(str(value)) for value in values)


def deposit(amount: str) -> Deposited:
    return Deposited(at=START, amount=Decimal(amount), note="", actor=ACTOR)


def account_of(*facts: BookFact) -> Account:
    return Ledger(facts).account()


def test_average_cost_by_hand() -> None:
    """Buy 2 at 100 and 1 at 130, sell 1.5 at 140: average 110, realized 45, 1.5 open at 110."""
    account = account_of(
        fill(1, "2", "100", fee="0.10"), fill(2, "1", "130", fee="0.05"), fill(3, "1.5", "140", side=SELL, fee="0.08")
    )
    book = account.book(LAYER_1)
    (position,) = book.positions
    assert (position.quantity, position.average_price, position.realized) == nums("1.5", 110, 45)
    assert (book.realized, book.fees, book.traded) == nums(45, "0.23", 540)
    assert book.cash == -200 - 130 + 210 - Decimal("0.23")
    value = value_book(book, {ETH: Decimal(120)})
    assert (value.gross, value.net, value.unrealized) == nums(180, 180, 15)
    assert value.pnl == 45 + 15 - Decimal("0.23") == book.cash + 180


def test_a_short_earns_when_the_price_falls_and_crossing_zero_opens_the_other_way() -> None:
    account = account_of(fill(1, "2", "100", side=SELL), fill(2, "5", "90"))
    (position,) = account.book(LAYER_1).positions
    assert (position.quantity, position.average_price, position.realized) == nums(3, 90, 20)
    again = account_of(fill(1, "2", "100", side=SELL), fill(2, "5", "90"), fill(3, "3", "95", side=SELL))
    book = again.book(LAYER_1)
    assert book.flat
    assert (book.realized, book.cash, book.positions[0].cost) == nums(35, 35, 0)
    assert book.positions[0].average_price is None


def test_the_same_asset_in_two_baskets_nets_at_the_venue() -> None:
    account = account_of(
        deposit("1000"),
        fill(1, "3", "100"),
        fill(2, "2", "110", basket="majors", side=SELL),
        fill(3, "1", "5", asset="SOL"),
    )
    assert (account.net(ETH), account.net(SOL)) == nums(1, 1)
    assert account.book(LAYER_1).quantity(Asset("ETH")) == 3
    assert account.book(MAJORS).quantity(Asset("ETH")) == -2
    value = value_account(account, {ETH: Decimal(105), SOL: Decimal(5)})
    assert (value.gross, value.net) == nums(315 + 210 + 5, 105 + 5)
    assert value.equity == 1000 + 15 + 10
    assert [each.symbol for each in value.positions] == [ETH, SOL]
    assert [(each.quantity, each.value) for each in value.positions] == [nums(1, 105), nums(1, 5)]
    assert account.symbols == (ETH, SOL)
    assert account.wallet == 1000 + 20  # the venue sold two of the three it held, ten above their entry


def test_the_venues_entry_is_that_of_what_reached_it_and_not_a_sum_over_baskets() -> None:
    account = account_of(deposit("1000"), fill(1, "2", "50"), fill(2, "3", "25", basket="majors", side=SELL))
    (net,) = account.netted
    assert (net.quantity, net.average_price, net.realized) == nums(-1, 25, -50)
    assert account.wallet == 950
    assert value_account(account, {ETH: Decimal(20)}).equity == 955


def test_what_crosses_between_baskets_never_reaches_the_venue() -> None:
    bought, sold = fill(2, "1", "60", basket="majors"), fill(2, "1", "60", side=SELL)
    crossing = [msgspec.structs.replace(each, client_order_id=ClientOrderId("")) for each in (bought, sold)]
    account = account_of(deposit("1000"), fill(1, "1", "50"), *crossing)
    (net,) = account.netted
    assert (net.quantity, net.average_price, net.realized) == nums(1, 50, 0)
    assert account.wallet == 1000
    assert account.book(LAYER_1).realized == 10


def test_what_nets_to_nothing_is_no_position_but_keeps_its_profit() -> None:
    account = account_of(fill(1, "1", "100"), fill(2, "1", "110", basket="majors", side=SELL))
    assert [(each.quantity, each.cost, each.realized) for each in account.netted] == [nums(0, 0, 10)]
    value = value_account(account, {ETH: Decimal(500)})
    assert value.positions == ()
    assert value.equity == 10


def test_funding_fees_interest_and_money_moved_are_booked_where_they_belong() -> None:
    account = account_of(
        deposit("1000"),
        Withdrawn(at=START, amount=Decimal(200), note="", actor=ACTOR),
        fill(1, "1", "100"),
        FundingPaid(at=START, basket=LAYER_1, asset=Asset("ETH"), symbol=ETH, amount=Decimal("-0.7"), rate=-0.0001),
        FeeCharged(at=START, basket=LAYER_1, amount=Decimal("0.3"), note="liquidation"),
        InterestPaid(at=START, basket=MAJORS, amount=Decimal("0.2"), note=""),
    )
    book = account.book(LAYER_1)
    assert (account.paid_in, book.funding, book.fees, account.book(MAJORS).interest) == nums(800, "-0.7", "0.3", "0.2")
    assert account.cash == 800 - 100 + Decimal("0.7") - Decimal("0.3") - Decimal("0.2")
    assert book.positions[0].funding == Decimal("-0.7")
    assert value_account(account, {ETH: Decimal(100)}).equity == Decimal("800.2")


def test_what_is_adopted_enters_at_its_price_and_is_no_turnover() -> None:
    adopted = PositionAdopted(
        at=START,
        basket=LAYER_1,
        asset=Asset("ETH"),
        symbol=ETH,
        quantity=Decimal("-2"),
        price=Decimal(90),
        note="",
        actor=ACTOR,
    )
    account = account_of(deposit("1000"), adopted)
    book = account.book(LAYER_1)
    assert (book.positions[0].quantity, book.positions[0].average_price, book.traded, book.fees) == nums(-2, 90, 0, 0)
    assert value_account(account, {ETH: Decimal(90)}).equity == 1000
    assert value_book(book, {ETH: Decimal(80)}).pnl == 20


def test_a_fill_is_booked_once_however_often_it_comes() -> None:
    ledger = Ledger()
    assert ledger.apply(fill(1, "1", "100"))
    assert not ledger.apply(fill(1, "1", "100"))
    assert ledger.apply(fill(1, "1", "100", basket="majors"))  # the other basket's part of it
    assert ledger.apply(fill(1, "1", "5", asset="SOL"))  # venues number per symbol
    assert ledger.knows(ETH, FillId("t1"), LAYER_1)
    assert not ledger.knows(ETH, FillId("t2"), LAYER_1)
    assert ledger.account().net(ETH) == 2


@pytest.mark.parametrize(
    "numbers", [("0", "1", "0"), ("-1", "1", "0"), ("1", "0", "0"), ("NaN", "1", "0"), ("1", "1", "NaN")]
)
def test_a_fill_that_cannot_be_is_refused_and_changes_nothing(numbers: tuple[str, str, str]) -> None:
    quantity, price, fee = numbers
    ledger = Ledger()
    with pytest.raises(StoreError, match="cannot be booked"):
        ledger.apply(fill(1, quantity, price, fee=fee))
    assert ledger.account() == Account(paid_in=Decimal(0), books=())


def test_a_deposit_of_nothing_is_refused() -> None:
    with pytest.raises(StoreError, match="positive numbers"):
        Ledger([deposit("-5")])


def test_a_position_without_a_price_stands_at_cost_and_is_named() -> None:
    account = account_of(deposit("1000"), fill(1, "1", "100"), fill(2, "1", "5", asset="SOL"))
    value = value_account(account, {ETH: Decimal(110)})
    assert value.equity == 1010
    assert value.unpriced == (Asset("SOL"),)
    assert value.positions[1].mark is None
    assert value.positions[1].unrealized == 0


def test_the_day_counts_from_midnight_without_money_moved() -> None:
    account = account_of(deposit("1000"), fill(1, "1", "100"), deposit("500"))
    start = DayStart(at=START, equity=Decimal(1000), paid_in=Decimal(1000))
    value = value_account(account, {ETH: Decimal(107)})
    assert day_profit(value, account.paid_in, start) == 7


def test_a_basket_that_never_traded_has_an_empty_book() -> None:
    assert account_of().book(LAYER_1) == empty_book(LAYER_1)
    assert empty_book(LAYER_1).flat


# --- whatever happens -------------------------------------------------------------------------------------------

quantities = st.decimals("0.0001", "500000000", places=10)
prices = st.decimals("0.00000001", "90000", places=12)
money = st.decimals("-50", "50", places=6)
baskets, assets = st.sampled_from(["layer-1", "majors", "defi"]), st.sampled_from(["ETH", "SOL", "PEPE"])


@st.composite
def histories(draw: st.DrawFn) -> list[BookFact]:
    facts: list[BookFact] = [deposit("50000")]
    for number in range(draw(st.integers(0, 25))):
        basket, asset = draw(baskets), draw(assets)
        kind = draw(st.sampled_from(["fill"] * 6 + ["adopt", "funding", "fee"]))
        if kind == "fill":
            facts.append(
                fill(
                    number,
                    str(draw(quantities)),
                    str(draw(prices)),
                    basket=basket,
                    asset=asset,
                    side=draw(st.sampled_from(OrderSide)),
                    fee=str(draw(money)),
                )
            )
        elif kind == "adopt":
            facts.append(
                PositionAdopted(
                    at=START,
                    basket=BasketName(basket),
                    asset=Asset(asset),
                    symbol=symbol_of(asset),
                    quantity=draw(quantities) * draw(st.sampled_from([1, -1])),
                    price=draw(prices),
                    note="",
                    actor=ACTOR,
                )
            )
        elif kind == "funding":
            facts.append(
                FundingPaid(
                    at=START,
                    basket=BasketName(basket),
                    asset=Asset(asset),
                    symbol=symbol_of(asset),
                    amount=draw(money),
                    rate=0.0001,
                )
            )
        else:
            facts.append(FeeCharged(at=START, basket=BasketName(basket), amount=draw(money), note=""))
    return facts


def signed_fills(facts: Sequence[BookFact]) -> list[tuple[str, str, Fraction, Fraction]]:
    """Basket, asset, signed quantity, price: by rational numbers, independent of the ledger's decimals."""
    found = []
    for fact in facts:
        if isinstance(fact, PositionAdopted):
            found.append((fact.basket, fact.asset, Fraction(fact.quantity), Fraction(fact.price)))
        elif not isinstance(fact, Deposited | Withdrawn | FundingPaid | FeeCharged | InterestPaid):
            sign = 1 if fact.side is BUY else -1
            found.append((fact.basket, fact.asset, sign * Fraction(fact.quantity), Fraction(fact.price)))
    return [(str(b), str(a), q, p) for b, a, q, p in found]


@settings(deadline=None, max_examples=150)
@given(facts=histories(), marks=st.tuples(prices, prices, prices))
def test_fills_sum_to_positions_and_nothing_is_lost_but_fees(
    facts: list[BookFact], marks: tuple[Decimal, Decimal, Decimal]
) -> None:
    account = account_of(*facts)
    fills = signed_fills(facts)
    price_of = {symbol_of(asset): mark for asset, mark in zip(["ETH", "SOL", "PEPE"], marks, strict=True)}
    for asset in ("ETH", "SOL", "PEPE"):
        for book in account.books:
            expected = sum((q for b, a, q, _ in fills if (b, a) == (book.basket, asset)), Fraction(0))
            assert Fraction(book.quantity(Asset(asset))) == expected
        assert Fraction(account.net(symbol_of(asset))) == sum((q for _, a, q, _ in fills if a == asset), Fraction(0))
    paid = sum((Fraction(f.amount) for f in facts if isinstance(f, FundingPaid | FeeCharged)), Fraction(0))
    fees = sum((Fraction(f.fee) for f in facts if hasattr(f, "fee")), Fraction(0))
    cash = 50_000 - sum((q * p for *_, q, p in fills), Fraction(0)) - paid - fees
    assert Fraction(account.cash) == cash
    worth = sum((q * Fraction(price_of[symbol_of(a)]) for _, a, q, _ in fills), Fraction(0))
    value = value_account(account, price_of)
    assert Fraction(value.equity) == cash + worth
    assert Fraction(value.equity) == sum(map(Fraction, [account.paid_in, *(book.pnl for book in value.books)]))
    for book in account.books:
        costs = sum((Fraction(position.cost) for position in book.positions), Fraction(0))
        spent = sum(map(Fraction, [book.fees, book.funding, book.interest]))
        assert Fraction(book.cash) == Fraction(book.realized) - costs - spent


@settings(deadline=None, max_examples=60)
@given(facts=histories(), cut=st.integers(0, 30), twice=st.integers(0, 30))
def test_folding_in_two_steps_or_meeting_a_fill_again_is_folding_once(
    facts: list[BookFact], cut: int, twice: int
) -> None:
    once = Ledger(facts).account()
    ledger = Ledger(facts[:cut])
    between = ledger.account()
    for fact in facts[cut:]:
        ledger.apply(fact)
    assert repr(ledger.account()) == repr(once)
    assert repr(between) == repr(Ledger(facts[:cut]).account())
    fills = [fact for fact in facts[: twice + 1] if hasattr(fact, "fill_id")]
    assert repr(Ledger([*facts, *fills]).account()) == repr(once)
