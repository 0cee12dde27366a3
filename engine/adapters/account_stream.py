"""Owns the `AccountStream` port on a real venue, or on the simulated one, through ccxt.pro with a key.

Another object than the one that trades, and a narrower one: it dials its mode's stream hosts only, and nothing that it
sends changes anything but the life of its own listen key, also where a venue would take orders on the same socket. It
hands on which orders and fills a message speaks of, never what the message says of them. Never judges and never
reconnects: the desk's feed does.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from engine.adapters.ccxt_errors import plain_errors
from engine.adapters.ccxt_modules import STREAMING
from engine.adapters.host_breaker import HostBreaker, pause_asked_for
from engine.adapters.redaction import remember_secrets
from engine.adapters.trading_client import build_trader
from engine.adapters.venue_keys import VenueKeys
from engine.adapters.venue_modes import check_stream
from engine.adapters.venue_traits import Door
from engine.domain.config import VenueConfig
from engine.domain.errors import RefusedError, VenueUnreachableError
from engine.domain.order import AccountNews
from engine.domain.units import ClientOrderId, FillId

FOLLOWED = ("bybit", "binance")  # swaps and spot
_ROUTE_OF_ITS_KEY = "/listenKey"
_SETTINGS = {
    "watchPositions": {"fetchPositionsSnapshot": False},  # positions are asked for by the desk
    "watchBalance": {"fetchBalanceSnapshot": False},
    "enableUnifiedMargin": False,  # what our requests take for granted of Bybit; ccxt would ask for it
    "enableUnifiedAccount": True,
}
_SPOT_OF_BINANCE = "userDataStream.subscribe.signature"
_SAYS = ("auth", "subscribe", _SPOT_OF_BINANCE)
_IS_OVER = ("listenKeyExpired", "eventStreamTerminated")
# What ccxt's parsers raise on a message of another form than they expect.
_UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class CcxtAccountStream:
    """One connection's worth of an account's stream; used once."""

    def __init__(
        self,
        venue: VenueConfig,
        keys: VenueKeys,
        *,
        breaker: HostBreaker,
        monotonic: Callable[[], float],
        markets_of: Any,
    ) -> None:
        """Take the key and the markets of the object that trades; opens no socket. Raises RefusedError."""
        self._venue = venue
        self._exchange = build_listener(venue, keys, breaker=breaker, monotonic=monotonic)
        self._exchange.set_markets_from_exchange(markets_of)

    async def run(self, opened: Callable[[], None], heard: Callable[[AccountNews], None]) -> None:
        """Listen until it fails. Raises VenueUnreachableError, RefusedError."""
        self._exchange._opened, self._exchange._heard = opened, heard
        watching = [
            asyncio.create_task(self._watch(watch), name="account-stream")
            for watch in (self._exchange.watch_orders, self._exchange.watch_my_trades)
        ]
        try:
            done, _ = await asyncio.wait(watching, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)

    async def close(self) -> None:
        """Release sockets and sessions; may be called twice."""
        await self._exchange.close()

    async def _watch(self, watch: Callable[[], Any]) -> None:
        while True:
            with plain_errors(self._venue.id, "following the account", proxy=self._venue.proxy):
                await watch()


def build_listener(venue: VenueConfig, keys: VenueKeys, *, breaker: HostBreaker, monotonic: Callable[[], float]) -> Any:
    """Return a ccxt.pro object with this key that can only listen. Raises RefusedError. Opens no socket."""
    exchange = build_trader(venue, keys, breaker=breaker, monotonic=monotonic, behind=(OnlyListens,), package=STREAMING)
    exchange.options |= _SETTINGS
    return exchange


class OnlyListens:
    """Hooks in front of a ccxt.pro class. Names start with "_" because ccxt gives all others a camelCase twin."""

    id: str
    _venue: VenueConfig
    _door: Door
    _breaker: HostBreaker
    clients: dict[str, Any] | None

    def __init__(self, config: dict[str, Any], **more: Any) -> None:
        self._opened: Callable[[], None] = lambda: None
        self._heard: Callable[[AccountNews], None] = lambda _: None
        self._timers: list[asyncio.TimerHandle] = []
        parent: Any = super()
        parent.__init__(config, **more)

    async def fetch(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        """Send a request that only reads, or is about the listen key. Raises RefusedError for any other."""
        if method != "GET" and not urlsplit(url).path.endswith(_ROUTE_OF_ITS_KEY):
            raise RefusedError(f"the stream of {self.id} only listens: {method} was not sent")
        parent: Any = super()
        return await parent.fetch(url, method, headers, body)

    def client(self, url: str) -> Any:
        """Return the connection to `url`, which stays inside the mode. Raises RefusedError, VenueUnreachableError."""
        if "/" in url and url not in (self.clients or {}):  # ccxt also has one that is a name and is never dialed
            check_stream(self._venue, self._door, url)
            for host in (urlsplit(url).hostname or "", *self._door.hosts):
                self._breaker.check(host, self.id)
            remember_secrets(*parse_qs(urlsplit(url).query).get("listenKey", ()))
        parent: Any = super()
        return parent.client(url)

    def watch(self, url: str, message_hash: str, message: Any = None, *more: Any) -> Any:
        """Wait for a message, and ask for it where that is `message`. Raises RefusedError where it asks for more."""
        parent: Any = super()
        return parent.watch(url, message_hash, self._only_listening(message), *more)

    def watch_multiple(self, url: str, message_hashes: Any, message: Any = None, *more: Any) -> Any:
        """Wait for the first of several messages, in the same way."""
        parent: Any = super()
        return parent.watch_multiple(url, message_hashes, self._only_listening(message), *more)

    async def ensure_user_data_stream_ws_subscribe_signature(self, *market: str) -> None:
        """Subscribe on Binance's spot."""
        parent: Any = super()
        try:
            await parent.ensure_user_data_stream_ws_subscribe_signature(*market)
        except KeyError as error:  # after a refusal ccxt forgets the subscription twice, which hides the refusal
            raise error.__context__ or error from None

    def delay(self, timeout: float, method: Any, *told: Any) -> Any:
        """Do something later, unless this is closed by then."""
        parent: Any = super()
        self._timers.append(parent.delay(timeout, method, *told))
        return self._timers[-1]

    async def close(self, *how: Any) -> None:
        """Close, and forget what was to be done later."""
        for timer in self._timers:
            timer.cancel()
        parent: Any = super()
        await parent.close(*how)

    def on_connected(self, client: Any, message: Any = None) -> None:
        """Note that a connection whose address names the account stands."""
        parent: Any = super()
        parent.on_connected(client, message)
        if "listenKey=" in client.url:
            self._opened()

    def on_error(self, client: Any, error: Any) -> None:
        """Keep a pause that the venue asks for instead of opening the stream."""
        import aiohttp

        refused = error.args[0] if error.args else None
        if isinstance(refused, aiohttp.WSServerHandshakeError):
            pause = pause_asked_for(refused.status, dict(refused.headers or {}))
            if pause > 0.0:
                self._breaker.pause(urlsplit(client.url).hostname or "", pause, status=refused.status)
        parent: Any = super()
        parent.on_error(client, error)

    def handle_message(self, client: Any, message: Any) -> None:
        """Hand on what a message speaks of, then let ccxt read it; one that cannot be read ends the connection."""
        from ccxt.base.errors import BaseError

        told = message if isinstance(message, dict) else {}
        result = told.get("result")
        subscribed = told.get("op") == "subscribe" and told.get("success") is True
        if subscribed or (isinstance(result, dict) and "subscriptionId" in result):
            self._opened()
        news = news_of(self.id, told)
        if news is not None:
            self._heard(news)
        if _event_of(told).get("e") in _IS_OVER:
            client.on_error(VenueUnreachableError(f"{self.id} ended the account's stream"))
            return
        parent: Any = super()
        try:
            parent.handle_message(client, message)
        except (BaseError, *_UNREADABLE) as error:
            client.on_error(error)

    def _only_listening(self, message: Any) -> Any:
        told = message or {}
        if message is not None and told.get("op", told.get("method")) not in _SAYS:
            raise RefusedError(f"the stream of {self.id} only listens: nothing else was sent")
        return message


def news_of(venue: str, message: Mapping[str, Any]) -> AccountNews | None:
    """Return which orders and fills a message speaks of, None where it speaks of none."""
    if venue == "bybit":
        topic = str(message.get("topic", "")).partition(".")[0]
        rows = message.get("data")
        if topic not in ("order", "execution") or not isinstance(rows, list):
            return None
        return _news((row for row in rows if isinstance(row, dict)), "orderLinkId", "execId")
    event = _event_of(message)
    row = {"ORDER_TRADE_UPDATE": event.get("o"), "executionReport": event}.get(str(event.get("e")))
    if not isinstance(row, dict):
        return None
    if row is event and row.get("C"):  # the id of a cancel stands where its order's does in all other reports
        row = row | {"c": row["C"]}
    return _news([row] if row.get("x") == "TRADE" else [row | {"t": ""}], "c", "t")


def _event_of(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what Binance tells: on spot inside an envelope."""
    event = message.get("event")
    return event if isinstance(event, dict) else message


def _news(rows: Iterable[Mapping[str, Any]], order: str, fill: str) -> AccountNews:
    orders, fills = set(), set()
    for row in rows:
        orders.add(ClientOrderId(str(row.get(order) or "")))
        fills.add(FillId(str(row.get(fill) or "")))
    return AccountNews(
        orders=frozenset(each for each in orders if each), fills=frozenset(each for each in fills if each)
    )
