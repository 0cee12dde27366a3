"""The faults without a process: what the board takes, and what each one does to prices and messages."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from engine.domain.errors import RefusedError
from engine.domain.units import HOUR_MS, MINUTE_MS, Asset, Ms, parse_iso
from engine.venue_sim.bybit import answer
from engine.venue_sim.faults import PARAMETERS, FaultBoard, FaultKind
from engine.venue_sim.faulty_market import FaultyMarket
from engine.venue_sim.faulty_stream import FaultyStream
from engine.venue_sim.scenario import Timeline
from engine.venue_sim.simulated import SimulatedMarket, origin_of
from engine.venue_sim.stream_feed import Instant, StreamFeed
from engine.venue_sim.stream_topics import Channel, Message, Topic

EPOCH = parse_iso("2026-11-20T09:00:00Z")
NOW = Ms(EPOCH + 5 * HOUR_MS + 34 * MINUTE_MS)
REAL = SimulatedMarket(seed=7, epoch=EPOCH, timeline=Timeline(origin_ms=origin_of(EPOCH)))
LISTED = {item.asset for item in REAL.listings(NOW)}
ETH, SOL = Asset("ETH"), Asset("SOL")
ETH_TICKER = Topic(category="linear", asset=ETH)
ETH_HOURS = Topic(category="linear", asset=ETH, channel=Channel.CANDLES, step_ms=HOUR_MS)


class Broken:
    """A board, its host clock, and the market under it."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.board = FaultBoard(lambda: self.seconds)
        self.market = FaultyMarket(REAL, self.board)

    def begin(self, kind: str, now: Ms = NOW, **told: object) -> None:
        self.board.begin({"kind": kind} | told, now, LISTED)

    def opens(self, asset: Asset, hours: int = 5, now: Ms = NOW) -> list[int]:
        first = Ms(EPOCH + (5 - hours) * HOUR_MS)
        found: list[int] = self.market.candles(asset, HOUR_MS, first, now, now).open_ms.tolist()
        return [(at - EPOCH) // HOUR_MS for at in found]

    def symbols(self, now: Ms = NOW) -> set[str]:
        return {item.asset for item in self.market.listings(now)}


class Reader:
    """Takes messages."""

    def __init__(self) -> None:
        self.got: list[Mapping[str, Any]] = []

    def post(self, messages: list[Message]) -> None:
        self.got += messages


@pytest.fixture
def broken() -> Broken:
    return Broken()


def instant(host: float, now: Ms = NOW) -> Instant:
    return Instant(now=now, stamp=now, host=host)


@pytest.mark.parametrize("kind", list(FaultKind))
def test_every_fault_can_be_begun_bare_and_ends_by_itself(broken: Broken, kind: FaultKind) -> None:
    broken.begin(kind, duration_s=10)
    (shown,) = broken.board.state()
    assert (shown["kind"], shown["left_s"]) == (kind.value, 10.0)
    assert shown.keys() >= PARAMETERS[kind].keys()
    broken.seconds = 10.0
    assert (broken.board.state(), broken.board.active(kind)) == ([], [])


def test_faults_are_cleared_at_once(broken: Broken) -> None:
    broken.begin("ban")
    broken.begin("hole")
    broken.board.clear()
    assert broken.board.state() == []


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ({"kind": "boom"}, "one of silent-stream"),
        ({}, "one of silent-stream"),
        ({"kind": "ban", "color": "red"}, "takes duration_s, path, count, retry_after_s; not 'color'"),
        ({"kind": "ban", "duration_s": 0}, "above 0"),
        ({"kind": "ban", "duration_s": "long"}, "duration_s is a number"),
        ({"kind": "ban", "duration_s": float("nan")}, "duration_s is a number"),
        ({"kind": "ban", "path": 7}, "path is a text"),
        ({"kind": "slow-answers", "delay_s": -1}, "not negative"),
        ({"kind": "server-error", "status": 200}, "from 400 to 599"),
        ({"kind": "hole", "asset": "NOPE"}, "'NOPE' is not listed"),
        ({"kind": "delisting", "asset": ""}, "needs the name"),
        ({"kind": "listing", "asset": "ETH"}, "not listed yet"),
        ({"kind": "listing", "asset": "NEW", "like": "NOPE"}, "'NOPE' is not listed"),
        ({"kind": "rename", "to": "p o l"}, "is not a name"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(broken: Broken, order: dict[str, object], reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        broken.board.begin(order, NOW, LISTED)
    assert broken.board.state() == []


def test_without_faults_the_market_is_the_real_one(broken: Broken) -> None:
    assert broken.market.listings(NOW) == REAL.listings(NOW)
    assert broken.market.tickers(NOW) == REAL.tickers(NOW)
    assert broken.opens(ETH) == [0, 1, 2, 3, 4, 5]


def test_a_hole_takes_one_symbol_s_candles_until_the_fault_ends(broken: Broken) -> None:
    broken.begin("hole", asset="ETH", hours_back=2, duration_s=5)
    assert broken.opens(ETH) == [0, 1, 2]
    assert broken.opens(SOL) == [0, 1, 2, 3, 4, 5]
    broken.seconds = 5
    assert broken.opens(ETH) == [0, 1, 2, 3, 4, 5]


def test_a_hole_of_some_hours_takes_the_whole_market_and_only_those(broken: Broken) -> None:
    broken.begin("hole", hours_back=3, hours=2)
    assert broken.opens(ETH) == broken.opens(SOL) == [0, 1, 4, 5]


def test_the_last_candles_come_twice(broken: Broken) -> None:
    broken.begin("duplicate-candles", asset="ETH")
    assert broken.opens(ETH) == [0, 1, 2, 3, 4, 4, 5, 5]
    assert broken.opens(SOL) == [0, 1, 2, 3, 4, 5]


def test_a_corrected_candle_differs_in_its_close_alone_and_stays_a_candle(broken: Broken) -> None:
    before = REAL.candles(ETH, HOUR_MS, EPOCH, NOW, NOW)
    broken.begin("corrected-candle", asset="ETH", bars_back=2, bps=200)
    after = broken.market.candles(ETH, HOUR_MS, EPOCH, NOW, NOW)
    assert np.flatnonzero(before.close != after.close).tolist() == [3]
    assert after.close[3] == pytest.approx(before.close[3] * 1.02)
    assert after.low[3] <= after.close[3] <= after.high[3]
    assert np.array_equal(before.open, after.open)


def test_a_delisting_is_announced_and_then_the_symbol_is_gone(broken: Broken) -> None:
    broken.begin("delisting", asset="MKR", notice_hours=2)
    gone = Ms(NOW + 2 * HOUR_MS)
    announced = answer("/v5/market/instruments-info", {"category": "linear", "symbol": "MKRUSDT"}, broken.market, NOW)
    (row,) = announced.body["result"]["list"]  # type: ignore[index]
    assert (row["status"], row["deliveryTime"]) == ("Trading", str(gone))
    refused = answer("/v5/market/kline", {"symbol": "MKRUSDT", "interval": "60"}, broken.market, gone)
    assert refused.body["retMsg"] == "params error: symbol invalid"
    assert "MKR" not in {item.listing.asset for item in broken.market.tickers(gone)}


def test_a_rename_takes_the_old_name_and_leaves_the_new_one_with_its_own_history(broken: Broken) -> None:
    assert {"MATIC", "POL"} <= broken.symbols()
    before = broken.opens(Asset("POL"))
    broken.begin("rename")
    assert broken.symbols() & {"MATIC", "POL"} == {"POL"}
    assert broken.opens(Asset("POL")) == before


def test_a_rename_to_an_unknown_name_starts_a_symbol_at_the_old_price(broken: Broken) -> None:
    broken.begin("rename", asset="ETH", to="ETHX")
    old = next(item for item in REAL.tickers(NOW) if item.listing.asset == ETH)
    new = next(item for item in broken.market.tickers(NOW) if item.listing.asset == "ETHX")
    assert new.last == old.last
    assert np.isnan(new.ago_24h)
    rows = answer("/v5/market/kline", {"symbol": "ETHXUSDT", "interval": "60"}, broken.market, Ms(NOW + HOUR_MS))
    assert len(rows.body["result"]["list"]) == 2, "its candles start at the rename"  # type: ignore[index]


def test_a_new_listing_trades_from_its_first_minute_on(broken: Broken) -> None:
    broken.begin("listing", asset="FRESH", like="SOL")
    assert broken.symbols() - LISTED == {"FRESH"}
    new = next(item for item in broken.market.tickers(NOW) if item.listing.asset == "FRESH")
    assert new.listing.launch_ms == NOW
    assert new.last == next(item.last for item in REAL.tickers(NOW) if item.listing.asset == SOL)
    broken.board.clear()
    assert "FRESH" not in broken.symbols()


def test_the_venue_s_clock_jumps_and_its_candles_do_not(broken: Broken) -> None:
    broken.begin("clock-jump", skew_s=-90)
    stamp = Ms(NOW + broken.board.skew_ms())
    time = answer("/v5/market/time", {}, broken.market, NOW, stamp).body
    kline = answer("/v5/market/kline", {"symbol": "ETHUSDT", "interval": "1", "limit": "1"}, broken.market, NOW, stamp)
    assert time["time"] == stamp == NOW - 90_000
    assert kline.body["time"] == stamp
    assert kline.body["result"]["list"][0][0] == str(NOW)  # type: ignore[index]


def test_a_silent_stream_loses_its_data_and_speaks_in_snapshots_afterwards(broken: Broken) -> None:
    feed, reader = StreamFeed(broken.market), Reader()
    faulty: FaultyStream[Reader] = FaultyStream(feed, broken.board)

    def tick(host: float, minutes: int) -> None:
        broken.seconds = host
        at = instant(host, Ms(NOW + minutes * MINUTE_MS))
        topics = [ETH_TICKER, ETH_HOURS]
        for topic, message in (*feed.due(topics, at), *faulty.corrections(topics, at)):
            faulty.pass_on(topic, message, [reader], at)

    tick(0, 0)
    heard = len(reader.got)
    broken.begin("silent-stream", asset="ETH", duration_s=5)
    tick(1, 20)
    tick(4.9, 40)
    assert heard == len(reader.got) == 2
    tick(5.1, 41)
    tick(6.2, 42)
    assert [item["type"] for item in reader.got if item["topic"] == "tickers.ETHUSDT"][-1] == "snapshot"
    assert all(not row["confirm"] for item in reader.got if "kline" in item["topic"] for row in item["data"])


def test_late_messages_keep_their_order_or_lose_it(broken: Broken) -> None:
    for reorder in (False, True):
        broken.board.clear()
        broken.begin("delayed-messages", delay_s=2, reorder=reorder)
        faulty: FaultyStream[Reader] = FaultyStream(StreamFeed(broken.market), broken.board)
        reader = Reader()
        for number in range(20):
            faulty.pass_on(ETH_TICKER, {"n": number}, [reader], instant(number * 0.1))
        assert list(faulty.ripe(instant(0.0))) == []
        order: list[Any] = [message["n"] for _, message in faulty.ripe(instant(100.0))]
        assert reader.got == []
        assert sorted(order) == list(range(20))
        assert (order == sorted(order)) is not reorder


def test_candle_messages_come_twice_and_tickers_once(broken: Broken) -> None:
    broken.begin("duplicate-candles")
    faulty: FaultyStream[Reader] = FaultyStream(StreamFeed(broken.market), broken.board)
    reader = Reader()
    faulty.pass_on(ETH_HOURS, {"n": 1}, [reader], instant(0))
    faulty.pass_on(ETH_TICKER, {"n": 2}, [reader], instant(0))
    assert reader.got == [{"n": 1}, {"n": 1}, {"n": 2}]


def test_a_correction_is_sent_once_to_those_who_follow_the_candle_and_once_more_when_it_ends(broken: Broken) -> None:
    faulty: FaultyStream[Reader] = FaultyStream(StreamFeed(broken.market), broken.board)
    topics = [ETH_TICKER, ETH_HOURS, Topic(category="linear", asset=SOL, channel=Channel.CANDLES, step_ms=HOUR_MS)]
    broken.begin("corrected-candle", asset="ETH", bars_back=1, bps=100, duration_s=5)
    ((topic, corrected),) = faulty.corrections(topics, instant(0))
    again = list(faulty.corrections(topics, instant(1)))
    broken.seconds = 5
    ((_, restored),) = faulty.corrections(topics, instant(5))
    (one,), (two,) = corrected["data"], restored["data"]  # type: ignore[misc]
    assert (topic, again) == (ETH_HOURS, [])
    assert one["start"] == two["start"] == EPOCH + 4 * HOUR_MS  # type: ignore[has-type]
    assert one["confirm"]  # type: ignore[has-type]
    assert float(one["close"]) / float(two["close"]) == pytest.approx(1.01)  # type: ignore[has-type]
