"""Owns what faults do to connections: storms that drop every socket again and again, and a closed port (a restart).

One small loop beside the proxy, ten times a second. What is dropped is dropped without goodbye; the port that was
closed opens again as the same port.
"""

import asyncio
import time

from engine.venue_sim.faults import FaultBoard, FaultKind
from engine.venue_sim.proxy import ConnectProxy

_EVERY_S = 0.1


async def disturb(proxy: ConnectProxy, board: FaultBoard) -> None:
    """Do to the proxy what the faults in force say, until cancelled."""
    dropped: dict[int, float] = {}
    while True:
        if board.active(FaultKind.REFUSED_CONNECTIONS, FaultKind.RESTART):
            await proxy.shut()
        else:
            await proxy.open()
        at = time.monotonic()
        for storm in board.active(FaultKind.DISCONNECT_STORM):
            if at - dropped.get(storm.number, float("-inf")) >= storm.figure("every_s"):
                dropped[storm.number] = at
                proxy.drop()
        await asyncio.sleep(_EVERY_S)
