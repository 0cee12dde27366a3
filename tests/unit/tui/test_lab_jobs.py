"""The lab's jobs on real child processes: answers, error sentences, one at a time, ended when nobody waits any more."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import psutil

from support.command_line import eventually
from tui.cockpit.lab_jobs import NICE, LabJobs, Step, sentence

SLEEPER = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(60)"


def nothing() -> None:
    """Paint nothing."""


def jobs() -> LabJobs:
    return LabJobs(nothing, program=(sys.executable, "-c"))


def step(code: str, *more: str, take: Callable[[bytes], None] = lambda _: None) -> Step:
    return Step(what="odds", arguments=(code, *more), take=take)


async def over(of: LabJobs) -> None:
    """Wait until nothing is under way."""
    async with asyncio.timeout(20):
        while of.work:
            await asyncio.wait(of.work)


async def pid_in(file: Path) -> int:
    """Wait until a child has said its number."""
    await asyncio.to_thread(eventually, "the child runs", lambda: file.exists() and bool(file.read_text()))
    return int(await asyncio.to_thread(file.read_text))


async def test_steps_run_one_after_the_other_niced_and_their_answers_are_handed_over() -> None:
    found: list[bytes] = []
    work = jobs()
    code = "import os; print(os.getpriority(os.PRIO_PROCESS, 0), end='')"
    work.start("page", [step("print('a', end='')", take=found.append), step(code, take=found.append)])
    assert work.job("page").running
    await over(work)
    assert found == [b"a", str(min(19, os.getpriority(os.PRIO_PROCESS, 0) + NICE)).encode()] or found[1] == b"10"
    assert (work.job("page").running, work.job("page").error) == (False, "")


async def test_a_command_that_fails_leaves_its_own_sentence_and_the_steps_behind_it_are_not_run() -> None:
    found: list[bytes] = []
    work = jobs()
    code = "import sys; print('warning: x\\ndriftdeck: nothing is held: open one', file=sys.stderr); sys.exit(1)"
    work.start("page", [step(code), step("print('never')", take=found.append)])
    await over(work)
    assert work.job("page").error == "nothing is held: open one"
    assert found == []


async def test_an_answer_in_another_form_and_a_fault_are_said_as_such() -> None:
    work = jobs()

    def refuse(_: bytes) -> None:
        raise msgspec.ValidationError("Expected `str`")

    work.start("page", [step("print('{}')", take=refuse)])
    await over(work)
    assert "in a form that this cockpit does not know (Expected `str`)" in work.job("page").error
    assert sentence("Traceback (most recent call last):\n  x\nKeyError: 3") == (
        "the command ended on a fault of its own (KeyError: 3)"
    )


async def test_a_new_job_of_a_page_and_leaving_it_end_the_child_that_runs(tmp_path: Path) -> None:
    work = jobs()
    work.start("page", [step(SLEEPER, str(tmp_path / "one"))])
    first = await pid_in(tmp_path / "one")
    work.start("page", [step(SLEEPER, str(tmp_path / "two"))])
    second = await pid_in(tmp_path / "two")
    work.stop("page")
    await over(work)
    assert not psutil.pid_exists(first)
    assert not psutil.pid_exists(second)
    assert not work.job("page").running


async def test_a_job_replaced_within_its_pause_is_never_started(tmp_path: Path) -> None:
    work = jobs()
    found: list[bytes] = []
    for number in range(5):
        work.start("page", [step(f"print({number}, end='')", take=found.append)], after_s=0.05)
    await over(work)
    assert found == [b"4"]
