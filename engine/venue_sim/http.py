"""Owns the venue's face: REST APIs and streams behind TLS, as clients see them, told apart by host name.

Handlers only translate: faults answer first, then the dialect of the host, `stream` for sockets, `private_door` and
`binance_door` for signed requests; then faults may break the answer. Every request is noted with `Activity`, because an
orphaned simulator lives as long as somebody talks to it. The launcher's face is `control`.
"""

import logging
import time
import uuid

from aiohttp import web

from engine.domain.units import Ms
from engine.venue_sim.activity import Activity
from engine.venue_sim.binance import HOSTS, TOO_MANY, reply, weight
from engine.venue_sim.binance_bodies import WEIGHT_A_MINUTE, Segment
from engine.venue_sim.binance_door import BinanceDoor
from engine.venue_sim.binance_private_stream import SPOT_HOSTS, SPOT_PATH, FuturesTalk, SpotTalk
from engine.venue_sim.bybit import answer
from engine.venue_sim.bybit_private_stream import PATH as BYBIT_PRIVATE
from engine.venue_sim.bybit_private_stream import BybitPrivateTalk
from engine.venue_sim.exchange import Exchange
from engine.venue_sim.faults import FaultBoard
from engine.venue_sim.faulty_door import BANNED, at_the_door, on_the_way_out
from engine.venue_sim.faulty_market import FaultyMarket
from engine.venue_sim.private_door import BybitDoor
from engine.venue_sim.private_stream import PrivateHub
from engine.venue_sim.stream import StreamHub
from engine.venue_sim.stream_dialects import BYBIT_STREAM_HOSTS, STREAM_HOSTS
from engine.venue_sim.throttle import MinuteWeight, Throttle
from engine.venue_sim.venue import Venue

_LOG = logging.getLogger(__name__)


def venue_app(
    venue: Venue, throttle: Throttle, activity: Activity, board: FaultBoard, exchange: Exchange
) -> web.Application:
    """Return the venue: the REST APIs and streams of Bybit and of Binance, each on hosts of its own."""
    face = _Face(venue, throttle, activity, board, exchange)
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", face.serve)
    app.on_shutdown.append(lambda _app: face.hub.close())
    app.on_shutdown.append(lambda _app: face.private.close())
    return app


class _Face:
    """One market, spoken to by host name."""

    def __init__(
        self, venue: Venue, throttle: Throttle, activity: Activity, board: FaultBoard, exchange: Exchange
    ) -> None:
        self._venue = venue
        self._throttle = throttle
        self._activity = activity
        self._board = board
        self._source = FaultyMarket(venue.source, board)
        self._bybit_door = BybitDoor(exchange, board)
        self._binance_door = BinanceDoor(exchange, board)
        self._weights = {segment: MinuteWeight(limit) for segment, limit in WEIGHT_A_MINUTE.items()}
        self._exchange = exchange
        self.private = PrivateHub(exchange, board, activity)
        self.hub = StreamHub(venue, self._source, board, activity)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self._activity.note(request.path)
        host = request.host.partition(":")[0].lower()
        broken = await at_the_door(self._board, request, host)
        if broken is not None:
            return broken
        if host in STREAM_HOSTS:
            return await self._stream(request, host)
        return await on_the_way_out(self._board, request, host, await self._answer(request, host))

    async def _stream(self, request: web.Request, host: str) -> web.StreamResponse:
        if host in BYBIT_STREAM_HOSTS and request.path == BYBIT_PRIVATE:
            return await self.private.serve(request, BybitPrivateTalk(str(uuid.uuid4()), self._exchange))
        if host in SPOT_HOSTS and request.path == SPOT_PATH:
            return await self.private.serve(request, SpotTalk(self._exchange))
        listen_key = request.query.get("listenKey", "") or request.path.rpartition("/")[2]
        listener = self._binance_door.listener(listen_key)
        if listener is not None:
            return await self.private.serve(request, FuturesTalk(listener))
        return await self.hub.serve(request)

    async def _answer(self, request: web.Request, host: str) -> web.Response:
        if host not in HOSTS and self._bybit_door.owns(request.method, request.path):
            if self._throttle.take(time.monotonic()) is None:
                return web.Response(status=403, text=BANNED)
            return await self._bybit_door.answer(request, self._times()[1])
        if host in HOSTS:
            return await self._binance(request, HOSTS[host])
        if request.method != "GET":
            return web.Response(status=405, text="the simulated venue has no such route")
        return self._bybit(request)

    def _bybit(self, request: web.Request) -> web.Response:
        left = self._throttle.take(time.monotonic())
        if left is None:
            return web.Response(status=403, text=BANNED)
        now, stamp = self._times()
        found = answer(request.path, request.query, self._source, now, stamp)
        _warn(found.status, request.path)
        headers = {
            "X-Bapi-Limit": str(self._throttle.limit),
            "X-Bapi-Limit-Status": str(left),
            "X-Bapi-Limit-Reset-Timestamp": str(stamp),
        }
        return web.json_response(found.body, status=found.status, headers=headers)

    async def _binance(self, request: web.Request, segment: Segment) -> web.Response:
        at = time.monotonic()
        private = self._binance_door.weight(segment, request.method, request.path)
        cost = weight(segment, request.path, request.query) if private is None else private
        used = self._weights[segment].take(cost, at)
        if used is None:
            return web.json_response(TOO_MANY, status=429, headers={"Retry-After": str(60 - int(at % 60.0))})
        if private is not None:
            answered = await self._binance_door.answer(request, segment)
            answered.headers["X-MBX-USED-WEIGHT-1M"] = str(used)
            return answered
        if request.method != "GET":
            return web.Response(status=405, text="the simulated venue has no such route")
        now, stamp = self._times()
        found = reply(segment, request.path, request.query, self._source, now, stamp)
        _warn(found.status, request.path)
        return web.json_response(found.body, status=found.status, headers={"X-MBX-USED-WEIGHT-1M": str(used)})

    def _times(self) -> tuple[Ms, Ms]:
        """Return the market time and what the venue's clock says."""
        now = self._venue.now()
        return now, Ms(now + self._board.skew_ms())


def _warn(status: int, path: str) -> None:
    if status == 404:
        _LOG.warning("the simulated venue has no route %s", path[:200])
