"""What breaks on the way of an order, as the unmodified ccxt client meets it, and what the exchange really did."""

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import ccxt
import pytest

from engine.quant.margin import ASSUMED_TIERS, SwapPosition, cross_price
from support.sim_process import SimProcess

ETH = "ETH/USDT:USDT"
CREATE = "POST /v5/order/create"
WITHIN_S = 15.0
NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimProcess]:
    with SimProcess(tmp_path_factory.mktemp("sim"), "--speed", "60", "--scenario", "calm") as process:
        yield process


@pytest.fixture
def key(running: SimProcess) -> str:
    name = f"key-{next(NUMBERS)}"
    running.account(key=name)
    return name


@pytest.fixture
def sim(running: SimProcess) -> Iterator[SimProcess]:
    yield running
    running.mend()


async def until(what: Callable[[], Any]) -> Any:
    """Return what `what` gives as soon as it is true."""
    end = time.monotonic() + WITHIN_S
    while not (found := what()):
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.05)
    return found


def accepted(sim: SimProcess, key: str) -> dict[str, int]:
    found: dict[str, int] = sim.truth(key)["accepted"]
    return found


async def place(client: Any, client_id: str, amount: float = 0.5) -> Any:
    return await client.create_order(ETH, "market", "buy", amount, None, {"orderLinkId": client_id})


@pytest.mark.parametrize(
    ("kind", "told", "error", "executed"),
    [
        ("drop-before", {}, ccxt.NetworkError, 0),
        ("drop-after", {}, ccxt.NetworkError, 1),
        ("truncated-body", {}, ccxt.BaseError, 1),
        ("server-error", {"status": 502}, ccxt.ExchangeNotAvailable, 0),
        ("server-error", {"status": 504, "executed": 1}, ccxt.NetworkError, 1),
        ("maintenance", {}, ccxt.ExchangeError, 0),
        ("maintenance", {"code": 10000, "executed": 1}, ccxt.BaseError, 1),
        ("too-many-requests", {}, ccxt.RateLimitExceeded, 0),
        ("ban", {}, ccxt.RateLimitExceeded, 0),
        ("duplicate-request", {}, ccxt.InvalidOrder, 1),
    ],
)
async def test_an_order_that_breaks_on_the_way_is_executed_or_not_as_the_fault_says(
    sim: SimProcess, key: str, kind: str, told: dict[str, object], error: type[Exception], executed: int
) -> None:
    async with sim.trader(key=key) as client:
        await client.load_markets()
        sim.fault(kind, path=CREATE, count=1, **told)
        with pytest.raises(error):
            await place(client, "ddbroken")
        assert accepted(sim, key) == ({"ddbroken": 1} if executed else {})
        await place(client, "ddnext")  # the fault was told to hit once
    assert accepted(sim, key)["ddnext"] == 1
    assert sim.state()["faults"] == []


@pytest.mark.parametrize("executed", [0, 1])
async def test_a_page_instead_of_an_answer_looks_like_an_order_without_an_id(
    sim: SimProcess, key: str, executed: int
) -> None:
    async with sim.trader(key=key) as client:
        await client.load_markets()
        sim.fault("html-page", path=CREATE, executed=executed)
        assert (await place(client, "ddpage"))["id"] is None
    assert len(accepted(sim, key)) == executed


async def test_a_slow_answer_is_a_timeout_while_the_order_stands(sim: SimProcess, key: str) -> None:
    async with sim.trader(key=key) as client:
        await client.load_markets()
        sim.fault("slow-answers", path=CREATE, executed=1, delay_s=2)
        client.timeout = 500
        with pytest.raises(ccxt.RequestTimeout):
            await place(client, "ddslow")
    assert accepted(sim, key) == {"ddslow": 1}


async def test_an_order_is_accepted_before_any_list_shows_it(sim: SimProcess, key: str) -> None:
    async with sim.trader(key=key) as client:
        await client.load_markets()
        sim.fault("hidden-orders", delay_s=4)
        await place(client, "ddhidden")
        assert await client.fetch_canceled_and_closed_orders(ETH, params={"orderLinkId": "ddhidden"}) == []
        assert await client.fetch_my_trades(ETH) == []
        await asyncio.sleep(4.1)
        assert len(await client.fetch_canceled_and_closed_orders(ETH, params={"orderLinkId": "ddhidden"})) == 1


async def test_fills_are_partial_and_late(sim: SimProcess, key: str) -> None:
    async with sim.trader(key=key) as client:
        await client.load_markets()
        sim.fault("partial-fills", share=0.4)
        await place(client, "ddpart", 1.0)
        (order,) = await client.fetch_canceled_and_closed_orders(ETH, params={"orderLinkId": "ddpart"})
        assert (order["status"], order["filled"], order["amount"]) == ("canceled", 0.4, 1.0)
        sim.mend()
        sim.fault("late-fills", delay_s=3.0)
        await place(client, "ddlate", 1.0)
        (order,) = await client.fetch_open_orders(ETH, params={"orderLinkId": "ddlate"})
        assert (order["status"], order["filled"]) == ("open", 0.0)
        await until(lambda: Decimal(sim.truth(key)["positions"]["ETH"]["quantity"]) == Decimal("1.4"))


async def test_an_order_fills_although_its_cancel_was_accepted(sim: SimProcess, key: str) -> None:
    async with sim.trader(key=key) as client:
        low = float(client.price_to_precision(ETH, (await client.fetch_ticker(ETH))["bid"] * 0.8))
        await client.create_order(ETH, "limit", "buy", 1, low, {"orderLinkId": "ddcancel"})
        sim.fault("fill-after-cancel", delay_s=0.3)
        assert (await client.cancel_order(None, ETH, {"orderLinkId": "ddcancel"}))["id"]
        await until(lambda: sim.truth(key)["positions"])
        (order,) = await client.fetch_canceled_and_closed_orders(ETH, params={"orderLinkId": "ddcancel"})
    assert (order["status"], order["filled"], order["average"]) == ("closed", 1.0, low)


async def test_a_restart_cuts_every_connection_and_forgets_nothing(sim: SimProcess, key: str) -> None:
    async with sim.trader(key=key) as client:
        await place(client, "ddbefore")
        sim.fault("restart", duration_s=3.0)
        with pytest.raises(ccxt.NetworkError):
            await client.fetch_balance()
        await asyncio.sleep(3.2)
        assert len(await client.fetch_canceled_and_closed_orders(ETH, params={"orderLinkId": "ddbefore"})) == 1


async def test_funding_is_paid_every_eight_hours_and_is_in_the_log_and_the_executions(tmp_path: Any) -> None:
    with SimProcess(tmp_path, "--speed", "36000", "--scenario", "calm") as sim:
        sim.account(money="1000000")
        async with sim.trader() as client:
            await place(client, "ddfund", 10.0)
            paid = await until(lambda: [row for row in sim.truth()["executions"] if row["kind"] == "funding"])
            rows = (await client.private_get_v5_execution_list({"category": "linear", "execType": "Funding"}))["result"]
            log = (await client.private_get_v5_account_transaction_log({"type": "SETTLEMENT"}))["result"]["list"]
    assert Decimal(paid[0]["quantity"]) == 10
    assert rows["list"][-1]["execId"] == paid[0]["execution_id"]
    assert paid[0]["at_ms"] % (8 * 3_600_000) == 0
    assert Decimal(log[-1]["funding"]) == -Decimal(paid[0]["fee"])
    assert Decimal(log[-1]["change"]) == Decimal(log[-1]["funding"])


async def test_a_position_is_liquidated_at_the_price_of_the_stress_labs_formula(sim: SimProcess, key: str) -> None:
    """Money is taken until the formula's price lies just below the market, then just above it."""
    rate = ASSUMED_TIERS[0].rate
    async with sim.trader(key=key) as client:
        await client.set_leverage(50, ETH)
        await client.create_order(ETH, "market", "buy", 100, None, {"orderLinkId": "ddrisk"})

        async def said() -> tuple[float, float, float]:
            (position,) = await client.fetch_positions([ETH])
            wallet, mark = float(sim.truth(key)["wallet"]["USDT"]), float(position["markPrice"])
            held = SwapPosition(quantity=100.0, entry=float(position["entryPrice"]), mark=mark, margin=0.0)
            return cross_price([held], 0, wallet), float(position["liquidationPrice"] or "nan"), mark

        ours, theirs, mark = await said()
        assert ours == pytest.approx(theirs, rel=1e-3)
        for share in (0.99, 1.01):
            wallet = float(sim.truth(key)["wallet"]["USDT"])
            needed = 100 * (float((await client.fetch_positions([ETH]))[0]["entryPrice"]) - mark * share * (1 - rate))
            assert sim.truth(key)["positions"], f"taken before the formula says so ({share})"
            sim.move(f"{needed - wallet:.2f}", key)
            if share < 1:
                await asyncio.sleep(1.0)  # ten ticks of the market: it would be gone by now
                ours, theirs, mark = await said()
                assert ours == pytest.approx(theirs, rel=1e-3)
                assert ours < mark
        await until(lambda: not sim.truth(key)["positions"])
    taken = [row for row in sim.truth(key)["executions"] if row["kind"] == "liquidation"]
    assert [Decimal(row["quantity"]) for row in taken] == [100]


@pytest.mark.parametrize("venue", ["bybit", "binance"])
async def test_a_symbol_that_is_delisted_leaves_orders_and_positions_readable(sim: SimProcess, venue: str) -> None:
    key, sol, named = f"key-{next(NUMBERS)}", "SOL/USDT:USDT", "orderLinkId" if venue == "bybit" else "newClientOrderId"
    sim.account(key=key, venue=venue)
    async with sim.trader(key=key, venue=venue) as client:
        low = float(client.price_to_precision(sol, (await client.fetch_ticker(sol))["last"] * 0.8))
        await client.create_order(sol, "market", "buy", 1, None, {named: "ddheld"})
        await client.create_order(sol, "limit", "buy", 1, low, {named: "ddrest"})
        sim.fault("delisting", asset="SOL", notice_hours=0)
        await asyncio.sleep(0.3)  # the clock of the venue goes on without a price
        assert [position["symbol"] for position in await client.fetch_positions()] == [sol]
        assert (await client.fetch_balance())["total"]["USDT"] > 0
        with pytest.raises(ccxt.BaseError, match="symbol"):
            await client.create_order(sol, "market", "sell", 1, None, {"reduceOnly": True})
    assert sim.truth(key)["positions"]["SOL"]["quantity"] in ("1", "1.0")
