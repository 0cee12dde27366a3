"""Owns the two HTTP faces of the process: the venue behind TLS, and the control API for the launcher.

Handlers only translate: the dialect answers for the venue, `stream` serves its sockets, `Venue` keeps the play. Every
request is noted with `Activity`, because an orphaned simulator lives as long as somebody talks to it.
"""

import json
import logging
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

from engine.domain.errors import RefusedError
from engine.venue_sim.activity import Activity
from engine.venue_sim.bybit import answer
from engine.venue_sim.scenario import Scenario
from engine.venue_sim.stream import STREAM_HOST, StreamHub
from engine.venue_sim.throttle import Throttle
from engine.venue_sim.venue import Venue

_LOG = logging.getLogger(__name__)
_BANNED = "403, access too frequent"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def venue_app(venue: Venue, throttle: Throttle, activity: Activity) -> web.Application:
    """Return the venue: its REST API, and its streams on a host of their own."""
    hub = StreamHub(venue, activity)

    async def serve(request: web.Request) -> web.StreamResponse:
        activity.note()
        if request.host.partition(":")[0] == STREAM_HOST:
            return await hub.serve(request)
        left = throttle.take(time.monotonic())
        if left is None:
            return web.Response(status=403, text=_BANNED)
        if request.method != "GET":
            return web.Response(status=405, text="only the public part of the venue is simulated")
        now = venue.now()
        found = answer(request.path, request.query, venue.source, now)
        if found.status == 404:
            _LOG.warning("the simulated venue has no route %s", request.path[:200])
        headers = {
            "X-Bapi-Limit": str(throttle.limit),
            "X-Bapi-Limit-Status": str(left),
            "X-Bapi-Limit-Reset-Timestamp": str(now),
        }
        return web.json_response(found.body, status=found.status, headers=headers)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", serve)
    app.on_shutdown.append(lambda _app: hub.close())
    return app


def control_app(venue: Venue, activity: Activity) -> web.Application:
    """Return the control API: GET /state, POST /begin, POST /scenario."""

    async def state(_request: web.Request) -> web.StreamResponse:
        activity.note()
        return web.json_response(venue.state())

    async def begin(_request: web.Request) -> web.StreamResponse:
        activity.note()
        venue.begin()
        return web.json_response(venue.state())

    async def scenario(request: web.Request) -> web.StreamResponse:
        activity.note()
        try:
            name = json.loads(await request.text())["name"]
            venue.perform(Scenario(name))
        except (ValueError, KeyError, TypeError):
            return _refused(400, f'POST /scenario takes {{"name": one of {", ".join(Scenario)}}}')
        except RefusedError as error:
            return _refused(409, str(error))
        return web.json_response(venue.state())

    app = web.Application()
    app.router.add_get("/state", state)
    app.router.add_post("/begin", begin)
    app.router.add_post("/scenario", scenario)
    return app


def _refused(status: int, reason: str) -> web.Response:
    return web.json_response({"error": reason}, status=status)
