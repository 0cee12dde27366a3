"""The feed's rhythm, on a fake venue and a clock that moves when the feed sleeps: no real second passes."""

import asyncio
import math
from collections.abc import Callable

import pytest

from engine.core.inputs import CandlesArrived, Input, InstrumentsListed, LinkReported, QuotesArrived
from engine.domain.market import LinkState
from engine.domain.units import HOUR_MS, Ms
from engine.runtime.feed import GIVE_UP_AFTER_S, Feed
from support.books import START, TestClock, small_config, symbol_of
from support.fake_market_data import FakeMarketData

AFTER = Ms(START - HOUR_MS)


class OverError(Exception):
    """The scene is over."""


class Scene:
    """A feed whose sleeps move both clocks; it ends after a number of host seconds."""

    def __init__(self, *, seconds: float) -> None:
        self.config = small_config()
        self.clock = TestClock()
        self.data = FakeMarketData(now_ms=START, monotonic=self.clock.monotonic)
        for symbol in self.config.symbols.values():
            self.data.set_path(symbol, Ms(START - 5 * HOUR_MS), [1.0 + n for n in range(5)])
        self.inputs: list[Input] = []
        self.at: list[float] = []
        self.seconds = seconds
        self.on_sleep: Callable[[], None] = lambda: None
        self.feed = Feed(
            self.data, self.clock, self.config, put=self.put, observe_time=lambda *_: math.nan, sleep=self.sleep
        )

    def put(self, item: Input) -> None:
        self.inputs.append(item)
        self.at.append(self.clock.seconds)

    async def sleep(self, seconds: float) -> None:
        self.clock.seconds += seconds
        self.clock.now_ms = self.data.now_ms = Ms(self.clock.now_ms + round(seconds * 1000))
        self.on_sleep()
        if self.clock.seconds > self.seconds:
            raise OverError

    def play(self, *names: str) -> None:
        async def all_of_it() -> None:
            await self.feed.connect()
            for name in names:
                work = self.feed.poll_candles(AFTER) if name == "candles" else self.feed.poll_quotes()
                await work

        with pytest.raises(OverError):
            asyncio.run(all_of_it())


def test_connecting_learns_time_and_instruments() -> None:
    scene = Scene(seconds=1.0)
    scene.play("quotes")
    listed = next(item for item in scene.inputs if isinstance(item, InstrumentsListed))
    assert set(listed.listed) == set(scene.config.symbols.values())


def test_quotes_are_polled_at_the_configured_pace_in_one_call() -> None:
    scene = Scene(seconds=1.0)
    scene.play("quotes")
    arrived = [item for item in scene.inputs if isinstance(item, QuotesArrived)]
    assert len(arrived) == pytest.approx(1.0 / 0.05, abs=2)
    assert all(len(item.quotes) == 3 for item in arrived)


def test_failures_bring_the_link_down_and_the_next_answer_up_again() -> None:
    scene = Scene(seconds=1.0)
    scene.data.fail("quotes", times=5)
    scene.play("quotes")
    states = [item.state for item in scene.inputs if isinstance(item, LinkReported)]
    told = [state for n, state in enumerate(states) if n == 0 or states[n - 1] is not state]
    assert told == [LinkState.UP, LinkState.DEGRADED, LinkState.DOWN, LinkState.UP]


def test_candles_are_asked_for_once_per_closed_bar() -> None:
    scene = Scene(seconds=3 * 3600.0 - 60)

    def grow() -> None:
        for symbol in scene.config.symbols.values():
            opens = range(START, scene.clock.now_ms + 1, HOUR_MS)
            scene.data.set_path(symbol, START, [9.0] * len(opens))

    scene.on_sleep = grow
    scene.play("candles")
    asked = scene.data.calls_of("candles")
    assert len(asked) == 2 * 3
    assert {call.since_ms for call in asked} == {AFTER, START}


def test_a_halted_market_is_not_hammered() -> None:
    scene = Scene(seconds=2 * 3600.0 - 60)
    scene.play("candles")
    asked = scene.data.calls_of("candles")
    assert len(asked) < 2 * 3 * (GIVE_UP_AFTER_S + 3)
    assert all(isinstance(item, CandlesArrived) for item in scene.inputs if hasattr(item, "candles"))


def test_a_failing_symbol_does_not_hold_back_the_others() -> None:
    scene = Scene(seconds=3600.0 + 20)
    scene.data.fail("candles", symbol=symbol_of("AAA"), times=3)
    for symbol in scene.config.symbols.values():
        scene.data.set_path(symbol, START, [9.0, 9.0])
    scene.play("candles")
    first = {
        item.symbol: at
        for item, at in reversed(list(zip(scene.inputs, scene.at, strict=True)))
        if isinstance(item, CandlesArrived)
    }
    assert first[symbol_of("BBB")] < first[symbol_of("AAA")] < first[symbol_of("BBB")] + 5
