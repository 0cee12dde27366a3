"""The broker on ccxt where a venue, or what stands before it, misleads: redirects, and a list that fails once."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.adapters.ccxt_broker import CcxtBroker
from engine.adapters.ccxt_market_data import CcxtMarketData
from engine.adapters.clocks import SystemClock
from engine.adapters.host_breaker import HostBreaker
from engine.adapters.venue_keys import VenueKeys
from engine.domain.config import Mode, VenueConfig
from engine.domain.errors import OrderRefusedError, OutcomeUnknownError, VenueUnreachableError
from engine.domain.units import ClientOrderId, Ms
from support.loopback_venue import LoopbackVenue, Reply, Request, json_reply
from support.sim_process import SimProcess
from support.venue_desk import ETH, MARKET, broker_on, eth_order, new_account


@pytest.fixture(scope="module")
def sim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimProcess]:
    with SimProcess(tmp_path_factory.mktemp("sim"), "--speed", "60", "--scenario", "calm") as process:
        yield process


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_takes_no_order_to_another_host(tmp_path: Path, status: int) -> None:
    def answer(request: Request) -> Reply:
        if request.host == "api-demo.bybit.com":
            return Reply(status=status, headers={"Location": f"https://api.bybit.com{request.path}"})
        return json_reply({"retCode": 0, "result": {"orderId": "1", "orderLinkId": "ddr1"}})

    async with LoopbackVenue(tmp_path, answer) as venue:
        broker = scripted(venue, "bybit")
        with pytest.raises(OutcomeUnknownError, match="redirect"):
            await broker.place(eth_order("ddr1"))
        await broker.close()
    assert [request.host for request in venue.requests] == ["api-demo.bybit.com"]
    assert venue.tunnels == ["api-demo.bybit.com:443"]


@pytest.mark.parametrize("broken", ["GET /fapi/v1/userTrades", "GET /fapi/v1/income", "GET /fapi/v1/order"])
async def test_an_execution_that_one_look_could_not_read_is_read_by_the_next(sim: SimProcess, broken: str) -> None:
    key = new_account(sim, venue="binance")
    since = Ms(sim.state()["market_ms"] - 3_600_000)
    async with broker_on(sim, key, venue="binance") as ours, broker_on(sim, key, venue="binance") as stranger:
        assert await ours.fills(since=since) == []
        await stranger.place(eth_order("stranger1"))
        sim.fault("html-page", path=broken, count=1)
        with pytest.raises(VenueUnreachableError):
            await ours.fills(since=since)
        sim.mend()
        assert {fill.client_order_id for fill in await ours.fills(since=since)} == {"stranger1"}


def scripted(venue: LoopbackVenue, ident: str) -> CcxtBroker:
    """Return a broker on a venue whose every answer a test has set."""
    config = VenueConfig(id=ident, mode=Mode.DEMO, proxy=venue.proxy, ca_file=venue.ca_file)
    keys = VenueKeys(key="loopback-key", secret="loopback-secret")
    broker = CcxtBroker(config, keys, clock=SystemClock(), symbols=[ETH], breaker=HostBreaker(time.monotonic))
    broker._exchange.set_markets([MARKET])
    return broker


async def test_prices_do_not_follow_a_redirect_either(tmp_path: Path) -> None:
    def answer(request: Request) -> Reply:
        return Reply(status=302, headers={"Location": f"https://api.bytick.com{request.path}"})

    async with LoopbackVenue(tmp_path, answer) as venue:
        config = VenueConfig(proxy=venue.proxy, ca_file=venue.ca_file)
        data = CcxtMarketData(config, monotonic=time.monotonic)
        with pytest.raises(VenueUnreachableError, match="redirect"):
            await data.server_time()
        await data.close()
    assert venue.tunnels == ["api.bybit.com:443"]


async def test_a_fee_that_another_coin_paid_stays_out_of_the_books_and_is_told(tmp_path: Path) -> None:
    trade = {
        "id": "7",
        "orderId": "5",
        "side": "BUY",
        "qty": "0.10",
        "price": "3000",
        "time": int(time.time() * 1000),
        "symbol": "ETHUSDT",
    }
    answers = {
        "/fapi/v1/income": [],
        "/fapi/v1/userTrades": [trade | {"commission": "0.00012000", "commissionAsset": "BNB"}],
        "/fapi/v1/order": {"orderId": "5", "clientOrderId": "ddb1"},
    }
    async with LoopbackVenue(tmp_path, lambda request: json_reply(answers[request.path])) as venue:
        broker = scripted(venue, "binance")
        since = Ms(int(time.time() * 1000) - 60_000)
        (fill,) = await broker.fills(since=since)
        await broker.close()
    assert (str(fill.client_order_id), str(fill.quantity), str(fill.fee), fill.elsewhere) == (
        "ddb1",
        "0.10",
        "0",
        "0.00012 BNB",
    )


async def test_an_order_that_only_executions_know_is_not_called_absent(tmp_path: Path) -> None:
    def answer(request: Request) -> Reply:
        known = request.path == "/v5/execution/list"
        rows = [{"orderLinkId": "ddx1", "execId": "1"}] if known else []
        return json_reply({"retCode": 0, "result": {"list": rows, "nextPageCursor": ""}})

    async with LoopbackVenue(tmp_path, answer) as venue:
        broker = scripted(venue, "bybit")
        with pytest.raises(VenueUnreachableError, match="not yet the order"):
            await broker.look_up(ClientOrderId("ddx1"), ETH)
        assert await broker.look_up(ClientOrderId("ddx2"), ETH) is None
        await broker.close()


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Qty invalid", OrderRefusedError),
        ("duplicate id", OutcomeUnknownError),
        ("OrderLinkId already exists", OutcomeUnknownError),
        ("params error: " + "the request is not valid " * 12 + "(orderLinkId is repeated)", OutcomeUnknownError),
    ],
)
async def test_no_code_proves_absence_where_the_venue_speaks_of_a_duplicate(
    tmp_path: Path, message: str, kind: type[Exception]
) -> None:
    refused = json_reply({"retCode": 10001, "retMsg": message, "result": {}})
    async with LoopbackVenue(tmp_path, lambda _: refused) as venue:
        broker = scripted(venue, "bybit")
        with pytest.raises(kind):
            await broker.place(eth_order("ddd1"))
        await broker.close()
