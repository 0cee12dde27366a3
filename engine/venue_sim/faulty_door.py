"""Owns what faults do to HTTP: the venue's door that answers late, with a page, with an error, or not to this address.

It is asked before the dialect and before a stream's handshake; None means that the request may go on.
"""

import asyncio

from aiohttp import web

from engine.venue_sim.binance import HOSTS, TOO_MANY
from engine.venue_sim.faults import Fault, FaultBoard, FaultKind

BANNED = "403, access too frequent"
_BAN_S = "600"
_PAGE = "<!DOCTYPE html><html><head><title>Maintenance</title></head><body>System maintenance. Back soon.</body></html>"
_TOO_MANY = {"retCode": 10006, "retMsg": "Too many visits. Exceeded the API Rate Limit.", "result": {}}


async def at_the_door(board: FaultBoard, host: str, path: str) -> web.Response | None:
    """Return what a fault answers to a request for `path` of `host`, or None after any wait it makes."""
    for fault in _those_of(board, path, FaultKind.SLOW_ANSWERS):
        await asyncio.sleep(fault.figure("delay_s"))
    kinds = (FaultKind.BAN, FaultKind.TOO_MANY_REQUESTS, FaultKind.SERVER_ERROR, FaultKind.HTML_PAGE)
    faults = _those_of(board, path, *kinds)
    return _answer(faults[0], binance=host in HOSTS) if faults else None


def _those_of(board: FaultBoard, path: str, *kinds: FaultKind) -> list[Fault]:
    return [fault for fault in board.active(*kinds) if fault.text("path") in path]


def _answer(fault: Fault, *, binance: bool) -> web.Response:
    """Return the answer, in the words of the venue: Bybit bans with a 403 in plain text, Binance with a 418."""
    if fault.kind is FaultKind.BAN and binance:
        return web.json_response(TOO_MANY, status=418, headers={"Retry-After": _BAN_S})
    if fault.kind is FaultKind.BAN:
        return web.Response(status=403, text=BANNED)
    if fault.kind is FaultKind.TOO_MANY_REQUESTS:
        headers = {"Retry-After": f"{fault.figure('retry_after_s'):.0f}"}
        return web.json_response(TOO_MANY if binance else _TOO_MANY, status=429, headers=headers)
    if fault.kind is FaultKind.SERVER_ERROR:
        return web.Response(status=int(fault.figure("status")), text="upstream connect error")
    return web.Response(status=200, text=_PAGE, content_type="text/html")
