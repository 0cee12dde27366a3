"""The pauses of the shared breaker, told to the core when they change."""

import asyncio

import pytest

from engine.adapters.host_breaker import HostBreaker
from engine.core.inputs import Input, PausesReported
from engine.runtime.pause_watch import LOOK_EVERY_S, PauseWatch


class OverError(Exception):
    """The scene is over."""


def test_a_pause_is_told_once_when_it_begins_and_once_when_it_ends() -> None:
    now = [0.0]
    told: list[Input] = []
    breaker = HostBreaker(lambda: now[0])

    async def sleep(seconds: float) -> None:
        now[0] += seconds
        if now[0] == 2 * LOOK_EVERY_S:
            breaker.pause("api.example.com", 5.0, status=429)
        if now[0] > 20.0:
            raise OverError

    with pytest.raises(OverError):
        asyncio.run(PauseWatch(breaker.pauses, put=told.append, sleep=sleep).run())
    hosts = [[pause.host for pause in item.pauses] for item in told if isinstance(item, PausesReported)]
    assert hosts == [["api.example.com"], []]
