"""Owns the way of a signed Binance request: signature, limits of orders, the dialect's answer, the counting headers.

Signatures are judged on real time, times in the answers are the market's. Weights of addresses are counted by `http`;
here only orders are, by account. A request that the network delivers twice is executed twice.
"""

import re
import time
import uuid
from collections import deque
from urllib.parse import parse_qsl

from aiohttp import web

from engine.venue_sim.accounts import Account, VenueName
from engine.venue_sim.binance_bodies import Segment
from engine.venue_sim.binance_private import ROUTES
from engine.venue_sim.binance_refusals import BinanceRefusalError
from engine.venue_sim.binance_spot_private import SPOT_ROUTES
from engine.venue_sim.exchange import Exchange
from engine.venue_sim.faults import FaultBoard
from engine.venue_sim.faulty_door import doubled
from engine.venue_sim.signing import binance_refusal

_ROUTES = {Segment.FUTURES: ROUTES, Segment.SPOT: SPOT_ROUTES}
_ORDERS_10S = {Segment.FUTURES: 300, Segment.SPOT: 100}
_WINDOW_S = 10.0
LISTEN_KEY = "/fapi/v1/listenKey"
_LISTEN_METHODS = ("POST", "PUT", "DELETE")
_SIGNATURE = re.compile(r"(^|&)signature=[^&]*")


class BinanceDoor:
    """Binance's private routes, of both markets."""

    def __init__(self, exchange: Exchange, board: FaultBoard) -> None:
        self._exchange = exchange
        self._board = board
        self._listen_keys: dict[str, str] = {}
        self._orders: dict[tuple[str, Segment], deque[float]] = {}

    @staticmethod
    def weight(segment: Segment, method: str, path: str) -> int | None:
        """Return the weight of a private route; None where it is none."""
        if segment is Segment.FUTURES and path == LISTEN_KEY and method in _LISTEN_METHODS:
            return 1
        found = _ROUTES[segment].get((method, path))
        return None if found is None else found[1]

    async def answer(self, request: web.Request, segment: Segment) -> web.Response:
        """Answer a private request."""
        if request.path == LISTEN_KEY:
            return self._listen(request)
        query, body = request.raw_path.partition("?")[2], await request.text()
        given = dict(parse_qsl(query) + parse_qsl(body))
        key = request.headers.get("X-MBX-APIKEY", "")
        account = self._exchange.account(key, VenueName.BINANCE)
        secret = account.key.secret if account is not None else None
        signed = _SIGNATURE.sub("", query) + _SIGNATURE.sub("", body)
        wrong = binance_refusal(key, given, signed, secret, self._exchange.venue_clock_ms())
        if wrong is not None or account is None:
            code, words = (wrong.code, wrong.words) if wrong is not None else (-2015, "Invalid API-key.")
            return _refused(BinanceRefusalError(code, words))
        if request.method != "GET" and (account.key.read_only or not account.key.may_trade):
            return _refused(BinanceRefusalError(-2015, "Invalid API-key, IP, or permissions for action."))
        headers = {}
        if request.method == "POST" and request.path.endswith("/order"):
            count = self._count(key, segment)
            if count is None:
                limit = _ORDERS_10S[segment]
                words = f"Too many new orders; current limit is {limit} orders per 10 SECOND."
                return web.json_response({"code": -1015, "msg": words}, status=429, headers={"Retry-After": "10"})
            headers["X-MBX-ORDER-COUNT-10S"] = str(count)
        handler, _ = _ROUTES[segment][request.method, request.path]
        try:
            self._exchange.advance()
            if doubled(self._board, request):
                handler(account, given, self._exchange)
            return web.json_response(handler(account, given, self._exchange), headers=headers)
        except BinanceRefusalError as refusal:
            return _refused(refusal)

    def listener(self, listen_key: str) -> Account | None:
        """Return the account that a listen key belongs to, or None."""
        return self._exchange.account(self._listen_keys.get(listen_key, ""), VenueName.BINANCE)

    def _listen(self, request: web.Request) -> web.Response:
        """Give, keep or end a listen key; the venue asks for the API key only. Here it never expires."""
        key = request.headers.get("X-MBX-APIKEY", "")
        if self._exchange.account(key, VenueName.BINANCE) is None:
            return _refused(BinanceRefusalError(-2015, "Invalid API-key, IP, or permissions for action."))
        given = next((listen for listen, owner in self._listen_keys.items() if owner == key), "")
        if request.method == "DELETE":
            self._listen_keys.pop(given, None)
            return web.json_response({})
        if request.method == "PUT" and not given:
            return _refused(BinanceRefusalError(-1125, "This listenKey does not exist."))
        given = given or uuid.uuid4().hex * 2
        self._listen_keys[given] = key
        return web.json_response({"listenKey": given})

    def _count(self, key: str, segment: Segment) -> int | None:
        """Count an order; return how many the window has, or None where it is full."""
        at = time.monotonic()
        seen = self._orders.setdefault((key, segment), deque())
        while seen and seen[0] <= at - _WINDOW_S:
            seen.popleft()
        if len(seen) >= _ORDERS_10S[segment]:
            return None
        seen.append(at)
        return len(seen)


def _refused(refusal: BinanceRefusalError) -> web.Response:
    return web.json_response({"code": refusal.code, "msg": str(refusal)}, status=refusal.status)
