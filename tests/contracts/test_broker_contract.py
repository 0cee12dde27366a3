"""What every broker does: places an order once, tells it apart from one it never got, and never loses an execution."""

from decimal import Decimal

import pytest

from engine.domain.errors import OrderRefusedError
from engine.domain.order import Order, OrderSide, OrderState
from engine.domain.ports import Broker
from engine.domain.units import ClientOrderId, Ms
from support.books import START, symbol_of
from support.paper_stage import PaperStage, an_order

ETH = symbol_of("ETH")


@pytest.fixture(params=["paper"])
def stage() -> PaperStage:
    return PaperStage()


@pytest.fixture
def broker(stage: PaperStage) -> Broker:
    return stage.broker


async def test_a_market_order_fills_and_its_fills_tell_what_it_cost(broker: Broker) -> None:
    answer = await broker.place(an_order(1, "0.5"))
    assert (answer.client_order_id, answer.state, answer.filled) == ("dd1", OrderState.FILLED, Decimal("0.5"))
    (fill,) = await broker.fills(since=START)
    assert (fill.client_order_id, fill.side, fill.quantity) == ("dd1", OrderSide.BUY, Decimal("0.5"))
    assert fill.price == answer.average_price
    assert fill.price > Decimal(3000)
    assert fill.fee > 0
    (position,) = await broker.positions()
    assert (position.symbol, position.quantity, position.entry) == (ETH, Decimal("0.5"), fill.price)
    assert await broker.wallet() == Decimal(10_000) - fill.fee


async def test_an_order_that_is_sent_twice_is_taken_once(broker: Broker) -> None:
    first = await broker.place(an_order(1, "0.5"))
    assert await broker.place(an_order(1, "0.5")) == first
    assert len(await broker.fills(since=START)) == 1


async def test_a_lookup_tells_an_order_from_one_that_never_arrived(broker: Broker) -> None:
    placed = await broker.place(an_order(1, "0.5"))
    assert await broker.look_up(ClientOrderId("dd1"), ETH) == placed
    assert await broker.look_up(ClientOrderId("dd2"), ETH) is None


async def test_a_limit_that_is_not_reached_waits_and_can_be_canceled(broker: Broker) -> None:
    answer = await broker.place(an_order(1, "0.5", limit="2900"))
    assert (answer.state, answer.filled, answer.average_price) == (OrderState.OPEN, Decimal(0), None)
    await broker.cancel(ClientOrderId("dd1"), ETH)
    await broker.cancel(ClientOrderId("dd1"), ETH)
    await broker.cancel(ClientOrderId("dd9"), ETH)
    found = await broker.look_up(ClientOrderId("dd1"), ETH)
    assert found is not None
    assert found.state is OrderState.CANCELED
    assert await broker.fills(since=START) == []


async def test_a_reduction_never_opens_the_other_side(broker: Broker) -> None:
    with pytest.raises(OrderRefusedError, match="nothing to reduce"):
        await broker.place(an_order(1, "-0.5", reduce_only=True))
    await broker.place(an_order(2, "0.3"))
    answer = await broker.place(an_order(3, "-0.5", reduce_only=True))
    assert answer.filled == Decimal("0.3")
    assert await broker.positions() == []


@pytest.mark.parametrize(
    ("order", "why"),
    [
        (an_order(1, "0.0005"), "no multiple of 0.001"),
        (an_order(1, "0.001"), "smallest order is 5"),
        (an_order(1, "1", asset="XRP"), "not listed"),
        (an_order(1, "40"), "of margin"),
    ],
)
async def test_what_cannot_be_is_refused_for_certain_and_leaves_nothing(broker: Broker, order: Order, why: str) -> None:
    with pytest.raises(OrderRefusedError, match=why):
        await broker.place(order)
    assert await broker.look_up(ClientOrderId("dd1"), ETH) is None
    assert await broker.fills(since=START) == []


async def test_fills_can_be_read_from_any_instant(stage: PaperStage) -> None:
    await stage.broker.place(an_order(1, "0.1"))
    stage.clock.now_ms = Ms(START + 5_000)
    await stage.broker.place(an_order(2, "0.1"))
    assert [fill.client_order_id for fill in await stage.broker.fills(since=START)] == ["dd1", "dd2"]
    later = await stage.broker.fills(since=Ms(START + 1))
    assert [fill.client_order_id for fill in later] == ["dd2"]
    assert len({fill.fill_id for fill in await stage.broker.fills(since=START)}) == 2
