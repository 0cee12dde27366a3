"""The streams without a socket: what a connection may ask for, and what each topic says when."""

import json
from typing import Any

import pytest

from engine.domain.units import HOUR_MS, MINUTE_MS, Asset, Ms, parse_iso
from engine.venue_sim.bybit_conversation import MOST_CHARACTERS, BybitConversation
from engine.venue_sim.bybit_stream import changes, text_of, topic_of
from engine.venue_sim.scenario import Timeline
from engine.venue_sim.simulated import SimulatedMarket, origin_of
from engine.venue_sim.stream_feed import Instant, StreamFeed
from engine.venue_sim.stream_topics import Channel, Topic

EPOCH = parse_iso("2026-11-20T09:00:00Z")
MARKET = SimulatedMarket(seed=7, epoch=EPOCH, timeline=Timeline(origin_ms=origin_of(EPOCH)))
LISTED = {item.asset for item in MARKET.listings(EPOCH)}
ETH, ETH_HOURS = (
    Topic(category="linear", asset=Asset("ETH")),
    Topic(category="linear", asset=Asset("ETH"), channel=Channel.CANDLES, step_ms=HOUR_MS),
)


def ask(conversation: BybitConversation, **request: Any) -> dict[str, object]:
    return conversation.hear(json.dumps(request), LISTED).reply


def at(minutes: float, host: float) -> Instant:
    now = Ms(EPOCH + int(minutes * MINUTE_MS))
    return Instant(now=now, stamp=now, host=host)


def rows(message: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = message["data"]
    return found


@pytest.mark.parametrize("text", ["tickers.ETHUSDT", "kline.60.ETHUSDT", "kline.D.SOLUSDT"])
def test_a_topic_reads_back_as_it_was_written(text: str) -> None:
    topic = topic_of(text, "linear")
    assert topic is not None
    assert text_of(topic) == text


@pytest.mark.parametrize("text", ["", "tickers", "tickers.ETH", "kline.61.ETHUSDT", "kline.ETHUSDT", "trade.ETHUSDT"])
def test_what_the_venue_has_no_handler_for_is_no_topic(text: str) -> None:
    assert topic_of(text, "linear") is None


def test_one_wrong_topic_refuses_the_whole_request() -> None:
    conversation = BybitConversation(category="linear", connection="c")
    answer = ask(conversation, op="subscribe", req_id=4, args=["tickers.ETHUSDT", "tickers.NOPEUSDT"])
    assert (answer["success"], answer["ret_msg"]) == (False, "error:handler not found,topic:tickers.NOPEUSDT")
    assert (answer["req_id"], list(conversation.topics)) == ("4", [])


def test_a_topic_is_taken_once_and_again_after_unsubscribing() -> None:
    conversation = BybitConversation(category="linear", connection="c")
    assert ask(conversation, op="subscribe", args=["tickers.ETHUSDT"])["success"]
    assert ask(conversation, op="subscribe", args=["tickers.ETHUSDT"])["ret_msg"] == (
        "error:already subscribed,topic:tickers.ETHUSDT"
    )
    assert ask(conversation, op="unsubscribe", args=["tickers.ETHUSDT"])["success"]
    assert not conversation.follows(ETH)
    assert ask(conversation, op="subscribe", args=["tickers.ETHUSDT"])["success"]
    assert conversation.follows(ETH)


@pytest.mark.parametrize("text", ["", "[]", "nonsense", '{"op": "boom"}', '{"op": "subscribe", "args": "tickers"}'])
def test_nonsense_is_answered_and_changes_nothing(text: str) -> None:
    conversation = BybitConversation(category="linear", connection="c")
    heard = conversation.hear(text, LISTED)
    assert heard.reply["success"] is False
    assert str(heard.reply["ret_msg"]).startswith("error:")
    assert (heard.begun, list(conversation.topics)) == ((), [])


def test_a_connection_s_topics_have_a_total_length() -> None:
    listed = {Asset(f"A{number:05}") for number in range(2000)}
    conversation = BybitConversation(category="linear", connection="c")
    request = json.dumps({"op": "subscribe", "args": [f"tickers.{asset}USDT" for asset in sorted(listed)]})
    answer = conversation.hear(request, listed).reply
    assert (answer["success"], str(MOST_CHARACTERS) in str(answer["ret_msg"])) == (False, True)


def test_a_delta_carries_what_changed_and_a_price_never_without_its_size() -> None:
    before = {"symbol": "S", "lastPrice": "1", "bid1Price": "1", "bid1Size": "5", "markPrice": "1"}
    assert changes(before, before) == {}
    assert changes(before, before | {"bid1Price": "2"}) == {"symbol": "S", "bid1Price": "2", "bid1Size": "5"}


def test_deltas_laid_over_the_snapshot_give_what_rest_gives() -> None:
    feed = StreamFeed(MARKET)
    (first,) = feed.first(ETH, at(0, 0))
    state = dict(first["data"])  # type: ignore[call-overload]
    for step in range(1, 30):
        for _, message in feed.due([ETH], at(step, step)):
            assert message["type"] == "delta"
            state |= message["data"]
    (whole,) = StreamFeed(MARKET).first(ETH, at(29, 0))
    assert state == whole["data"]


def test_tickers_come_five_times_a_second_of_host_time_at_most() -> None:
    feed = StreamFeed(MARKET)
    feed.first(ETH, at(0, 0))
    count = sum(len(list(feed.due([ETH], at(tick * 6, tick * 0.1)))) for tick in range(100))
    assert 40 <= count <= 51


def test_spot_tickers_are_whole_every_time() -> None:
    topic = Topic(category="spot", asset=Asset("ETH"))
    feed = StreamFeed(MARKET)
    (first,) = feed.first(topic, at(0, 0))
    ((_, second),) = feed.due([topic], at(10, 1))
    assert first["type"] == second["type"] == "snapshot"
    assert set(first["data"]) == set(second["data"])  # type: ignore[call-overload]
    assert "usdIndexPrice" in second["data"]  # type: ignore[operator]


def test_the_open_candle_comes_once_a_second_and_the_closed_one_at_once() -> None:
    feed = StreamFeed(MARKET)
    feed.first(ETH_HOURS, at(58, 0))
    quiet = list(feed.due([ETH_HOURS], at(59, 0.5)))
    ((_, still_open),) = feed.due([ETH_HOURS], at(59.5, 1.0))
    ((_, closed),) = feed.due([ETH_HOURS], at(60, 1.1))
    assert quiet == []
    assert [row["confirm"] for row in rows(still_open)] == [False]
    (row,) = rows(closed)
    assert (row["start"], row["end"], row["confirm"]) == (EPOCH, EPOCH + HOUR_MS - 1, True)
    assert closed["ts"] == EPOCH + HOUR_MS


def test_after_a_stall_every_closed_candle_comes_in_order() -> None:
    feed = StreamFeed(MARKET)
    feed.first(ETH_HOURS, at(0, 0))
    messages = [message for _, message in feed.due([ETH_HOURS], at(5 * 60 + 1, 0.1))]
    confirmed = [row["start"] for message in messages for row in rows(message) if row["confirm"]]
    assert confirmed == [EPOCH + hour * HOUR_MS for hour in range(5)]


def test_a_topic_left_and_taken_again_does_not_pour_out_the_past() -> None:
    feed = StreamFeed(MARKET)
    feed.first(ETH_HOURS, at(0, 0))
    assert list(feed.due([], at(1, 0.1))) == []
    feed.first(ETH_HOURS, at(600, 1))
    assert list(feed.due([ETH_HOURS], at(601, 1.1))) == []
