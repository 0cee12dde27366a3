"""Owns the control API: how the launcher asks for the state, starts the play, and breaks things on purpose.

GET /state, GET /prices?since=MS&assets=ETH,SOL (each asset's lowest and highest price since then, whatever is broken),
POST /begin, POST /scenario {"name": ...}, POST /fault {"kind": ..., "duration_s": ..., ...} and DELETE /fault; every
other answer is the state. POST /account {"key": ..., "secret": ...} opens an account, POST /account/move {"key": ...,
"money": ..., "market": ...} moves money in or out of the swap or spot wallet, POST /account/hedge {"key": ...,
"hedge": ...} sets the position mode, GET /truth?key= tells what is really so. It decides nothing: `Venue` keeps the
play, `FaultBoard` the faults, `Exchange` the accounts.
"""

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from aiohttp import web

from engine.domain.errors import RefusedError
from engine.domain.units import MINUTE_MS, Ms, floor_to
from engine.venue_sim.activity import Activity
from engine.venue_sim.exchange import Exchange
from engine.venue_sim.faults import FaultBoard
from engine.venue_sim.faulty_network import FaultyNetwork
from engine.venue_sim.orders import Market
from engine.venue_sim.scenario import Scenario
from engine.venue_sim.truth import open_account, truth_of
from engine.venue_sim.venue import Venue


def control_app(
    venue: Venue, activity: Activity, board: FaultBoard, exchange: Exchange, network: FaultyNetwork
) -> web.Application:
    """Return the control API."""
    control = _Control(venue, activity, board, network)
    accounts = _Accounts(exchange)
    app = web.Application()
    app.router.add_get("/state", control.state)
    app.router.add_get("/prices", control.prices)
    app.router.add_post("/begin", control.begin)
    app.router.add_post("/scenario", control.scenario)
    app.router.add_post("/fault", control.fault)
    app.router.add_delete("/fault", control.mend)
    app.router.add_post("/account", accounts.open)
    app.router.add_post("/account/move", accounts.move)
    app.router.add_post("/account/hedge", accounts.hedge)
    app.router.add_get("/truth", accounts.truth)
    return app


class _Control:
    def __init__(self, venue: Venue, activity: Activity, board: FaultBoard, network: FaultyNetwork) -> None:
        self._venue = venue
        self._activity = activity
        self._board = board
        self._network = network

    async def state(self, _request: web.Request) -> web.StreamResponse:
        return self._state()

    async def prices(self, request: web.Request) -> web.StreamResponse:
        self._activity.note()
        now, source = self._venue.now(), self._venue.source
        try:
            since = Ms(int(request.query.get("since", now)))
        except ValueError:
            return _refused(400, "GET /prices takes ?since=MILLISECONDS and &assets=ETH,SOL")
        wanted = request.query.get("assets", "").split(",")
        found = {}
        for listing in source.listings(now):
            if listing.asset in wanted or wanted == [""]:
                candles = source.candles(listing.asset, MINUTE_MS, Ms(floor_to(since, MINUTE_MS)), now, now)
                found[listing.asset] = [float(candles.low.min()), float(candles.high.max())]
        return web.json_response({"market_ms": now, "prices": found})

    async def begin(self, _request: web.Request) -> web.StreamResponse:
        self._venue.begin()
        return self._state()

    async def scenario(self, request: web.Request) -> web.StreamResponse:
        try:
            name = json.loads(await request.text())["name"]
            self._venue.perform(Scenario(name))
        except (ValueError, KeyError, TypeError):
            return _refused(400, f'POST /scenario takes {{"name": one of {", ".join(Scenario)}}}')
        except RefusedError as error:
            return _refused(409, str(error))
        return self._state()

    async def fault(self, request: web.Request) -> web.StreamResponse:
        try:
            order = json.loads(await request.text())
        except ValueError:
            order = None
        if not isinstance(order, Mapping):
            return _refused(400, 'POST /fault takes {"kind": ..., "duration_s": ...}')
        now = self._venue.now()
        try:
            self._board.begin(order, now, {item.asset for item in self._venue.source.listings(now)})
        except RefusedError as error:
            return _refused(400, str(error))
        await self._network.apply()
        return self._state()

    async def mend(self, _request: web.Request) -> web.StreamResponse:
        self._board.clear()
        await self._network.apply()
        return self._state()

    def _state(self) -> web.Response:
        self._activity.note()
        state = self._venue.state()
        return web.json_response(state | {"faults": self._board.state(), "asked": dict(self._activity.asked)})


class _Accounts:
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def open(self, request: web.Request) -> web.StreamResponse:
        try:
            account = open_account(self._exchange, await _told(request))
        except RefusedError as error:
            return _refused(400, str(error))
        return web.json_response(truth_of(self._exchange, account))

    async def move(self, request: web.Request) -> web.StreamResponse:
        told = await _told(request)
        account = self._exchange.account(str(told.get("key", "")))
        try:
            money = Decimal(str(told.get("money")))
        except InvalidOperation:
            return _refused(400, "money is a number")
        if account is None:
            return _refused(404, "no account has this key")
        market = Market.SPOT if told.get("market") == Market.SPOT.value else Market.SWAP
        self._exchange.deposit(account, money, market=market)
        return web.json_response(truth_of(self._exchange, account))

    async def hedge(self, request: web.Request) -> web.StreamResponse:
        told = await _told(request)
        account = self._exchange.account(str(told.get("key", "")))
        if account is None:
            return _refused(404, "no account has this key")
        account.hedge = bool(told.get("hedge"))
        return web.json_response(truth_of(self._exchange, account))

    async def truth(self, request: web.Request) -> web.StreamResponse:
        account = self._exchange.account(request.query.get("key", ""))
        if account is None:
            return _refused(404, "no account has this key")
        return web.json_response(truth_of(self._exchange, account))


async def _told(request: web.Request) -> Mapping[str, object]:
    """Return the JSON object of a request; empty where it is none."""
    try:
        found = json.loads(await request.text())
    except ValueError:
        found = None
    return found if isinstance(found, Mapping) else {}


def _refused(status: int, reason: str) -> web.Response:
    return web.json_response({"error": reason}, status=status)
