"""Looking again at closed bars, on a fake venue and a clock that moves when the review sleeps."""

import asyncio
import math
from collections.abc import Callable

import pytest

from engine.core.inputs import CandlesArrived, Input
from engine.domain.units import DAY_MS, HOUR_MS, Ms, Symbol
from engine.runtime.bar_review import FAR_BARS, NEAR_BARS, RECONNECTS_AT_MOST_EVERY_S, BarReview
from support.books import START, TestClock, symbol_of
from support.fake_market_data import Call, FakeMarketData

AAA, BBB = symbol_of("AAA"), symbol_of("BBB")
HISTORY = 80


class OverError(Exception):
    """The scene is over."""


class Scene:
    """A review whose sleeps move both clocks; every hour the venue closes another bar."""

    def __init__(self) -> None:
        self.clock = TestClock(Ms(START + 60_000))
        self.data = FakeMarketData(now_ms=self.clock.now_ms, monotonic=self.clock.monotonic)
        for symbol in (AAA, BBB):
            self.data.set_path(symbol, Ms(START - HISTORY * HOUR_MS), [1.0 + n for n in range(HISTORY + 72)])
        self.begins: dict[Symbol, Ms] = {AAA: Ms(0), BBB: Ms(0)}
        self.up = True
        self.inputs: list[Input] = []
        self.failures: list[str] = []
        self.review = BarReview(
            self.data,
            self.clock,
            put=self.inputs.append,
            succeeded=lambda round_trip_ms: None if math.isnan(round_trip_ms) else self.failures.append("timed"),
            failed=self.failures.append,
            step_ms=HOUR_MS,
            speed=1.0,
            sleep=self.sleep,
        )
        self.until = 0.0
        self.on_sleep: Callable[[], None] = lambda: None

    async def sleep(self, seconds: float) -> None:
        self.clock.seconds += seconds
        self.clock.now_ms = self.data.now_ms = Ms(self.clock.now_ms + round(seconds * 1000))
        self.on_sleep()
        if self.clock.seconds > self.until:
            raise OverError

    def play(self, hours: float) -> list[Call]:
        """Let it run for so many hours; return what it asked for meanwhile."""
        self.until = self.clock.seconds + hours * 3600
        before = len(self.data.calls)
        with pytest.raises(OverError):
            asyncio.run(self.review.run(lambda: self.begins, lambda: self.up))
        return self.data.calls[before:]


def depths(calls: list[Call], symbol: Symbol) -> list[int]:
    return [call.limit or 0 for call in calls if call.symbols == (symbol,)]


def test_two_days_are_read_again_at_the_start_and_one_day_after_every_bar() -> None:
    scene = Scene()
    calls = scene.play(hours=3.1)
    assert depths(calls, AAA) == depths(calls, BBB) == [FAR_BARS, NEAR_BARS, NEAR_BARS, NEAR_BARS]


def test_the_last_day_is_read_again_after_a_reconnect_although_no_bar_has_closed() -> None:
    scene = Scene()
    scene.play(hours=0.5)
    assert scene.play(hours=0.1) == []
    scene.review.look_again()
    assert depths(scene.play(hours=0.1), AAA) == [NEAR_BARS]
    assert scene.play(hours=0.1) == []


def test_a_storm_of_reconnects_is_answered_at_a_bearable_pace() -> None:
    scene = Scene()
    scene.play(hours=0.5)
    scene.on_sleep = scene.review.look_again
    seconds = 300
    looks = len(depths(scene.play(hours=seconds / 3600), AAA))
    assert 2 < looks <= seconds / RECONNECTS_AT_MOST_EVERY_S + 1


def test_an_older_bar_that_the_venue_corrected_is_handed_on_again() -> None:
    scene = Scene()
    scene.play(hours=0.5)
    scene.inputs.clear()
    wrong = Ms(START - 7 * HOUR_MS)
    scene.data.set_close(AAA, wrong, 123.0)
    scene.play(hours=1.0)
    told = [c.close for item in scene.inputs if isinstance(item, CandlesArrived) for c in item.candles]
    assert told.count(123.0) == 1


def test_only_closed_bars_are_handed_on() -> None:
    scene = Scene()
    scene.play(hours=2.1)
    opens = [c.open_ms for item in scene.inputs if isinstance(item, CandlesArrived) for c in item.candles]
    assert max(opens) == START + HOUR_MS


def test_two_days_are_read_again_once_a_day() -> None:
    scene = Scene()
    calls = scene.play(hours=DAY_MS / HOUR_MS + 2.1)
    assert depths(calls, AAA).count(FAR_BARS) == 2


def test_after_the_link_was_down_two_days_are_read_as_soon_as_it_is_up() -> None:
    scene = Scene()
    scene.play(hours=0.5)
    scene.up = False
    scene.review.look_far()
    assert scene.play(hours=0.1) == []
    scene.up = True
    assert depths(scene.play(hours=0.1), AAA) == [FAR_BARS]


def test_what_failed_is_asked_again_without_waiting_for_the_next_bar() -> None:
    scene = Scene()
    scene.data.fail("candles", symbol=BBB)
    calls = scene.play(hours=0.5)
    assert depths(calls, BBB) == [FAR_BARS, FAR_BARS]
    assert len(scene.failures) == 1


def test_nothing_before_a_symbols_first_bar_is_asked_for() -> None:
    scene = Scene()
    scene.begins[BBB] = Ms(START - 3 * HOUR_MS)
    calls = scene.play(hours=0.5)
    assert depths(calls, BBB) == [3]


def test_a_symbol_that_is_gone_does_not_keep_the_others_from_being_read() -> None:
    scene = Scene()
    scene.data.delist(BBB)
    scene.play(hours=0.5)
    assert {item.symbol for item in scene.inputs if isinstance(item, CandlesArrived)} == {AAA}
