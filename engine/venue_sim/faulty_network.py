"""Owns what faults do to connections: storms that drop every socket again and again, and a closed port (a restart).

One small loop beside the proxy, ten times a second, and at once when the control API begins or ends a fault: its
answer means that it is so. What is dropped is dropped without goodbye; the port that was closed opens again as the
same port.
"""

import asyncio
import time

from engine.venue_sim.faults import FaultBoard, FaultKind
from engine.venue_sim.proxy import ConnectProxy

_EVERY_S = 0.1


class FaultyNetwork:
    """The proxy as the faults of `board` leave it."""

    def __init__(self, proxy: ConnectProxy, board: FaultBoard) -> None:
        self._proxy = proxy
        self._board = board
        self._dropped: dict[int, float] = {}
        self._alone = asyncio.Lock()  # opening a port takes a moment, and two would want the same one

    async def run(self) -> None:
        """Do to the proxy what the faults in force say, until cancelled."""
        while True:
            await self.apply()
            await asyncio.sleep(_EVERY_S)

    async def apply(self) -> None:
        """Do it once, now."""
        async with self._alone:
            if self._board.active(FaultKind.REFUSED_CONNECTIONS, FaultKind.RESTART):
                await self._proxy.shut()
            else:
                await self._proxy.open()
            at = time.monotonic()
            for storm in self._board.active(FaultKind.DISCONNECT_STORM):
                if at - self._dropped.get(storm.number, float("-inf")) >= storm.figure("every_s"):
                    self._dropped[storm.number] = at
                    self._proxy.drop()
