"""The broker on ccxt where a venue, or what stands before it, misleads: redirects, and a list that fails once."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.adapters.ccxt_broker import CcxtBroker
from engine.adapters.clocks import SystemClock
from engine.adapters.host_breaker import HostBreaker
from engine.adapters.venue_keys import VenueKeys
from engine.domain.config import Mode, VenueConfig
from engine.domain.errors import OutcomeUnknownError, VenueUnreachableError
from engine.domain.units import Ms
from support.loopback_venue import LoopbackVenue, Reply, Request, json_reply
from support.sim_process import SimProcess
from support.venue_desk import ETH, broker_on, eth_order, new_account

MARKET = {
    "id": "ETHUSDT", "symbol": str(ETH), "base": "ETH", "quote": "USDT", "settle": "USDT", "type": "swap",
    "swap": True, "spot": False, "linear": True, "contract": True, "contractSize": "1", "active": True,
    "precision": {"amount": "0.01", "price": "0.01"}, "info": {},
}  # fmt: skip


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
        config = VenueConfig(id="bybit", mode=Mode.DEMO, proxy=venue.proxy, ca_file=venue.ca_file)
        keys = VenueKeys(key="loopback-key", secret="loopback-secret")
        broker = CcxtBroker(config, keys, clock=SystemClock(), symbols=[ETH], breaker=HostBreaker(time.monotonic))
        broker._exchange.set_markets([MARKET])
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
