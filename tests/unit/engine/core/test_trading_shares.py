"""What a venue does to net positions, shared by the books: liquidations, funding, and where a proposal ends."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from msgspec import structs

from engine.adapters.paper_account import Held
from engine.core.inputs import Executed, OrderAnswered, OrderNotFound, QuotesArrived
from engine.core.outcome import PlaceOrder
from engine.domain.basket import Basket, Side
from engine.domain.commands import AdoptPosition, CloseBasket, FlattenAccount, OpenBasket
from engine.domain.events import BaselineAnchored
from engine.domain.facts import FillRecorded, FundingPaid
from engine.domain.market import Funding
from engine.domain.order import Fill, FundingCharge, OrderAnswer, OrderSide, OrderState
from engine.domain.proposal import ProposalState
from engine.domain.units import HOUR_MS, Asset, BasketName, ClientOrderId, FillId, Ms, ProposalId
from support.books import START, basket, correlated_closes, long_basket, small_config, symbol_of
from support.paper_stage import PaperStage
from support.pictures import instrument, quote
from support.trading_driver import SLOTS, TradingDriver
from support.trading_moves import LONG_BASKET, LONGS, driver, net, opened, price_of, state_of

AAA, ONE = Asset("AAA"), long_basket("one", "AAA", "BBB")
TWO, SHORT = long_basket("two", "AAA", "CCC"), basket("short", {"AAA": Side.SHORT, "BBB": Side.SHORT})
BOOKS = (ONE, TWO, SHORT)


def holding(quantities: dict[str, str], *, step: str = "0.001", baskets: tuple[Basket, ...] = BOOKS) -> TradingDriver:
    """Return a driver whose baskets were given these quantities of AAA."""
    config = small_config(*baskets)
    listed = {symbol: instrument(asset, step=step) for asset, symbol in config.symbols.items()}
    d = TradingDriver(config, correlated_closes(3, SLOTS, len(config.symbols)), instruments=listed)
    for name, quantity in quantities.items():
        d.ask(AdoptPosition(basket=BasketName(name), asset=AAA, quantity=Decimal(quantity)))
    return d


def take(d: TradingDriver, quantity: str, *, fee: str = "0.7") -> Fill:
    """Let the venue liquidate a signed quantity of AAA, as it tells it; return the fill."""
    symbol, price = symbol_of("AAA"), price_of(d, symbol_of("AAA"))
    signed = Decimal(quantity)
    fill = Fill(
        fill_id=FillId("liq-1"),
        client_order_id=ClientOrderId("liquidation"),
        symbol=symbol,
        side=OrderSide.SELL if signed > 0 else OrderSide.BUY,
        quantity=abs(signed),
        price=price,
        fee=Decimal(fee),
        at=d.clock.now_ms,
    )
    d.broker._account.trade(symbol, -signed, price, Decimal(fee))
    d.put(Executed(fills=(fill,)))
    return fill


def pay(d: TradingDriver, amount: str, *, at: Ms | None = None) -> list[FundingPaid]:
    """Let the venue charge funding on AAA; return what the books paid."""
    before = len(d.facts)
    when = at if at is not None else d.clock.now_ms
    d.broker._account.pay(Decimal(amount))
    charge = FundingCharge(id=FillId(f"f{when}"), symbol=symbol_of("AAA"), amount=Decimal(amount), rate=0.0001, at=when)
    d.put(Executed(funding=(charge,)))
    return [fact for fact in d.facts[before:] if isinstance(fact, FundingPaid)]


def held(d: TradingDriver) -> dict[str, Decimal]:
    """Return what each basket holds of AAA."""
    return {each.name: d.held(each.name, "AAA") for each in d.config.baskets}


# -- liquidation


def test_a_liquidation_is_shared_by_the_baskets_that_hold_this_way() -> None:
    d = holding({"one": "6", "two": "3", "short": "-1"})
    take(d, "8", fee="0.8")
    assert held(d) == {"one": Decimal("0.667"), "two": Decimal("0.333"), "short": Decimal(-1)}
    assert net(d, "AAA") == 0
    fees = [fact.fee for fact in d.facts if isinstance(fact, FillRecorded)]
    assert sum(fees) == Decimal("0.8")
    assert d.disagreements() == []


@pytest.mark.parametrize(
    "quantities", [{"one": "3", "two": "3", "three": "1", "short": "-1"}, {"one": "-1", "two": "1", "three": "1"}]
)
def test_coarse_steps_take_from_no_basket_more_than_it_holds(quantities: dict[str, str]) -> None:
    baskets = (ONE, TWO, long_basket("three", "AAA", "DDD"), SHORT)
    d = holding(quantities, step="1", baskets=baskets)
    before, lost = held(d), net(d, "AAA")
    take(d, str(lost))
    assert net(d, "AAA") == 0
    assert all(after * before[name] >= 0 and abs(after) <= abs(before[name]) for name, after in held(d).items())
    assert d.disagreements() == []


def test_a_liquidation_takes_dust_below_the_step_too() -> None:
    d = holding({"one": "0.0004", "two": "2.0003"})
    take(d, "2.0007")
    assert held(d) == {"one": 0, "two": 0, "short": 0}
    assert d.disagreements() == []


def test_a_liquidation_that_is_told_again_is_not_booked_again_by_whoever_holds_since() -> None:
    d = holding({"one": "2"})
    fill = take(d, "2")
    d.ask(AdoptPosition(basket=BasketName("two"), asset=AAA, quantity=Decimal(5)))
    d.put(Executed(fills=(fill,)))
    assert held(d) == {"one": 0, "two": Decimal(5), "short": 0}
    assert d.disagreements() == []


# -- funding


def test_a_short_receives_what_a_long_pays_exact_in_the_sum() -> None:
    d = holding({"one": "2", "two": "1.001", "short": "-1.0007"})
    paid = pay(d, "0.07")
    assert sum(fact.amount for fact in paid) == Decimal("0.07")
    by: dict[str, Decimal] = {fact.basket: fact.amount for fact in paid}
    assert by["one"] == (Decimal("0.07") * 2 / Decimal("2.0003")).quantize(Decimal("1E-12"))
    assert by["short"] < 0
    assert d.disagreements() == []


def test_a_symbol_that_nets_to_zero_is_charged_nothing_by_the_venue() -> None:
    d = holding({"one": "2", "short": "-2"})
    fund(d, Funding(rate=0.001, every_ms=8 * HOUR_MS))
    pass_funding(d)
    assert [fact for fact in d.facts if isinstance(fact, FundingPaid)] == []
    assert d.disagreements() == []


def test_funding_that_is_told_again_is_booked_once() -> None:
    d = holding({"one": "2"})
    wallet = d.trading.account.wallet
    (first,) = pay(d, "0.5")
    charge = FundingCharge(id=FillId("x"), symbol=symbol_of("AAA"), amount=Decimal("0.5"), rate=0.0001, at=first.at)
    d.put(Executed(funding=(charge,)))
    assert d.trading.account.wallet == wallet - Decimal("0.5")
    assert d.disagreements() == []


def test_funding_that_comes_after_the_position_is_gone_is_paid_by_who_held_it() -> None:
    d = opened(ONE)
    d.do(CloseBasket(basket=ONE.name))
    assert net(d, "AAA") == 0
    (paid,) = pay(d, "0.25")
    assert (paid.basket, paid.amount) == ("one", Decimal("0.25"))
    assert d.disagreements() == []


def fund(d: TradingDriver, rate: Funding) -> None:
    """Let the venue say its rates."""
    quotes = [quote(a, f"{p:.6f}", received=d.clock.seconds) for a, p in d.prices.items()]
    d.put(QuotesArrived(quotes=tuple(structs.replace(each, funding=rate) for each in quotes)))


def pass_funding(d: TradingDriver) -> None:
    """Let the next funding fall due, with a price after it."""
    d.clock.now_ms = Ms(d.clock.now_ms + 8 * HOUR_MS + 2_000)
    d.tick(1.0)


def test_funding_that_fell_due_is_paid_on_what_was_held_then_and_not_lost_behind_a_later_fill() -> None:
    d = opened(LONG_BASKET)
    fund(d, Funding(rate=0.001, every_ms=8 * HOUR_MS))
    before = {asset: d.held("longs", asset) for asset in d.prices}
    d.clock.now_ms = Ms(d.clock.now_ms + 8 * HOUR_MS + 2_000)
    d.do(CloseBasket(basket=LONGS))  # no price came since it fell due
    d.tick(1.0)
    paid = {fact.asset: fact.amount for fact in d.facts if isinstance(fact, FundingPaid)}
    due = {a: q * price_of(d, symbol_of(a)) * Decimal("0.001") for a, q in before.items()}
    assert paid == due
    assert d.disagreements() == []


def test_funding_that_fell_due_waits_for_the_markets() -> None:
    held = Held(symbol=symbol_of("ETH"), quantity=Decimal(2), cost=Decimal(6_000))
    stage = PaperStage(held=[held], funded_until=START)
    stage.funding["ETH"] = Funding(rate=0.001, every_ms=8 * HOUR_MS)
    listed, stage.broker._instruments = stage.broker._instruments, {}
    stage.clock.now_ms = Ms(START + 9 * HOUR_MS)
    stage.quote(ETH="3000")
    assert asyncio.run(stage.broker.funding(since=START)) == []
    stage.broker.take_instruments(listed)
    stage.quote(ETH="3000")
    (charge,) = asyncio.run(stage.broker.funding(since=START))
    assert (charge.at, charge.amount) == (START + 8 * HOUR_MS, Decimal("6.000"))


# -- the end of a proposal


def test_a_proposal_is_judged_by_its_own_part_of_a_shared_order() -> None:
    """ONE and TWO close together; the venue fills half of the AAA order and forgets it."""
    d = opened(ONE, TWO)
    d.hold_effects = True
    made = d.ask(FlattenAccount())
    d.approve(*made)
    orders = {each.order.asset: each.order for each in d.held_back if isinstance(each, PlaceOrder)}
    d.held_back = []
    for asset, order in orders.items():
        quantity = order.quantity / 2 if asset == "AAA" else order.quantity
        quantity = quantity.quantize(Decimal("0.001"))
        d.broker._execute(order.client_order_id, order.symbol, order.side, quantity, order.price)
        d.put(Executed(fills=(d.broker._fills[-1],)))
        state = OrderState.PARTIAL if asset == "AAA" else OrderState.FILLED
        answer = OrderAnswer(
            client_order_id=order.client_order_id, venue_order_id=None, state=state, filled=quantity, average_price=None
        )
        d.put(OrderAnswered(answer=answer))
    d.put(OrderNotFound(client_order_id=orders[AAA].client_order_id))
    for ident, name in zip(made, ("one", "two"), strict=True):
        ended = d.entry(ProposalId(ident)).ended
        assert ended is not None
        assert state_of(d, ident) is ProposalState.PARTIAL
        assert ended.why == f"sell {d.held(name, 'AAA').normalize():f} AAA: the venue does not know it"
    assert d.disagreements() == []


def test_an_executed_rebalance_anchors_the_baseline_and_a_closing_does_not() -> None:
    config = small_config(LONG_BASKET)
    d = driver(config=replace(config, rules=replace(config.rules, baseline="anchored")))
    d.ask(OpenBasket(basket=LONGS))
    assert "longs" not in d.state.signals.anchors
    d.approve(ProposalId("longs-1"))
    anchor = d.state.signals.anchors[LONGS]
    assert (anchor.at, anchor.assets) == (d.clock.now_ms, LONG_BASKET.assets)
    assert len(anchor.win) == 3
    assert all(0 < rho < 1 for rho in anchor.win)
    d.close_hour(AAA=0.01)
    d.do(CloseBasket(basket=LONGS, fraction=0.5))
    assert [each for each in d.events if isinstance(each, BaselineAnchored)] == [anchor]
