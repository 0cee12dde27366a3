"""Owns the way of a signed request: signature, the account's rate limit, the dialect's answer, the limit's headers.

Signatures are judged on real time, market times in the answers are the market's. Faults have been asked before, and are
asked again with the answer by `http`; here only a request that the network delivers twice is executed twice.
"""

import json
import time
from collections import deque
from collections.abc import Mapping

from aiohttp import web

from engine.domain.units import Ms
from engine.venue_sim import bybit_private
from engine.venue_sim.accounts import VenueName
from engine.venue_sim.bybit_bodies import envelope
from engine.venue_sim.bybit_refusals import PARAMETER_ERROR, BybitRefusalError
from engine.venue_sim.exchange import Exchange
from engine.venue_sim.faults import FaultBoard
from engine.venue_sim.faulty_door import doubled
from engine.venue_sim.signing import bybit_refusal

TOO_MANY_VISITS = 10006


class RollingSecond:
    """Requests of the last second, by account and route."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], deque[float]] = {}

    def take(self, key: str, route: str, limit: int, at: float) -> int | None:
        """Count a request; return how many are left of this second, or None where there are none."""
        seen = self._seen.setdefault((key, route), deque())
        while seen and seen[0] <= at - 1.0:
            seen.popleft()
        if len(seen) >= limit:
            return None
        seen.append(at)
        return limit - len(seen)


class BybitDoor:
    """Bybit's private routes."""

    def __init__(self, exchange: Exchange, board: FaultBoard) -> None:
        self._exchange = exchange
        self._board = board
        self._limits = RollingSecond()

    @staticmethod
    def owns(method: str, path: str) -> bool:
        """Say whether a route is private."""
        return (method, path) in bybit_private.ROUTES

    async def answer(self, request: web.Request, stamp: Ms) -> web.Response:
        """Answer a private request; `stamp` is the market time on the venue's clock."""
        body = await request.text()
        payload = body if request.method == "POST" else request.raw_path.partition("?")[2]
        key = request.headers.get("X-BAPI-API-KEY", "")
        account = self._exchange.account(key, VenueName.BYBIT)
        secret = account.key.secret if account is not None else None
        wrong = bybit_refusal(request.headers, payload, secret, self._exchange.venue_clock_ms())
        if wrong is not None or account is None:
            refusal = BybitRefusalError(wrong.code, wrong.words) if wrong is not None else BybitRefusalError(10003, "")
            return _refused(refusal, stamp)
        _, limit = bybit_private.ROUTES[request.method, request.path]
        left = self._limits.take(key, request.path, limit, time.monotonic())
        headers = {
            "X-Bapi-Limit": str(limit),
            "X-Bapi-Limit-Status": str(left or 0),
            "X-Bapi-Limit-Reset-Timestamp": str(self._exchange.venue_clock_ms()),
        }
        if left is None:
            refusal = BybitRefusalError(TOO_MANY_VISITS, "Too many visits. Exceeded the API Rate Limit.")
            return _refused(refusal, stamp, headers)
        try:
            given = _body(body) if request.method == "POST" else dict(request.query)
            if doubled(self._board, request):
                bybit_private.private_result(request.method, request.path, account, given, self._exchange)
            result = bybit_private.private_result(request.method, request.path, account, given, self._exchange)
        except BybitRefusalError as refusal:
            return _refused(refusal, stamp, headers)
        return web.json_response(envelope(stamp, result), headers=headers)


def _body(text: str) -> Mapping[str, object]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise BybitRefusalError(PARAMETER_ERROR, "params error: the body is not a JSON object")
    return found


def _refused(refusal: BybitRefusalError, stamp: Ms, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.json_response(envelope(stamp, {}, code=refusal.code, message=str(refusal)), headers=headers)
