"""The account's stream on the simulated exchange: a desk that is told when to ask, and the faults it lives with."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from engine.adapters.ccxt_broker import CcxtBroker
from engine.adapters.redaction import RedactingFilter
from engine.core.inputs import AccountStreamReported, Executed, Input, OrderAnswered
from engine.core.outcome import PlaceOrder
from engine.domain.market import MarketKind
from engine.domain.order import Order, OrderState
from engine.domain.units import Ms
from engine.execution.orders import OrderTrack
from engine.runtime.account_feed import SPOKEN_OF_WITHIN_S, AccountFeed
from engine.runtime.broker_desk import LOOK_EVERY_S, OF_A_VENUE, BrokerDesk, DeskPace
from support.sim_process import SECRET, SimProcess
from support.venue_desk import ETH, ETH_COIN, broker_on, eth_order, new_account

WITHIN_S = 25.0
NEVER = DeskPace(busy_s=1e9, idle_s=1e9, funding_s=1e9)
SWAP, SPOT = MarketKind.SWAP, MarketKind.SPOT
PLACES = pytest.mark.parametrize(
    ("venue", "market"), [("bybit", SWAP), ("binance", SWAP), ("bybit", SPOT), ("binance", SPOT)]
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimProcess]:
    with SimProcess(tmp_path_factory.mktemp("sim"), "--speed", "10", "--scenario", "calm") as process:
        yield process


@pytest.fixture
def sim(running: SimProcess) -> Iterator[SimProcess]:
    yield running
    running.mend()


class Room:
    """A desk in front of an account, its stream, and what came of both."""

    def __init__(self, broker: CcxtBroker, since: Ms, speed: float, pace: DeskPace, market: MarketKind) -> None:
        self._symbol = ETH_COIN if market is SPOT else ETH
        self.inputs: list[Input] = []
        self.orders: dict[str, Order] = {}
        self.desk = BrokerDesk(
            broker, broker._clock, put=self.inputs.append, unsettled=self._unsettled, pace=pace, since=since
        )
        self.desk.follow(
            AccountFeed(broker.stream, broker._clock, put=self.inputs.append, hint=self.desk.hint, speed=speed)
        )

    def place(self, name: str) -> None:
        """Send an order by the desk."""
        self.orders[name] = eth_order(name, symbol=self._symbol)
        self.desk.take(PlaceOrder(order=self.orders[name]))

    def filled(self, name: str) -> Decimal:
        """Return how much of an order was told as executed, however often."""
        found = [fill for item in self.inputs if isinstance(item, Executed) for fill in item.fills]
        return sum((fill.quantity for fill in found if fill.client_order_id == name), Decimal(0))

    @property
    def stream(self) -> AccountStreamReported | None:
        """Return what was last said of the stream."""
        said = [item for item in self.inputs if isinstance(item, AccountStreamReported)]
        return said[-1] if said else None

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until something holds."""
        async with asyncio.timeout(WITHIN_S):
            while not true():  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0.02)

    def _unsettled(self) -> tuple[OrderTrack, ...]:
        states = {item.answer.client_order_id: item.answer for item in self.inputs if isinstance(item, OrderAnswered)}
        return tuple(
            OrderTrack(
                order=order,
                state=answer.state,
                intended_at=Ms(0),
                updated_at=Ms(0),
                venue_order_id=answer.venue_order_id,
            )
            for name, order in self.orders.items()
            if (answer := states.get(order.client_order_id)) is not None
            and (answer.state is not OrderState.FILLED or self.filled(name) < order.quantity)
        )


def account_at(sim: SimProcess, venue: str, market: MarketKind) -> str:
    """Open an account with money where it trades; Bybit's markets share one wallet."""
    return new_account(sim, venue=venue, spot_money="100000" if (venue, market) == ("binance", SPOT) else "0")


@asynccontextmanager
async def at_work(
    sim: SimProcess, venue: str, market: MarketKind, key: str, pace: DeskPace = OF_A_VENUE
) -> AsyncIterator[Room]:
    async with broker_on(sim, key, venue=venue, market=market) as broker:
        room = Room(broker, Ms(sim.state()["market_ms"]), sim.ready.speed, pace, market)
        task = asyncio.create_task(room.desk.run())
        try:
            await room.until(lambda: room.stream is not None and room.stream.up)
            await asyncio.sleep(0.5)
            yield room
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@PLACES
async def test_a_fill_is_read_because_it_is_streamed(sim: SimProcess, venue: str, market: MarketKind) -> None:
    key = account_at(sim, venue, market)
    async with at_work(sim, venue, market, key, pace=NEVER) as room:  # who is not told does not ask
        sim.fault("late-fills", delay_s=1.5, duration_s=60)
        for name in ("ddone", "ddtwo", "ddthree"):
            room.place(name)
        await room.until(lambda: all(room.filled(name) > 0 for name in room.orders))
        await asyncio.sleep(LOOK_EVERY_S)
        assert {room.filled(name) for name in room.orders} == {Decimal("0.5")}
        assert room.stream == AccountStreamReported(up=True, why="")


@PLACES
async def test_a_silent_stream_loses_nothing_and_is_found_out(sim: SimProcess, venue: str, market: MarketKind) -> None:
    key = account_at(sim, venue, market)
    async with at_work(sim, venue, market, key) as room:
        sim.fault("silent-private-stream", duration_s=60)
        await asyncio.sleep(2.5)  # what came while the stream was opened is not held against it
        room.place("ddunheard")
        await room.until(lambda: room.filled("ddunheard") > 0)
        began = time.monotonic()
        await room.until(lambda: room.stream is not None and not room.stream.up)
        assert time.monotonic() - began < SPOKEN_OF_WITHIN_S * 2
        assert room.stream is not None
        assert "silent" in room.stream.why
        sim.mend()
        await asyncio.sleep(3.0)
        room.place("ddheard")
        await room.until(lambda: room.stream is not None and room.stream.up)
        await room.until(lambda: room.filled("ddheard") > 0)
        assert {room.filled(name) for name in room.orders} == {Decimal("0.5")}


@pytest.mark.parametrize(
    ("venue", "market", "fault", "lasts_s"),
    [
        ("bybit", SWAP, "disconnect-storm", 6.0),
        ("binance", SWAP, "restart", 2.0),
        ("bybit", SPOT, "restart", 2.0),
        ("binance", SPOT, "disconnect-storm", 6.0),
    ],
)
async def test_nothing_is_lost_or_doubled_while_connections_break(
    sim: SimProcess, venue: str, market: MarketKind, fault: str, lasts_s: float
) -> None:
    key = account_at(sim, venue, market)
    async with at_work(sim, venue, market, key) as room:
        sim.fault("late-fills", delay_s=1.0, duration_s=60)
        room.place("ddbefore")
        await room.until(lambda: "ddbefore" in sim.truth(key)["accepted"])
        sim.fault(fault, duration_s=lasts_s)
        await room.until(lambda: room.stream is not None and not room.stream.up)
        await room.until(lambda: room.stream is not None and room.stream.up)
        await room.until(lambda: not sim.state()["faults"] or sim.state()["faults"][-1]["kind"] == "late-fills")
        room.place("ddafter")
        await room.until(lambda: room.filled("ddafter") > 0 and room.filled("ddbefore") > 0)
        await asyncio.sleep(LOOK_EVERY_S)
        assert {room.filled(name) for name in room.orders} == {Decimal("0.5")}
        assert set(sim.truth(key)["accepted"].values()) == {1}


@pytest.mark.parametrize("market", [SWAP, SPOT])
async def test_no_key_is_in_any_log(sim: SimProcess, market: MarketKind, tmp_path: Path) -> None:
    venue = "binance"  # its swaps have a key in the stream's address
    handler = logging.FileHandler(tmp_path / "all.log")
    handler.addFilter(RedactingFilter())
    handler.setLevel(logging.DEBUG)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    key = account_at(sim, venue, market)
    try:
        async with at_work(sim, venue, market, key) as room:
            sim.fault("disconnect-storm", duration_s=3)
            await room.until(lambda: room.stream is not None and not room.stream.up)
            await room.until(lambda: room.stream is not None and room.stream.up)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        handler.close()
    async with sim.trader(key=key, venue=venue) as client:  # the venue gives an account the same one again
        listen_key = (await client.fapiPrivatePostListenKey())["listenKey"]
    written = (tmp_path / "all.log").read_text(encoding="utf-8")
    assert "account stream" in written
    assert not [secret for secret in (SECRET, listen_key) if secret in written]
