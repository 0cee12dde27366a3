"""CcxtMarketData through the real ccxt client and real sockets against a scripted venue on loopback."""

import asyncio
import gc
import os
import socket
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from engine.adapters.ccxt_market_data import CcxtMarketData
from engine.domain.config import Mode, VenueConfig
from engine.domain.errors import ConfigError, UnknownSymbolError, VenueUnreachableError
from engine.domain.market import MarketKind
from engine.domain.units import Asset, Ms, Symbol
from support.bybit_script import (
    HOUR_MS,
    INSTRUMENTS,
    KLINE,
    NOW_MS,
    TICKERS,
    BybitScript,
    envelope,
    instrument_row,
    ticker_row,
)
from support.loopback_venue import LoopbackVenue, json_reply

BTC, ETH, PEPE = Symbol("BTC/USDT:USDT"), Symbol("ETH/USDT:USDT"), Symbol("1000PEPE/USDT:USDT")
NOWHERE = Symbol("NOWHERE/USDT:USDT")


async def test_instruments_keep_the_steps_as_the_venue_wrote_them(data: CcxtMarketData) -> None:
    found = await data.instruments([BTC, PEPE, NOWHERE])
    assert list(found) == [BTC, PEPE]
    assert found[PEPE].asset == Asset("1000PEPE")
    assert found[BTC].kind is MarketKind.SWAP
    assert str(found[BTC].price_step) == "0.10"
    assert (found[BTC].quantity_step, found[BTC].min_notional) == (Decimal("0.001"), Decimal(5))


async def test_a_market_that_no_longer_trades_is_not_listed(script: BybitScript, data: CcxtMarketData) -> None:
    script.instruments.append(instrument_row("MATICUSDT", status="Closed"))
    assert await data.instruments([Symbol("MATIC/USDT:USDT")]) == {}
    with pytest.raises(UnknownSymbolError, match="does not list MATIC/USDT:USDT"):
        await data.candles(Symbol("MATIC/USDT:USDT"), since_ms=Ms(NOW_MS), limit=1)


async def test_the_market_list_is_read_when_it_is_asked_for_and_only_for_linear_swaps(
    data: CcxtMarketData, venue: LoopbackVenue
) -> None:
    await data.quotes([BTC])
    await data.quotes([BTC])
    assert len([request for request in venue.requests if request.path == INSTRUMENTS]) == 2  # trading and pre-launch
    await data.instruments([ETH])
    asked = [request for request in venue.requests if request.path == INSTRUMENTS]
    assert len(asked) == 4
    assert {request.query["category"] for request in asked} == {"linear"}


async def test_all_traffic_goes_through_the_proxy_to_the_venues_own_name(
    data: CcxtMarketData, venue: LoopbackVenue
) -> None:
    await data.server_time()
    await data.quotes([BTC])
    assert set(venue.tunnels) == {"api.bybit.com:443"}


async def test_requests_keep_the_rate_that_was_asked_for(venue: LoopbackVenue) -> None:
    config = VenueConfig(proxy=venue.proxy, ca_file=venue.ca_file, requests_per_second=50.0)
    data = CcxtMarketData(config, monotonic=time.monotonic)
    started = time.monotonic()
    await asyncio.gather(*(data.server_time() for _ in range(8)))
    assert 7 / 50.0 <= time.monotonic() - started < 2.0
    await data.close()


def test_without_a_rate_the_venues_own_limit_is_kept_with_margin() -> None:
    bybit = CcxtMarketData(VenueConfig(), monotonic=time.monotonic)._exchange
    binance = CcxtMarketData(VenueConfig(id="binance"), monotonic=time.monotonic)._exchange
    weighed = {"cost": 5}
    assert 1000.0 / bybit.rateLimit == 40.0
    assert bybit.calculate_rate_limiter_cost("public", "GET", "v5/market/kline", {}, weighed) == 1
    assert binance.calculate_rate_limiter_cost("public", "GET", "exchangeInfo", {}, weighed) == 5


async def test_server_time_is_the_venues_with_a_measured_round_trip(data: CcxtMarketData) -> None:
    at, round_trip_ms = await data.server_time()
    assert at == NOW_MS
    assert 0.0 < round_trip_ms < 10_000.0


async def test_quotes_are_exact_decimals_fractions_and_venue_time(script: BybitScript, data: CcxtMarketData) -> None:
    script.tickers = [ticker_row("1000PEPEUSDT", "0.010203040506070809", bid1Price="", ask1Price="0")]
    before = time.monotonic()
    (quote,) = await data.quotes([BTC, PEPE])
    assert quote.symbol == PEPE
    assert quote.last == Decimal("0.010203040506070809")
    assert (quote.bid, quote.ask) == (None, None)
    assert quote.change_24h == pytest.approx(0.021428, abs=1e-12)
    assert quote.event_ms == NOW_MS
    assert before <= quote.received <= time.monotonic()


async def test_many_quotes_cost_one_request_and_foreign_rows_are_not_parsed(
    script: BybitScript, data: CcxtMarketData, venue: LoopbackVenue
) -> None:
    script.tickers += [{"symbol": f"OTHER{number}USDT", "lastPrice": "nonsense"} for number in range(600)]
    quotes = await data.quotes([PEPE, BTC, ETH, NOWHERE])
    assert [quote.symbol for quote in quotes] == [PEPE, BTC, ETH]
    assert [request.path for request in venue.requests].count(TICKERS) == 1


@pytest.mark.parametrize("price", [None, "", "0", "-1", "NaN", "Infinity", "n/a", [], {}, True])
async def test_a_ticker_without_a_positive_price_is_left_out(
    script: BybitScript, data: CcxtMarketData, price: object
) -> None:
    script.tickers = [ticker_row("BTCUSDT", price), ticker_row("ETHUSDT")]
    assert [quote.symbol for quote in await data.quotes([BTC, ETH])] == [ETH]


async def test_no_symbol_of_ours_means_no_request_for_prices(data: CcxtMarketData, venue: LoopbackVenue) -> None:
    assert await data.quotes([NOWHERE]) == []
    assert TICKERS not in [request.path for request in venue.requests]


async def test_candles_come_ascending_from_since_with_the_unfinished_one(data: CcxtMarketData) -> None:
    since = NOW_MS // HOUR_MS * HOUR_MS - 5 * HOUR_MS
    found = await data.candles(ETH, since_ms=Ms(since), limit=100)
    assert [candle.open_ms for candle in found] == [since + slot * HOUR_MS for slot in range(6)]
    assert (found[0].open, found[0].high, found[0].low, found[0].volume) == (100.0, 107.5, 99.5, 12.5)
    assert found[0].close == 100 + since // HOUR_MS % 7 + 0.5
    assert len(await data.candles(ETH, since_ms=Ms(since), limit=2)) == 2


async def test_more_than_a_page_is_asked_for_page_by_page(data: CcxtMarketData, venue: LoopbackVenue) -> None:
    since = NOW_MS // HOUR_MS * HOUR_MS - 2_903 * HOUR_MS
    found = await data.candles(BTC, since_ms=Ms(since), limit=2_904)
    assert [candle.open_ms for candle in found] == [since + slot * HOUR_MS for slot in range(2_904)]
    asked = [request.query for request in venue.requests if request.path == KLINE]
    assert [query["limit"] for query in asked] == ["1000", "1000", "904"]


async def test_an_honest_empty_list_is_no_error(script: BybitScript, data: CcxtMarketData) -> None:
    script.answer(KLINE, json_reply(envelope({"category": "linear", "symbol": "BTCUSDT", "list": []})))
    assert await data.candles(BTC, since_ms=Ms(NOW_MS), limit=10) == []


async def test_unknown_symbols_raise_before_anything_is_asked(data: CcxtMarketData, venue: LoopbackVenue) -> None:
    with pytest.raises(UnknownSymbolError, match="bybit does not list NOWHERE/USDT:USDT"):
        await data.candles(NOWHERE, since_ms=Ms(NOW_MS), limit=10)
    assert KLINE not in [request.path for request in venue.requests]


async def test_a_symbol_delisted_since_the_list_was_loaded_is_unknown(
    script: BybitScript, data: CcxtMarketData
) -> None:
    script.answer(KLINE, json_reply(envelope({}, code=10001, message="params error: Symbol Is Invalid")))
    with pytest.raises(UnknownSymbolError, match="does not list BTC/USDT:USDT"):
        await data.candles(BTC, since_ms=Ms(NOW_MS), limit=10)


async def test_a_proxy_without_a_listener_fails_at_once_and_closes_cleanly() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        proxy = f"http://someone:hunter2@127.0.0.1:{unused.getsockname()[1]}"
    data = CcxtMarketData(VenueConfig(proxy=proxy), monotonic=time.monotonic)
    started = time.monotonic()
    with pytest.raises(VenueUnreachableError, match=r"no proxy answers at http://\[redacted\]@127\.0\.0\.1") as caught:
        await data.instruments([BTC])
    assert time.monotonic() - started < 2.0
    assert "hunter2" not in str(caught.value)
    await data.close()
    await data.close()
    del data
    gc.collect()  # a session left open would warn here, and warnings are errors


async def test_a_certificate_of_an_unknown_authority_is_refused(venue: LoopbackVenue) -> None:
    data = CcxtMarketData(VenueConfig(proxy=venue.proxy), monotonic=time.monotonic)
    with pytest.raises(VenueUnreachableError, match=r"certificate is not trusted; .*venue\.ca_file"):
        await data.server_time()
    await data.close()


async def test_closing_before_anything_was_asked_is_quiet() -> None:
    data = CcxtMarketData(VenueConfig(), monotonic=time.monotonic)
    await data.close()
    with pytest.raises(VenueUnreachableError, match="the connection was closed"):
        await data.server_time()


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        (VenueConfig(id="bybiit"), r"venue\.id: ccxt knows no exchange 'bybiit'"),
        (VenueConfig(ca_file="missing-ca.pem"), r"venue\.ca_file: there is no file missing-ca\.pem"),
        (VenueConfig(ca_file="missing-ca.pem", mode=Mode.LIVE), r"venue\.ca_file: not honored in live mode"),
        (VenueConfig(proxy="127.0.0.1:8080"), r"venue\.proxy: must look like http://host:port"),
        (VenueConfig(proxy="http://127.0.0.1"), r"venue\.proxy: must look like"),
        (VenueConfig(proxy="http://127.0.0.1:many"), r"venue\.proxy: must look like"),
    ],
)
def test_a_wrong_setting_is_one_sentence(config: VenueConfig, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence) as caught:
        CcxtMarketData(config, monotonic=time.monotonic)
    assert "\n" not in str(caught.value)


def test_a_ca_file_that_is_no_certificate_is_one_sentence(tmp_path: Path) -> None:
    wrong = tmp_path / "ca.pem"
    wrong.write_text("not a certificate")
    with pytest.raises(ConfigError, match="holds no readable PEM certificate"):
        CcxtMarketData(replace(VenueConfig(), ca_file=str(wrong)), monotonic=time.monotonic)


AUDITED = """
import asyncio, sys, time

seen = []
def note(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
        seen.append((event, str(args[1] if event == "socket.connect" else args[0])))
sys.addaudithook(note)

from engine.adapters.ccxt_market_data import CcxtMarketData
from engine.domain.config import VenueConfig
from engine.domain.errors import VenueUnreachableError

async def main():
    data = CcxtMarketData(VenueConfig(proxy=sys.argv[1]), monotonic=time.monotonic)
    calls = [
        data.instruments(["BTC/USDT:USDT"]), data.server_time(), data.quotes(["BTC/USDT:USDT"]),
        data.candles("BTC/USDT:USDT", since_ms=0, limit=1),
    ]
    failed = await asyncio.gather(*calls, return_exceptions=True)
    await data.close()
    assert all(type(error) is VenueUnreachableError for error in failed), failed

asyncio.run(main())
print("connects", sum(event == "socket.connect" for event, _ in seen))
for event, where in seen:
    print(event, where)
"""


def test_with_a_dead_proxy_nothing_but_loopback_is_looked_up_or_dialed() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    trap = {"HTTPS_PROXY": "http://192.0.2.1:3128", "https_proxy": "http://192.0.2.1:3128"}  # must be ignored
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(AUDITED), f"http://127.0.0.1:{port}"],
        env=os.environ | trap,
        cwd=Path(__file__).parents[4],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    count, *events = run.stdout.splitlines()
    assert int(count.split()[1]) >= 4
    assert all("127.0.0.1" in event for event in events), events


async def test_a_price_is_as_old_as_its_own_answer_however_long_its_bid_and_ask_are_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    data = CcxtMarketData(VenueConfig(id="binance"), monotonic=lambda: now)

    async def tickers(symbols: list[str]) -> dict[str, object]:
        return {symbol: {"symbol": symbol, "last": 3000.0, "timestamp": NOW_MS, "info": {}} for symbol in symbols}

    async def books(symbols: list[str]) -> dict[str, object]:
        nonlocal now
        now += 7.0  # its turn in the venue's budget comes late
        return {}

    async def markets(*, anew: bool = False) -> dict[str, object]:
        return {ETH: {}}

    monkeypatch.setattr(data._exchange, "fetch_tickers", tickers)
    monkeypatch.setattr(data._exchange, "fetch_bids_asks", books)
    monkeypatch.setattr(data, "_markets", markets)
    monkeypatch.setattr(data, "_lists", lambda *_: True)
    try:
        (quote,) = await data.quotes([ETH])
    finally:
        await data.close()
    assert quote.received == 100.0
