"""Owns the stream sockets: accepts them, hears their requests, and sends every subscriber what is due.

One pump serves all connections and runs only while there are some. A client that does not read is dropped, so that it
cannot hold up the market. What to say is decided by the connection's conversation (answers) and `stream_feed` (data);
what is lost, late or doubled on the way in `faulty_stream`; which venue is spoken where in `stream_dialects`.
"""

import asyncio
import contextlib
import json
import logging
import time
import uuid
from collections.abc import Iterable

from aiohttp import WSMsgType, web

from engine.domain.units import Ms
from engine.venue_sim.activity import Activity
from engine.venue_sim.faults import FaultBoard
from engine.venue_sim.faulty_stream import FaultyStream
from engine.venue_sim.prices import PriceSource
from engine.venue_sim.stream_dialects import conversation_at
from engine.venue_sim.stream_feed import Instant, StreamFeed
from engine.venue_sim.stream_topics import Conversation, Message, Topic
from engine.venue_sim.venue import Venue

TICK_S = 0.1
_SILENT_CLIENT_S = 600.0  # without a word from the client, not even a ping, the venue hangs up
_MOST_WAITING = 10_000  # messages a client may be behind
_LOG = logging.getLogger(__name__)


class _Connection:
    """One socket: what it follows, and the messages that wait to be sent."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse, conversation: Conversation) -> None:
        self.conversation = conversation
        self._request = request
        self._socket = socket
        self._waiting: asyncio.Queue[str] = asyncio.Queue(_MOST_WAITING)

    def post(self, messages: Iterable[Message]) -> None:
        """Queue messages; a client too far behind is cut off."""
        try:
            for message in messages:
                dressed = self.conversation.dress(message)
                self._waiting.put_nowait(json.dumps(dressed, separators=(",", ":")))
        except asyncio.QueueFull:
            _LOG.warning("a stream client does not read what it asked for and was dropped")
            self.cut()

    async def send(self) -> None:
        """Send what waits, for as long as the socket is open."""
        with contextlib.suppress(OSError):
            while not self._socket.closed:
                await self._socket.send_str(await self._waiting.get())

    def cut(self) -> None:
        """Drop the socket without a closing handshake, as a broken network does."""
        if self._request.transport is not None:
            self._request.transport.abort()

    async def close(self) -> None:
        """Say goodbye."""
        await self._socket.close(code=1001)


class StreamHub:
    """All stream connections of the venue and the one pump behind them."""

    def __init__(self, venue: Venue, source: PriceSource, board: FaultBoard, activity: Activity) -> None:
        self._venue = venue
        self._source = source
        self._board = board
        self._pace_s = min(TICK_S, 1.0 / venue.ticks_per_s)
        self._activity = activity
        self._feed = StreamFeed(source, ticker_every_s=1.0 / venue.ticks_per_s)
        self._faulty: FaultyStream[_Connection] = FaultyStream(self._feed, board)
        self._open: set[_Connection] = set()
        self._pump: asyncio.Task[None] | None = None

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one socket for as long as it is open."""
        conversation = conversation_at(request.host, request.path, request.query, str(uuid.uuid4()))
        socket = web.WebSocketResponse(compress=False, receive_timeout=_SILENT_CLIENT_S)
        if conversation is None or not socket.can_prepare(request):
            return web.Response(status=404, text="no such stream")
        await socket.prepare(request)
        connection = _Connection(request, socket, conversation)
        self._open.add(connection)
        self._wake()
        sender = asyncio.create_task(connection.send())
        try:
            await self._listen(socket, connection)
        finally:
            self._open.discard(connection)
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
        return socket

    async def close(self) -> None:
        """Close every socket and stop the pump."""
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
        await asyncio.gather(*(connection.close() for connection in self._open), return_exceptions=True)

    async def _listen(self, socket: web.WebSocketResponse, connection: _Connection) -> None:
        with contextlib.suppress(TimeoutError):
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    continue
                self._activity.note()
                at = self._instant()
                listed = {item.asset for item in self._source.listings(at.now)}
                heard = connection.conversation.hear(message.data, listed)
                connection.post([heard.reply])
                for topic in heard.begun:
                    for first in self._feed.first(topic, at):
                        self._faulty.pass_on(topic, first, [connection], at)

    def _instant(self) -> Instant:
        now = self._venue.now()
        return Instant(now=now, stamp=Ms(now + self._board.skew_ms()), host=time.monotonic())

    def _wake(self) -> None:
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._run())

    async def _run(self) -> None:
        """Send what is due, ten times a second and as often as tickers move, until nobody is connected."""
        turn = time.monotonic()
        while self._open:
            topics: set[Topic] = set().union(*(item.conversation.topics for item in self._open))
            at = self._instant()
            for topic, message in (*self._feed.due(topics, at), *self._faulty.corrections(topics, at)):
                takers = [item for item in self._open if item.conversation.follows(topic)]
                self._faulty.pass_on(topic, message, takers, at)
            for connection, late in self._faulty.ripe(at):
                connection.post([late])
            turn = max(
                turn + self._pace_s, time.monotonic()
            )  # the work is part of the beat; a late one does not pile up
            await asyncio.sleep(turn - time.monotonic())
