"""When a notice goes out: levels, baskets, quiet hours, the rate; and what becomes of a message that is not taken."""

import asyncio

import pytest

from engine.domain.config import NotifyConfig
from engine.domain.errors import NoticeNotSentError
from engine.domain.notice import Level, Notice
from engine.domain.units import BasketName
from engine.runtime.notice_desk import TRIED_AGAIN_AFTER_S, NoticeDesk
from engine.runtime.notice_queue import GATHER_S, KEPT, NoticeQueue

NOON, NIGHT, MORNING = 12 * 60, 3 * 60, 7 * 60


def notice(title: str, level: Level = Level.WARNING, basket: str | None = None) -> Notice:
    return Notice(level=level, title=title, basket=BasketName(basket) if basket else None)


def titles(queue: NoticeQueue, now: float, minute: int = NOON) -> str:
    found = queue.due(now, minute)
    return "" if found is None else found.title


def test_what_comes_at_once_is_one_message_with_the_most_urgent_first() -> None:
    queue = NoticeQueue(NotifyConfig())
    queue.put(notice("a proposal"), 0.0)
    queue.put(notice("an alert", Level.URGENT), 1.0)
    queue.put(notice("an alert", Level.URGENT), 1.5)  # the same again says nothing new
    assert queue.due(GATHER_S - 0.1, NOON) is None
    found = queue.due(GATHER_S, NOON)
    assert found is not None
    assert (found.level, found.title, found.body) == (Level.URGENT, "an alert (+1)", "an alert\na proposal")
    assert queue.due(1000.0, NOON) is None


def test_a_level_below_the_wanted_one_and_a_basket_that_is_not_named_are_not_told() -> None:
    queue = NoticeQueue(NotifyConfig(level=Level.WARNING, baskets=("mine",)))
    queue.put(notice("footnote", Level.INFO), 0.0)
    queue.put(notice("theirs", Level.URGENT, "theirs"), 0.0)
    assert titles(queue, 10.0) == ""
    queue.put(notice("mine", basket="mine"), 10.0)
    assert titles(queue, 20.0) == "mine"
    queue.put(notice("the market"), 20.0)
    assert titles(queue, 30.0) == "the market"


def test_in_quiet_hours_only_the_urgent_goes_out_and_the_rest_when_they_are_over() -> None:
    queue = NoticeQueue(NotifyConfig(quiet_hours="22:00-07:00"))
    queue.put(notice("a proposal"), 0.0)
    queue.put(notice("an alert", Level.URGENT), 0.0)
    assert titles(queue, 10.0, NIGHT) == "an alert"
    assert titles(queue, 20.0, 23 * 60) == ""
    assert titles(queue, 30.0, MORNING) == "a proposal"


def test_beyond_the_rate_messages_wait_and_are_told_together_while_the_urgent_has_room_left() -> None:
    queue = NoticeQueue(NotifyConfig(per_hour=2))
    sent = []
    for second in range(0, 100, 10):
        queue.put(notice(f"n{second}"), float(second))
        sent.append(titles(queue, second + 5.0))
    assert [title for title in sent if title] == ["n0", "n10"]
    queue.put(notice("urgent", Level.URGENT), 100.0)
    assert titles(queue, 105.0) == "urgent (+8)"
    queue.put(notice("later"), 110.0)
    assert titles(queue, 3600.0) == ""
    assert titles(queue, 3705.0) == "later"


def test_a_flood_is_counted_not_kept() -> None:
    queue = NoticeQueue(NotifyConfig())
    for number in range(KEPT + 50):
        queue.put(notice(f"n{number}"), 0.0)
    found = queue.due(10.0, NOON)
    assert found is not None
    assert found.title.endswith(f"(+{KEPT + 49})")
    assert f"and {KEPT + 50 - 12} more" in found.body


class OverError(Exception):
    """The scene is over."""


class Phone:
    """A notifier and a heartbeat that fail as often as they are told to."""

    def __init__(self, *, fails: int) -> None:
        self.fails = fails
        self.got: list[str] = []
        self.pings = 0

    async def send(self, level: Level, title: str, body: str) -> None:
        if self.fails:
            self.fails -= 1
            raise NoticeNotSentError("1 of 1 services did not take the message: JSON")
        self.got.append(f"{level} {title}")

    async def ping(self) -> None:
        self.pings += 1


@pytest.mark.parametrize(("fails", "got"), [(0, 1), (len(TRIED_AGAIN_AFTER_S), 1), (len(TRIED_AGAIN_AFTER_S) + 1, 0)])
def test_a_message_that_is_not_taken_is_tried_again_and_then_let_go(fails: int, got: int) -> None:
    phone, now = Phone(fails=fails), [0.0]

    async def sleep(seconds: float) -> None:
        now[0] += seconds
        await asyncio.sleep(0)
        if now[0] > 400.0:
            raise OverError

    desk = NoticeDesk(
        NotifyConfig(), monotonic=lambda: now[0], notifier=phone, heartbeat=phone, minute=lambda: NOON, sleep=sleep
    )
    desk.take(notice("an alert"))
    desk.checked()
    with pytest.raises(OverError):
        asyncio.run(desk.run())
    assert phone.got == ["warning driftdeck: an alert"] * got
    assert phone.pings == 1
