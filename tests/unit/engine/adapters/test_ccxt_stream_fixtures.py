"""Recorded and documented stream messages through the real ccxt.pro, as if they had come over a socket.

Nothing is opened: a message is given to the client's own handler, and what is harvested is held against its raw text.
Skipped where the recordings are absent.
"""

import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest

from engine.adapters.ccxt_stream import CcxtStream
from engine.adapters.host_breaker import HostBreaker
from engine.domain.config import VenueConfig
from engine.domain.market import Candle, MarketKind, Quote
from engine.domain.units import Symbol
from support.shared_material import shared

BYBIT = "wss://stream.bybit.com/v5/public/"
BINANCE = "wss://stream.binance.com:9443/ws/0"
FUTURES = "wss://fstream.binance.com/market/ws/0"


class Heard:
    """A stream that a test speaks into."""

    def __init__(self, venue: str, kind: MarketKind, base: str, quote: str, url: str) -> None:
        self._now = 1_000.0
        self.symbol = Symbol(f"{base}/{quote}" + (f":{quote}" if kind is MarketKind.SWAP else ""))
        config = VenueConfig(id=venue, market=kind)
        self.stream = CcxtStream(config, monotonic=lambda: self._now, breaker=HostBreaker(lambda: self._now))
        self._exchange: Any = self.stream._exchange
        market: dict[str, Any] = {
            "id": f"{base}{quote}",
            "lowercaseId": f"{base}{quote}".lower(),
            "symbol": self.symbol,
        }
        market |= {"base": base, "quote": quote, "type": kind.value, kind.value: True, "active": True}
        if kind is MarketKind.SWAP:
            market |= {"contract": True, "linear": True, "settle": quote, "contractSize": "1"}
        self._exchange.set_markets([self._exchange.safe_market_structure(market)])
        self._url = url

    def say(self, message: Any) -> tuple[list[Quote], list[Candle]]:
        """Let a message arrive; return what is harvested then."""
        self._exchange.handle_message(self._exchange.client(self._url), message)
        self._now += 5.0
        return self.stream.harvest([self.symbol])


Open = Callable[[str, MarketKind, str, str, str], AbstractAsyncContextManager[Heard]]


@pytest.fixture
def opened() -> Open:
    @asynccontextmanager
    async def run(venue: str, kind: MarketKind, base: str, quote: str, url: str) -> AsyncIterator[Heard]:
        heard = Heard(venue, kind, base, quote, url)
        try:
            yield heard
        finally:
            await heard.stream.close()

    return run


def documented(event: str) -> dict[str, Any]:
    """Return the example of an event in Binance's documentation, without its comments."""
    text = shared("fixtures", "binance", "docs", "web-socket-streams.md").read_text()
    for block in re.findall(r"```(?:javascript|json)\n(\{.*?)```", text, re.S):
        if f'"{event}"' in block:
            found: dict[str, Any] = json.loads(re.sub(r"//[^\n]*", "", block))
            return found
    raise AssertionError(f"no example of {event}")


def recorded_lines(*parts: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in shared("fixtures", *parts).read_text().splitlines() if line.startswith("{")]


async def test_bybit_s_recorded_tickers_are_read_snapshot_and_delta(opened: Open) -> None:
    lines = recorded_lines("bybit", "gocryptotrader", "wsTicker.json")
    snapshot, delta = (line for line in lines if line["topic"] == "tickers.BTCUSDT")
    async with opened("bybit", MarketKind.SWAP, "BTC", "USDT", f"{BYBIT}linear") as heard:
        ((first,), _), ((second,), _) = heard.say(snapshot), heard.say(delta)
    assert (str(first.last), str(first.bid), str(first.ask)) == tuple(
        snapshot["data"][name] for name in ("lastPrice", "bid1Price", "ask1Price")
    )
    assert first.event_ms == snapshot["ts"]
    whole = snapshot["data"] | delta["data"]
    assert (str(second.last), str(second.bid), str(second.ask)) == tuple(
        whole[name] for name in ("lastPrice", "bid1Price", "ask1Price")
    )
    assert second.funding is not None or "fundingIntervalHour" not in whole


async def test_bybit_s_spot_ticker_takes_its_book_from_the_channel_beside_it(opened: Open) -> None:
    ticker = next(
        item
        for item in json.loads(
            shared("fixtures", "bybit", "docs_json", "websocket__public__ticker.mdx.json").read_text()
        )
        if "usdIndexPrice" in item["data"]
    )
    symbol = ticker["data"]["symbol"]
    best = {"s": symbol, "b": [["21109.5", "1"]], "a": [["21110", "2"]], "u": 1, "seq": 1}
    async with opened("bybit", MarketKind.SPOT, symbol.removesuffix("USDT"), "USDT", f"{BYBIT}spot") as heard:
        heard.say({"topic": f"orderbook.1.{symbol}", "type": "snapshot", "ts": ticker["ts"], "data": best})
        ((quote,), _) = heard.say(ticker)
    assert str(quote.last) == ticker["data"]["lastPrice"]
    assert (quote.bid, quote.ask) == (Decimal("21109.5"), Decimal(21110))


async def test_bybit_s_documented_candle_off_the_hour_is_refused_by_its_interval(opened: Open) -> None:
    (message, *_) = json.loads(
        shared("fixtures", "bybit", "docs_json", "websocket__public__kline.mdx.json").read_text()
    )
    hour = 3_600_000
    start = message["data"][0]["start"] // hour * hour
    row = message["data"][0] | {"start": start, "end": start + hour - 1, "interval": "60"}
    async with opened("bybit", MarketKind.SWAP, "BTC", "USDT", f"{BYBIT}linear") as heard:
        assert heard.say(message) == ([], []), "five minutes are not ours"
        (_, (candle,)) = heard.say(message | {"topic": "kline.60.BTCUSDT", "data": [row]})
    assert (candle.open_ms, candle.close, candle.volume) == (start, float(row["close"]), float(row["volume"]))


async def test_binance_s_recorded_and_documented_tickers_are_read(opened: Open) -> None:
    (wrapped,) = (
        line for line in recorded_lines("binance", "gocryptotrader", "wsHandleData.json") if "@ticker" in line["stream"]
    )
    async with opened("binance", MarketKind.SPOT, "BNB", "BTC", BINANCE) as heard:
        example = documented("24hrTicker")
        example["C"] = example["E"]  # the documentation closes the day in 1970
        for message, row in ((wrapped, wrapped["data"]), (example, example)):
            ((quote,), _) = heard.say(message)
            assert [str(quote.last), str(quote.bid), str(quote.ask)] == [row["c"], row["b"], row["a"]]
            assert quote.event_ms == row["C"]


async def test_binance_s_futures_take_their_book_from_the_channel_beside_it(opened: Open) -> None:
    row = documented("24hrTicker") | {"C": 1_672_515_782_136}
    ticker = {name: value for name, value in row.items() if name not in "bBaAx"}
    book = {"e": "bookTicker", "u": 1, "E": row["E"], "T": row["E"], "s": "BNBBTC"}
    async with opened("binance", MarketKind.SWAP, "BNB", "BTC", FUTURES) as heard:
        ((bare,), _) = heard.say(ticker)
        heard.say(book | {"b": "0.0024", "B": "10", "a": "0.0026", "A": "100"})
        ((full,), _) = heard.say(ticker | {"c": "0.0027"})
    assert (bare.bid, bare.ask) == (None, None)
    assert (full.last, full.bid, full.ask) == (Decimal("0.0027"), Decimal("0.0024"), Decimal("0.0026"))


async def test_binance_s_documented_candle_is_read_where_it_is_hourly(opened: Open) -> None:
    message = documented("kline")
    hour = 3_600_000
    start = message["k"]["t"] // hour * hour
    hourly = message | {"k": message["k"] | {"i": "1h", "t": start, "T": start + hour - 1}}
    async with opened("binance", MarketKind.SPOT, "BNB", "BTC", BINANCE) as heard:
        assert heard.say(message) == ([], [])
        (_, (candle,)) = heard.say(hourly)
    assert (candle.open_ms, candle.close) == (start, float(message["k"]["c"]))
