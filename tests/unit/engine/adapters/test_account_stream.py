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
from support.fake_account_stream import news

KEYS = VenueKeys(key="key-of-a-test", secret="secret-of-a-test")
LISTEN_KEY = "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1"


def listener(venue: str = "bybit", mode: Mode = Mode.DEMO, breaker: HostBreaker | None = None) -> Any:
    return build_listener(
        VenueConfig(id=venue, mode=mode), KEYS, breaker=breaker or HostBreaker(time.monotonic), monotonic=time.monotonic
    )


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
