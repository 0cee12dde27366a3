"""The private streams of the simulated exchange as the unmodified ccxt.pro and pybit clients hear them."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import ccxt.pro as ccxt
import pytest

from support.sim_process import SECRET, SimProcess

ETH = "ETH/USDT:USDT"
WITHIN_S = 15.0
NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimProcess]:
    with SimProcess(tmp_path_factory.mktemp("sim"), "--speed", "60", "--scenario", "calm") as process:
        yield process


@pytest.fixture
def sim(running: SimProcess) -> Iterator[SimProcess]:
    yield running
    running.mend()


@asynccontextmanager
async def listener(sim: SimProcess, venue: str = "bybit") -> AsyncIterator[Any]:
    key = f"key-{next(NUMBERS)}"
    sim.account(key=key, venue=venue)
    async with sim.streams(venue=venue, key=key, secret=SECRET) as client, asyncio.timeout(WITHIN_S):
        yield client


async def started(watch: Any) -> "asyncio.Task[Any]":
    """Begin to watch, and give the subscription the time to reach the venue."""
    task = asyncio.create_task(watch)
    await asyncio.sleep(1.0)
    return task


async def test_orders_fills_positions_and_the_wallet_are_told_as_they_change(sim: SimProcess) -> None:
    async with listener(sim) as client:
        await client.load_markets()
        assert list(await client.watch_positions()) == [], "what ccxt gives first is the list, not the stream"
        watches = [await started(each) for each in (client.watch_orders(), client.watch_my_trades())]
        watches += [await started(each) for each in (client.watch_positions(), client.watch_balance())]
        await client.create_order(ETH, "market", "buy", 0.5, None, {"orderLinkId": "ddstream"})
        orders, trades, positions, balance = await asyncio.gather(*watches)
    assert {order["clientOrderId"] for order in orders} == {"ddstream"}
    assert (trades[0]["amount"], trades[0]["symbol"]) == (0.5, ETH)
    assert (positions[0]["contracts"], positions[0]["side"]) == (0.5, "long")
    assert balance["total"]["USDT"] < 100_000


async def test_every_state_of_an_order_is_told_in_its_order(sim: SimProcess) -> None:
    async with listener(sim) as client:
        await client.load_markets()
        task = await started(client.watch_orders(ETH))
        low = float(client.price_to_precision(ETH, (await client.fetch_ticker(ETH))["last"] * 0.8))
        await client.create_order(ETH, "limit", "buy", 1, low, {"orderLinkId": "ddstates"})
        states = [order["status"] for order in await task]
        await client.cancel_order(None, ETH, {"orderLinkId": "ddstates"})
        while states[-1] != "canceled":
            states += [order["status"] for order in await client.watch_orders(ETH)]
    assert states[0] == "open"


async def test_a_silent_private_stream_loses_what_happens_while_orders_go_on(sim: SimProcess) -> None:
    async with listener(sim) as client:
        await client.load_markets()
        task = await started(client.watch_orders(ETH))
        sim.fault("silent-private-stream")
        await client.create_order(ETH, "market", "buy", 0.5, None, {"orderLinkId": "ddunheard"})
        await asyncio.sleep(1.0)
        assert not task.done()
        sim.mend()
        await client.create_order(ETH, "market", "buy", 0.5, None, {"orderLinkId": "ddheard"})
        assert {order["clientOrderId"] for order in await task} == {"ddheard"}


async def test_a_wrong_secret_is_not_let_in(sim: SimProcess) -> None:
    sim.account(key="stream-key")
    async with sim.streams(key="stream-key", secret="wrong") as client, asyncio.timeout(WITHIN_S):
        client.options |= {"enableUnifiedMargin": False, "enableUnifiedAccount": True}
        with pytest.raises(ccxt.AuthenticationError):
            await client.watch_orders()


async def test_binance_futures_are_told_behind_a_listen_key(sim: SimProcess) -> None:
    async with listener(sim, "binance") as client:
        await client.load_markets()
        watches = [await started(each) for each in (client.watch_orders(ETH), client.watch_my_trades(ETH))]
        watches.append(await started(client.watch_positions()))
        await client.create_order(ETH, "market", "buy", 0.5, None, {"newClientOrderId": "ddstream"})
        orders, trades, positions = await asyncio.gather(*watches)
        while orders[-1]["status"] != "closed":
            orders = await client.watch_orders(ETH)
    assert (orders[-1]["clientOrderId"], orders[-1]["filled"]) == ("ddstream", 0.5)
    assert (trades[0]["amount"], trades[0]["fee"]["currency"]) == (0.5, "USDT")
    assert (positions[0]["contracts"], positions[0]["side"]) == (0.5, "long")


async def test_binance_spot_is_told_over_its_websocket_api(sim: SimProcess) -> None:
    sim.account(key="spot-stream", venue="binance", spot_money="50000")
    async with sim.streams("spot", "binance", "spot-stream", SECRET) as client, asyncio.timeout(WITHIN_S):
        await client.load_markets()
        task = await started(client.watch_orders("ETH/USDT"))
        low = float(client.price_to_precision("ETH/USDT", (await client.fetch_ticker("ETH/USDT"))["last"] * 0.8))
        await client.create_order("ETH/USDT", "limit", "buy", 1, low, {"newClientOrderId": "ddspot"})
        assert [order["status"] for order in await task] == ["open"]
        await client.cancel_order(None, "ETH/USDT", {"origClientOrderId": "ddspot"})
        (order,) = await client.watch_orders("ETH/USDT")
    assert (order["clientOrderId"], order["status"]) == ("ddspot", "canceled")
