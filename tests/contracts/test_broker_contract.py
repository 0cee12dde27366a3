"""What every broker does: places an order once, tells it apart from one it never got, and never loses an execution.

Paper and the ccxt broker on the simulated exchange, in the words of Bybit and of Binance, keep the same contract.
"""

from collections.abc import AsyncIterator
from contextlib import suppress
from decimal import Decimal

import pytest

from engine.domain.errors import OrderRefusedError, OutcomeUnknownError
from engine.domain.order import Order, OrderSide, OrderState
from engine.domain.ports import Broker
from engine.domain.units import ClientOrderId, Ms
from support.books import START, symbol_of
from support.broker_stages import STAGES, WALLET, BrokerStage, stage_of
from support.paper_stage import an_order

ETH = symbol_of("ETH")


@pytest.fixture(params=STAGES)
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[BrokerStage]:
    async with stage_of(request.param) as found:
        yield found


@pytest.fixture
def broker(stage: BrokerStage) -> Broker:
    return stage.broker


async def test_a_market_order_fills_and_its_fills_tell_what_it_cost(stage: BrokerStage, broker: Broker) -> None:
    found = await stage.done(an_order(1, "0.5"))
    assert (found.client_order_id, found.state, found.filled) == ("dd1", OrderState.FILLED, Decimal("0.5"))
    (fill,) = await broker.fills(since=START)
    assert (fill.client_order_id, fill.side, fill.quantity) == ("dd1", OrderSide.BUY, Decimal("0.5"))
    assert fill.price == found.average_price
    assert fill.price > Decimal(3000)
    assert fill.fee > 0
    (position,) = await broker.positions()
    assert (position.symbol, position.quantity, position.entry) == (ETH, Decimal("0.5"), fill.price)
    assert await broker.wallet() == WALLET - fill.fee


async def test_an_open_order_that_is_sent_twice_is_taken_once(broker: Broker) -> None:
    """The second one gets the same answer, or an unknown outcome; it is never refused as if there were none."""
    first = await broker.place(an_order(1, "0.5", limit="2900"))
    with suppress(OutcomeUnknownError):
        assert await broker.place(an_order(1, "0.5", limit="2900")) == first
    await broker.cancel(ClientOrderId("dd1"), ETH)
    found = await broker.look_up(ClientOrderId("dd1"), ETH)
    assert found is not None
    assert (found.venue_order_id, found.state) == (first.venue_order_id, OrderState.CANCELED)
    assert await broker.fills(since=START) == []


async def test_a_lookup_tells_an_order_from_one_that_never_arrived(stage: BrokerStage, broker: Broker) -> None:
    placed = await stage.done(an_order(1, "0.5"))
    assert await broker.look_up(ClientOrderId("dd1"), ETH) == placed
    assert await broker.look_up(ClientOrderId("dd2"), ETH) is None


async def test_a_limit_that_is_not_reached_waits_and_can_be_canceled(stage: BrokerStage, broker: Broker) -> None:
    answer = await stage.done(an_order(1, "0.5", limit="2900"))
    assert (answer.state, answer.filled, answer.average_price) == (OrderState.OPEN, Decimal(0), None)
    await broker.cancel(ClientOrderId("dd1"), ETH)
    await broker.cancel(ClientOrderId("dd1"), ETH)
    await broker.cancel(ClientOrderId("dd9"), ETH)
    found = await broker.look_up(ClientOrderId("dd1"), ETH)
    assert found is not None
    assert found.state is OrderState.CANCELED
    assert await broker.fills(since=START) == []


async def test_a_reduction_never_opens_the_other_side(stage: BrokerStage, broker: Broker) -> None:
    with pytest.raises(OrderRefusedError):
        await broker.place(an_order(1, "-0.5", reduce_only=True))
    await broker.place(an_order(2, "0.3"))
    found = await stage.done(an_order(3, "-0.5", reduce_only=True))
    assert found.filled == Decimal("0.3")
    assert await broker.positions() == []


@pytest.mark.parametrize(
    ("order", "why"),
    [
        (an_order(1, "0.0005"), "no multiple of 0.001|between the steps"),
        (an_order(1, "0.1", asset="SOL"), "smallest order is 5|refused it"),
        (an_order(1, "1", asset="XRP"), "not listed|does not list"),
        (an_order(1, "40"), "of margin|refused it"),
    ],
)
async def test_what_cannot_be_is_refused_for_certain_and_leaves_nothing(broker: Broker, order: Order, why: str) -> None:
    with pytest.raises(OrderRefusedError, match=why):
        await broker.place(order)
    assert await broker.look_up(ClientOrderId("dd1"), ETH) is None
    assert await broker.fills(since=START) == []


async def test_fills_can_be_read_from_any_instant_and_again(stage: BrokerStage, broker: Broker) -> None:
    await broker.place(an_order(1, "0.1"))
    stage.passes(5_000)
    await broker.place(an_order(2, "0.1"))
    for _ in range(2):
        assert [fill.client_order_id for fill in await broker.fills(since=START)] == ["dd1", "dd2"]
    later = await broker.fills(since=Ms(START + 1))
    assert [fill.client_order_id for fill in later] == ["dd2"]
    assert len({fill.fill_id for fill in await broker.fills(since=START)}) == 2


async def test_what_did_not_happen_is_listed_empty(broker: Broker) -> None:
    assert await broker.positions() == []
    assert await broker.funding(since=START) == []
    assert await broker.fills(since=START) == []
    assert await broker.wallet() == WALLET
