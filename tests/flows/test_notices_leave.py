"""A running engine tells somebody elsewhere: its checks beat, a halt is told; `driftdeck watch` notices silence."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from engine.domain.commands import HaltTrading
from engine.domain.errors import ExitCode, NoEngineError, RefusedError
from engine.domain.events import CheckCompleted
from engine.domain.notice import Level
from engine.runtime.bootstrap import World, assemble
from support.books import TestClock, long_basket, small_config
from support.command_line import driftdeck
from support.engine_room import SPEED, running, until, venue
from tui.commands.notify import Watchman


class Phone:
    """A notifier and a heartbeat that keep what they are given."""

    def __init__(self) -> None:
        self.got: list[tuple[Level, str]] = []
        self.pings = 0

    async def send(self, level: Level, title: str, body: str) -> None:
        self.got.append((level, f"{title}: {body}"))

    async def ping(self) -> None:
        self.pings += 1


async def test_a_check_beats_and_what_is_durable_is_told(tmp_path: Path) -> None:
    config = small_config(long_basket("longs", "AAA", "BBB", "CCC"), speed=SPEED)
    config = replace(config, venue=replace(config.venue, poll_every_ms=20))
    phone, clock, data = Phone(), TestClock(), venue(config)
    data._monotonic = clock.monotonic
    world = World(clock=clock, data=data, observe_time=lambda *_: math.nan, notifier=phone, heartbeat=phone)
    async with running(assemble(config, tmp_path, world)) as (client, listener):
        await listener.wait_for(CheckCompleted)
        await client.act(HaltTrading(note=""))
        clock.seconds += 10.0  # what comes at once is gathered
        await until(lambda: phone.pings > 0 and any("trading is halted" in text for _, text in phone.got))
    assert all(level.rank >= Level.WARNING.rank for level, _ in phone.got)


def test_a_watchman_tells_once_that_the_engine_is_silent_and_once_that_it_is_back(
    capsys: pytest.CaptureFixture[str],
) -> None:
    phone = Phone()
    answers: list[str | Exception] = ["fine", RefusedError("late"), NoEngineError("gone"), "fine", "fine"]

    def checked() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    watchman = Watchman(checked, phone)
    for _ in range(5):
        watchman.look()
    assert phone.got == [
        (Level.URGENT, "driftdeck: the engine is silent: late"),
        (Level.INFO, "driftdeck: the engine is back: fine"),
    ]
    assert "late" in capsys.readouterr().err


def test_looking_once_where_no_engine_runs_ends_with_code_three(tmp_path: Path) -> None:
    done = driftdeck("watch", "--once", "--state", str(tmp_path))
    assert done.returncode == ExitCode.NO_ENGINE
    assert "no engine runs for" in done.stderr
