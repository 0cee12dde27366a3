"""Owns the one thread that writes the journal: facts go in without waiting, and a future says when they are durable.

Batches that gather while the disk is busy share one transaction, in order; each stays whole. Effects wait for the
future, candle intake does not. The first failure is final: memory may be ahead of the disk from then on, so nothing
more is written, every later batch fails with the same sentence, and only a new start (which recovers) goes on.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.domain.errors import StoreError
from engine.domain.journal import Journaled
from engine.domain.ports import Journal


@dataclass(frozen=True, slots=True)
class _Batch:
    facts: tuple[Journaled, ...]
    written: asyncio.Future[int]


class JournalWriter:
    """Appends to a journal from its own thread. Belongs to the event loop that made it."""

    def __init__(self, journal: Journal, *, on_failure: Callable[[StoreError], None] | None = None) -> None:
        """Start the thread; `on_failure` is called once, on the loop."""
        self._journal = journal
        self._on_failure = on_failure
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[_Batch | None] = queue.SimpleQueue()
        self._unwritten = 0
        self._failure: StoreError | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    @property
    def failure(self) -> StoreError | None:
        """Return what ended the writing, None while all is well."""
        return self._failure

    @property
    def unwritten(self) -> int:
        """Return how many facts are not durable yet."""
        return self._unwritten

    def append(self, facts: Sequence[Journaled]) -> asyncio.Future[int]:
        """Queue a batch; the future gives its last sequence number once it is durable, or raises StoreError."""
        written = self._loop.create_future()
        written.add_done_callback(_look_at)
        if self._closed:
            written.set_exception(StoreError("the journal is closed: the engine is ending"))
        elif self._failure is not None:
            written.set_exception(StoreError(str(self._failure)))
        else:
            self._unwritten += len(facts)
            self._queue.put(_Batch(tuple(facts), written))
        return written

    async def close(self) -> None:
        """Write what is queued and end the thread; the journal itself stays open."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        await asyncio.sleep(0)  # the last results were handed to the loop before the thread ended

    def _work(self) -> None:
        """Run in the thread: take what has gathered, write it, report; until the end is queued or writing failed."""
        while True:
            batches, ending = self._gather()
            if batches:
                try:
                    last = self._journal.append([fact for batch in batches for fact in batch.facts])
                except StoreError as error:
                    self._loop.call_soon_threadsafe(self._fail, batches, error)
                    return
                except BaseException as error:  # a fault of the program: nobody may wait for ever because of it
                    fault = StoreError(
                        f"the journal could not take the facts ({error!r}): this is a fault, see the log"
                    )
                    self._loop.call_soon_threadsafe(self._fail, batches, fault)
                    raise
                self._loop.call_soon_threadsafe(self._done, batches, last)
            if ending:
                return

    def _gather(self) -> tuple[list[_Batch], bool]:
        batches: list[_Batch] = []
        item = self._queue.get()
        while item is not None:
            batches.append(item)
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return batches, False
        return batches, True

    def _done(self, batches: list[_Batch], last: int) -> None:
        seq = last - sum(len(batch.facts) for batch in batches)
        for batch in batches:
            seq += len(batch.facts)
            self._unwritten -= len(batch.facts)
            if not batch.written.done():  # a waiter may have been canceled; the fact stays
                batch.written.set_result(seq)

    def _fail(self, batches: list[_Batch], error: StoreError) -> None:
        self._failure = error
        while True:  # what was queued meanwhile shares the fate; the thread has ended
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                break
            if item is not None:
                batches.append(item)
        for batch in batches:
            if not batch.written.done():
                batch.written.set_exception(StoreError(str(error)))
        if self._on_failure is not None:
            self._on_failure(error)


def _look_at(written: asyncio.Future[int]) -> None:
    """Mark a failure as seen: whoever does not wait for a batch still learns of it from `failure`."""
    if not written.cancelled():
        written.exception()
