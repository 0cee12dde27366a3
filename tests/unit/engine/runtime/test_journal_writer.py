"""One thread writes the journal: in order, in whole batches, without making anybody wait, and a failure is final."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from engine.domain.errors import StoreError
from engine.domain.journal import Journaled
from engine.runtime.journal_writer import JournalWriter
from support.memory_journal import MemoryJournal
from support.some_facts import fill


class GatedJournal(MemoryJournal):
    """A journal whose disk is busy until the gate opens; remembers what each append was given."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.entered = threading.Event()
        self.appends: list[int] = []
        self.thread = ""

    def append(self, facts: Sequence[Journaled]) -> int:
        self.thread = threading.current_thread().name
        self.entered.set()
        assert self.gate.wait(10)
        self.appends.append(len(facts))
        return super().append(facts)


async def test_a_batch_is_durable_when_its_future_says_so() -> None:
    journal = MemoryJournal()
    writer = JournalWriter(journal)
    assert await writer.append([fill(1, "1", "2"), fill(2, "1", "2")]) == 2
    assert await writer.append([fill(3, "1", "2")]) == 3
    assert (journal.last_seq(), writer.unwritten, writer.failure) == (3, 0, None)
    await writer.close()


async def test_a_busy_disk_makes_nobody_wait_and_what_gathers_goes_out_together() -> None:
    journal = GatedJournal()
    writer = JournalWriter(journal)
    first = writer.append([fill(1, "1", "2")])
    await asyncio.to_thread(journal.entered.wait, 10)
    rest = [writer.append([fill(n, "1", "2"), fill(n + 1, "1", "2")]) for n in (2, 4, 6)]
    await asyncio.sleep(0)
    assert (first.done(), writer.unwritten) == (False, 7)
    journal.gate.set()
    assert await asyncio.gather(first, *rest) == [1, 3, 5, 7]
    assert journal.appends == [1, 6]
    assert journal.thread == "journal"
    assert [getattr(record.fact, "fill_id", "") for record in journal.read()] == [f"t{n}" for n in range(1, 8)]
    await writer.close()


async def test_the_first_failure_is_final_visible_and_told_once() -> None:
    journal = MemoryJournal()
    told: list[str] = []
    writer = JournalWriter(journal, on_failure=lambda error: told.append(str(error)))
    await writer.append([fill(1, "1", "2")])
    journal.failing = StoreError("the disk is full")
    with pytest.raises(StoreError, match="the disk is full"):
        await writer.append([fill(2, "1", "2")])
    journal.failing = None
    with pytest.raises(StoreError, match="the disk is full"):
        await writer.append([fill(3, "1", "2")])
    assert (journal.last_seq(), str(writer.failure), told) == (1, "the disk is full", ["the disk is full"])
    await writer.close()


async def test_what_was_queued_behind_a_failure_fails_too() -> None:
    journal = GatedJournal()
    writer = JournalWriter(journal)
    first = writer.append([fill(1, "1", "2")])
    await asyncio.to_thread(journal.entered.wait, 10)
    second = writer.append([fill(2, "1", "2")])
    journal.failing = StoreError("the disk is gone")
    journal.gate.set()
    results = await asyncio.gather(first, second, return_exceptions=True)
    assert [str(result) for result in results] == ["the disk is gone"] * 2
    assert journal.last_seq() == 0
    await writer.close()


async def test_a_failure_that_nobody_waits_for_is_still_visible() -> None:
    journal = MemoryJournal()
    journal.failing = StoreError("read-only")
    failed = asyncio.Event()
    writer = JournalWriter(journal, on_failure=lambda _: failed.set())
    writer.append([fill(1, "1", "2")])
    await failed.wait()
    assert str(writer.failure) == "read-only"
    await writer.close()


async def test_a_waiter_that_goes_away_loses_no_fact() -> None:
    journal = GatedJournal()
    writer = JournalWriter(journal)
    waiting = writer.append([fill(1, "1", "2")])
    waiting.cancel()
    journal.gate.set()
    assert await writer.append([fill(2, "1", "2")]) == 2
    await writer.close()
    assert journal.last_seq() == 2


async def test_closing_writes_what_is_queued_and_then_nothing_more() -> None:
    journal = GatedJournal()
    writer = JournalWriter(journal)
    waiting = [writer.append([fill(n, "1", "2")]) for n in (1, 2, 3)]
    journal.gate.set()
    await writer.close()
    await writer.close()
    assert await asyncio.gather(*waiting) == [1, 2, 3]
    with pytest.raises(StoreError, match="the engine is ending"):
        await writer.append([fill(4, "1", "2")])


async def test_a_fault_of_the_program_ends_the_writing_too() -> None:
    class Faulty(MemoryJournal):
        def append(self, facts: Sequence[Journaled]) -> int:
            raise ZeroDivisionError("oops")

    hooked: list[str] = []
    before, threading.excepthook = threading.excepthook, lambda args: hooked.append(str(args.exc_value))
    try:
        writer = JournalWriter(Faulty())
        with pytest.raises(StoreError, match=r"could not take the facts .*oops.* a fault"):
            await writer.append([fill(1, "1", "2")])
        await writer.close()
    finally:
        threading.excepthook = before
    assert hooked == ["oops"]
