"""The CoinGecko client: it waits its turn, keeps pauses, fails in one sentence. Against a real server on loopback."""

import json
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from engine.adapters.coingecko import Points
from engine.adapters.coingecko_client import LONGEST_PAUSE_S, PACE_S, STUMBLE_PAUSE_S, TRIES, CoinGecko
from engine.domain.config import VenueConfig
from engine.domain.errors import BadVenueAnswerError, ConfigError, DriftdeckError, ExitCode, VenueUnreachableError
from engine.domain.units import HOUR_MS, Ms, parse_iso
from support.shared_material import shared

NOON = parse_iso("2026-03-01T12:00:00Z")
GOOD = {"prices": [[NOON + HOUR_MS // 2, 2.0]]}


class Waits:
    """A clock that moves only when somebody waits for it."""

    def __init__(self) -> None:
        self.now = 100.0
        self.waited: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        if seconds:
            self.waited.append(seconds)


class Asked:
    """A server with a script of answers, and what was asked of it."""

    def __init__(self, answers: Sequence[web.Response]) -> None:
        self.left = list(answers)
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.said: list[str] = []
        self.clock = Waits()

    async def answer(self, request: web.Request) -> web.Response:
        self.seen.append((request.path, dict(request.query)))
        return self.left.pop(0)


@asynccontextmanager
async def asking(*answers: web.Response) -> AsyncIterator[tuple[CoinGecko, Asked]]:
    """Open a client on a server that gives `answers`, one after the other."""
    script = Asked(answers)
    app = web.Application()
    app.router.add_get("/{route:.*}", script.answer)
    async with TestServer(app) as server:
        base = str(server.make_url("")).rstrip("/")
        clock = script.clock
        async with CoinGecko(VenueConfig(), say=script.said.append, base=base, monotonic=clock, sleep=clock.sleep) as c:
            yield c, script


def reply(value: object, status: int = 200, **headers: str) -> web.Response:
    return web.Response(
        text=json.dumps(value),
        status=status,
        content_type="application/json",
        headers={name.replace("_", "-"): text for name, text in headers.items()},
    )


def points_of(client: CoinGecko) -> Awaitable[Points]:
    return client.points("ethereum", currency="usd", first=NOON, last=Ms(NOON + 5 * HOUR_MS))


async def test_a_span_is_asked_for_in_seconds() -> None:
    async with asking(reply(GOOD)) as (client, script):
        found = await points_of(client)
    assert found.prices.tolist() == [2.0]
    query = {"vs_currency": "usd", "from": str(NOON // 1000), "to": str(NOON // 1000 + 5 * 3600)}
    assert script.seen == [("/coins/ethereum/market_chart/range", query)]


async def test_requests_keep_the_pace_of_the_free_tier() -> None:
    async with asking(*[reply(GOOD) for _ in range(4)]) as (client, script):
        for _ in range(4):
            await points_of(client)
    assert script.clock.waited == [PACE_S] * 3
    assert 60 / PACE_S <= 30


async def test_a_pause_that_is_asked_for_is_kept_and_said() -> None:
    slow = reply({"status": {"error_code": 429, "error_message": "slow down"}}, 429, Retry_After="41")
    async with asking(slow, reply(GOOD)) as (client, script):
        found = await points_of(client)
    assert found.prices.tolist() == [2.0]
    assert script.clock.waited == [41.0]
    assert script.said == ["coingecko asks for a pause (HTTP 429): going on in 41 s"]


async def test_a_pause_without_a_length_is_a_minute() -> None:
    async with asking(reply({}, 429), reply(GOOD)) as (client, script):
        await points_of(client)
    assert script.clock.waited == [60.0]


async def test_a_host_that_goes_on_asking_for_pauses_is_left_alone() -> None:
    async with asking(*[reply({}, 429, Retry_After="30") for _ in range(TRIES)]) as (client, script):
        with pytest.raises(VenueUnreachableError, match="goes on asking for pauses") as caught:
            await points_of(client)
    assert caught.value.exit_code is ExitCode.UNREACHABLE
    assert script.clock.waited == [30.0] * (TRIES - 1)


async def test_a_pause_of_hours_ends_the_import_at_once() -> None:
    async with asking(reply({}, 429, Retry_After=str(int(LONGEST_PAUSE_S) + 1))) as (client, script):
        with pytest.raises(VenueUnreachableError, match="left alone for 301 s"):
            await points_of(client)
    assert script.clock.waited == []


async def test_a_server_that_stumbles_is_asked_again() -> None:
    async with asking(reply({"status": 500, "error": "Internal Server Error"}, 500), reply(GOOD)) as (c, s):
        assert (await points_of(c)).prices.tolist() == [2.0]
    assert s.clock.waited == [STUMBLE_PAUSE_S]


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (reply({"error": "coin not found"}, 404), ConfigError, "no such coin .*: coin not found; use the API id"),
        (reply({"error": "Missing parameter vs_currency"}, 422), BadVenueAnswerError, "422.*: Missing parameter"),
        (reply({"error": {"status": {"error_message": "too far"}}}, 401), BadVenueAnswerError, "too far.*365 days"),
        (web.Response(text="<html>no</html>", content_type="text/html"), BadVenueAnswerError, "no data"),
    ],
    ids=["404", "422", "401", "page"],
)
async def test_a_refusal_is_one_sentence_and_never_asked_again(
    answer: web.Response, kind: type[DriftdeckError], said: str
) -> None:
    async with asking(answer) as (client, script):
        with pytest.raises(kind, match=said):
            await points_of(client)
    assert len(script.seen) == 1


async def test_tickers_of_coins_are_read_and_unknown_ids_are_absent() -> None:
    rows = [{"id": "ethereum", "symbol": "eth", "name": "Ethereum"}, {"id": "solana", "symbol": "sol"}, {"id": "x"}]
    async with asking(reply(rows)) as (client, script):
        assert await client.tickers(["ethereum", "solana", "nope"], currency="usd") == {
            "ethereum": "ETH",
            "solana": "SOL",
        }
    assert script.seen[0][1]["ids"] == "ethereum,solana,nope"


async def test_nobody_at_the_other_end_is_unreachable(unused_tcp_port: int) -> None:
    clock = Waits()
    base = f"http://127.0.0.1:{unused_tcp_port}"
    async with CoinGecko(VenueConfig(), say=print, base=base, monotonic=clock, sleep=clock.sleep) as client:
        with pytest.raises(VenueUnreachableError, match="cannot be reached while reading ethereum"):
            await points_of(client)


async def test_a_dead_proxy_is_named_and_nothing_is_dialed_around_it(unused_tcp_port: int) -> None:
    clock, venue = Waits(), VenueConfig(proxy=f"http://127.0.0.1:{unused_tcp_port}")
    async with CoinGecko(venue, say=print, monotonic=clock, sleep=clock.sleep) as client:
        with pytest.raises(VenueUnreachableError, match="no proxy answers at"):
            await points_of(client)


def recorded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shared("fixtures", "coingecko", "json", f"{name}.json").read_text())
    return found


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("test_that_it_gets_hourly_historical_prices_for_one_coin_1", "Missing parameter vs_currency"),
        ("test_that_it_gets_ohlc_data_for_one_coin_in_the_last_7_days_1", "Internal Server Error"),
    ],
)
async def test_recorded_refusals_say_what_they_said(name: str, said: str) -> None:
    answer = recorded(name)
    status = answer["status"]["code"]
    replies = [reply(answer["json"], status) for _ in range(TRIES)]
    async with asking(*replies) as (client, _):
        with pytest.raises(BadVenueAnswerError, match=f"HTTP {status}.*{said}"):
            await points_of(client)
