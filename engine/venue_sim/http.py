"""Owns the venue's face: its REST API and its streams, behind TLS, as clients see them.

Handlers only translate: faults answer first, then the dialect for REST, `stream` for sockets. Every request is noted
with `Activity`, because an orphaned simulator lives as long as somebody talks to it. The launcher's face is `control`.
"""

import logging
import time

from aiohttp import web

from engine.domain.units import Ms
from engine.venue_sim.activity import Activity
from engine.venue_sim.bybit import answer
from engine.venue_sim.faults import FaultBoard
from engine.venue_sim.faulty_door import BANNED, at_the_door
from engine.venue_sim.faulty_market import FaultyMarket
from engine.venue_sim.stream import STREAM_HOST, StreamHub
from engine.venue_sim.throttle import Throttle
from engine.venue_sim.venue import Venue

_LOG = logging.getLogger(__name__)


def venue_app(venue: Venue, throttle: Throttle, activity: Activity, board: FaultBoard) -> web.Application:
    """Return the venue: its REST API, and its streams on a host of their own."""
    source = FaultyMarket(venue.source, board)
    hub = StreamHub(venue, source, board, activity)

    async def serve(request: web.Request) -> web.StreamResponse:
        activity.note()
        broken = await at_the_door(board, request.path)
        if broken is not None:
            return broken
        if request.host.partition(":")[0] == STREAM_HOST:
            return await hub.serve(request)
        left = throttle.take(time.monotonic())
        if left is None:
            return web.Response(status=403, text=BANNED)
        if request.method != "GET":
            return web.Response(status=405, text="only the public part of the venue is simulated")
        now = venue.now()
        stamp = Ms(now + board.skew_ms())
        found = answer(request.path, request.query, source, now, stamp)
        if found.status == 404:
            _LOG.warning("the simulated venue has no route %s", request.path[:200])
        headers = {
            "X-Bapi-Limit": str(throttle.limit),
            "X-Bapi-Limit-Status": str(left),
            "X-Bapi-Limit-Reset-Timestamp": str(stamp),
        }
        return web.json_response(found.body, status=found.status, headers=headers)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", serve)
    app.on_shutdown.append(lambda _app: hub.close())
    return app
