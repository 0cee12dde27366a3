"""What leaves CcxtMarketData when a venue misbehaves: our errors, one redacted sentence, and pauses that are kept."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.ccxt_market_data import CcxtMarketData
from engine.adapters.host_breaker import HostBreaker
from engine.domain.config import VenueConfig
from engine.domain.errors import BadVenueAnswerError, VenueUnreachableError
from engine.domain.market import MarketKind
from engine.domain.units import Ms, Symbol
from support.bybit_script import HOUR_MS, INSTRUMENTS, KLINE, NOW_MS, TICKERS, TIME, BybitScript, envelope
from support.loopback_venue import LoopbackVenue, Reply, Request, json_reply

BTC = Symbol("BTC/USDT:USDT")
PAGE = "<html><head><title>Under maintenance</title></head></html>"


class Hands:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Bench:
    """A scripted venue with its adapter, clock and breaker."""

    def __init__(self, venue: LoopbackVenue, script: BybitScript) -> None:
        self.venue, self.script, self.hands = venue, script, Hands()
        self.breaker = HostBreaker(self.hands)
        self.config = VenueConfig(proxy=venue.proxy, ca_file=venue.ca_file, requests_per_second=1000.0)
        self.data = CcxtMarketData(self.config, monotonic=self.hands, breaker=self.breaker)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """Return a bench whose market list is loaded."""
    script = BybitScript()
    async with LoopbackVenue(tmp_path, script) as venue:
        made = Bench(venue, script)
        await made.data.instruments([BTC])
        yield made
        await made.data.close()


def rows(*changed: Any) -> Reply:
    """Answer klines with these rows."""
    return json_reply(envelope({"category": "linear", "symbol": "BTCUSDT", "list": list(changed)}))


GOOD = [str(NOW_MS // HOUR_MS * HOUR_MS), "100", "101", "99", "100.5", "10", "1000"]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=PAGE),
        Reply(body=""),
        Reply(body='{"retCode": 0, "resu'),
        json_reply({}),
        json_reply([]),
        json_reply(envelope({})),
        json_reply(envelope(None)),
        json_reply(envelope({"list": None})),
        json_reply(envelope({}, code=10001, message="params error")),
        rows("rubbish"),
        rows(None),
        rows([]),
        rows([GOOD[0], "100"]),
        rows([None, *GOOD[1:]]),
        rows([str(int(GOOD[0]) + 1), *GOOD[1:]]),
        rows([*GOOD[:4], None, *GOOD[5:]]),
        rows([*GOOD[:4], "NaN", *GOOD[5:]]),
        rows([*GOOD[:4], "1e999", *GOOD[5:]]),
        rows([*GOOD[:4], "cheap", *GOOD[5:]]),
        rows(GOOD, {"0": "1"}),
    ],
)
async def test_candles_that_are_no_candles_raise_one_sentence(bench: Bench, reply: Reply) -> None:
    bench.script.answer(KLINE, reply)
    with pytest.raises(BadVenueAnswerError) as caught:
        await bench.data.candles(BTC, since_ms=Ms(0), limit=10)
    assert "\n" not in str(caught.value)
    assert "http" not in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "reply", [Reply(body=PAGE), json_reply([]), json_reply(envelope({"list": {}})), json_reply(envelope([1, 2]))]
)
async def test_tickers_that_are_no_list_raise(bench: Bench, reply: Reply) -> None:
    bench.script.answer(TICKERS, reply)
    with pytest.raises(BadVenueAnswerError):
        await bench.data.quotes([BTC])


async def test_rows_that_are_no_tickers_are_left_out(bench: Bench) -> None:
    bench.script.tickers += [None, 7, "x", {"symbol": None}, {"symbol": ["BTCUSDT"]}]  # type: ignore[list-item]
    assert [quote.symbol for quote in await bench.data.quotes([BTC])] == [BTC]


@pytest.mark.parametrize("reply", [Reply(body=PAGE), json_reply(envelope({"list": []})), json_reply({"time": "soon"})])
async def test_a_market_list_that_is_none_raises_and_is_asked_for_again(tmp_path: Path, reply: Reply) -> None:
    script = BybitScript()
    script.answer(INSTRUMENTS, reply)
    async with LoopbackVenue(tmp_path, script) as venue:
        config = VenueConfig(proxy=venue.proxy, ca_file=venue.ca_file)
        data = CcxtMarketData(config, monotonic=time.monotonic)
        with pytest.raises(BadVenueAnswerError):
            await data.instruments([BTC])
        script.routes.clear()
        assert list(await data.instruments([BTC])) == [BTC]
        await data.close()


async def test_one_broken_market_does_not_hide_the_others(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    script = BybitScript()
    script.instruments[1]["priceFilter"] = {"tickSize": ""}
    async with LoopbackVenue(tmp_path, script) as venue:
        data = CcxtMarketData(VenueConfig(proxy=venue.proxy, ca_file=venue.ca_file), monotonic=time.monotonic)
        assert list(await data.instruments([Symbol("ETH/USDT:USDT"), BTC])) == [BTC]
        assert "ETH/USDT:USDT without a price or quantity step" in caplog.text
        await data.close()


async def test_a_caller_that_gives_up_does_not_take_the_others_along(tmp_path: Path) -> None:
    async with LoopbackVenue(tmp_path, BybitScript()) as venue:
        config = VenueConfig(proxy=venue.proxy, ca_file=venue.ca_file, requests_per_second=1000.0)
        data = CcxtMarketData(config, monotonic=time.monotonic)
        impatient, patient = (asyncio.ensure_future(data.instruments([BTC])) for _ in range(2))
        await asyncio.sleep(0)  # both are under way now
        impatient.cancel()
        assert list(await patient) == [BTC]
        assert impatient.cancelled()
        await data.close()


async def test_a_time_that_is_none_raises(bench: Bench) -> None:
    bench.script.answer(TIME, json_reply(envelope({}) | {"time": None}))
    with pytest.raises(BadVenueAnswerError, match="did not say what time it is"):
        await bench.data.server_time()


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        (Reply(status=502, body=PAGE), r"^bybit answered GET /v5/market/kline with HTTP 502; try later$"),
        (Reply(status=404), "HTTP 404"),
        (json_reply(envelope({"list": [GOOD]}), cut=True), "the answer was cut off"),
        (Reply(hang=True), "did not answer in time while reading candles"),
        (json_reply(envelope({}, code=10016, message="Server error")), r"bybit is busy or restarting.*Server error"),
    ],
)
async def test_silence_and_server_errors_are_unreachable(bench: Bench, reply: Reply, sentence: str) -> None:
    bench.data._exchange.timeout = 300
    bench.script.answer(KLINE, reply)
    with pytest.raises(VenueUnreachableError, match=sentence):
        await bench.data.candles(BTC, since_ms=Ms(0), limit=10)


async def test_a_failed_read_is_not_repeated(bench: Bench) -> None:
    bench.script.answer(KLINE, Reply(status=503))
    with pytest.raises(VenueUnreachableError):
        await bench.data.candles(BTC, since_ms=Ms(0), limit=10)
    assert [request.path for request in bench.venue.requests].count(KLINE) == 1


@pytest.mark.parametrize(
    ("reply", "pause", "sentence"),
    [
        (Reply(status=429, headers={"Retry-After": "7"}), 7.0, r"asked for a pause \(HTTP 429\).* for 7 s"),
        (json_reply({"code": -1003, "msg": "banned"}, status=418, headers={"Retry-After": "300"}), 300.0, "HTTP 418"),
        (Reply(status=429), 60.0, "HTTP 429"),
        (Reply(status=403, body=PAGE), 600.0, r"refused this address \(HTTP 403\): too many requests, or a country"),
        (Reply(status=503, headers={"retry-after": "11"}), 11.0, r"HTTP 503"),
        (json_reply(envelope({}, code=10006, message="Too many visits!")), 5.0, "Too many visits!"),
        (json_reply(envelope({}, code=10429, message="frequency protection")), 5.0, "frequency protection"),
    ],
)
async def test_a_pause_that_was_asked_for_is_kept_by_every_object(
    bench: Bench, reply: Reply, pause: float, sentence: str
) -> None:
    bench.script.answer(KLINE, reply)
    with pytest.raises(VenueUnreachableError, match=sentence):
        await bench.data.candles(BTC, since_ms=Ms(0), limit=10)
    other = CcxtMarketData(bench.config, monotonic=bench.hands, breaker=bench.breaker)
    asked = len(bench.venue.requests)
    bench.hands.now += pause - 2.0
    for adapter in (bench.data, other):
        with pytest.raises(VenueUnreachableError, match="bybit asked for a pause: 2 s left"):
            await adapter.server_time()
    assert len(bench.venue.requests) == asked
    bench.hands.now += 2.0
    assert (await other.server_time())[0] == NOW_MS
    await other.close()


def binance(request: Request) -> Reply:
    """Answer as Binance USD-M would, with pages for candles except where `limit` is 7 or 8."""
    filters = [
        {"filterType": "PRICE_FILTER", "minPrice": "1", "maxPrice": "9", "tickSize": "0.10"},
        {"filterType": "LOT_SIZE", "minQty": "0.001", "maxQty": "9", "stepSize": "0.001"},
        {"filterType": "MIN_NOTIONAL", "notional": "100"},
    ]
    market = {
        "symbol": "BTCUSDT", "contractType": "PERPETUAL", "status": "TRADING", "baseAsset": "BTC",
        "quoteAsset": "USDT", "marginAsset": "USDT", "deliveryDate": 4133404800000, "filters": filters,
    }  # fmt: skip
    if request.path == "/fapi/v1/exchangeInfo":
        return json_reply({"symbols": [market]})
    if request.query.get("limit") == "7":
        return Reply(body=PAGE)
    if request.query.get("limit") == "8":
        return json_reply({"surprise": [1, 2, 3], "more": "text"})
    start, limit = int(request.query["startTime"]), int(request.query["limit"])
    opens = [start + slot * HOUR_MS for slot in range(limit)]
    return json_reply([[at, "1", "2", "0.5", "1.5", "10", at + HOUR_MS - 1, "15", 3, "5", "7", "0"] for at in opens])


async def test_binance_pages_of_499_and_refuses_what_ccxt_would_take_for_rows(tmp_path: Path) -> None:
    async with LoopbackVenue(tmp_path, binance) as venue:
        config = VenueConfig(
            id="binance", market=MarketKind.SWAP, proxy=venue.proxy, ca_file=venue.ca_file, requests_per_second=1000.0
        )
        data = CcxtMarketData(config, monotonic=time.monotonic)
        since = Ms(NOW_MS // HOUR_MS * HOUR_MS - 1_000 * HOUR_MS)
        assert len(await data.candles(BTC, since_ms=since, limit=1_000)) == 1_000
        sizes = [request.query["limit"] for request in venue.requests if request.path == "/fapi/v1/klines"]
        assert sizes[:2] == ["499", "499"]
        assert len(venue.requests) == 1 + len(sizes)
        assert {request.host for request in venue.requests} == {"fapi.binance.com"}
        for limit in (7, 8):
            with pytest.raises(BadVenueAnswerError):
                await data.candles(BTC, since_ms=since, limit=limit)
        await data.close()
