"""The broker's desk tells the core what a venue answered, whatever else of the venue cannot be read."""

from collections.abc import Collection

import pytest

from engine.core.inputs import Executed, Input, OrderAnswered
from engine.core.outcome import PlaceOrder
from engine.domain.errors import VenueUnreachableError
from engine.domain.order import Fill, OrderState
from engine.domain.units import MINUTE_MS, Ms, Symbol, VenueOrderId
from engine.execution.orders import OrderTrack
from engine.runtime.broker_desk import BrokerDesk
from support.books import START
from support.fake_account_stream import fill_of
from support.paper_stage import PaperStage, an_order
from support.venue_desk import eth_order


async def test_an_answer_is_told_where_the_executions_cannot_be_read_just_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else an order that was filled would wait for ever: who has no number of the venue is not asked for."""
    stage = PaperStage()
    read = stage.broker.fills
    put: list[Input] = []
    desk = BrokerDesk(stage.broker, stage.clock, put=put.append, unsettled=tuple)

    async def broken(*, since: Ms, of: Collection[Symbol] = ()) -> list[Fill]:
        raise VenueUnreachableError("the connection failed")

    monkeypatch.setattr(stage.broker, "fills", broken)
    with pytest.raises(VenueUnreachableError):
        await desk._do(PlaceOrder(order=an_order(1, "0.5")))
    assert [type(each) for each in put] == [OrderAnswered]
    monkeypatch.setattr(stage.broker, "fills", read)
    await desk._look()
    assert any(isinstance(each, Executed) for each in put)


async def test_an_execution_that_is_listed_long_after_it_happened_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The order says that it was filled: from its intent on its executions are read, until they are all there."""
    stage, put = PaperStage(), list[Input]()
    late, newest = (
        fill_of("late", "f-late", Ms(START + 1_000)),
        fill_of("newest", "f-newest", Ms(START + 10 * MINUTE_MS)),
    )
    listed = [newest]
    track = OrderTrack(
        order=eth_order("late"),
        state=OrderState.FILLED,
        intended_at=START,
        updated_at=START,
        venue_order_id=VenueOrderId("v-late"),
        filled=late.quantity,
    )

    async def fills(*, since: Ms, of: Collection[Symbol] = ()) -> list[Fill]:
        return [fill for fill in listed if fill.at >= since]

    monkeypatch.setattr(stage.broker, "fills", fills)
    followed = [track]
    desk = BrokerDesk(stage.broker, stage.clock, put=put.append, unsettled=lambda: tuple(followed))
    await desk._fills()
    listed.append(late)
    await desk._fills()
    assert [fill.client_order_id for each in put if isinstance(each, Executed) for fill in each.fills] == [
        "newest",
        "late",
    ]
    followed.clear()  # it is booked: nothing is read so far back any more
    listed.append(fill_of("a stranger's", "f-a stranger's", Ms(START + 2_000)))
    await desk._fills()
    assert len(put) == 2
