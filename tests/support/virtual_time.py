"""Owns an event loop whose time is virtual: where nothing is left to do it jumps to the next timer instead of waiting.

Real sockets and threads still work: while `busy` says that a thread owes an answer, time stands still until it came. So
a program that waits for 72 minutes of clock runs as fast as its work is done.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar

T = TypeVar("T")
ANSWER_WITHIN_S = 0.01


class _Selector(selectors.DefaultSelector):
    """A selector that asks the loop what to do instead of sleeping."""

    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None or self.loop.owed:
            return super().select(ANSWER_WITHIN_S)  # a thread answers through the loop's own socket
        self.loop.jump(timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time begins at 0 and moves by jumps."""

    def __init__(self) -> None:
        selector = _Selector()
        selector.loop = self
        self._at = 0.0
        self._threads = 0
        self.busy: Callable[[], bool] = lambda: False
        super().__init__(selector)

    @property
    def owed(self) -> bool:
        """Return True while a thread works for this loop."""
        return self._threads > 0 or self.busy()

    def time(self) -> float:
        """Return virtual seconds."""
        return self._at

    def jump(self, seconds: float) -> None:
        """Let time pass."""
        self._at += seconds

    def run_in_executor(self, executor: Executor | None, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override]
        """Run in a thread, and count it until it has answered."""
        self._threads += 1
        future = super().run_in_executor(executor, func, *args)

        def answered(_: asyncio.Future[T]) -> None:
            self._threads -= 1

        future.add_done_callback(answered)
        return future


def run_virtually(make: Callable[[VirtualLoop], Coroutine[Any, Any, T]]) -> T:
    """Run what `make` returns to its end in virtual time."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(make(loop))
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
