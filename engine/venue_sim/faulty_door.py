"""Owns what faults do to HTTP: requests that get no further than the door, and answers that break on the way out.

At the door nothing has been executed; on the way out everything has, and the client cannot know. Both are asked for
every request; what they do to a connection is done to the client's own socket.
"""

import asyncio

from aiohttp import web

from engine.venue_sim.binance import HOSTS, TOO_MANY
from engine.venue_sim.faults import Fault, FaultBoard, FaultKind

BANNED = "403, access too frequent"
_BAN_S = 600.0  # what Binance's ban says; Bybit's says nothing
_PAGE = "<!DOCTYPE html><html><head><title>Maintenance</title></head><body>System maintenance. Back soon.</body></html>"
_TOO_MANY = {"retCode": 10006, "retMsg": "Too many visits. Exceeded the API Rate Limit.", "result": {}}
_INSTEAD = (FaultKind.SERVER_ERROR, FaultKind.HTML_PAGE, FaultKind.MAINTENANCE)


async def at_the_door(board: FaultBoard, request: web.Request, host: str) -> web.Response | None:
    """Return what a fault answers to a request, or None after any wait it makes; nothing has been executed."""
    for fault in _those_of(board, _asked(request), FaultKind.SLOW_ANSWERS, executed=False):
        board.use(fault)
        await asyncio.sleep(fault.figure("delay_s"))
    kinds = (FaultKind.DROP_BEFORE, FaultKind.BAN, FaultKind.TOO_MANY_REQUESTS, *_INSTEAD)
    faults = _those_of(board, _asked(request), *kinds, executed=False)
    if not faults:
        return None
    board.use(faults[0])
    if faults[0].kind is FaultKind.DROP_BEFORE:
        return _cut(request)
    return _answer(faults[0], binance=host in HOSTS)


async def on_the_way_out(board: FaultBoard, request: web.Request, host: str, answer: web.Response) -> web.Response:
    """Return what the client gets instead of `answer`, which is true and stays unknown to it."""
    for fault in _those_of(board, _asked(request), FaultKind.SLOW_ANSWERS, executed=True):
        board.use(fault)
        await asyncio.sleep(fault.figure("delay_s"))
    faults = _those_of(board, _asked(request), FaultKind.DROP_AFTER, FaultKind.TRUNCATED_BODY, *_INSTEAD, executed=True)
    if not faults:
        return answer
    board.use(faults[0])
    if faults[0].kind is FaultKind.DROP_AFTER:
        return _cut(request)
    if faults[0].kind is FaultKind.TRUNCATED_BODY:
        return await _half(request, answer)
    return _answer(faults[0], binance=host in HOSTS)


def doubled(board: FaultBoard, request: web.Request) -> bool:
    """Say whether the network delivers this request twice."""
    faults = _those_of(board, _asked(request), FaultKind.DUPLICATE_REQUEST, executed=False)
    if faults:
        board.use(faults[0])
    return bool(faults)


def _those_of(board: FaultBoard, asked: str, *kinds: FaultKind, executed: bool) -> list[Fault]:
    found = [fault for fault in board.active(*kinds) if fault.text("path") in asked]
    return [fault for fault in found if "executed" not in fault.told or bool(fault.told["executed"]) is executed]


def _asked(request: web.Request) -> str:
    """Return what a fault's path is looked for in: method and path, so that it can be aimed at POSTs alone."""
    return f"{request.method} {request.path}"


def _cut(request: web.Request) -> web.Response:
    """Drop the client's connection without a word; the response that is returned reaches nobody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


async def _half(request: web.Request, answer: web.Response) -> web.Response:
    """Send the head and half of the body, then drop the connection."""
    body = answer.body if isinstance(answer.body, bytes) else b""
    head = web.StreamResponse(status=answer.status, headers=answer.headers)
    head.content_length = len(body)
    await head.prepare(request)
    await head.write(body[: len(body) // 2])
    return _cut(request)


def _answer(fault: Fault, *, binance: bool) -> web.Response:
    """Return the answer, in the words of the venue: Bybit bans with a 403 in plain text, Binance with a 418."""
    if fault.kind is FaultKind.MAINTENANCE:
        return _maintenance(int(fault.figure("code")), binance=binance)
    if fault.kind is FaultKind.BAN:
        return _ban(fault.figure("retry_after_s"), binance=binance)
    if fault.kind is FaultKind.TOO_MANY_REQUESTS:
        headers = _retry_after(fault.figure("retry_after_s"))
        return web.json_response(TOO_MANY if binance else _TOO_MANY, status=429, headers=headers)
    if fault.kind is FaultKind.SERVER_ERROR:
        return web.Response(status=int(fault.figure("status")), text="upstream connect error")
    return web.Response(status=200, text=_PAGE, content_type="text/html")


def _ban(retry_after_s: float, *, binance: bool) -> web.Response:
    if binance:
        return web.json_response(TOO_MANY, status=418, headers=_retry_after(retry_after_s or _BAN_S))
    return web.Response(status=403, text=BANNED, headers=_retry_after(retry_after_s) if retry_after_s else None)


def _retry_after(seconds: float) -> dict[str, str]:
    return {"Retry-After": f"{seconds:.0f}"}


def _maintenance(code: int, *, binance: bool) -> web.Response:
    """Return the venue's own error, by default that of a service that restarts."""
    if binance:
        words = "Server is currently overloaded with other requests. Please try again in a few minutes."
        return web.json_response({"code": code or -1008, "msg": words}, status=503)
    words = "Server error." if code in (0, 10016) else "Server Timeout"
    return web.json_response({"retCode": code or 10016, "retMsg": words, "result": {}, "retExtInfo": {}})
