"""What a venue says of an account, shared by its baskets: fills, funding and liquidations, each once and exact."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from msgspec import structs

from engine.core.inputs import Executed, QuotesArrived
from engine.domain.basket import Side
from engine.domain.commands import AdoptPosition
from engine.domain.facts import FillRecorded, FundingPaid
from engine.domain.market import Funding
from engine.domain.order import Fill, FundingCharge, OrderSide
from engine.domain.portfolio import exact_sum
from engine.domain.units import HOUR_MS, Asset, BasketName, ClientOrderId, FillId, Ms
from support.books import basket, long_basket, small_config, symbol_of
from support.sameness import same
from support.trading_driver import TradingDriver
from support.trading_moves import LONG_BASKET, LONGS, driver, net, next_life, opened

OTHERS, SHORTS = BasketName("others"), BasketName("shorts")
OTHERS_BASKET = long_basket("others", "AAA", "DDD")
SHORTS_BASKET = basket("shorts", {"AAA": Side.SHORT, "DDD": Side.SHORT}, notional=3_000)
EIGHT_HOURS = 8 * HOUR_MS


def give(d: TradingDriver, name: BasketName, quantity: str, asset: str = "AAA") -> None:
    """Let a basket hold this much more of an asset, taken in at its price."""
    d.ask(AdoptPosition(basket=name, asset=Asset(asset), quantity=Decimal(quantity)))


def taken(quantity: str, fee: str = "0") -> Fill:
    """Return a liquidation of so much that was held long."""
    return Fill(
        fill_id=FillId("gone-1"),
        client_order_id=ClientOrderId("liquidation"),
        symbol=symbol_of("AAA"),
        side=OrderSide.SELL,
        quantity=Decimal(quantity),
        price=Decimal(40),
        fee=Decimal(fee),
        at=Ms(0),
    )


def fund(d: TradingDriver, rate: float = 0.0001) -> None:
    """Let eight hours pass at this rate, which a long pays at their end."""
    d.clock.now_ms = Ms(d.clock.now_ms + EIGHT_HOURS)
    funding = Funding(rate=rate, every_ms=EIGHT_HOURS)
    d.put(QuotesArrived(quotes=tuple(structs.replace(quote, funding=funding) for quote in d.state.quotes.values())))


def paid(d: TradingDriver, asset: str = "AAA") -> dict[BasketName, Decimal]:
    """Return what each basket has paid of funding on an asset."""
    facts = [fact for fact in d.facts if isinstance(fact, FundingPaid) and fact.asset == asset]
    return {name: exact_sum(f.amount for f in facts if f.basket == name) for name in {f.basket for f in facts}}


# -- once


def test_executions_that_come_again_are_booked_once() -> None:
    d = opened(LONG_BASKET, SHORTS_BASKET)
    fund(d)
    fills, charges = asyncio.run(d.broker.fills(since=Ms(0))), asyncio.run(d.broker.funding(since=Ms(0)))
    assert fills
    assert charges
    before = d.trading.account
    result = d.put(Executed(fills=tuple(fills), funding=tuple(charges)))
    assert result.events == ()
    assert same(d.trading.account, before)
    assert d.disagreements() == []


def test_executions_that_come_again_after_a_restart_are_booked_once() -> None:
    d = opened(LONG_BASKET, SHORTS_BASKET)
    fund(d)
    fills, charges = asyncio.run(d.broker.fills(since=Ms(0))), asyncio.run(d.broker.funding(since=Ms(0)))
    again = next_life(d)
    before = again.trading.account
    again.put(Executed(fills=tuple(fills), funding=tuple(charges)))
    assert same(again.trading.account, before)


def test_a_strangers_fill_enters_no_book() -> None:
    d = opened()
    before = d.trading.account
    stranger = replace(taken("1"), client_order_id=ClientOrderId("somebody"))
    assert d.put(Executed(fills=(stranger,))).events == ()
    assert same(d.trading.account, before)


# -- funding


def test_funding_is_shared_by_what_each_basket_holds_and_is_exact_in_the_sum() -> None:
    d = driver(LONG_BASKET, OTHERS_BASKET)
    give(d, LONGS, "7")
    give(d, OTHERS, "3")
    fund(d)
    charge = next(each for each in asyncio.run(d.broker.funding(since=Ms(0))) if each.symbol == symbol_of("AAA"))
    assert exact_sum(paid(d).values()) == charge.amount > 0
    assert abs(paid(d)[LONGS] - charge.amount * Decimal("0.7")) < Decimal("1E-11")
    assert d.disagreements() == []


def test_a_short_receives_what_a_long_pays_and_the_account_pays_the_net() -> None:
    d = driver(LONG_BASKET, SHORTS_BASKET)
    give(d, LONGS, "10")
    give(d, SHORTS, "-4")
    fund(d)
    charge = next(each for each in asyncio.run(d.broker.funding(since=Ms(0))) if each.symbol == symbol_of("AAA"))
    assert exact_sum(paid(d).values()) == charge.amount
    assert paid(d)[SHORTS] < 0 < charge.amount < paid(d)[LONGS]
    assert abs(paid(d)[LONGS] * 4 + paid(d)[SHORTS] * 10) < Decimal("1E-9")
    assert d.disagreements() == []


@pytest.mark.parametrize("amount", ["0.1", "-0.0000000000001", "1234567.123456789"])
def test_no_digit_of_a_charge_is_lost_between_three_baskets(amount: str) -> None:
    d = driver(LONG_BASKET, OTHERS_BASKET, SHORTS_BASKET)
    for name, quantity in ((LONGS, "7"), (OTHERS, "3.333"), (SHORTS, "-1.111")):
        give(d, name, quantity)
    charge = FundingCharge(id=FillId("f"), symbol=symbol_of("AAA"), amount=Decimal(amount), rate=0.0001, at=Ms(1))
    d.put(Executed(funding=(charge,)))
    assert len(paid(d)) == 3
    assert exact_sum(paid(d).values()) == charge.amount


def test_funding_is_charged_once_over_a_restart_and_goes_on_after_it() -> None:
    d = opened(LONG_BASKET, SHORTS_BASKET)
    fund(d)
    first = paid(d)[LONGS]
    again = next_life(d)
    again.tick()
    assert paid(again)[LONGS] == first
    assert again.disagreements() == []
    fund(again)
    assert paid(again)[LONGS] > first > 0
    assert again.disagreements() == []


# -- liquidation


def test_a_liquidation_takes_from_every_basket_that_holds_this_way_and_its_fee_is_exact() -> None:
    d = driver(LONG_BASKET, OTHERS_BASKET)
    give(d, LONGS, "7.0004")  # dust below the step goes with it
    give(d, OTHERS, "3")
    d.put(Executed(fills=(taken("10.0004", "1"),)))
    parts = [fact for fact in d.facts if isinstance(fact, FillRecorded)]
    assert {part.basket: part.quantity for part in parts} == {LONGS: Decimal("7.0004"), OTHERS: Decimal(3)}
    assert exact_sum(part.fee for part in parts) == 1
    assert net(d, "AAA") == 0


def test_a_liquidation_of_the_net_leaves_a_basket_that_holds_the_other_way_alone() -> None:
    d = driver(LONG_BASKET, SHORTS_BASKET)
    give(d, LONGS, "10")
    give(d, SHORTS, "-4")
    d.put(Executed(fills=(taken("6"),)))
    d.put(Executed(fills=(taken("6"),)))
    assert [d.held("longs", "AAA"), d.held("shorts", "AAA"), net(d, "AAA")] == [Decimal(4), Decimal(-4), Decimal(0)]


def test_a_position_whose_margin_is_gone_is_taken_and_books_and_venue_agree() -> None:
    steep = [replace(each, leverage=10.0) for each in (LONG_BASKET, OTHERS_BASKET)]
    config = small_config(*steep)
    d = driver(config=replace(config, account=replace(config.account, equity=Decimal(3_000))))
    give(d, LONGS, "20")
    give(d, OTHERS, "10")
    give(d, LONGS, "5", "BBB")
    d.quote(AAA=d.prices[Asset("AAA")] * 0.3)
    assert [d.held("longs", "AAA"), d.held("others", "AAA")] == [Decimal(0), Decimal(0)]
    assert d.held("longs", "BBB") == 5
    assert d.disagreements() == []
