"""Owns the way of notices out of the engine, and its heartbeat: a task beside the loop that nothing waits for.

A message that is not taken is tried again a few times, then let go with a line in the log. Without addresses it takes
everything and says nothing. Never journals, never decides anything.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

from engine.domain.config import NotifyConfig
from engine.domain.errors import NoticeNotSentError
from engine.domain.notice import Notice
from engine.domain.ports import Heartbeat, Notifier
from engine.runtime.notice_queue import NoticeQueue

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
TRIED_AGAIN_AFTER_S = (5.0, 30.0, 120.0)


def local_minute() -> int:
    """Return the minute of the day where this engine runs."""
    now = datetime.now()  # quiet hours are those of the wall clock
    return now.hour * 60 + now.minute


class NoticeDesk:
    """Takes notices at once, sends them in its own time."""

    def __init__(
        self,
        rules: NotifyConfig,
        *,
        monotonic: Callable[[], float],
        notifier: Notifier | None = None,
        heartbeat: Heartbeat | None = None,
        minute: Callable[[], int] = local_minute,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._queue = NoticeQueue(rules)
        self._monotonic = monotonic
        self._notifier = notifier
        self._heartbeat = heartbeat
        self._minute = minute
        self._sleep = sleep
        self._checked = False

    def take(self, notice: Notice) -> None:
        """Accept a notice."""
        if self._notifier is not None:
            self._queue.put(notice, self._monotonic())

    def checked(self) -> None:
        """Note that a check is done: the heartbeat beats with it."""
        self._checked = True

    async def run(self) -> None:
        """Send what is due, and the heartbeats, for ever: neither waits for the other."""
        await asyncio.gather(self._tell(), self._beat())

    async def _tell(self) -> None:
        while True:
            await self._sleep(LOOK_EVERY_S)
            message = self._queue.due(self._monotonic(), self._minute())
            if message is not None and self._notifier is not None:
                title = f"driftdeck: {message.title}"
                await self._insist(partial(self._notifier.send, message.level, title, message.body))

    async def _beat(self) -> None:
        while True:
            await self._sleep(LOOK_EVERY_S)
            if self._checked and self._heartbeat is not None:
                self._checked = False
                await self._insist(self._heartbeat.ping)

    async def _insist(self, send: Callable[[], Awaitable[None]]) -> None:
        for pause in (*TRIED_AGAIN_AFTER_S, 0.0):
            try:
                await send()
            except NoticeNotSentError as error:
                log.warning("%s%s", error, "; tried again" if pause else "; given up")
            else:
                return
            await self._sleep(pause)
