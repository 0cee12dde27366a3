"""The simulated exchange's bodies beside recorded and documented ones of the real venue: same names, same kinds.

The recordings are not part of the project; without them these tests are skipped.
"""

import json
import re
from typing import Any

import pytest

from engine.domain.units import HOUR_MS, Asset, Ms, parse_iso
from engine.venue_sim.binance import reply
from engine.venue_sim.binance_bodies import Segment
from engine.venue_sim.bybit import answer
from engine.venue_sim.scenario import Timeline
from engine.venue_sim.simulated import SimulatedMarket, origin_of
from engine.venue_sim.stream_feed import Instant, StreamFeed
from engine.venue_sim.stream_topics import Channel, Topic
from support.shared_material import shared

EPOCH = parse_iso("2026-11-20T09:00:00Z")
NOW = Ms(EPOCH + HOUR_MS // 2)
# Sent by the venue since these recordings were made, and read by clients.
NEWER = {"minNotionalValue", "maxMktOrderQty", "copyTrading", "isPreListing"}


@pytest.fixture(scope="module")
def market() -> SimulatedMarket:
    return SimulatedMarket(seed=7, epoch=EPOCH, timeline=Timeline(origin_ms=origin_of(EPOCH)))


def recorded(name: str, venue: str = "bybit") -> Any:
    return json.loads(shared("fixtures", venue, name).read_text())


def ours(market: SimulatedMarket, path: str, **query: str) -> dict[str, Any]:
    return json.loads(json.dumps(answer(f"/v5/market/{path}", query, market, NOW).body))  # type: ignore[no-any-return]


def kinds(value: Any) -> Any:
    """Return the tree of names and JSON kinds; of a list, those of its first item."""
    if isinstance(value, dict):
        return {name: kinds(item) for name, item in value.items()}
    if isinstance(value, list):
        return [kinds(item) for item in value[:1]]
    return type(value).__name__


def assert_within(mine: Any, theirs: Any, where: str = "") -> None:
    """Every name we send is one the venue sends, with a value of the same kind."""
    if isinstance(mine, dict) and isinstance(theirs, dict):
        for name in mine.keys() - NEWER:
            assert name in theirs, f"{where}.{name}"
            assert_within(mine[name], theirs[name], f"{where}.{name}")
    elif isinstance(mine, list) and isinstance(theirs, list):
        for mine_item, theirs_item in zip(mine, theirs, strict=False):
            assert_within(mine_item, theirs_item, f"{where}[]")
    else:
        assert mine == theirs, where


def test_the_time_has_the_documented_shape(market: SimulatedMarket) -> None:
    assert kinds(ours(market, "time")) == kinds(recorded("docs_json/market__time.mdx.json")[0])


def test_candles_have_the_recorded_shape(market: SimulatedMarket) -> None:
    theirs = recorded("ccxt-rs/fetch_ohlcv_BTC_USDT.json")["http_response"]
    mine = ours(market, "kline", category="spot", symbol="BTCUSDT", interval="60", limit="3")
    assert kinds(mine) == kinds(theirs)
    assert [len(row) for row in mine["result"]["list"]] == [len(row) for row in theirs["result"]["list"]]
    for newer, older in zip(theirs["result"]["list"], theirs["result"]["list"][1:], strict=False):
        assert newer[1] == older[4], "the venue opens a candle at the close before it; so do we"


def test_spot_tickers_have_documented_names(market: SimulatedMarket) -> None:
    theirs = recorded("docs_json/market__tickers.mdx.json")[2]
    assert_within(kinds(ours(market, "tickers", category="spot")), kinds(theirs))


def test_contract_tickers_have_documented_names(market: SimulatedMarket) -> None:
    theirs = recorded("docs_json/market__tickers.mdx.json")[0]
    assert_within(kinds(ours(market, "tickers", category="linear")), kinds(theirs))


def test_spot_instruments_have_documented_names(market: SimulatedMarket) -> None:
    theirs = recorded("docs_json/market__instrument.mdx.json")[1]
    assert_within(kinds(ours(market, "instruments-info", category="spot")), kinds(theirs))


def test_contracts_have_recorded_names(market: SimulatedMarket) -> None:
    theirs = recorded("hirokisan/v5-market-get-instruments-info-inverse.json")["LinearInverse"]
    assert_within(kinds(ours(market, "instruments-info", category="linear")["result"]), kinds(theirs))


def test_stream_messages_have_the_recorded_names_and_kinds(market: SimulatedMarket) -> None:
    recordings = [
        json.loads(line)
        for line in shared("fixtures", "bybit", "gocryptotrader/wsTicker.json").read_text().splitlines()
    ]
    theirs = {item["type"]: item for item in recordings if item["topic"] == "tickers.BTCUSDT"}
    spot = next(item for item in recorded("docs_json/websocket__public__ticker.mdx.json") if "cs" in item)
    kline = recorded("docs_json/websocket__public__kline.mdx.json")[0]
    feed, asset = StreamFeed(market), Asset("BTC")
    start = Instant(now=NOW, stamp=NOW, host=0.0)
    topics = [Topic(category=kind, asset=asset) for kind in ("linear", "spot")]
    hours = Topic(category="linear", asset=asset, channel=Channel.CANDLES, step_ms=HOUR_MS)
    (snapshot,), (whole,), (candle,) = (feed.first(topic, start) for topic in (*topics, hours))
    later = Instant(now=Ms(NOW + HOUR_MS // 60), stamp=NOW, host=1.0)
    ((_, delta),) = feed.due(topics[:1], later)
    assert snapshot["data"].keys() == theirs["snapshot"]["data"].keys() - {"tickDirection"}  # type: ignore[attr-defined]
    assert kinds(whole) == kinds(spot)
    assert kinds(candle) == kinds(kline)
    assert delta.keys() == theirs["delta"].keys()


def test_binance_s_stream_messages_have_documented_names_and_kinds(market: SimulatedMarket) -> None:
    text = shared("fixtures", "binance", "docs", "web-socket-streams.md").read_text()
    blocks = re.findall(r"```(?:javascript|json)\n(\{.*?)```", text, re.S)
    examples = [json.loads(re.sub(r"//[^\n]*", "", each)) for each in blocks if '"24hrTicker"' in each or '"k"' in each]
    theirs = {example["e"]: kinds(example) for example in examples}
    btc = {"category": "binance-spot", "asset": Asset("BTC")}
    topics = [Topic(**btc), Topic(**btc, channel=Channel.CANDLES, step_ms=HOUR_MS)]  # type: ignore[arg-type]
    told = [message for _, message in StreamFeed(market).due(topics, Instant(now=NOW, stamp=NOW, host=0.0))]
    mine = {str(message["e"]): kinds(message) for message in told}
    assert mine == {event: theirs[event] for event in ("24hrTicker", "kline")}


def test_binance_s_bodies_have_recorded_names_and_kinds(market: SimulatedMarket) -> None:
    def say(segment: Segment, path: str, **query: str) -> Any:
        return kinds(json.loads(json.dumps(reply(segment, path, query, market, NOW).body)))

    def captured(path: str) -> Any:
        return next(kinds(item["data"]) for item in routes[path]["GET"] if "code" not in item["data"])

    routes = recorded("gocryptotrader/http.json", "binance")["routes"]
    spot = recorded("ccxt-rs/fetch_tickers_BTC_ETH.json", "binance")["http_response"]
    candles = recorded("ccxt-rs/fetch_ohlcv_BTC_USDT.json", "binance")["http_response"]
    btc = {"symbol": "BTCUSDT"}
    assert say(Segment.SPOT, "/api/v3/ticker/24hr", **btc) == kinds(spot)[0]
    assert say(Segment.FUTURES, "/fapi/v1/ticker/24hr", **btc) == captured("/fapi/v1/ticker/24hr")
    assert say(Segment.FUTURES, "/fapi/v1/ticker/bookTicker") == captured("/fapi/v1/ticker/bookTicker")
    assert say(Segment.SPOT, "/api/v3/ticker/bookTicker", **btc) == captured("/api/v3/ticker/bookTicker")
    for segment, path in ((Segment.SPOT, "/api/v3/klines"), (Segment.FUTURES, "/fapi/v1/klines")):
        rows: Any = reply(segment, path, btc | {"interval": "1h", "limit": "3"}, market, NOW).body
        assert [[kinds(cell) for cell in row] for row in rows] == [[kinds(cell) for cell in row] for row in candles]
