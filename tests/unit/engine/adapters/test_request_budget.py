"""The line of requests to a venue, on a clock that moves when the line sleeps."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from engine.adapters.request_budget import BURST_S, RequestBudget, Urgency, asking_for, urgency_now

SPACING_S = 0.025


class Line:
    """A budget whose sleeps move its clock; `gone` is who went when."""

    def __init__(self) -> None:
        self.now = 100.0
        self.gone: list[tuple[str, float]] = []
        self.budget = RequestBudget(lambda: self.now, sleep=self.sleep)
        self.at: list[tuple[float, Callable[[], None]]] = []

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)  # who was let go goes first
        until = self.now + seconds
        for when, act in [entry for entry in self.at if entry[0] <= until]:
            self.at.remove((when, act))
            self.now = when
            act()
            await asyncio.sleep(0)
        self.now = max(self.now, until)
        await asyncio.sleep(0)

    async def ask(self, name: str, urgency: Urgency, venue: str = "bybit") -> None:
        await self.budget.admit(venue, urgency, SPACING_S)
        self.gone.append((name, self.now - 100.0))


def run(work: Coroutine[Any, Any, Any]) -> None:
    asyncio.run(work)


def test_requests_are_spaced_as_the_limit_wants() -> None:
    line = Line()

    async def play() -> None:
        await asyncio.gather(*(line.ask("candles", Urgency.HISTORY) for _ in range(41)))

    run(play())
    assert [when for _, when in line.gone] == pytest.approx([SPACING_S * n for n in range(41)])


def test_a_trading_call_does_not_wait_behind_two_hundred_candle_calls_and_they_pay_for_it() -> None:
    line = Line()

    async def play() -> None:
        history = [asyncio.create_task(line.ask(f"candles {n}", Urgency.HISTORY)) for n in range(200)]
        trading: list[asyncio.Task[None]] = []
        line.at.append((101.0, lambda: trading.append(asyncio.create_task(line.ask("order", Urgency.TRADING)))))
        await asyncio.gather(*history)
        await asyncio.gather(*trading)

    run(play())
    assert dict(line.gone)["order"] == pytest.approx(1.0)
    assert max(when for _, when in line.gone) == pytest.approx(200 * SPACING_S)


def test_prices_go_before_the_history_that_waits() -> None:
    line = Line()

    async def play() -> None:
        history = [asyncio.create_task(line.ask("candles", Urgency.HISTORY)) for _ in range(20)]
        await asyncio.sleep(0)
        await line.ask("quotes", Urgency.PRICES)
        await asyncio.gather(*history)

    run(play())
    assert [name for name, _ in line.gone].index("quotes") <= 2


def test_trading_calls_beyond_a_burst_are_spaced_too() -> None:
    line = Line()

    async def play() -> None:
        await asyncio.gather(*(line.ask("order", Urgency.TRADING) for _ in range(100)))

    run(play())
    times = sorted(when for _, when in line.gone)
    assert times[int(BURST_S / SPACING_S) - 1] == 0.0
    assert times[-1] == pytest.approx(99 * SPACING_S, abs=BURST_S + 2 * SPACING_S)
    assert times[-1] > 1.0


def test_venues_do_not_wait_for_each_other() -> None:
    line = Line()

    async def play() -> None:
        history = [asyncio.create_task(line.ask("candles", Urgency.HISTORY)) for _ in range(50)]
        await asyncio.sleep(0)
        await line.ask("elsewhere", Urgency.HISTORY, "binance")
        await asyncio.gather(*history)

    run(play())
    assert dict(line.gone)["elsewhere"] < 2 * SPACING_S


def test_who_gives_up_waiting_uses_up_nothing() -> None:
    line = Line()

    async def play() -> None:
        first, second, third = (asyncio.create_task(line.ask(name, Urgency.HISTORY)) for name in ("a", "b", "c"))
        await first
        second.cancel()
        await asyncio.gather(third, asyncio.sleep(0))

    run(play())
    assert line.gone == [("a", 0.0), ("c", pytest.approx(SPACING_S))]


def test_what_is_asked_for_holds_inside_its_block_and_its_task_only() -> None:
    seen: list[Urgency] = []

    async def other() -> None:
        seen.append(urgency_now())

    async def play() -> None:
        others = asyncio.create_task(other())
        with asking_for(Urgency.HISTORY):
            seen.append(urgency_now())
            await others
        seen.append(urgency_now())

    run(play())
    assert seen == [Urgency.HISTORY, Urgency.PRICES, Urgency.PRICES]
