"""The broker's desk tells the core what a venue answered, whatever else of the venue cannot be read."""

from collections.abc import Collection

import pytest

from engine.core.inputs import Executed, Input, OrderAnswered
from engine.core.outcome import PlaceOrder
from engine.domain.errors import VenueUnreachableError
from engine.domain.order import Fill
from engine.domain.units import Ms, Symbol
from engine.runtime.broker_desk import BrokerDesk
from support.paper_stage import PaperStage, an_order


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
