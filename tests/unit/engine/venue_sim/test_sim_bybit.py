"""The dialect: which query gets which answer, as a pure function."""

from typing import Any

import pytest

from engine.domain.units import DAY_MS, HOUR_MS, MINUTE_MS, Ms, parse_iso
from engine.venue_sim.bybit import answer
from engine.venue_sim.bybit_bodies import price_text
from engine.venue_sim.scenario import Timeline
from engine.venue_sim.simulated import SimulatedMarket, origin_of

EPOCH = parse_iso("2026-11-20T09:00:00Z")
NOW = Ms(EPOCH + 34 * MINUTE_MS + 56_789)
MARKET = SimulatedMarket(seed=7, epoch=EPOCH, timeline=Timeline(origin_ms=origin_of(EPOCH)))


def ask(path: str, **query: object) -> dict[str, Any]:
    found = answer(f"/v5/market/{path}", {name: str(value) for name, value in query.items()}, MARKET, NOW)
    assert found.status == 200
    assert found.body["time"] == NOW
    return found.body


def candles(**query: object) -> list[list[str]]:
    body = ask("kline", **({"category": "linear", "symbol": "ETHUSDT", "interval": "60"} | query))
    assert body["retCode"] == 0
    rows: list[list[str]] = body["result"]["list"]
    return rows


def opens(**query: object) -> list[int]:
    return [int(row[0]) for row in candles(**query)]


def test_the_time_is_market_time_in_three_units() -> None:
    body = ask("time")
    assert body["result"] == {"timeSecond": str(NOW // 1000), "timeNano": str(NOW * 1_000_000)}


def test_candles_come_newest_first_with_the_unfinished_one_on_top() -> None:
    found = opens(limit=3)
    assert found == [EPOCH, EPOCH - HOUR_MS, EPOCH - 2 * HOUR_MS]
    assert candles(limit=1)[0][4] == next(
        item["lastPrice"] for item in ask("tickers", category="linear", symbol="ETHUSDT")["result"]["list"]
    )


def test_with_a_start_alone_candles_go_forward_from_the_one_that_holds_it() -> None:
    start = EPOCH - 100 * HOUR_MS
    assert opens(start=start, limit=3)[::-1] == [start, start + HOUR_MS, start + 2 * HOUR_MS]
    assert opens(start=start + 1, limit=1) == [start]


def test_with_an_end_the_newest_candles_up_to_it_come() -> None:
    end = EPOCH - 100 * HOUR_MS
    assert opens(start=end - 500 * HOUR_MS, end=end, limit=2) == [end, end - HOUR_MS]
    assert opens(start=end - HOUR_MS, end=end + 1, limit=1000) == [end, end - HOUR_MS]


def test_limits_are_200_by_default_and_1000_at_most() -> None:
    assert len(opens()) == 200
    assert len(opens(limit=5000)) == 1000


def test_history_begins_at_the_launch_and_ends_now() -> None:
    assert opens(start=1, limit=1) == [origin_of(EPOCH)]
    assert opens(start=EPOCH + DAY_MS) == []
    assert opens(end=origin_of(EPOCH) - 1) == []


@pytest.mark.parametrize("interval", ["1", "3", "5", "15", "30", "60", "120", "240", "360", "720", "D"])
def test_every_interval_stands_on_its_grid(interval: str) -> None:
    step = DAY_MS if interval == "D" else int(interval) * MINUTE_MS
    found = opens(interval=interval, limit=3)
    assert found == [NOW - NOW % step - k * step for k in range(3)]


@pytest.mark.parametrize(
    ("path", "query", "message"),
    [
        ("kline", {"category": "linear", "symbol": "NOPEUSDT", "interval": "60"}, "symbol invalid"),
        ("kline", {"category": "linear", "symbol": "ETH", "interval": "60"}, "symbol invalid"),
        ("kline", {"category": "linear", "interval": "60"}, "symbol invalid"),
        ("kline", {"category": "linear", "symbol": "ETHUSDT", "interval": "61"}, "Invalid period"),
        ("kline", {"category": "linear", "symbol": "ETHUSDT", "interval": "60", "limit": "x"}, "limit invalid"),
        ("kline", {"category": "linear", "symbol": "ETHUSDT", "interval": "60", "start": "-5"}, "start invalid"),
        ("kline", {"category": "margin", "symbol": "ETHUSDT", "interval": "60"}, "Illegal category"),
        ("tickers", {}, "category is required"),
        ("tickers", {"category": "spot", "symbol": "NOPEUSDT"}, "symbol invalid"),
        ("instruments-info", {"category": "linear", "symbol": "NOPEUSDT"}, "symbol invalid"),
    ],
)
def test_wrong_parameters_are_answered_with_10001(path: str, query: dict[str, str], message: str) -> None:
    body = ask(path, **query)
    assert body["retCode"] == 10001
    assert message in body["retMsg"]
    assert body["result"] == {}


def test_an_unknown_path_is_a_404_with_the_venue_s_code() -> None:
    found = answer("/v5/order/create", {}, MARKET, NOW)
    assert (found.status, found.body["retCode"]) == (404, 10017)


def test_instruments_come_in_pages_joined_by_a_cursor() -> None:
    seen: list[str] = []
    cursor = ""
    for _ in range(10):
        page = ask("instruments-info", category="linear", limit=10, cursor=cursor)["result"]
        seen += [item["symbol"] for item in page["list"]]
        cursor = page["nextPageCursor"]
        if not cursor:
            break
    whole = ask("instruments-info", category="linear", limit=1000)["result"]
    assert seen == [item["symbol"] for item in whole["list"]]
    assert (len(seen) >= 30, len(set(seen)) == len(seen), whole["nextPageCursor"]) == (True, True, "")


def test_other_categories_are_empty_and_nothing_waits_for_its_launch() -> None:
    assert ask("instruments-info", category="inverse")["result"]["list"] == []
    assert ask("instruments-info", category="linear", status="PreLaunch")["result"]["list"] == []
    assert ask("tickers", category="option", baseCoin="BTC")["result"]["list"] == []


def test_prices_keep_every_digit_and_never_an_exponent() -> None:
    assert price_text(0.1424, 5) == "0.14240"
    assert price_text(1234.5, 0) == "1234.5"
    assert price_text(1.5e-9, 4) == "0.0000000015"
    assert price_text(float("nan"), 2) == ""
