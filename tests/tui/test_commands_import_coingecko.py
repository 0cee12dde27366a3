"""`driftdeck import coingecko`: asked at its own address, through the config's proxy and certificate authority."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.adapters import coingecko_client
from engine.domain.errors import ExitCode
from engine.domain.units import DAY_MS, HOUR_MS
from support.import_desk import ETH, SOL, START, ImportDesk
from support.loopback_venue import LoopbackVenue, Reply, Request, json_reply


@pytest.fixture
def desk(tmp_path: Path) -> ImportDesk:
    return ImportDesk(tmp_path)


@contextmanager
def coingecko(desk: ImportDesk, answer: Callable[[Request], Reply]) -> Iterator[list[Request]]:
    """Let CoinGecko answer through the config's proxy and certificate authority, from a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="coingecko")
    thread.start()
    venue = LoopbackVenue(desk.place, answer)
    try:
        asyncio.run_coroutine_threadsafe(venue.__aenter__(), loop).result(10)
        desk.configure(f'proxy = "{venue.proxy}"\nca_file = "{venue.ca_file}"')
        yield venue.requests
        asyncio.run_coroutine_threadsafe(venue.__aexit__(None, None, None), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def hourly(request: Request, minutes: int = 59) -> Reply:
    """Answer with a price per hour of what was asked for, `minutes` after the hour."""
    first, last = int(request.query["from"]) * 1000, int(request.query["to"]) * 1000
    hours = range(-(-first // HOUR_MS) * HOUR_MS, last, HOUR_MS)
    return json_reply({"prices": [[hour + minutes * 60_000, 100.0 + hour % 7] for hour in hours]})


def test_coingecko_is_asked_through_the_proxy_of_the_config(desk: ImportDesk) -> None:
    with coingecko(desk, hourly) as requests:
        document = desk.json("coingecko", "ethereum", "--asset", "ethereum=ETH", "--days", "30")
    (eth,) = document["symbols"]
    assert 30 * 24 - 2 <= eth["taken"] <= 30 * 24
    assert eth["sources"] == {"coingecko:ethereum": eth["taken"]}
    assert document["warnings"] == []
    assert [(one.host, one.path) for one in requests] == [
        ("api.coingecko.com", "/api/v3/coins/ethereum/market_chart/range")
    ]
    assert int(requests[0].query["to"]) - int(requests[0].query["from"]) <= 30 * DAY_MS // 1000


def test_prices_of_just_after_the_hour_close_it_and_without_grace_are_warned_of(desk: ImportDesk) -> None:
    with coingecko(desk, lambda request: hourly(request, minutes=3)):
        lagging = desk.json("coingecko", "ethereum", "--asset", "ethereum=ETH", "--days", "2", "--grace", "0")
        mended = desk.json("coingecko", "ethereum", "--asset", "ethereum=ETH", "--days", "2")
    (warning,) = lagging["warnings"]
    assert warning.startswith("ETH: its prices were taken 57 minutes before the hour's end (median)")
    assert "--grace 10" in warning
    assert mended["warnings"] == []


def test_an_unnamed_coin_is_known_by_its_ticker_or_refused(desk: ImportDesk) -> None:
    with coingecko(desk, lambda _: json_reply([{"id": "dogecoin", "symbol": "doge"}])) as requests:
        absent = desk.run("coingecko", "dogecoin")
        unknown = desk.run("coingecko", "nosuch")
    assert (absent.code, unknown.code) == (ExitCode.USAGE, ExitCode.USAGE)
    assert "dogecoin is DOGE: the config does not have that" in absent.err
    assert "coingecko knows no coin nosuch" in unknown.err
    assert {request.path for request in requests} == {"/api/v3/coins/markets"}


def test_daily_prices_are_refused_because_they_make_no_hourly_bars(desk: ImportDesk) -> None:
    daily = json_reply({"prices": [[START + day * DAY_MS, 100.0 + day] for day in range(30)]})
    with coingecko(desk, lambda _: daily):
        said = desk.run("coingecko", "ethereum", "--asset", "ethereum=ETH", "--days", "30")
    assert said.code == ExitCode.REFUSED
    assert "no hourly prices for ethereum" in said.err


def test_what_cannot_be_asked_for_is_said_before_anything_is(desk: ImportDesk) -> None:
    with coingecko(desk, hourly) as requests:
        far = desk.run("coingecko", "ethereum", "--days", "366")
        shape = desk.run("coingecko", "../ping")
        other = desk.run("coingecko", "ethereum", "--asset", "solana=SOL")
    assert {far.code, shape.code, other.code} == {ExitCode.USAGE}
    assert "reaches no further back, and gives hourly prices in pieces of at most 90 days" in far.err
    assert "is no API id" in shape.err
    assert "solana is not among the coins" in other.err
    assert requests == []


def test_nobody_at_the_proxy_is_unreachable(desk: ImportDesk, unused_tcp_port: int) -> None:
    desk.configure(f'proxy = "http://127.0.0.1:{unused_tcp_port}"')
    said = desk.run("coingecko", "ethereum", "--asset", "ethereum=ETH", "--days", "30")
    assert said.code == ExitCode.UNREACHABLE
    assert "no proxy answers at" in said.err
    assert not (desk.state / "bars.db").exists()


def test_what_came_before_a_failure_is_kept(desk: ImportDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coingecko_client, "PACE_S", 0.0)

    def answer(request: Request) -> Reply:
        return hourly(request) if "ethereum" in request.path else json_reply({"error": "not now"}, status=401)

    with coingecko(desk, answer):
        named = ("--asset", "ethereum=ETH", "--asset", "solana=SOL")
        said = desk.run("coingecko", "ethereum", "solana", *named, "--days", "2", "--json")
    assert said.code == ExitCode.UNREACHABLE
    assert [one["asset"] for one in json.loads(said.out)["symbols"]] == ["ETH"]
    assert len(desk.held(ETH)) >= 46  # in the first minutes of an hour the last one is still open to its grace
    assert desk.held(SOL) == []


def test_more_than_ninety_days_come_in_pieces_without_a_gap(desk: ImportDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coingecko_client, "PACE_S", 0.0)
    with coingecko(desk, hourly) as requests:
        (eth,) = desk.json("coingecko", "ethereum", "--asset", "ethereum=ETH")["symbols"]
    assert len(requests) == 2
    hours = [hour for hour, _, _ in desk.held()]
    assert hours == list(range(hours[0], hours[0] + len(hours)))
    assert eth["taken"] == len(hours) >= 121 * 24 - 2
