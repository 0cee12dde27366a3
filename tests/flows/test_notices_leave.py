"""A running engine tells somebody elsewhere: its checks beat, a halt is told; `driftdeck watch` notices silence."""

import math
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from engine.adapters.sqlite_journal import SqliteJournal
from engine.domain.commands import DepositMoney, HaltTrading
from engine.domain.errors import ExitCode, NoEngineError, RefusedError
from engine.domain.events import CheckCompleted
from engine.domain.notice import Level
from engine.runtime.bootstrap import World, assemble
from engine.runtime.engine import Parts
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


def reached(state_dir: Path) -> tuple[Parts, Phone, TestClock]:
    """Return an engine that reaches a phone."""
    config = small_config(long_basket("longs", "AAA", "BBB", "CCC"), speed=SPEED)
    config = replace(config, venue=replace(config.venue, poll_every_ms=20))
    phone, clock, data = Phone(), TestClock(), venue(config)
    data._monotonic = clock.monotonic
    world = World(clock=clock, data=data, observe_time=lambda *_: math.nan, notifier=phone, heartbeat=phone)
    return assemble(config, state_dir, world), phone, clock


async def test_a_check_beats_and_what_is_durable_is_told(tmp_path: Path) -> None:
    parts, phone, clock = reached(tmp_path)
    async with running(parts) as (client, listener):
        await listener.wait_for(CheckCompleted)
        await client.act(HaltTrading(note=""))
        clock.seconds += 10.0  # what comes at once is gathered
        await until(lambda: phone.pings > 0 and any("trading is halted" in text for _, text in phone.got))
    assert all(level.rank >= Level.WARNING.rank for level, _ in phone.got)


async def test_a_full_disk_is_told_as_the_most_urgent_and_what_was_not_kept_is_not(tmp_path: Path) -> None:
    parts, phone, clock = reached(tmp_path)
    async with running(parts) as (client, listener):
        await listener.wait_for(CheckCompleted)
        journal = parts.journal
        assert isinstance(journal, SqliteJournal)
        (pages,) = journal._db.execute("PRAGMA page_count").fetchone()
        journal._db.execute(f"PRAGMA max_page_count = {pages}")  # the disk is full: SQLite's own error
        with pytest.raises(RefusedError, match="cannot be written"):
            for _ in range(200):  # the last page may still have room for a few facts
                await client.act(DepositMoney(amount=Decimal(1), note="x" * 400))
        with pytest.raises(RefusedError):
            await client.act(HaltTrading(note=""))
        clock.seconds += 10.0
        await until(lambda: any("the journal fails" in text for _, text in phone.got))
    level, told = next((level, text) for level, text in phone.got if "the journal fails" in text)
    assert level is Level.URGENT
    assert "trading is halted" not in told


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
