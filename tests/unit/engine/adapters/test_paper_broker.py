"""The paper venue: prices by hand, partial fills, margin isolated and cross, funding, liquidation, a new start."""

from decimal import Decimal

import pytest

from engine.adapters.paper_account import Held
from engine.adapters.paper_broker import LIQUIDATION
from engine.domain.errors import OrderRefusedError
from engine.domain.facts import Deposited, FundingPaid
from engine.domain.market import Funding, MarketKind
from engine.domain.order import Order, OrderSide, OrderState
from engine.domain.units import HOUR_MS, BasketName, ClientOrderId, Ms
from engine.execution.allocation import allocate_fill
from engine.portfolio.ledger import Ledger
from support.books import START, TestClock, symbol_of
from support.paper_stage import PaperStage, an_order
from support.some_facts import ACTOR

ETH, SOL = symbol_of("ETH"), symbol_of("SOL")


def at(hours: float) -> Ms:
    return Ms(START + int(hours * HOUR_MS))


async def state_of(stage: PaperStage, number: int) -> tuple[OrderState, Decimal]:
    answer = await stage.broker.look_up(ClientOrderId(f"dd{number}"), ETH)
    assert answer is not None
    return answer.state, answer.filled


async def test_the_price_is_the_far_side_worsened_by_slippage_on_a_tick_against_the_trader() -> None:
    stage = PaperStage()
    await stage.broker.place(an_order(1, "1"))
    await stage.broker.place(an_order(2, "-1"))
    bought, sold = await stage.broker.fills(since=START)
    # ask 3000.30 * 1.0002 = 3000.90006 -> 3000.91; bid 2999.70 * 0.9998 = 2999.10006 -> 2999.10
    assert (bought.price, sold.price) == (Decimal("3000.91"), Decimal("2999.10"))
    assert bought.fee == Decimal("3000.91") * Decimal("0.00055")
    assert await stage.broker.wallet() == 10_000 + (sold.price - bought.price) - bought.fee - sold.fee


async def test_a_limit_fills_when_the_market_comes_and_never_worse_than_it_says() -> None:
    stage = PaperStage()
    await stage.broker.place(an_order(1, "0.5", limit="2900"))
    stage.quote(ETH="2950")
    assert await state_of(stage, 1) == (OrderState.OPEN, Decimal(0))
    stage.quote(ETH="2899.7")
    assert await state_of(stage, 1) == (OrderState.FILLED, Decimal("0.5"))
    (fill,) = await stage.broker.fills(since=START)
    assert fill.price == Decimal("2900")


async def test_a_thin_market_fills_in_parts_quote_by_quote() -> None:
    stage = PaperStage(depth="1000")
    answer = await stage.broker.place(an_order(1, "0.8"))
    assert (answer.state, answer.filled) == (OrderState.PARTIAL, Decimal("0.333"))
    stage.quote(SOL="151")
    assert await state_of(stage, 1) == (OrderState.PARTIAL, Decimal("0.333"))
    stage.quote(ETH="3100")
    stage.quote(ETH="3000")
    assert await state_of(stage, 1) == (OrderState.FILLED, Decimal("0.8"))
    fills = await stage.broker.fills(since=START)
    assert [fill.quantity for fill in fills] == [Decimal("0.333"), Decimal("0.322"), Decimal("0.145")]


async def test_a_reduction_that_outlives_its_position_ends() -> None:
    stage = PaperStage(depth="1000", held=[Held(symbol=ETH, quantity=Decimal(1), cost=Decimal(3000))])
    await stage.broker.place(an_order(1, "-1", reduce_only=True))  # 0.333 of it
    await stage.broker.place(an_order(2, "-0.5", reduce_only=True))  # 0.333 of it
    stage.quote(ETH="3000")  # the rest, 0.334: 0.333 for the first, 0.001 for the second
    assert await state_of(stage, 1) == (OrderState.PARTIAL, Decimal("0.666"))
    assert await state_of(stage, 2) == (OrderState.PARTIAL, Decimal("0.334"))
    assert await stage.broker.positions() == []
    stage.quote(ETH="3000")
    assert (await state_of(stage, 1))[0] is (await state_of(stage, 2))[0] is OrderState.CANCELED


async def test_margin_that_is_used_is_not_free() -> None:
    stage = PaperStage()  # 10x: 10,000 carries 100,000
    await stage.broker.place(an_order(1, "30"))
    with pytest.raises(OrderRefusedError, match=r"it needs 1500\.00 of margin and \d+\.\d\d are free"):
        await stage.broker.place(an_order(2, "5"))
    await stage.broker.place(an_order(3, "-5"))  # closing needs none


async def test_a_cross_account_is_taken_whole_when_its_margin_is_gone() -> None:
    stage = PaperStage()
    await stage.broker.place(an_order(1, "20"))
    await stage.broker.place(an_order(2, "10", asset="SOL", price="150"))
    await stage.broker.place(an_order(3, "1", limit="100"))
    (eth, _) = await stage.broker.positions()
    assert eth.margin is None
    assert eth.liquidation is not None
    stage.quote(ETH=str((eth.liquidation + 1).quantize(Decimal("0.01"))))
    assert len(await stage.broker.positions()) == 2
    stage.quote(ETH=str((eth.liquidation - 1).quantize(Decimal("0.01"))))
    assert await stage.broker.positions() == []
    taken = [fill for fill in await stage.broker.fills(since=START) if fill.client_order_id == LIQUIDATION]
    assert {(fill.symbol, fill.side, fill.quantity) for fill in taken} == {
        (ETH, OrderSide.SELL, Decimal(20)),
        (SOL, OrderSide.SELL, Decimal(10)),
    }
    assert (await state_of(stage, 3))[0] is OrderState.CANCELED
    assert await stage.broker.wallet() > 0


async def test_an_isolated_position_loses_its_margin_and_nothing_else() -> None:
    stage = PaperStage(isolated=True, leverage={"ETH": 10, "SOL": 5})
    await stage.broker.place(an_order(1, "-2"))
    await stage.broker.place(an_order(2, "10", asset="SOL", price="150"))
    before = await stage.broker.wallet()
    (eth, sol) = await stage.broker.positions()
    assert eth.margin is not None
    assert eth.entry is not None
    assert sol.margin is not None
    assert eth.margin == abs(eth.quantity) * eth.entry / 10
    assert eth.liquidation is not None
    stage.quote(ETH=str((eth.liquidation * 2).quantize(Decimal("0.01"))))  # far beyond: a gap
    assert [each.symbol for each in await stage.broker.positions()] == [SOL]
    fee = (await stage.broker.fills(since=START))[-1].fee
    assert await stage.broker.wallet() == pytest.approx(before - eth.margin - fee)


async def test_the_margin_of_the_base_size_stands_behind_what_the_factor_left_of_it() -> None:
    stage = PaperStage(isolated=True, leverage={"ETH": 10}, reserved={"ETH": 600})
    await stage.broker.place(an_order(1, "2"))
    (before,) = await stage.broker.positions()
    await stage.broker.place(an_order(2, "-1"))
    (after,) = await stage.broker.positions()
    assert before.margin == pytest.approx(Decimal(600), abs=1)
    assert after.margin == Decimal(600)
    assert before.liquidation is not None
    assert after.liquidation is not None
    assert after.liquidation < before.liquidation - 200
    await stage.broker.place(an_order(3, "-3"))
    (short,) = await stage.broker.positions()
    assert short.quantity == -2
    assert short.margin == pytest.approx(Decimal(600), abs=1)


async def test_what_is_reserved_never_takes_more_than_is_free_and_keeps_nothing_from_being_traded() -> None:
    stage = PaperStage(
        wallet="1000", isolated=True, leverage={"ETH": 10, "SOL": 10}, reserved={"ETH": 5000, "SOL": 5000}
    )
    await stage.broker.place(an_order(1, "1"))
    await stage.broker.place(an_order(2, "40", asset="SOL", price="150"))
    margins = [each.margin for each in await stage.broker.positions()]
    assert sum(each for each in margins if each is not None) == await stage.broker.wallet()


async def test_funding_falls_due_every_eight_hours_where_the_rate_is_known() -> None:
    stage = PaperStage()
    await stage.broker.place(an_order(1, "2"))
    await stage.broker.place(an_order(2, "-10", asset="SOL", price="150"))
    stage.funding["ETH"] = Funding(rate=0.0001, every_ms=8 * HOUR_MS)
    wallet = await stage.broker.wallet()
    stage.clock.now_ms = at(7.9)
    stage.quote(ETH="3000")
    assert await stage.broker.funding(since=START) == []
    stage.clock.now_ms = at(16.5)  # START is a midnight: 08:00 and 16:00
    stage.quote(ETH="3000")
    stage.quote(ETH="3000")
    charges = await stage.broker.funding(since=START)
    assert [(charge.symbol, charge.at, charge.amount) for charge in charges] == [
        (ETH, at(8), Decimal("0.6000")),
        (ETH, at(16), Decimal("0.6000")),
    ]
    assert await stage.broker.wallet() == wallet - Decimal("1.2")
    assert [charge.at for charge in await stage.broker.funding(since=at(9))] == [at(16)]


async def test_a_short_is_paid_what_longs_pay() -> None:
    stage = PaperStage(funded_until=at(0))
    await stage.broker.place(an_order(1, "-1"))
    stage.funding["ETH"] = Funding(rate=0.0001, every_ms=8 * HOUR_MS)
    stage.clock.now_ms = at(8)
    stage.quote(ETH="3000")
    assert [charge.amount for charge in await stage.broker.funding(since=START)] == [Decimal("-0.3000")]


async def test_spot_is_bought_with_cash_and_never_sold_short() -> None:
    stage = PaperStage(kind=MarketKind.SPOT, leverage={"ETH": 1, "SOL": 1})
    await stage.broker.place(an_order(1, "3"))
    with pytest.raises(OrderRefusedError, match="of margin"):
        await stage.broker.place(an_order(2, "1"))
    with pytest.raises(OrderRefusedError, match="spot cannot be sold short"):
        await stage.broker.place(an_order(3, "-4"))
    stage.funding["ETH"] = Funding(rate=0.01, every_ms=8 * HOUR_MS)
    stage.clock.now_ms = at(9)
    stage.quote(ETH="10")
    assert await stage.broker.funding(since=START) == []
    (position,) = await stage.broker.positions()
    assert (position.quantity, position.liquidation) == (Decimal(3), None)


def restarted(ledger: Ledger, working: list[tuple[Order, Decimal]], clock: TestClock) -> PaperStage:
    """A paper venue made of what the books say, as at every start."""
    account = ledger.account()
    held = [Held(symbol=p.symbol, quantity=p.quantity, cost=p.cost) for p in account.netted if p.quantity]
    return PaperStage(wallet=str(account.wallet), held=held, working=working, depth="1000", clock=clock, life="2")


async def test_a_new_start_goes_on_where_the_books_are_and_doubles_nothing() -> None:
    """The engine dies after one of three parts was journaled; the second was executed and never booked."""
    order = an_order(1, "0.8")
    ledger = Ledger([Deposited(at=START, amount=Decimal(10_000), note="", actor=ACTOR)])
    stage = PaperStage(depth="1000")
    await stage.broker.place(order)
    (first,) = await stage.broker.fills(since=START)
    (fact,) = allocate_fill(order, first, {}, Decimal("0.001"))
    ledger.apply(fact)
    stage.quote(ETH="3000")  # a second part, lost with the process
    again = restarted(ledger, [(order, fact.quantity)], stage.clock)
    assert await state_of(again, 1) == (OrderState.PARTIAL, Decimal("0.666"))  # by the first quote after the start
    again.quote(ETH="3000")
    given = {BasketName("layer-1"): fact.quantity}
    for part in await again.broker.fills(since=START):
        (booked,) = allocate_fill(order, part, given, Decimal("0.001"))
        given[BasketName("layer-1")] += booked.quantity
        assert ledger.apply(booked)
    assert await state_of(again, 1) == (OrderState.FILLED, Decimal("0.8"))
    account = ledger.account()
    assert account.net(ETH) == Decimal("0.8")
    (position,) = await again.broker.positions()
    assert (position.quantity, await again.broker.wallet()) == (account.net(ETH), account.wallet)


async def test_books_and_venue_agree_through_trades_and_funding() -> None:
    stage, given = PaperStage(), Decimal("0.001")
    ledger = Ledger([Deposited(at=START, amount=Decimal(10_000), note="", actor=ACTOR)])
    stage.funding["ETH"] = Funding(rate=0.0003, every_ms=8 * HOUR_MS)
    orders = [an_order(1, "1.234"), an_order(2, "-0.777"), an_order(3, "-2"), an_order(4, "0.5")]
    for number, order in enumerate(orders):
        await stage.broker.place(order)
        stage.clock.now_ms = at(8 * (number + 1))
        stage.quote(ETH=str(3000 + 37 * number))
    by_id = {order.client_order_id: order for order in orders}
    for fill in await stage.broker.fills(since=START):
        for fact in allocate_fill(by_id[fill.client_order_id], fill, {}, given):
            ledger.apply(fact)
    for charge in await stage.broker.funding(since=START):
        ledger.apply(
            FundingPaid(
                at=charge.at,
                basket=BasketName("layer-1"),
                asset=orders[0].asset,
                symbol=charge.symbol,
                amount=charge.amount,
                rate=charge.rate,
            )
        )
    account = ledger.account()
    (position,) = await stage.broker.positions()
    assert position.quantity == account.net(ETH) == Decimal("-1.043")
    assert await stage.broker.wallet() == account.wallet
    assert position.entry == account.book(BasketName("layer-1")).positions[0].average_price
