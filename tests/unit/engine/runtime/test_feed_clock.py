"""How a jump of the venue's clock is found: on the real clock of the engine, with a host time that the test moves."""

import asyncio
from collections.abc import Callable

import pytest

from engine.adapters.clocks import MEASURED, SystemClock
from engine.core.inputs import ClockMeasured, Input
from engine.domain.units import Ms
from engine.runtime.feed import CLOCK_AGAIN_S, CLOCK_EVERY_S, MOST_DOUBTS, Feed
from support.books import START, small_config
from support.fake_market_data import FakeMarketData

SOON_S = CLOCK_EVERY_S + MEASURED * CLOCK_AGAIN_S


class OverError(Exception):
    """The scene is over."""


def skews(off_ms: Callable[[float], int], seconds: float) -> list[tuple[float, float]]:
    """Return when which difference was said, where the venue's clock is `off_ms` of the host second ahead."""
    now = 0.0
    said: list[tuple[float, float]] = []
    clock = SystemClock(wall=lambda: START / 1000 + now, monotonic=lambda: now)
    data = FakeMarketData(now_ms=START, monotonic=lambda: now)

    async def sleep(for_s: float) -> None:
        nonlocal now
        now += for_s
        data.now_ms = Ms(START + round(now * 1000) + off_ms(now))
        if now > seconds:
            raise OverError

    def put(item: Input) -> None:
        if isinstance(item, ClockMeasured):
            said.append((now, item.skew_ms))

    async def play() -> None:
        feed = Feed(data, clock, small_config(), put=put, observe_time=clock.observe, sleep=sleep)
        await feed.connect()
        await feed.poll_clock()

    with pytest.raises(OverError):
        asyncio.run(play())
    return said


@pytest.mark.parametrize("jump_ms", [120_000, -120_000])
def test_a_clock_that_jumps_is_believed_within_seconds_of_the_next_look_and_so_is_the_way_back(jump_ms: int) -> None:
    said = skews(lambda now: jump_ms if 100 <= now < 400 else 0, 800.0)
    jumped = next(at for at, skew_ms in said if abs(skew_ms) > 60_000)
    back = next(at for at, skew_ms in said if at > jumped and abs(skew_ms) < 1_000)
    assert 100 <= jumped <= 100 + SOON_S
    assert 400 <= back <= 400 + SOON_S


def test_what_is_said_of_a_jump_is_never_half_of_it() -> None:
    said = {round(skew_ms / 1000) for _, skew_ms in skews(lambda now: 120_000 if now > 20 else 0, 200.0)}
    assert said == {0, 120}


def test_one_answer_that_is_off_moves_nothing() -> None:
    said = skews(lambda now: 120_000 if 119 < now < 121 else 0, 300.0)
    assert all(abs(skew_ms) < 1_000 for _, skew_ms in said)


def test_a_clock_that_is_never_still_is_not_asked_all_the_time() -> None:
    said = skews(lambda now: int(now * 1e6) % 50_000, 600.0)
    assert len(said) <= 600.0 / (CLOCK_EVERY_S + MOST_DOUBTS * CLOCK_AGAIN_S) * (MOST_DOUBTS + 1) + MOST_DOUBTS
