"""The stream that holds a key: what it reads out of messages, where it dials, and that it can only listen."""

import asyncio
import time
from typing import Any

import aiohttp
import pytest
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from engine.adapters.account_stream import build_listener, news_of
from engine.adapters.host_breaker import HostBreaker
from engine.adapters.redaction import redact
from engine.adapters.venue_keys import VenueKeys
from engine.domain.config import Mode, VenueConfig
from engine.domain.errors import RefusedError, VenueUnreachableError
from engine.domain.market import MarketKind
from support.fake_account_stream import news

KEYS = VenueKeys(key="key-of-a-test", secret="secret-of-a-test")
LISTEN_KEY = "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1"


def listener(
    venue: str = "bybit",
    mode: Mode = Mode.DEMO,
    breaker: HostBreaker | None = None,
    market: MarketKind = MarketKind.SWAP,
) -> Any:
    config = VenueConfig(id=venue, mode=mode, market=market)
    return build_listener(config, KEYS, breaker=breaker or HostBreaker(time.monotonic), monotonic=time.monotonic)


def execution_report(**told: object) -> dict[str, Any]:
    """Return spot's event of an order; a cancel has an id of its own."""
    return {"subscriptionId": 0, "event": {"e": "executionReport", "c": "dd1", "C": "", "x": "TRADE", "t": 17} | told}


def order_update(**told: object) -> dict[str, Any]:
    return {"e": "ORDER_TRADE_UPDATE", "o": {"c": "dd1", "x": "TRADE", "t": 17} | told}


@pytest.mark.parametrize(
    ("venue", "message", "told"),
    [
        ("bybit", {"topic": "order", "data": [{"orderLinkId": "dd1"}, {"orderLinkId": "dd2"}]}, news("dd1", "dd2")),
        ("bybit", {"topic": "execution", "data": [{"orderLinkId": "dd", "execId": "e"}]}, news("dd", fills=("e",))),
        ("bybit", {"topic": "order", "data": [{"orderLinkId": ""}, "x", {"orderLinkId": None}]}, news()),
        ("bybit", {"topic": "wallet", "data": [{}]}, None),
        ("bybit", {"topic": "order", "data": {"orderLinkId": "dd1"}}, None),
        ("bybit", {"op": "pong"}, None),
        ("binance", order_update(), news("dd1", fills=("17",))),
        ("binance", order_update(x="NEW", t=0), news("dd1")),
        ("binance", {"e": "ORDER_TRADE_UPDATE", "o": "x"}, None),
        ("binance", {"e": "ACCOUNT_UPDATE", "a": {}}, None),
        ("binance", {}, None),
        ("binance", execution_report(), news("dd1", fills=("17",))),
        ("binance", execution_report(x="NEW", t=-1), news("dd1")),
        ("binance", execution_report(c="cancel5", C="dd1", x="CANCELED", t=-1), news("dd1")),
        ("binance", {"subscriptionId": 0, "event": {"e": "outboundAccountPosition", "B": []}}, None),
        ("binance", {"subscriptionId": 0, "event": "x"}, None),
        ("binance", {"id": "1", "status": 200, "result": {"subscriptionId": 0}}, None),
    ],
)  # fmt: skip
def test_a_message_is_read_for_names_only(venue: str, message: dict[str, Any], told: object) -> None:
    assert news_of(venue, message) == told


@pytest.mark.parametrize(
    ("venue", "mode", "host"),
    [
        ("bybit", Mode.LIVE, "stream.bybit.com"),
        ("bybit", Mode.DEMO, "stream-demo.bybit.com"),
        ("bybit", Mode.TESTNET, "stream-testnet.bybit.com"),
        ("binance", Mode.LIVE, "fstream.binance.com"),
        ("binance", Mode.DEMO, "fstream.binancefuture.com"),
    ],
)
async def test_each_mode_listens_at_its_own_host_and_at_no_other(venue: str, mode: Mode, host: str) -> None:
    exchange = listener(venue, mode)
    try:
        if venue == "bybit":
            url = await exchange.get_url_by_market_type(None, True, "watchOrders", {})
        else:
            url = exchange.get_private_ws_url("linear", LISTEN_KEY)
        assert URL(url).host == host
        exchange.client(url)
        for other in (
            "wss://stream.bybit.com.example.com/v5/private",
            f"ws://{host}/v5/private",
            f"wss://{host}:8443/v5/private",
            f"wss://{host}@example.com/v5/private",
            *(f"wss://{each}/v5/private" for each in ("stream.bybit.com", "fstream.binance.com") if each != host),
        ):
            with pytest.raises(RefusedError, match="would listen at"):
                exchange.client(other)
    finally:
        await exchange.close()


SPOT_HOSTS = {
    Mode.LIVE: "ws-api.binance.com",
    Mode.DEMO: "demo-ws-api.binance.com",
    Mode.TESTNET: "ws-api.testnet.binance.vision",
}


@pytest.mark.parametrize(("mode", "host"), SPOT_HOSTS.items())
async def test_spot_of_binance_is_heard_over_its_websocket_api_of_the_same_mode(mode: Mode, host: str) -> None:
    exchange = listener("binance", mode, market=MarketKind.SPOT)
    exchange.set_markets({})
    dial, dialed = exchange.client, []

    def noted(url: str) -> Any:
        dialed.append(url)
        return dial(url)

    exchange.client = noted
    try:
        for watch in (exchange.watch_orders, exchange.watch_my_trades):
            task = asyncio.create_task(watch())
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert {URL(url).host for url in dialed} == {host}
        for other in (*(each for each in SPOT_HOSTS.values() if each != host), f"{host}.example.com", f"{host}:9443"):
            with pytest.raises(RefusedError, match="would listen at"):
                dial(f"wss://{other}/ws-api/v3")
    finally:
        await exchange.close()


@pytest.mark.parametrize(
    ("venue", "message"),
    [
        ("binance", {"id": "1", "method": "order.place", "params": {"symbol": "ETHUSDT"}}),
        ("binance", {"id": "1", "method": "order.cancel", "params": {}}),
        ("bybit", {"op": "order.create", "args": [{}]}),
        ("bybit", {}),
    ],
)
async def test_no_order_leaves_by_a_socket_that_would_take_one(venue: str, message: dict[str, Any]) -> None:
    exchange = listener(venue, market=MarketKind.SPOT)
    url = "wss://demo-ws-api.binance.com/ws-api/v3" if venue == "binance" else "wss://stream-demo.bybit.com/v5/private"
    try:
        with pytest.raises(RefusedError, match="only listens"):
            exchange.watch(url, "1", message, "1")
        with pytest.raises(RefusedError, match="only listens"):
            exchange.watch_multiple(url, ["1"], message, ["1"])
        assert not exchange.clients, "nothing was dialed"
    finally:
        await exchange.close()


async def test_a_subscription_that_is_refused_is_told_in_the_venues_words() -> None:
    exchange = listener("binance", market=MarketKind.SPOT)
    exchange.set_markets({})
    try:
        client = exchange.client("wss://demo-ws-api.binance.com/ws-api/v3")
        client.connect = lambda *_: asyncio.Future()  # nothing is dialed
        task = asyncio.create_task(exchange.watch_orders())
        while "1" not in client.subscriptions:  # noqa: ASYNC110 - ccxt has no event for it
            await asyncio.sleep(0)
        said = {"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."}
        exchange.handle_message(client, {"id": "1", "status": 401, "error": said})
        with pytest.raises(Exception, match="Invalid API-key"):
            await asyncio.wait_for(task, 5.0)
    finally:
        await exchange.close()


async def test_a_pause_that_a_message_asks_for_is_kept() -> None:
    breaker = HostBreaker(time.monotonic)
    exchange = listener("binance", breaker=breaker, market=MarketKind.SPOT)
    try:
        client = exchange.client("wss://demo-ws-api.binance.com/ws-api/v3")
        said = {
            "code": -1003,
            "msg": "Too much request weight used; current limit is 6000 request weight per 1 MINUTE.",
        }
        exchange.handle_message(client, {"id": "1", "status": 429, "error": said})
        assert breaker.remaining("demo-ws-api.binance.com") > 0
    finally:
        await exchange.close()


@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT"])
async def test_it_places_and_cancels_nothing(method: str) -> None:
    exchange = listener()
    try:
        with pytest.raises(RefusedError, match="only listens"):
            await exchange.fetch("https://api-demo.bybit.com/v5/order/create", method, {}, "{}")
    finally:
        await exchange.close()


async def test_a_pause_of_the_venue_holds_for_the_stream_and_one_that_stands_goes_on() -> None:
    breaker = HostBreaker(time.monotonic)
    exchange = listener(breaker=breaker)
    url = "wss://stream-demo.bybit.com/v5/private"
    try:
        breaker.pause("api-demo.bybit.com", 60)
        with pytest.raises(VenueUnreachableError, match="asked for a pause"):
            exchange.client(url)
        breaker._due.clear()
        exchange.client(url)
        breaker.pause("api-demo.bybit.com", 60)
        exchange.client(url)
    finally:
        await exchange.close()


async def test_an_answer_that_asks_for_a_pause_instead_of_a_stream_is_kept() -> None:
    breaker = HostBreaker(time.monotonic)
    exchange = listener(breaker=breaker)
    url = URL("wss://stream-demo.bybit.com/v5/private")
    headers: Any = CIMultiDictProxy(CIMultiDict({"Retry-After": "30"}))
    info = aiohttp.RequestInfo(url, "GET", headers, url)
    try:
        client = exchange.client(str(url))
        client.on_error(
            exchange_error(aiohttp.WSServerHandshakeError(info, (), status=429, message="slow down", headers=headers))
        )
        assert 25 < breaker.remaining("stream-demo.bybit.com") <= 30
    finally:
        await exchange.close()


def exchange_error(cause: Exception) -> Any:
    """Return what ccxt makes of an error of a handshake."""
    from ccxt.base.errors import NetworkError

    return NetworkError(cause)


@pytest.mark.parametrize(
    ("venue", "message"),
    [
        ("binance", {"e": "listenKeyExpired"}),
        ("binance", {"subscriptionId": 0, "event": {"e": "eventStreamTerminated"}}),
        ("binance", {"e": "ACCOUNT_UPDATE", "a": 5}),
        ("bybit", {"topic": "order", "data": [5]}),
    ],
)
async def test_an_expired_key_or_a_message_that_cannot_be_read_ends_the_connection(
    venue: str, message: dict[str, Any]
) -> None:
    exchange = listener(venue)
    exchange.set_markets({})
    host = (
        "stream-demo.bybit.com/v5/private"
        if venue == "bybit"
        else f"fstream.binancefuture.com/ws?listenKey={LISTEN_KEY}"
    )
    try:
        client = exchange.client(f"wss://{host}")
        waiting = client.future("orders")
        exchange.handle_message(client, message)
        with pytest.raises(Exception):  # noqa: B017 - whatever it is, whoever listens is told
            await asyncio.wait_for(waiting, 1.0)
    finally:
        await exchange.close()


async def test_a_listen_key_is_a_secret_from_the_moment_it_is_dialed() -> None:
    exchange = listener("binance", Mode.LIVE)
    try:
        exchange.client(f"wss://fstream.binance.com/private/ws?listenKey={LISTEN_KEY}")
        assert LISTEN_KEY not in redact(f"could not keep {LISTEN_KEY} alive")
    finally:
        await exchange.close()


async def test_what_was_to_be_done_later_is_not_done_once_it_is_closed() -> None:
    exchange = listener("binance", Mode.LIVE)
    exchange.open()
    timer = exchange.delay(60_000, exchange.keep_alive_listen_key)
    await exchange.close()
    assert timer.cancelled()
