"""The broker on ccxt against the simulated exchange: what the port promises, and what every broken answer means."""

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from engine.adapters.account_settings import deviations_from
from engine.adapters.ccxt_broker import CcxtBroker
from engine.adapters.clocks import SystemClock
from engine.adapters.host_breaker import HostBreaker
from engine.adapters.key_permissions import Access
from engine.adapters.venue_keys import VenueKeys
from engine.domain.config import Mode, VenueConfig
from engine.domain.errors import (
    OrderNotSentError,
    OrderRefusedError,
    OutcomeUnknownError,
    RefusedError,
    VenueUnreachableError,
)
from engine.domain.market import MarketKind
from engine.domain.order import OrderSide, OrderState
from engine.domain.units import ClientOrderId, Ms
from support.books import long_basket, small_config
from support.sim_process import SECRET, SimProcess
from support.venue_desk import BROKEN_ANSWERS, ETH, NO_CONNECTION, broker_on, eth_order, new_account, venue_of

CREATE = {"bybit": "POST /v5/order/create", "binance": "POST /fapi/v1/order"}
POSITIONS = {"bybit": "GET /v5/position/list", "binance": "GET /fapi/v2/positionRisk"}
HOST = {"bybit": "api-demo.bybit.com", "binance": "demo-fapi.binance.com"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimProcess]:
    with SimProcess(tmp_path_factory.mktemp("sim"), "--speed", "60", "--scenario", "calm") as process:
        yield process


@pytest.fixture(params=["bybit", "binance"])
def venue(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def sim(running: SimProcess) -> Iterator[SimProcess]:
    yield running
    running.mend()


def since(sim: SimProcess) -> Ms:
    return Ms(sim.state()["market_ms"] - 3_600_000)


async def test_a_market_order_is_found_filled_and_tells_what_it_cost(sim: SimProcess, venue: str) -> None:
    key = new_account(sim, venue=venue)
    async with broker_on(sim, key, venue=venue) as broker:
        answer = await broker.place(eth_order("dda1"))
        if venue == "bybit":  # it answers with ids only
            assert (answer.state, answer.filled) == (OrderState.OPEN, Decimal(0))
        found = await broker.look_up(ClientOrderId("dda1"), ETH)
        fills = await broker.fills(since=since(sim))
        (position,) = await broker.positions()
        wallet = await broker.wallet()
    assert found is not None
    assert (found.state, found.filled, found.venue_order_id) == (
        OrderState.FILLED,
        Decimal("0.5"),
        answer.venue_order_id,
    )
    assert {fill.client_order_id for fill in fills} == {"dda1"}
    assert sum(fill.quantity for fill in fills) == Decimal("0.5")
    assert (position.symbol, position.quantity) == (ETH, Decimal("0.5"))
    assert wallet == Decimal(100_000) - sum(fill.fee for fill in fills)


async def test_a_lookup_tells_an_order_from_one_that_never_arrived(sim: SimProcess, venue: str) -> None:
    async with broker_on(sim, new_account(sim, venue=venue), venue=venue) as broker:
        assert await broker.look_up(ClientOrderId("ddnone"), ETH) is None


async def test_a_limit_rests_is_canceled_once_and_a_second_cancel_is_left_alone(sim: SimProcess, venue: str) -> None:
    async with broker_on(sim, new_account(sim, venue=venue), venue=venue) as broker:
        await broker.place(eth_order("ddb1", limit="1500"))
        found = await broker.look_up(ClientOrderId("ddb1"), ETH)
        assert found is not None
        assert found.state is OrderState.OPEN
        await broker.cancel(ClientOrderId("ddb1"), ETH)
        await broker.cancel(ClientOrderId("ddb1"), ETH)
        await broker.cancel(ClientOrderId("ddnone"), ETH)
        found = await broker.look_up(ClientOrderId("ddb1"), ETH)
        assert found is not None
        assert found.state is OrderState.CANCELED


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (eth_order("ddc1", "100000"), "refused it"),  # no margin for it
        (eth_order("ddc2", "0.5", side=OrderSide.SELL, reduce_only=True), "refused it"),  # nothing to reduce
        (eth_order("ddc3", "0.12345"), "between the steps"),
    ],
)
async def test_what_is_refused_for_certain_placed_nothing(
    sim: SimProcess, venue: str, order: object, said: str
) -> None:
    key = new_account(sim, venue=venue)
    async with broker_on(sim, key, venue=venue) as broker:
        with pytest.raises(OrderRefusedError, match=said):
            await broker.place(order)  # type: ignore[arg-type]
    assert sim.truth(key)["accepted"] == {}


@pytest.mark.parametrize(("kind", "told", "executed"), BROKEN_ANSWERS)
async def test_every_broken_answer_is_an_unknown_outcome_and_the_lookup_tells_the_truth(
    sim: SimProcess, venue: str, kind: str, told: dict[str, object], executed: int
) -> None:
    key = new_account(sim, venue=venue)
    async with broker_on(sim, key, venue=venue) as broker:
        broker._exchange.timeout = 1_000  # of the order alone: a busy machine may list markets for longer
        sim.fault(kind, path=CREATE[venue], count=1, **told)
        with pytest.raises(OutcomeUnknownError) as raised:
            await broker.place(eth_order("ddd1"))
        assert not re.search(r"://|\{|[a-z]Error", str(raised.value)), "a sentence, not what a library wrote"
    sim.mend()
    async with broker_on(
        sim, key, venue=venue
    ) as broker:  # a breaker of its own: the first one keeps the pause it was asked for
        found = await broker.look_up(ClientOrderId("ddd1"), ETH)
    assert (found is not None) == bool(executed)
    assert sim.truth(key)["accepted"] == ({"ddd1": 1} if executed else {})


async def test_an_order_that_finds_no_connection_is_of_unknown_outcome_too(sim: SimProcess, venue: str) -> None:
    key = new_account(sim, venue=venue)
    async with broker_on(sim, key, venue=venue) as broker:
        sim.fault(NO_CONNECTION)
        await broker._exchange.close()  # a connection that stands would still carry it
        with pytest.raises(OutcomeUnknownError):
            await broker.place(eth_order("ddn1"))
        sim.mend()
    assert sim.truth(key)["accepted"] == {}


async def test_a_refusal_because_the_id_is_known_already_proves_that_an_order_stands(sim: SimProcess) -> None:
    key = new_account(sim)
    async with broker_on(sim, key) as broker:
        sim.fault("duplicate-request", path=CREATE["bybit"], count=1)
        with pytest.raises(OutcomeUnknownError):
            await broker.place(eth_order("ddd9"))
        assert await broker.look_up(ClientOrderId("ddd9"), ETH) is not None
    assert sim.truth(key)["accepted"] == {"ddd9": 1}


async def test_a_query_that_fails_is_never_read_as_flat(sim: SimProcess, venue: str) -> None:
    async with broker_on(sim, new_account(sim, venue=venue), venue=venue) as broker:
        await broker.place(eth_order("dde1"))
        sim.fault("html-page", path=POSITIONS[venue], count=1)
        with pytest.raises(VenueUnreachableError):
            await broker.positions()
        assert len(await broker.positions()) == 1


async def test_while_the_host_asked_for_a_pause_nothing_is_sent(sim: SimProcess, venue: str) -> None:
    key = new_account(sim, venue=venue)
    async with broker_on(sim, key, venue=venue) as broker:
        broker._breaker.pause(HOST[venue], 30.0)
        with pytest.raises(OrderNotSentError, match="asked for a pause"):
            await broker.place(eth_order("ddf1"))
    assert sim.truth(key)["accepted"] == {}


async def test_money_from_outside_is_a_movement(sim: SimProcess) -> None:
    key = new_account(sim)
    async with broker_on(sim, key) as broker:
        before = {each.id for each in await broker.movements(since=since(sim))}
        sim.move("-1000", key=key)
        (moved,) = [each for each in await broker.movements(since=since(sim)) if each.id not in before]
    assert moved.amount == Decimal(-1000)


async def test_a_key_that_may_withdraw_is_refused(sim: SimProcess) -> None:
    with pytest.raises(RefusedError, match="may withdraw"):
        async with broker_on(sim, new_account(sim, may_withdraw=True)):
            pass


async def test_a_key_that_only_reads_is_taken_as_such(sim: SimProcess, venue: str) -> None:
    reader = _broker(sim, new_account(sim, venue=venue, read_only=True), venue)
    assert (await reader.admit()).access is Access.READ_ONLY
    await reader.close()


async def test_hedge_mode_is_refused_with_what_to_do(sim: SimProcess) -> None:
    key = new_account(sim)
    sim.hedge(True, key=key)
    with pytest.raises(RefusedError, match="one-way mode"):
        async with broker_on(sim, key):
            pass


@pytest.mark.parametrize(
    ("venue", "said"),
    [
        (VenueConfig(id="kraken", mode=Mode.LIVE), "no orders go to kraken"),
        (VenueConfig(id="gate", mode=Mode.LIVE), "so far, not to gate swap"),
        (VenueConfig(id="okx", mode=Mode.LIVE, market=MarketKind.SPOT), "so far, not to okx spot"),
        (VenueConfig(quote="USDC", mode=Mode.LIVE), "is not paid in USDC"),
        (VenueConfig(id="gate", mode=Mode.DEMO), "has no demo"),
        (VenueConfig(mode=Mode.PAPER), "paper"),
    ],
)
def test_where_orders_cannot_go_the_broker_is_not_built(venue: VenueConfig, said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        _built(venue)


def _built(venue: VenueConfig) -> CcxtBroker:
    keys = VenueKeys(key="k", secret="s")
    return CcxtBroker(venue, keys, clock=SystemClock(), symbols=[ETH], breaker=HostBreaker(time.monotonic))


def _broker(sim: SimProcess, key: str, venue: str) -> CcxtBroker:
    keys = VenueKeys(key=key, secret=SECRET)
    return CcxtBroker(
        venue_of(sim, venue), keys, clock=SystemClock(), symbols=[ETH], breaker=HostBreaker(time.monotonic)
    )


async def test_leverage_is_read_compared_and_set(sim: SimProcess, venue: str) -> None:
    key = new_account(sim, venue=venue)
    config = replace(
        small_config(replace(long_basket("longs", "ETH", "SOL"), leverage=3.0)), venue=venue_of(sim, venue)
    )
    async with broker_on(sim, key, venue=venue) as broker:
        found = deviations_from(config, await broker.settings())
        assert [each.leverage for each in found if each.symbol == ETH] == [Decimal(3)]
        await broker.set_leverage(ETH, Decimal(3))
        left = deviations_from(config, await broker.settings())
    assert not any(each.symbol == ETH and each.leverage is not None for each in left)
