"""The private part of the simulated Binance as the unmodified ccxt client meets it: futures and spot, signed."""

import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import ccxt
import pytest

from support.maker_fill import maker_fill
from support.sim_process import SimProcess

ETH = "ETH/USDT:USDT"
SOL = "SOL/USDT:USDT"
SPOT = "ETH/USDT"
NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimProcess]:
    with SimProcess(tmp_path_factory.mktemp("sim"), "--speed", "60", "--scenario", "calm") as process:
        yield process


@pytest.fixture
def key(running: SimProcess) -> str:
    name = f"key-{next(NUMBERS)}"
    running.account(key=name, venue="binance", money="100000", spot_money="50000")
    return name


@pytest.fixture
def sim(running: SimProcess) -> Iterator[SimProcess]:
    yield running
    running.mend()


@asynccontextmanager
async def futures(sim: SimProcess, key: str, **more: str) -> AsyncIterator[Any]:
    async with sim.trader(key=key, venue="binance", **more) as client:
        yield client


@asynccontextmanager
async def spot(sim: SimProcess, key: str) -> AsyncIterator[Any]:
    async with sim.trader("spot", key=key, venue="binance") as client:
        yield client


async def market(client: Any, client_id: str, side: str = "buy", amount: float = 0.5, **more: object) -> Any:
    return await client.create_order(ETH, "market", side, amount, None, {"newClientOrderId": client_id, **more})


async def test_a_futures_order_fills_and_is_found_by_its_client_id(sim: SimProcess, key: str) -> None:
    async with futures(sim, key) as client:
        created = await market(client, "ddmarket1")
        order = await client.fetch_order(None, ETH, {"origClientOrderId": "ddmarket1"})
        trades = await client.fetch_my_trades(ETH)
        (position,) = await client.fetch_positions([ETH])
        balance = await client.fetch_balance()
        ledger = await client.fetch_ledger("USDT")
    truth = sim.truth(key)
    assert (created["status"], created["filled"], created["clientOrderId"]) == ("closed", 0.5, "ddmarket1")
    assert (order["status"], order["filled"], order["symbol"]) == ("closed", 0.5, ETH)
    assert sum(trade["amount"] for trade in trades) == 0.5
    assert trades[0]["takerOrMaker"] == "taker"
    assert trades[0]["fee"]["cost"] == pytest.approx(trades[0]["cost"] * 0.0005)
    assert (position["contracts"], position["side"]) == (0.5, "long")
    assert position["entryPrice"] == pytest.approx(float(truth["positions"]["ETH"]["entry"]))
    assert balance["total"]["USDT"] == pytest.approx(float(truth["wallet"]["USDT"]), abs=5)
    assert {"commission", "transfer"} <= {entry["type"] for entry in ledger}
    assert truth["accepted"] == {"ddmarket1": 1}


async def test_a_filled_id_may_be_sent_again_and_an_open_one_may_not(sim: SimProcess, key: str) -> None:
    async with futures(sim, key) as client:
        await market(client, "ddtwice")
        await market(client, "ddtwice")
        low = float(client.price_to_precision(ETH, (await client.fetch_ticker(ETH))["last"] * 0.8))
        await client.create_order(ETH, "limit", "buy", 1, low, {"newClientOrderId": "ddopen"})
        with pytest.raises(ccxt.BaseError, match="-4116"):
            await client.create_order(ETH, "limit", "buy", 1, low, {"newClientOrderId": "ddopen"})
        assert [order["clientOrderId"] for order in await client.fetch_open_orders(ETH)] == ["ddopen"]
        await client.cancel_order(None, ETH, {"origClientOrderId": "ddopen"})
        with pytest.raises(ccxt.OrderNotFound, match="-2011"):
            await client.cancel_order(None, ETH, {"origClientOrderId": "ddopen"})
        assert (await client.fetch_order(None, ETH, {"origClientOrderId": "ddopen"}))["status"] == "canceled"
    assert sim.truth(key)["accepted"] == {"ddtwice": 2, "ddopen": 1}


async def test_each_futures_refusal_has_the_code_of_the_venue(sim: SimProcess, key: str) -> None:
    async with futures(sim, key) as client:
        last = (await client.fetch_ticker(ETH))["last"]
        high = float(client.price_to_precision(ETH, last * 1.05))
        with pytest.raises(ccxt.InsufficientFunds, match="-2019"):
            await market(client, "ddpoor", amount=10_000)
        with pytest.raises(ccxt.BaseError, match="-2022"):
            await market(client, "ddreduce", side="sell", reduceOnly=True)
        with pytest.raises(ccxt.BaseError, match="-5022"):
            await client.create_order(ETH, "limit", "buy", 1, high, {"timeInForce": "GTX"})
        with pytest.raises(ccxt.BaseError, match="-4164"):
            await client.fapiPrivatePostOrder(
                {
                    "symbol": "ETHUSDT",
                    "side": "BUY",
                    "type": "LIMIT",
                    "quantity": "0.01",
                    "price": "100",
                    "timeInForce": "GTC",
                }
            )
        with pytest.raises(ccxt.BaseError, match="-1111"):
            await client.fapiPrivatePostOrder(
                {"symbol": "ETHUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.0012"}
            )
        with pytest.raises(ccxt.BadSymbol, match="-1121"):
            await client.fapiPrivatePostOrder({"symbol": "NOPEUSDT", "side": "BUY", "type": "MARKET", "quantity": "1"})
        with pytest.raises(ccxt.OrderNotFound, match="-2013"):
            await client.fetch_order(None, ETH, {"origClientOrderId": "never"})
    assert sim.truth(key)["orders"] == []


async def test_binance_signatures_and_permissions(sim: SimProcess, key: str) -> None:
    sim.account(key="looks-b", venue="binance", read_only=True)
    async with futures(sim, "looks-b") as client:
        assert (await client.fetch_balance())["total"]["USDT"] == 100_000
        with pytest.raises(ccxt.AuthenticationError, match="-2015"):
            await market(client, "ddno")
        assert (await client.sapiGetAccountApiRestrictions())["enableWithdrawals"] is False
    async with futures(sim, key) as client:
        sim.fault("clock-jump", skew_s=30)
        with pytest.raises(ccxt.InvalidNonce, match="outside of the recvWindow"):
            await client.fetch_balance()
        sim.mend()
        sim.fault("clock-jump", skew_s=-30)
        with pytest.raises(ccxt.InvalidNonce, match="ahead of the server"):
            await client.fetch_balance()
        sim.mend()
    async with futures(sim, key, secret="wrong") as client:
        with pytest.raises(ccxt.AuthenticationError, match="-1022"):
            await client.fetch_balance()
    sim.account(key="of-bybit")
    async with futures(sim, "of-bybit") as client:
        with pytest.raises(ccxt.AuthenticationError, match="-2015"):
            await client.fetch_balance()


async def test_binance_leverage_margin_type_and_position_mode(sim: SimProcess, key: str) -> None:
    async with futures(sim, key) as client:
        await client.set_leverage(5, ETH)
        await client.set_margin_mode("isolated", ETH)
        with pytest.raises(ccxt.MarginModeAlreadySet):
            await client.fapiPrivatePostMarginType({"symbol": "ETHUSDT", "marginType": "ISOLATED"})
        assert (await client.fetch_position_mode(ETH))["hedged"] is False
        await client.set_position_mode(True, ETH)
        assert (await client.fetch_position_mode(ETH))["hedged"] is True
        with pytest.raises(ccxt.BaseError, match="-4061"):
            await market(client, "ddhedge")
        await client.set_position_mode(False, ETH)
        await market(client, "ddone")
        with pytest.raises(ccxt.BaseError, match="-4068"):
            await client.set_position_mode(True, ETH)
        rows = await client.fapiPrivateV2GetPositionRisk({"symbol": "ETHUSDT"})
        config = await client.fapiPrivateGetSymbolConfig({"symbol": "ETHUSDT"})
        (position,) = await client.fetch_positions([ETH])
    assert (rows[0]["marginType"], rows[0]["leverage"]) == ("isolated", "5")
    assert config[0]["marginType"] == "ISOLATED"
    assert position["liquidationPrice"] == pytest.approx(position["entryPrice"] * 0.8 / 0.99, rel=1e-3)


async def test_spot_orders_move_coins_and_pay_their_fee_in_what_they_bring(sim: SimProcess, key: str) -> None:
    async with spot(sim, key) as client:
        bought = await client.create_order(SPOT, "market", "buy", 2, None, {"newClientOrderId": "ddspot"})
        order = await client.fetch_order(None, SPOT, {"origClientOrderId": "ddspot"})
        trades = await client.fetch_my_trades(SPOT)
        balance = await client.fetch_balance()
        with pytest.raises(ccxt.InsufficientFunds, match="insufficient balance"):
            await client.create_order(SPOT, "market", "sell", 3)
        low = float(client.price_to_precision(SPOT, trades[0]["price"] * 0.8))
        await client.create_order(SPOT, "limit", "buy", 1, low, {"newClientOrderId": "ddspotrest"})
        locked = await client.fetch_balance()
        with pytest.raises(ccxt.BaseError, match="Duplicate order"):
            await client.create_order(SPOT, "limit", "buy", 1, low, {"newClientOrderId": "ddspotrest"})
        await client.cancel_order(None, SPOT, {"origClientOrderId": "ddspotrest"})
        assert await client.fetch_open_orders(SPOT) == []
    assert (bought["filled"], order["status"], order["filled"]) == (2.0, "closed", 2.0)
    assert trades[0]["fee"]["currency"] == "ETH"
    assert balance["total"]["ETH"] == pytest.approx(2 * 0.999)
    assert Decimal(sim.truth(key)["spot_wallet"]["ETH"]) == Decimal("1.998")
    assert locked["used"]["USDT"] == pytest.approx(low)
    assert Decimal(sim.truth(key)["wallet"]["USDT"]) == 100_000, "the futures wallet is another one"


async def test_faults_are_aimed_at_the_post_alone_on_binance(sim: SimProcess, key: str) -> None:
    async with futures(sim, key) as client:
        await client.load_markets()
        sim.fault("drop-after", path="POST /fapi/v1/order", count=1)
        with pytest.raises(ccxt.NetworkError):
            await market(client, "ddlost")
        assert (await client.fetch_order(None, ETH, {"origClientOrderId": "ddlost"}))["filled"] == 0.5
        sim.fault("maintenance", path="POST /fapi/v1/order", count=1)
        with pytest.raises(ccxt.BaseError, match="-1008"):
            await market(client, "ddbusy")
        sim.fault("ban", path="POST /fapi/v1/order", count=1)
        with pytest.raises(ccxt.DDoSProtection, match="418"):
            await market(client, "ddbanned")
    assert sim.truth(key)["accepted"] == {"ddlost": 1}


async def test_a_binance_limit_fills_as_a_maker_and_its_income_is_apart(sim: SimProcess, key: str) -> None:
    other = f"{key}-offers"
    sim.account(key=other, venue="binance", money="100000")
    async with futures(sim, key) as bidding, futures(sim, other) as offering:
        filled, client, price = await maker_fill(sim, (key, bidding), (other, offering), SOL)
        (trade,) = await client.fetch_my_trades(SOL)
        assert (trade["takerOrMaker"], trade["price"]) == ("maker", price)
        closing = "sell" if filled == key else "buy"
        await client.create_order(SOL, "market", closing, 1, None, {"reduceOnly": True})
        closed = (await client.fetch_my_trades(SOL))[-1]["price"]
        income = await client.fapiPrivateGetIncome({"symbol": "SOLUSDT"})
    kinds = [row["incomeType"] for row in income]
    assert kinds.count("COMMISSION") == 2
    assert kinds.count("REALIZED_PNL") == (closed != price)  # closed where it was opened, nothing is won or lost
