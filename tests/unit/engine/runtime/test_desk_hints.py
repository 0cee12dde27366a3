"""The desk in front of a venue whose stream gives hints: what is asked for at once, and that nothing is believed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal

from engine.core.inputs import Executed, Input, OrderAnswered, OrderNotFound, PositionsListed
from engine.domain.order import (
    CashMovement,
    Fill,
    FundingCharge,
    Order,
    OrderAnswer,
    OrderState,
    VenuePosition,
)
from engine.domain.units import ClientOrderId, Ms, Symbol, VenueOrderId
from engine.execution.orders import OrderTrack
from engine.runtime.broker_desk import BrokerDesk, DeskPace
from engine.runtime.hints import ASKED_AGAIN
from support.books import START, TestClock
from support.fake_account_stream import fill_of, news
from support.venue_desk import ETH, eth_order

NEVER = DeskPace(busy_s=1e9, idle_s=1e9, funding_s=1e9)  # so that whatever is asked was hinted at
WITHIN_S = 20.0


@dataclass
class FakeBroker:
    """A venue that answers what the test has set, and remembers what it was asked."""

    executed: list[Fill] = field(default_factory=list)
    known: dict[str, OrderAnswer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def place(self, order: Order) -> OrderAnswer:
        raise AssertionError("nothing is sent")

    async def cancel(self, client_order_id: ClientOrderId, symbol: Symbol) -> None:
        raise AssertionError("nothing is sent")

    async def look_up(self, client_order_id: ClientOrderId, symbol: Symbol) -> OrderAnswer | None:
        self.asked.append(f"order {client_order_id}")
        return self.known.get(client_order_id)

    async def fills(self, *, since: Ms, of: Collection[Symbol] = ()) -> list[Fill]:
        self.asked.append(f"fills {' '.join(sorted(of))}".strip())
        return [fill for fill in self.executed if fill.at >= since]

    async def funding(self, *, since: Ms) -> list[FundingCharge]:
        return []

    async def movements(self, *, since: Ms) -> list[CashMovement]:
        return []

    async def positions(self) -> list[VenuePosition]:
        self.asked.append("positions")
        return []

    async def wallet(self) -> Decimal:
        return Decimal(0)

    async def close(self) -> None:
        pass


class Room:
    """A desk whose own pace never comes, in real time."""

    def __init__(self, *orders: str, answered: bool = True) -> None:
        self.broker = FakeBroker()
        self.inputs: list[Input] = []
        self.clock = TestClock()
        self.tracks = tuple(track(name, answered=answered) for name in orders)
        self.desk = BrokerDesk(
            self.broker, self.clock, put=self.inputs.append, unsettled=lambda: self.tracks, pace=NEVER
        )

    def of(self, kind: type[Input]) -> list[Input]:
        """Return the inputs of a kind."""
        return [item for item in self.inputs if isinstance(item, kind)]

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until something holds."""
        async with asyncio.timeout(WITHIN_S):
            while not true():
                self.clock.seconds += 0.01
                await asyncio.sleep(0.01)

    async def pass_time(self, seconds: float) -> None:
        """Let the desk do what it would do in this time."""
        until = self.clock.seconds + seconds
        await self.until(lambda: self.clock.seconds >= until)


def track(name: str, *, answered: bool) -> OrderTrack:
    """Return an order that the desk follows: open, or one whose answer got lost."""
    return OrderTrack(
        order=eth_order(name),
        state=OrderState.OPEN if answered else OrderState.UNKNOWN,
        intended_at=START,
        updated_at=START,
        venue_order_id=VenueOrderId(f"v-{name}") if answered else None,
    )


def filled(name: str) -> OrderAnswer:
    return OrderAnswer(
        client_order_id=ClientOrderId(name),
        venue_order_id=VenueOrderId(f"v-{name}"),
        state=OrderState.FILLED,
        filled=Decimal("0.5"),
        average_price=Decimal(3000),
    )


@asynccontextmanager
async def at_work(room: Room) -> AsyncIterator[None]:
    """Run the desk; its first look, which nobody hinted at, is over and forgotten when this yields."""
    task = asyncio.create_task(room.desk.run())
    room.desk.wake()
    await room.until(lambda: "positions" in room.broker.asked)
    room.broker.asked.clear()
    room.inputs.clear()
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_executions_are_asked_for_at_once_then_the_order_that_was_named_then_positions() -> None:
    room = Room("dd1", "dd2")
    async with at_work(room):
        room.broker.executed.append(fill_of("dd1", "f1", START))
        room.broker.known["dd1"] = filled("dd1")
        room.desk.hint(news("dd1", fills=("f1",)))
        await room.until(lambda: "positions" in room.broker.asked)
        assert room.broker.asked == [f"fills {ETH}", "order dd1", "positions"]
        assert [type(item) for item in room.inputs] == [Executed, OrderAnswered, PositionsListed]


async def test_what_the_venue_does_not_prove_is_asked_for_a_few_times_and_never_booked() -> None:
    room = Room("dd1")
    async with at_work(room):
        room.broker.known["dd1"] = replace(filled("dd1"), state=OrderState.OPEN, filled=Decimal(0))
        room.desk.hint(news("dd1", fills=("f1",)))
        await room.until(lambda: room.broker.asked.count(f"fills {ETH}") == 1 + ASKED_AGAIN)
        await room.pass_time(1.0)
        assert room.broker.asked.count(f"fills {ETH}") == 1 + ASKED_AGAIN, "after that the desk's own pace asks"
        assert room.of(Executed) == []


async def test_that_an_order_is_not_found_proves_nothing_where_the_stream_spoke_of_it() -> None:
    room = Room("dd1", answered=False)  # nobody but a hint has it looked up
    async with at_work(room):
        room.desk.hint(news("dd1"))
        await room.until(lambda: "order dd1" in room.broker.asked)
        await room.pass_time(0.5)
        assert room.of(OrderNotFound) == []


async def test_what_is_known_already_is_not_asked_for() -> None:
    room = Room("dd1")
    room.broker.executed.append(fill_of("dd0", "f0", START))
    async with at_work(room):
        room.desk.hint(news("dd0", fills=("f0",)))
        await room.pass_time(1.0)
        assert room.broker.asked == []


async def test_a_stranger_makes_it_ask_for_all_markets() -> None:
    room = Room("dd1")
    async with at_work(room):
        room.broker.executed.append(fill_of("stranger", "f9", START))
        room.desk.hint(news("stranger", fills=("f9",)))
        await room.until(lambda: "positions" in room.broker.asked)
        assert room.broker.asked == ["fills", "positions"]


async def test_a_burst_is_one_question_and_a_fill_is_never_told_twice() -> None:
    room = Room("dd1")
    async with at_work(room):
        room.broker.executed.append(fill_of("dd1", "f1", START))
        for _ in range(50):
            room.desk.hint(news("dd1", fills=("f1",)))
        await room.until(lambda: "positions" in room.broker.asked)
        await room.pass_time(1.0)
        assert room.broker.asked.count(f"fills {ETH}") <= 2
        assert len(room.of(Executed)) == 1


async def test_a_stream_that_opens_makes_it_look_at_everything() -> None:
    room = Room("dd1")
    async with at_work(room):
        room.broker.known["dd1"] = filled("dd1")
        room.desk.hint(None)
        await room.until(lambda: "positions" in room.broker.asked)
        assert room.broker.asked == ["fills", "order dd1", "positions"]
