"""Binance's streams without a socket: doors, requests, and what each stream says when."""

import json
from typing import Any

import pytest

from engine.domain.units import HOUR_MS, MINUTE_MS, Asset, Ms, parse_iso
from engine.venue_sim.binance_bodies import Segment
from engine.venue_sim.binance_conversation import MOST_STREAMS, BinanceConversation, opened_at
from engine.venue_sim.binance_stream import name_of, topic_of
from engine.venue_sim.scenario import Timeline
from engine.venue_sim.simulated import SimulatedMarket, origin_of
from engine.venue_sim.stream_dialects import conversation_at
from engine.venue_sim.stream_feed import Instant, StreamFeed
from engine.venue_sim.stream_topics import Channel, Topic

EPOCH = parse_iso("2026-11-20T09:00:00Z")
MARKET = SimulatedMarket(seed=7, epoch=EPOCH, timeline=Timeline(origin_ms=origin_of(EPOCH)))
LISTED = {item.asset for item in MARKET.listings(EPOCH)}
SPOT, FUTURES = "binance-spot", "binance-futures"
ETH = Asset("ETH")


def at(minutes: float, host: float) -> Instant:
    now = Ms(EPOCH + int(minutes * MINUTE_MS))
    return Instant(now=now, stamp=now, host=host)


def opened(path: str = "/ws/0", segment: Segment = Segment.FUTURES, streams: str = "") -> BinanceConversation:
    door = opened_at(segment, path, {"streams": streams})
    assert door is not None
    return BinanceConversation(door)


def ask(conversation: BinanceConversation, **request: Any) -> dict[str, Any]:
    return conversation.hear(json.dumps(request), LISTED).reply


@pytest.mark.parametrize("name", ["ethusdt@ticker", "ethusdt@bookTicker", "solusdt@kline_1h"])
def test_a_stream_s_name_reads_back_as_it_was_written(name: str) -> None:
    topic = topic_of(name, Segment.SPOT)
    assert topic is not None
    assert name_of(topic) == name


@pytest.mark.parametrize("name", ["", "0", "ETHUSDT@ticker", "ethbtc@ticker", "ethusdt@kline_61m", "ethusdt@depth"])
def test_what_is_no_stream_is_taken_without_a_word_and_stays_silent(name: str) -> None:
    conversation = opened()
    assert ask(conversation, method="SUBSCRIBE", params=[name], id=1) == {"result": None, "id": 1}
    assert list(conversation.topics) == []
    assert name in ask(conversation, method="LIST_SUBSCRIPTIONS", id=2)["result"]


def test_streams_are_taken_left_and_listed() -> None:
    conversation = opened()
    names = ["ethusdt@ticker", "ethusdt@kline_1h"]
    heard = conversation.hear(json.dumps({"method": "SUBSCRIBE", "params": names, "id": 1}), LISTED)
    assert [name_of(topic) for topic in heard.begun] == names
    again = conversation.hear(json.dumps({"method": "SUBSCRIBE", "params": names, "id": 2}), LISTED)
    assert (again.reply, again.begun) == ({"result": None, "id": 2}, ())
    ask(conversation, method="UNSUBSCRIBE", params=names[:1], id=3)
    assert set(ask(conversation, method="LIST_SUBSCRIPTIONS", id=4)["result"]) == {"0", names[1]}
    assert not conversation.follows(heard.begun[0])
    assert conversation.follows(heard.begun[1])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", 3),
        ("nonsense", 3),
        ("[]", 2),
        ('{"method": "BOOM", "id": 1}', 2),
        ('{"method": "SUBSCRIBE", "id": 1}', 2),
        ('{"method": "SUBSCRIBE", "params": ["ethusdt@ticker"], "id": [1]}', 2),
    ],
)
def test_nonsense_is_answered_with_a_code_and_changes_nothing(text: str, code: int) -> None:
    conversation = opened()
    error: Any = conversation.hear(text, LISTED).reply["error"]
    assert error["code"] == code
    assert list(conversation.topics) == []


@pytest.mark.parametrize("segment", list(Segment))
def test_a_connection_holds_so_many_streams(segment: Segment) -> None:
    conversation = opened(segment=segment)
    names = [f"a{number}usdt@ticker" for number in range(MOST_STREAMS[segment] + 1)]
    assert "error" in ask(conversation, method="SUBSCRIBE", params=names, id=1)
    assert ask(conversation, method="SUBSCRIBE", params=names[:-2], id=2)["result"] is None


def test_the_futures_doors_serve_the_book_here_and_all_else_there() -> None:
    names = ["ethusdt@bookTicker", "ethusdt@ticker", "ethusdt@kline_1h"]
    served = {}
    for path in ("/ws/0", "/public/ws/0", "/market/ws/0"):
        conversation = opened(path)
        ask(conversation, method="SUBSCRIBE", params=names, id=1)
        served[path] = [name_of(topic) for topic in conversation.topics]
    assert served == {"/ws/0": names, "/public/ws/0": names[:1], "/market/ws/0": names[1:]}
    assert opened_at(Segment.SPOT, "/market/ws/0", {}) is None
    assert conversation_at("stream.binance.com:9443", "/nowhere", {}, "c") is None


def test_a_combined_stream_names_the_stream_of_every_message() -> None:
    names = ["ethusdt@ticker", "ethusdt@bookTicker", "ethusdt@kline_1h"]
    conversation = opened("/stream", Segment.SPOT, "/".join(names))
    assert [name_of(topic) for topic in conversation.topics] == names
    feed = StreamFeed(MARKET)
    told = [conversation.dress(message) for _, message in feed.due(conversation.topics, at(1, 1))]
    assert sorted(str(message["stream"]) for message in told) == sorted(names)
    assert conversation.dress({"result": None, "id": 1}) == {"result": None, "id": 1}


@pytest.mark.parametrize(("category", "has_book"), [(SPOT, True), (FUTURES, False)])
def test_the_day_s_ticker_carries_the_book_on_spot_only_and_comes_when_something_changed(
    category: str, has_book: bool
) -> None:
    topic = Topic(category=category, asset=ETH)
    feed = StreamFeed(MARKET)
    assert feed.first(topic, at(0, 0)) == [], "nothing greets a new subscriber"
    ((_, first),) = feed.due([topic], at(0, 0.1))
    assert list(feed.due([topic], at(0, 1.0))) == [], "time alone is no news"
    ((_, second),) = feed.due([topic], at(5, 2.0))
    assert (first["e"], first["s"], "b" in first, "x" in first) == ("24hrTicker", "ETHUSDT", has_book, has_book)
    assert first["c"] != second["c"]


def test_the_book_of_futures_is_dated_and_that_of_spot_is_not() -> None:
    topics = [Topic(category=category, asset=ETH, channel=Channel.BOOK) for category in (SPOT, FUTURES)]
    told = {topic.category: message for topic, message in StreamFeed(MARKET).due(topics, at(0, 0))}
    assert set(told[SPOT]) == {"u", "s", "b", "B", "a", "A"}
    assert set(told[FUTURES]) == {"e", "u", "s", "b", "B", "a", "A", "T", "E"}
    assert float(str(told[SPOT]["b"])) < float(str(told[SPOT]["a"]))


def test_every_closed_candle_comes_in_a_message_of_its_own() -> None:
    topic = Topic(category=FUTURES, asset=ETH, channel=Channel.CANDLES, step_ms=HOUR_MS)
    feed = StreamFeed(MARKET)
    assert feed.first(topic, at(0, 0)) == []
    rows: list[Any] = [message["k"] for _, message in feed.due([topic], at(3 * 60 + 1, 0.1))]
    assert [(row["t"], row["x"], row["i"]) for row in rows] == [
        (EPOCH + hour * HOUR_MS, True, "1h") for hour in range(3)
    ]
