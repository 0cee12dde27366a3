"""Owns the simulated exchange inside this process, in virtual time: its real doors behind ccxt's own session.

Everything that signs, checks, matches and answers is the exchange's; everything that builds and reads a request is
ccxt's and ours. Only sockets are missing: `InnerSession` stands where ccxt keeps its aiohttp session and hands the
bytes over. There a test can break any single request: before it arrives, on the way back, or with the client's death.
"""

import asyncio
import re
import ssl
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace, TracebackType
from typing import Any
from unittest import mock

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from engine.adapters import ccxt_client
from engine.domain.units import Ms
from engine.venue_sim import binance_door, http, private_door
from engine.venue_sim.accounts import Account, ApiKey
from engine.venue_sim.activity import Activity
from engine.venue_sim.exchange import Exchange
from engine.venue_sim.faults import FaultBoard
from engine.venue_sim.faulty_market import FaultyMarket
from engine.venue_sim.http import venue_app
from engine.venue_sim.throttle import Throttle
from engine.venue_sim.truth import open_account, truth_of
from support.hand_market import HandMarket
from support.inner_wire import Wire, served

ONE_WAY_S = 0.02  # of a request, and of its answer
TRADES_EVERY_S = 0.5
SECRET = "inner-secret-0123456789"
_PLACED = re.compile(r"""(?:"orderLinkId": ?"|newClientOrderId=)([a-z0-9]+)""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trap:
    """What happens to one request: `skip` of those whose method and path hold `aimed` go through first.

    `kills` is when the client dies of it: "before" it leaves, "during" (it arrives all the same), or "after" it was
    answered. `late_s` lets it arrive that much later while the client believes the connection lost. `fault` is one of
    the exchange's own.
    """

    aimed: str
    skip: int = 0
    kills: str = ""
    late_s: float = 0.0
    fault: Mapping[str, object] | None = None


class InnerVenue:
    """An exchange with one account; `fetch` is its only door."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        market: HandMarket,
        now: Callable[[], Ms],
        venue: str,
        *,
        money: str = "100000",
    ) -> None:
        self._stands_in = ExitStack()
        for module in (http, private_door, binance_door):  # their limits count the time of this loop
            clock = SimpleNamespace(monotonic=loop.time)
            self._stands_in.enter_context(mock.patch.object(module, "time", clock))
        self._stands_in.enter_context(mock.patch.object(ccxt_client, "tls_trust", _no_trust))  # nothing is dialed
        self._loop, self._now = loop, now
        self.market = market
        self.board = FaultBoard(loop.time)
        source = FaultyMarket(market, self.board)
        self.exchange = Exchange(
            source, self.board, now=now, host_s=loop.time, wall_ms=lambda: time.time_ns() // 1_000_000
        )
        stage: Any = SimpleNamespace(source=market, now=now, speed=1.0, ticks_per_s=1.0)
        app = venue_app(stage, Throttle(), Activity(), self.board, self.exchange)
        (self._serve,) = {route.handler for route in app.router.routes()}
        self.account: Account = open_account(
            self.exchange, {"key": f"{venue}-key", "secret": SECRET, "venue": venue, "money": money}
        )
        self.traps: list[Trap] = []
        self.answered: set[str] = set()  # client ids of orders whose client was told that they stand
        self._seen: dict[int, int] = {}
        self.sprung = 0
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def key(self) -> ApiKey:
        """Return the key of its account."""
        return self.account.key

    def truth(self) -> dict[str, Any]:
        """Return what it knows of the account, past every fault."""
        return truth_of(self.exchange, self.account)

    def mend(self) -> None:
        """End all faults and take all traps away."""
        self.board.clear()
        self.traps.clear()

    def trap(self, asked: str) -> Trap | None:
        """Return what is to happen to a request; a trap springs once."""
        for trap in list(self.traps):
            if trap.aimed not in asked:
                continue
            self._seen[id(trap)] = self._seen.get(id(trap), 0) + 1
            if self._seen[id(trap)] > trap.skip:
                self._seen.pop(id(trap))
                self.traps.remove(trap)
                self.sprung += 1
                return trap
        return None

    def break_once(self, fault: Mapping[str, object], asked: str) -> None:
        """Let one of the exchange's own faults hit the next request of this method and path."""
        self.board.begin({**fault, "path": asked, "count": 1, "duration_s": 30.0}, self._now(), ())

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Let the venue do something that no client's death ends."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def trade_for_ever(self) -> None:
        """Let time act on what rests and is held."""
        while True:
            await asyncio.sleep(TRADES_EVERY_S)
            if self.exchange.busy():
                self.exchange.advance()

    async def close(self) -> None:
        """End what it still does."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._stands_in.close()

    async def answer(self, method: str, url: URL, headers: Mapping[str, str], body: bytes, after_s: float) -> "Answer":
        """Take a request and answer it; raises what an aiohttp client would see."""
        await asyncio.sleep(ONE_WAY_S + after_s)
        wire = Wire()
        request = served(method, url, headers, body, wire)
        response = await self._serve(request)
        await asyncio.sleep(ONE_WAY_S)
        if wire.aborted and wire.began:
            raise aiohttp.ClientPayloadError("the body was cut off")
        if wire.aborted:
            raise aiohttp.ServerDisconnectedError
        assert isinstance(response, web.Response)
        return Answer(response)


@cache
def _no_trust(_: object) -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Answer:
    """A response as ccxt reads one."""

    def __init__(self, response: web.Response) -> None:
        self.status, self.reason = response.status, response.reason
        self.headers = CIMultiDict(response.headers)
        body = response.body
        self.said = body.decode() if isinstance(body, bytes) else ""

    async def text(self, errors: str = "strict") -> str:
        """Return its body."""
        return self.said


Outcome = Answer | aiohttp.ClientError


class InnerSession:
    """Stands where ccxt keeps its aiohttp session; `die` ends the life of the client that uses it."""

    closed = False

    def __init__(self, venue: InnerVenue, die: Callable[[], None]) -> None:
        self._venue, self._die = venue, die
        self.headers: CIMultiDict[str] = CIMultiDict()

    def __getattr__(self, method: str) -> Callable[..., "_Asked"]:
        if method not in ("get", "post", "put", "delete"):
            raise AttributeError(method)
        return lambda url, **told: _Asked(self.ask(method.upper(), url, **told))

    async def ask(
        self,
        method: str,
        url: URL,
        *,
        data: bytes | None,
        headers: Mapping[str, str],
        timeout: Any,  # noqa: ASYNC109 - ccxt names it so
        proxy: Any,
    ) -> Answer:
        """Send a request; raises what aiohttp raises."""
        asked = f"{method} {url.path}"
        trap = self._venue.trap(asked) or Trap(aimed="")
        if trap.kills == "before":
            await self._end()
        if trap.fault is not None:
            self._venue.break_once(trap.fault, asked)
        answer = self._venue.answer(method, url, headers, data or b"", trap.late_s)
        under_way = self._venue.spawn(_quietly(answer))
        if trap.kills == "during":
            await self._end()
        if trap.late_s:
            await asyncio.sleep(ONE_WAY_S)
            raise aiohttp.ServerDisconnectedError
        outcome: Outcome = await asyncio.wait_for(asyncio.shield(under_way), timeout.total)
        if trap.kills == "after":
            await self._end()
        if isinstance(outcome, aiohttp.ClientError):
            raise outcome
        named = _PLACED.search(f"{url.raw_query_string} {(data or b'').decode()}")
        if method == "POST" and named and '"orderId"' in outcome.said:
            self._venue.answered.add(named[1])
        return outcome

    async def close(self) -> None:
        """Close nothing."""

    async def _end(self) -> None:
        self._die()
        await asyncio.Event().wait()  # nobody lives on


async def _quietly(work: Coroutine[Any, Any, Answer]) -> Outcome:
    """Answer, with the error as a value: where the client is gone, nobody asks for it."""
    try:
        return await work
    except aiohttp.ClientError as error:
        return error


class _Asked:
    """What `session.get(...)` returns: a context whose value is the answer."""

    def __init__(self, answer: Coroutine[Any, Any, Answer]) -> None:
        self._answer = answer

    async def __aenter__(self) -> Answer:
        return await self._answer

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass
