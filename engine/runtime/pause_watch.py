"""Owns telling the core which hosts asked to be left alone, so that a person sees how long.

Asks the breaker that everything shares, whoever ran into the pause: the feed, the streams or the broker. Never pauses
or resumes anything.
"""

import asyncio
from collections.abc import Awaitable, Callable

from engine.core.inputs import Input, PausesReported
from engine.domain.market import HostPause

LOOK_EVERY_S = 0.5


class PauseWatch:
    """Puts the pauses of all hosts whenever they are other ones."""

    def __init__(
        self,
        pauses: Callable[[], tuple[HostPause, ...]],
        *,
        put: Callable[[Input], None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._pauses = pauses
        self._put = put
        self._sleep = sleep

    async def run(self) -> None:
        """Look for ever."""
        said: tuple[HostPause, ...] = ()
        while True:
            now = self._pauses()
            if now != said:
                said = now
                self._put(PausesReported(pauses=now))
            await self._sleep(LOOK_EVERY_S)
