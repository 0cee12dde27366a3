"""Owns the sockets of the private streams: one connection belongs to one account and hears what changes in it.

What to say is decided by the connection's talk (`bybit_private_stream`, `binance_private_stream`). While a
`silent-private-stream` fault is in force the changes are lost: pings are answered, nothing else is said.
"""

import asyncio
import contextlib
import json
from typing import Protocol

from aiohttp import WSMsgType, web

from engine.domain.units import Ms
from engine.venue_sim.account_margin import Quotes
from engine.venue_sim.accounts import Account
from engine.venue_sim.activity import Activity
from engine.venue_sim.exchange import Exchange
from engine.venue_sim.faults import FaultBoard, FaultKind
from engine.venue_sim.orders import Change

_TICK_S = 0.05
_SILENT_CLIENT_S = 600.0


class Talk(Protocol):
    """What one connection says and is told."""

    account: Account | None

    def hear(self, message: str) -> dict[str, object]:
        """Answer a request."""
        ...

    def messages(self, changes: list[Change], quotes: Quotes, now: Ms) -> list[dict[str, object]]:
        """Return what changes are told as."""
        ...


class PrivateHub:
    """The private sockets of the venue."""

    def __init__(self, exchange: Exchange, board: FaultBoard, activity: Activity) -> None:
        self._exchange = exchange
        self._board = board
        self._activity = activity
        self._open: set[web.WebSocketResponse] = set()

    async def serve(self, request: web.Request, talk: Talk) -> web.StreamResponse:
        """Serve one socket for as long as it is open."""
        socket = web.WebSocketResponse(compress=False, receive_timeout=_SILENT_CLIENT_S)
        if not socket.can_prepare(request):
            return web.Response(status=404, text="no such stream")
        await socket.prepare(request)
        self._open.add(socket)
        teller = asyncio.create_task(self._tell(socket, talk))
        try:
            with contextlib.suppress(TimeoutError):
                async for message in socket:
                    if message.type is WSMsgType.TEXT:
                        self._activity.note()
                        await socket.send_str(json.dumps(talk.hear(message.data)))
        finally:
            self._open.discard(socket)
            teller.cancel()
            await asyncio.gather(teller, return_exceptions=True)
        return socket

    async def close(self) -> None:
        """Close every socket."""
        await asyncio.gather(*(socket.close(code=1001) for socket in self._open), return_exceptions=True)

    async def _tell(self, socket: web.WebSocketResponse, talk: Talk) -> None:
        """Tell what changes from the moment the connection has an account."""
        seen: int | None = None
        with contextlib.suppress(OSError):
            while not socket.closed:
                account = talk.account
                if account is not None and seen is None:
                    seen = account.changed
                if account is not None and seen is not None and account.changed > seen:
                    changes, seen = account.changes_since(seen), account.changed
                    if not self._board.active(FaultKind.SILENT_PRIVATE_STREAM):
                        at = self._exchange.instant()
                        for message in talk.messages(changes, at.quotes, at.market_ms):
                            await socket.send_str(json.dumps(message, separators=(",", ":")))
                await asyncio.sleep(_TICK_S)
