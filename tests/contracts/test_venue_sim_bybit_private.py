"""The private part of the simulated Bybit as the unmodified ccxt client meets it: real signatures, orders, accounts."""

import itertools
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import ccxt
import pytest

from support.maker_fill import maker_fill
from support.sim_process import SimProcess

ETH = "ETH/USDT:USDT"
SOL = "SOL/USDT:USDT"
NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimProcess]:
    with SimProcess(tmp_path_factory.mktemp("sim"), "--speed", "60", "--scenario", "calm") as process:
        yield process


@pytest.fixture
def key(running: SimProcess) -> str:
    name = f"key-{next(NUMBERS)}"
    running.account(key=name, money="100000")
    return name


@pytest.fixture
def sim(running: SimProcess) -> Iterator[SimProcess]:
    yield running
    running.mend()


def fills(truth: dict[str, Any], client_id: str) -> Decimal:
    return sum((Decimal(row["quantity"]) for row in truth["executions"] if row["client_id"] == client_id), Decimal(0))


async def test_a_market_order_fills_and_is_found_everywhere_by_its_client_id(sim: SimProcess, key: str) -> None:
    async with sim.trader(key=key) as client:
        created = await client.create_order(ETH, "market", "buy", 0.5, None, {"orderLinkId": "ddmarket1"})
        assert created["id"]
        assert await client.fetch_open_orders(ETH, params={"orderLinkId": "ddmarket1"}) == []
        (order,) = await client.fetch_canceled_and_closed_orders(ETH, params={"orderLinkId": "ddmarket1"})
        trades = await client.fetch_my_trades(ETH)
        (position,) = await client.fetch_positions([ETH])
        balance = await client.fetch_balance()
        ledger = await client.fetch_ledger()
    truth = sim.truth(key)
    assert (order["status"], order["filled"], order["clientOrderId"]) == ("closed", 0.5, "ddmarket1")
    assert order["symbol"] == ETH
    assert sum(trade["amount"] for trade in trades) == 0.5
    assert (trades[0]["side"], trades[0]["takerOrMaker"], trades[0]["fee"]["rate"]) == ("buy", "taker", 0.00055)
    assert (position["contracts"], position["side"], position["leverage"]) == (0.5, "long", 10.0)
    assert position["entryPrice"] == pytest.approx(float(truth["positions"]["ETH"]["entry"]))
    assert balance["total"]["USDT"] == pytest.approx(float(truth["wallet"]["USDT"]), abs=5.0)
    assert {entry["type"] for entry in ledger} >= {"trade"}
    assert truth["accepted"] == {"ddmarket1": 1}


async def test_a_resting_limit_is_open_until_it_is_canceled(sim: SimProcess, key: str) -> None:
    async with sim.trader(key=key) as client:
        ticker = await client.fetch_ticker(ETH)
        low = client.price_to_precision(ETH, ticker["bid"] * 0.7)
        await client.create_order(ETH, "limit", "buy", 1, float(low), {"orderLinkId": "ddrest1"})
        (order,) = await client.fetch_open_orders(ETH, params={"orderLinkId": "ddrest1"})
        assert (order["status"], order["symbol"], order["remaining"], order["price"]) == ("open", ETH, 1.0, float(low))
        await client.cancel_order(None, ETH, {"orderLinkId": "ddrest1"})
        assert await client.fetch_open_orders(ETH) == []
        (order,) = await client.fetch_canceled_and_closed_orders(ETH, params={"orderLinkId": "ddrest1"})
        assert order["status"] == "canceled"
        with pytest.raises(ccxt.OrderNotFound, match="110001"):
            await client.cancel_order(None, ETH, {"orderLinkId": "ddrest1"})


async def test_a_limit_fills_as_a_maker_when_the_price_comes(sim: SimProcess, key: str) -> None:
    other = f"{key}-offers"
    sim.account(key=other, money="100000")
    async with sim.trader(key=key) as bidding, sim.trader(key=other) as offering:
        _, client, price = await maker_fill(sim, (key, bidding), (other, offering), SOL)
        (trade,) = await client.fetch_my_trades(SOL)
    assert (trade["takerOrMaker"], trade["price"], trade["fee"]["rate"]) == ("maker", price, 0.0002)


async def test_each_refusal_has_the_code_of_the_venue_and_leaves_no_order(sim: SimProcess, key: str) -> None:
    async with sim.trader(key=key) as client:
        await client.create_order(ETH, "market", "buy", 0.5, None, {"orderLinkId": "ddonce"})
        with pytest.raises(ccxt.InvalidOrder, match="110072"):
            await client.create_order(ETH, "market", "buy", 0.5, None, {"orderLinkId": "ddonce"})
        with pytest.raises(ccxt.InsufficientFunds, match="110007"):
            await client.create_order(ETH, "market", "buy", 10_000, None, {"orderLinkId": "ddpoor"})
        with pytest.raises(ccxt.InvalidOrder, match="110017"):
            await client.create_order(SOL, "market", "sell", 1, None, {"reduceOnly": True})
        with pytest.raises(ccxt.InvalidOrder, match="110094"):
            await client.create_order(ETH, "limit", "buy", 0.01, 100.0)
        with pytest.raises(ccxt.BadRequest, match="10001"):
            request = {"category": "linear", "symbol": "NOPEUSDT", "side": "Buy", "orderType": "Market", "qty": "1"}
            await client.private_post_v5_order_create(request)
    assert sim.truth(key)["accepted"] == {"ddonce": 1}
    assert len(sim.truth(key)["orders"]) == 1


async def test_a_reduce_only_order_is_cut_to_the_position(sim: SimProcess, key: str) -> None:
    async with sim.trader(key=key) as client:
        await client.create_order(ETH, "market", "sell", 0.4)
        await client.create_order(ETH, "market", "buy", 3, None, {"reduceOnly": True, "orderLinkId": "ddcut"})
        (order,) = await client.fetch_canceled_and_closed_orders(ETH, params={"orderLinkId": "ddcut"})
    assert (order["amount"], order["filled"], order["reduceOnly"]) == (0.4, 0.4, True)
    assert sim.truth(key)["positions"] == {}


async def test_post_only_and_ioc_orders_do_not_wait_and_do_not_take(sim: SimProcess, key: str) -> None:
    async with sim.trader(key=key) as client:
        ticker = await client.fetch_ticker(ETH)
        high, low = (float(client.price_to_precision(ETH, ticker["last"] * part)) for part in (1.05, 0.9))
        await client.create_order(ETH, "limit", "buy", 1, high, {"postOnly": True, "orderLinkId": "ddpost"})
        await client.create_order(ETH, "limit", "buy", 1, low, {"timeInForce": "IOC", "orderLinkId": "ddioc"})
        found = {order["clientOrderId"]: order for order in await client.fetch_canceled_and_closed_orders(ETH)}
    assert found["ddpost"]["info"]["rejectReason"] == "EC_PostOnlyWillTakeLiquidity"
    assert {name: (order["status"], order["filled"]) for name, order in found.items()} == {
        "ddpost": ("canceled", 0.0),
        "ddioc": ("canceled", 0.0),
    }


async def test_signatures_are_judged_as_on_the_venue_and_on_real_time(sim: SimProcess, key: str) -> None:
    async with sim.trader(key=key) as client:
        await client.fetch_balance()  # real time is accepted although the market is elsewhere
        sim.fault("clock-jump", skew_s=30)
        with pytest.raises(ccxt.InvalidNonce, match="10002"):
            await client.fetch_balance()
        sim.mend()
        sim.fault("clock-jump", skew_s=-30)
        with pytest.raises(ccxt.InvalidNonce, match="10002"):
            await client.fetch_balance()
        sim.mend()
    async with sim.trader(key=key, secret="wrong") as client:
        with pytest.raises(ccxt.AuthenticationError, match="10004"):
            await client.fetch_balance()
    async with sim.trader(key="nobody") as client:
        with pytest.raises(ccxt.AuthenticationError, match="10003"):
            await client.fetch_balance()


async def test_a_read_only_key_may_look_and_a_key_that_may_withdraw_says_so(sim: SimProcess) -> None:
    sim.account(key="looks", read_only=True)
    sim.account(key="withdraws", may_withdraw=True)
    async with sim.trader(key="looks") as client:
        assert (await client.fetch_balance())["total"]["USDT"] == 100_000
        with pytest.raises(ccxt.PermissionDenied, match="10005"):
            await client.create_order(ETH, "market", "buy", 1)
        assert (await client.private_get_v5_user_query_api())["result"]["readOnly"] == 1
    async with sim.trader(key="withdraws") as client:
        permissions = (await client.private_get_v5_user_query_api())["result"]["permissions"]
    assert "Withdraw" in permissions["Wallet"]


async def test_leverage_and_modes_are_set_and_refused_when_unchanged(sim: SimProcess, key: str) -> None:
    async with sim.trader(key=key) as client:
        await client.set_leverage(5, ETH)
        with pytest.raises(ccxt.BadRequest, match="110043"):
            await client.set_leverage(5, ETH)
        with pytest.raises(ccxt.BadRequest, match="110013"):
            await client.set_leverage(500, ETH)
        await client.set_margin_mode("isolated", None)
        info = (await client.private_get_v5_account_info())["result"]
        assert info["marginMode"] == "ISOLATED_MARGIN"
        await client.set_position_mode(True, ETH)
        rows = (await client.private_get_v5_position_list({"category": "linear", "symbol": "ETHUSDT"}))["result"][
            "list"
        ]
        assert [row["positionIdx"] for row in rows] == [1, 2]
        with pytest.raises(ccxt.BadRequest, match="position idx not match"):
            await client.create_order(ETH, "market", "buy", 1)
        await client.set_position_mode(False, ETH)
        await client.create_order(ETH, "market", "buy", 1)
        (position,) = await client.fetch_positions([ETH])
    assert position["leverage"] == 5.0
    assert position["liquidationPrice"] == pytest.approx(position["entryPrice"] * 0.8 / 0.99, rel=1e-3)


async def test_lists_come_in_pages(sim: SimProcess, key: str) -> None:
    async with sim.trader(key=key) as client:
        for number in range(7):
            await client.create_order(ETH, "market", "buy", 0.01, None, {"orderLinkId": f"ddpage{number}"})
        query: dict[str, Any] = {"category": "linear", "symbol": "ETHUSDT", "limit": 3}
        seen: list[str] = []
        while True:
            page = (await client.private_get_v5_order_history(query))["result"]
            seen += [row["orderLinkId"] for row in page["list"]]
            if not page["nextPageCursor"]:
                break
            query["cursor"] = page["nextPageCursor"]
    assert seen == [f"ddpage{number}" for number in reversed(range(7))]


async def test_answers_carry_the_limit_of_the_route_and_the_eleventh_order_in_a_second_is_refused(
    sim: SimProcess, key: str
) -> None:
    async with sim.trader(key=key) as client:
        client.enableRateLimit = False
        await client.load_markets()
        with pytest.raises(ccxt.RateLimitExceeded, match="10006"):
            for _ in range(11):
                await client.create_order(ETH, "market", "buy", 0.01)
        headers = client.last_response_headers
    assert (headers["X-Bapi-Limit"], headers["X-Bapi-Limit-Status"]) == ("10", "0")
    assert len(sim.truth(key)["orders"]) == 10


async def test_spot_lies_in_the_same_wallet_and_pays_its_fee_in_coins(sim: SimProcess, key: str) -> None:
    async with sim.trader("spot", key=key) as client:
        spot = "ETH/USDT"
        client.options["createMarketBuyOrderRequiresPrice"] = False
        request = {"category": "spot", "symbol": "ETHUSDT", "side": "Buy", "orderType": "Market"}
        own = {"qty": "2", "marketUnit": "baseCoin", "orderLinkId": "ddspot"}
        await client.load_markets()
        await client.private_post_v5_order_create(request | own)
        (order,) = await client.fetch_canceled_and_closed_orders(spot, params={"orderLinkId": "ddspot"})
        (trade, *_) = await client.fetch_my_trades(spot)
        low = float(client.price_to_precision(spot, trade["price"] * 0.8))
        await client.create_order(spot, "limit", "buy", 1, low, {"orderLinkId": "ddspotrest"})
        (rests,) = await client.fetch_open_orders(spot)
        balance = await client.fetch_balance()
        with pytest.raises(ccxt.BaseError, match="170141"):
            await client.create_order(spot, "limit", "buy", 1, low, {"orderLinkId": "ddspotrest"})
        with pytest.raises(ccxt.InsufficientFunds, match="170131"):
            await client.create_order(spot, "market", "sell", 5)
        await client.cancel_order(rests["id"], spot)
    assert (order["symbol"], order["status"], order["filled"]) == (spot, "closed", 2.0)
    assert (trade["symbol"], trade["fee"]["currency"]) == (spot, "ETH")
    assert (rests["symbol"], rests["status"]) == (spot, "open")
    assert balance["total"]["ETH"] == pytest.approx(2 * 0.999)
    assert balance["used"]["USDT"] == pytest.approx(low)
