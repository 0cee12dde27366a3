"""Owns asking CoinGecko: a few slow requests through the trader's own proxy and TLS trust, pauses honored.

Asks one thing at a time, no faster than the free tier allows, and says what it waits for. Never stores and never
guesses: what an answer means stands in `coingecko`.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

import aiohttp

from engine.adapters.coingecko import NAME, Points, complaint, read_points
from engine.adapters.host_breaker import pause_asked_for
from engine.adapters.redaction import redact
from engine.adapters.venue_route import check_proxy, tls_trust
from engine.domain.config import VenueConfig
from engine.domain.errors import BadVenueAnswerError, ConfigError, DriftdeckError, VenueUnreachableError
from engine.domain.units import Ms

BASE = "https://api.coingecko.com/api/v3"
PACE_S = 6.0  # ten requests a minute: what the free tier bears without a key, shared with others behind the address
TRIES = 4
LONGEST_PAUSE_S = 300.0
STUMBLE_PAUSE_S = 5.0
TIMEOUT_S = 30.0


class CoinGecko:
    """A client for one import; use it as an async context manager."""

    def __init__(
        self,
        venue: VenueConfig,
        *,
        say: Callable[[str], None],
        base: str = BASE,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        check_proxy(venue.proxy)
        self._proxy = venue.proxy
        self._trust = tls_trust(venue)
        self._say = say
        self._base = base
        self._monotonic = monotonic
        self._sleep = sleep
        self._due = float("-inf")
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        connector = aiohttp.TCPConnector(ssl=self._trust)
        self._session = aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def tickers(self, coins: Sequence[str], *, currency: str) -> dict[str, str]:
        """Return the ticker of each coin id, such as "ETH" of "ethereum"; unknown ids are not in it."""
        query = {"vs_currency": currency, "ids": ",".join(coins), "per_page": "250"}
        body = await self._get("/coins/markets", query, doing="reading the list of coins")
        if not isinstance(body, list):
            raise BadVenueAnswerError(f"{NAME} answered without a list of coins; try later")
        rows = [row for row in body if isinstance(row, dict)]
        return {str(row["id"]): str(row["symbol"]).upper() for row in rows if row.get("id") and row.get("symbol")}

    async def points(self, coin: str, *, currency: str, first: Ms, last: Ms) -> Points:
        """Return the prices of `coin` in [first, last]; hourly where the span is at most 90 days."""
        query = {"vs_currency": currency, "from": str(first // 1000), "to": str(last // 1000)}
        body = await self._get(f"/coins/{coin}/market_chart/range", query, doing=f"reading {coin}")
        return read_points(body, coin)

    async def _get(self, route: str, query: Mapping[str, str], *, doing: str) -> object:
        """Return the JSON of an answer; waits its turn, honors pauses, tries again where that may help."""
        wrong: DriftdeckError = VenueUnreachableError(f"{NAME} was not asked")
        for attempt in range(TRIES):
            await self._sleep(max(0.0, self._due - self._monotonic()))
            status, headers, body = await self._ask(route, query, doing)
            self._due = self._monotonic() + PACE_S
            if status < 400:
                return body
            pause = pause_asked_for(status, headers)
            wrong = _refusal(status, body, doing, pause)
            if not pause and status < 500:
                raise wrong
            if pause > LONGEST_PAUSE_S or attempt == TRIES - 1:
                break
            seconds = pause or STUMBLE_PAUSE_S
            why = "asks for a pause" if pause else "stumbled"
            self._say(f"{NAME} {why} (HTTP {status}): going on in {seconds:.0f} s")
            self._due = self._monotonic() + seconds
        raise wrong

    async def _ask(self, route: str, query: Mapping[str, str], doing: str) -> tuple[int, Mapping[str, str], object]:
        """Return status, headers and JSON of one request; None for a body that is no JSON."""
        assert self._session is not None
        try:
            async with self._session.get(self._base + route, params=query, proxy=self._proxy or None) as answer:
                text = await answer.text()
                return answer.status, answer.headers, _decoded(text, doing, status=answer.status)
        except TimeoutError:
            raise VenueUnreachableError(
                f"{NAME} did not answer within {TIMEOUT_S:.0f} s while {doing}; check the network or venue.proxy"
            ) from None
        except aiohttp.ClientError as error:
            raise VenueUnreachableError(f"{NAME} cannot be reached while {doing}: {self._reason(error)}") from None

    def _reason(self, error: aiohttp.ClientError) -> str:
        """Say what failed below HTTP; the most special classes come first."""
        proxy = redact(self._proxy)
        if isinstance(error, aiohttp.ClientHttpProxyError):
            return f"the proxy at {proxy} refused with HTTP {error.status}; check it or venue.proxy"
        if isinstance(error, aiohttp.ClientProxyConnectionError):
            return f"no proxy answers at {proxy}; start it or correct venue.proxy"
        if isinstance(error, aiohttp.ClientSSLError):
            return "its certificate is not trusted; check the proxy and venue.ca_file"
        if isinstance(error, aiohttp.ClientPayloadError):
            return "the answer was cut off; try again"
        return f"the connection failed ({type(error).__name__}); check the network or set venue.proxy"


def _decoded(text: str, doing: str, *, status: int) -> object:
    """Return the JSON in `text`. Raises BadVenueAnswerError where a good answer holds none."""
    import msgspec

    try:
        found: object = msgspec.json.decode(text)
    except msgspec.DecodeError:
        if status >= 400:
            return None
        raise BadVenueAnswerError(
            f"{NAME} answered with something that is no data while {doing}; check the proxy or try later"
        ) from None
    return found


def _refusal(status: int, body: object, doing: str, pause: float) -> DriftdeckError:
    """Return the error for an answer that refuses, with what it says."""
    said = redact(complaint(body))
    reason = f": {said}" if said else ""
    if status == 404:
        return ConfigError(f"{NAME} knows no such coin while {doing}{reason}; use the API id of its page")
    if pause > LONGEST_PAUSE_S:
        return VenueUnreachableError(f"{NAME} wants to be left alone for {pause:.0f} s (HTTP {status}); try later")
    if pause:
        return VenueUnreachableError(f"{NAME} goes on asking for pauses (HTTP {status}); try later, or fewer coins")
    if status == 401:
        return BadVenueAnswerError(f"{NAME} refused while {doing} (HTTP 401){reason}; the free tier reaches 365 days")
    return BadVenueAnswerError(f"{NAME} refused while {doing} (HTTP {status}){reason}")
