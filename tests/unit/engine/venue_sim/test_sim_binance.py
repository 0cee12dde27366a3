"""Binance's dialect: which query gets which answer, as a pure function, beside Bybit's on the same market."""

from typing import Any

import pytest

from engine.domain.units import DAY_MS, HOUR_MS, MINUTE_MS, Asset, Ms, parse_iso
from engine.venue_sim.binance import reply, weight
from engine.venue_sim.binance_bodies import PERPETUAL_MS, Segment
from engine.venue_sim.faults import FaultBoard
from engine.venue_sim.faulty_market import FaultyMarket
from engine.venue_sim.scenario import Timeline
from engine.venue_sim.simulated import SimulatedMarket, origin_of
from engine.venue_sim.throttle import MinuteWeight

EPOCH = parse_iso("2026-11-20T09:00:00Z")
NOW = Ms(EPOCH + 34 * MINUTE_MS + 56_789)
MARKET = SimulatedMarket(seed=7, epoch=EPOCH, timeline=Timeline(origin_ms=origin_of(EPOCH)))
SPOT, FUTURES = Segment.SPOT, Segment.FUTURES
ROOT = {SPOT: "/api/v3/", FUTURES: "/fapi/v1/"}
both = pytest.mark.parametrize("segment", list(Segment))


def ask(segment: Segment, route: str, status: int = 200, **query: object) -> Any:
    texts = {name: str(value) for name, value in query.items()}
    found = reply(segment, ROOT[segment] + route, texts, MARKET, NOW)
    assert found.status == status, found.body
    return found.body


def opens(segment: Segment = FUTURES, **query: int) -> list[int]:
    rows = ask(segment, "klines", symbol="ETHUSDT", interval="1h", **query)
    return [row[0] for row in rows]


@both
def test_it_answers_pings_and_tells_the_market_time_or_what_its_clock_says(segment: Segment) -> None:
    assert ask(segment, "ping") == {}
    assert ask(segment, "time") == {"serverTime": NOW}
    skewed = reply(segment, ROOT[segment] + "time", {}, MARKET, NOW, Ms(NOW - 7))
    assert skewed.body == {"serverTime": NOW - 7}


@both
def test_everything_is_listed_with_its_steps(segment: Segment) -> None:
    info = ask(segment, "exchangeInfo")
    assert [item["baseAsset"] for item in info["symbols"]] == [item.asset for item in MARKET.listings(NOW)]
    eth = next(item for item in info["symbols"] if item["symbol"] == "ETHUSDT")
    filters = {item["filterType"]: item for item in eth["filters"]}
    assert (eth["status"], eth["quoteAsset"]) == ("TRADING", "USDT")
    assert (filters["PRICE_FILTER"]["tickSize"], filters["LOT_SIZE"]["stepSize"]) == ("0.01", "0.01")
    assert ("NOTIONAL" in filters, "contractType" in eth) == ((True, False) if segment is SPOT else (False, True))


def test_a_delisting_is_announced_as_a_delivery_date() -> None:
    board = FaultBoard(lambda: 0.0)
    board.begin({"kind": "delisting", "asset": "MKR", "notice_hours": 1}, NOW, {Asset("MKR")})
    info: Any = reply(FUTURES, "/fapi/v1/exchangeInfo", {}, FaultyMarket(MARKET, board), NOW).body
    dates = {item["baseAsset"]: item["deliveryDate"] for item in info["symbols"]}
    assert (dates["MKR"], dates["ETH"]) == (NOW + HOUR_MS, PERPETUAL_MS)


def test_candles_begin_at_the_first_one_that_opens_at_or_after_the_start() -> None:
    assert opens(startTime=EPOCH - 5 * HOUR_MS + 1, limit=2) == [EPOCH - 4 * HOUR_MS, EPOCH - 3 * HOUR_MS]
    assert opens(startTime=EPOCH - 5 * HOUR_MS, limit=1) == [EPOCH - 5 * HOUR_MS]


def test_without_a_start_come_the_newest_candles_and_the_open_one_last() -> None:
    assert opens(limit=3) == [EPOCH - 2 * HOUR_MS, EPOCH - HOUR_MS, EPOCH]
    assert opens(limit=2, endTime=EPOCH - 1) == [EPOCH - 2 * HOUR_MS, EPOCH - HOUR_MS]
    assert len(opens()) == 500


def test_a_page_has_at_most_a_thousand_candles_on_spot_and_fifteen_hundred_on_futures() -> None:
    since = EPOCH - 100 * DAY_MS
    assert len(opens(SPOT, startTime=since, limit=5000)) == 1000
    assert len(opens(FUTURES, startTime=since, limit=5000)) == 1500
    assert opens(startTime=NOW + HOUR_MS) == []


@both
def test_candles_are_those_that_the_other_venue_serves(segment: Segment) -> None:
    real = MARKET.candles(Asset("ETH"), HOUR_MS, Ms(EPOCH - 9 * HOUR_MS), EPOCH, NOW)
    rows = ask(segment, "klines", symbol="ETHUSDT", interval="1h", limit=10)
    for column, values in ((1, real.open), (2, real.high), (3, real.low), (4, real.close)):
        assert [float(row[column]) for row in rows] == values.tolist()
    assert [row[6] - row[0] for row in rows] == [HOUR_MS - 1] * 10
    assert all(len(row) == 12 for row in rows)


@both
def test_a_day_s_ticker_adds_up(segment: Segment) -> None:
    row = ask(segment, "ticker/24hr", symbol="ETHUSDT")
    opened, last = float(row["openPrice"]), float(row["lastPrice"])
    assert float(row["priceChange"]) == pytest.approx(last - opened, abs=0.006)
    assert float(row["priceChangePercent"]) == pytest.approx((last / opened - 1) * 100, abs=0.0006)
    assert float(row["lowPrice"]) <= last <= float(row["highPrice"])
    assert row["closeTime"] == NOW
    assert ("bidPrice" in row) is (segment is SPOT), "futures keep the book in bookTicker"


@both
def test_the_book_is_around_the_last_price(segment: Segment) -> None:
    books = {row["symbol"]: row for row in ask(segment, "ticker/bookTicker")}
    for ticker in ask(segment, "ticker/24hr"):
        book = books[ticker["symbol"]]
        assert float(book["bidPrice"]) <= float(ticker["lastPrice"]) <= float(book["askPrice"])
        assert float(book["bidPrice"]) < float(book["askPrice"])


def test_spot_gives_some_tickers_by_name() -> None:
    rows = ask(SPOT, "ticker/24hr", symbols='["SOLUSDT","ETHUSDT"]')
    assert [row["symbol"] for row in rows] == ["SOLUSDT", "ETHUSDT"]
    assert ask(SPOT, "ticker/24hr", 400, symbols='["NOPEUSDT"]')["code"] == -1121
    assert ask(SPOT, "ticker/24hr", 400, symbols="SOLUSDT")["code"] == -1100


@pytest.mark.parametrize(
    ("route", "query", "status", "code"),
    [
        ("klines", {"symbol": "NOPEUSDT", "interval": "1h"}, 400, -1121),
        ("klines", {"symbol": "ETH", "interval": "1h"}, 400, -1121),
        ("klines", {"interval": "1h"}, 400, -1102),
        ("klines", {"symbol": "ETHUSDT"}, 400, -1102),
        ("klines", {"symbol": "ETHUSDT", "interval": "7h"}, 400, -1120),
        ("klines", {"symbol": "ETHUSDT", "interval": "1h", "limit": "x"}, 400, -1100),
        ("klines", {"symbol": "ETHUSDT", "interval": "1h", "limit": "0"}, 400, -1130),
        ("klines", {"symbol": "ETHUSDT", "interval": "1h", "startTime": "-5"}, 400, -1100),
        ("ticker/24hr", {"symbol": "NOPEUSDT"}, 400, -1121),
        ("depth", {"symbol": "ETHUSDT"}, 404, -1000),
    ],
)
@both
def test_a_wrong_query_is_refused_with_its_code(
    segment: Segment, route: str, query: dict[str, str], status: int, code: int
) -> None:
    assert ask(segment, route, status, **query)["code"] == code


def test_the_other_segment_s_paths_do_not_exist() -> None:
    assert reply(SPOT, "/fapi/v1/time", {}, MARKET, NOW).status == 404
    assert reply(FUTURES, "/api/v3/time", {}, MARKET, NOW).status == 404


@pytest.mark.parametrize(
    ("segment", "route", "query", "expected"),
    [
        (FUTURES, "klines", {"symbol": "ETHUSDT", "limit": "99"}, 1),
        (FUTURES, "klines", {"symbol": "ETHUSDT", "limit": "499"}, 2),
        (FUTURES, "klines", {"symbol": "ETHUSDT", "limit": "500"}, 5),
        (FUTURES, "klines", {"symbol": "ETHUSDT"}, 5),
        (FUTURES, "klines", {"symbol": "ETHUSDT", "limit": "1500"}, 10),
        (SPOT, "klines", {"symbol": "ETHUSDT", "limit": "1000"}, 2),
        (FUTURES, "ticker/24hr", {}, 40),
        (SPOT, "ticker/24hr", {"symbol": "ETHUSDT"}, 2),
        (SPOT, "ping", {}, 1),
    ],
)
def test_requests_weigh_what_the_venue_says(segment: Segment, route: str, query: dict[str, str], expected: int) -> None:
    assert weight(segment, ROOT[segment] + route, query) == expected


def test_a_minute_s_weight_is_used_up_and_comes_back() -> None:
    limit = MinuteWeight(10)
    assert [limit.take(4, at) for at in (0.0, 59.0)] == [4, 8]
    assert limit.take(4, 59.9) is None
    assert limit.take(2, 59.95) == 10
    assert limit.take(4, 60.0) == 4
