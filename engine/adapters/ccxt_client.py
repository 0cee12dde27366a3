"""Owns the building of a keyless ccxt exchange object and the few hooks that make its answers trustworthy.

The object is an unmodified ccxt class with a mixin in front: it asks the breaker before each request, refuses answers
that are not data (ccxt returns HTML as success), counts requests for the throttle, and parses only the tickers that are
wanted. URLs are never rewritten: `proxy` and `ca_file` lead elsewhere (FACTS 4). No key is ever set here and no order
is ever sent. Objects go to the adapters that read and, later, trade.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from engine.adapters.answer_codes import RATE_LIMIT_PAUSE_S, asked_for
from engine.adapters.ccxt_mapping import venue_ms
from engine.adapters.ccxt_modules import POLLING, STREAMING, speaks, venue_class
from engine.adapters.host_breaker import HostBreaker, pause_asked_for
from engine.adapters.market_list import answers_kept
from engine.adapters.market_traits import VenueTraits, cannot_work, traits_of
from engine.adapters.no_redirects import NoRedirects
from engine.adapters.request_budget import Urgency, urgency_now
from engine.adapters.venue_route import check_proxy, tls_trust
from engine.domain.config import VenueConfig
from engine.domain.errors import BadVenueAnswerError, ConfigError, VenueUnreachableError
from engine.domain.market import MarketKind
from engine.domain.units import Ms

TIMEOUT_MS = 10_000
_ID_KEYS = ("symbol", "instId", "contract", "currency_pair")  # where raw ticker rows name their market


def build_exchange(venue: VenueConfig, *, breaker: HostBreaker, monotonic: Callable[[], float]) -> Any:
    """Return a ccxt exchange object for public data; no socket is opened yet. Raises ConfigError.

    Imports aiohttp and what is needed of ccxt, which takes a quarter of a second the first time.
    """
    return _build(venue, POLLING, breaker=breaker, monotonic=monotonic)


def build_stream(venue: VenueConfig, *, breaker: HostBreaker, monotonic: Callable[[], float]) -> Any:
    """Return a ccxt.pro object for public streams; no socket is opened yet. Raises ConfigError."""
    return _build(venue, STREAMING, breaker=breaker, monotonic=monotonic)


def streams(venue: VenueConfig) -> bool:
    """Return True where ccxt.pro speaks to this venue at all."""
    return speaks(STREAMING, venue.id)


def _build(venue: VenueConfig, package: str, *, breaker: HostBreaker, monotonic: Callable[[], float]) -> Any:
    return assemble(
        venue, (TrustworthyAnswers, NoRedirects, class_of(venue, package)), breaker=breaker, monotonic=monotonic
    )


def class_of(venue: VenueConfig, package: str = POLLING) -> type[Any]:
    """Return ccxt's class for `venue`. Raises ConfigError where it has none."""
    if not speaks(package, venue.id):
        raise ConfigError(f"venue.id: ccxt knows no exchange {venue.id!r}; for example bybit or binance")
    return venue_class(package, venue.id)


def assemble(
    venue: VenueConfig,
    bases: tuple[type[Any], ...],
    *,
    breaker: HostBreaker,
    monotonic: Callable[[], float],
    **more: Any,
) -> Any:
    """Return an object of a class made of `bases`: the venue's ccxt class last, hooks in front. Raises ConfigError."""
    trust = tls_trust(venue)
    check_proxy(venue.proxy)
    traits = traits_of(venue)
    rate = venue.requests_per_second or traits.requests_per_second
    options: dict[str, Any] = {"defaultType": venue.market.value, "maxRetriesOnFailure": 0}
    if venue.market is MarketKind.SWAP:
        options["defaultSubType"] = "linear"  # on spot it would send Binance's tickers to the futures host
    if venue.market in traits.market_types:
        # without the fees: KuCoin would be asked for all its tickers for them
        options["fetchMarkets"] = {"types": [traits.market_types[venue.market]], "fetchTickersFees": False}
    settings: dict[str, Any] = {
        "number": str,  # every number stays the venue's own string until ccxt_mapping
        "timeout": TIMEOUT_MS,
        "enableRateLimit": True,
        "aiohttp_trust_env": False,
        "timeout_on_exit": 0,  # ccxt sleeps a quarter of a second for older aiohttp; ours waits for its own sockets
        "options": options,
    }
    if rate > 0.0:
        settings["rateLimit"] = 1000.0 / rate
    if venue.proxy:
        settings["httpsProxy"] = settings["wssProxy"] = venue.proxy
    watched = type(bases[-1].__name__, bases, {})
    exchange: Any = watched(settings, breaker=breaker, monotonic=monotonic, flat_cost=rate > 0.0, traits=traits, **more)
    obstacles = cannot_work(exchange, venue.market)
    if obstacles:
        raise ConfigError(f"venue.id: {venue.id} cannot be used: {'; '.join(obstacles)}")
    exchange.ssl_context = trust
    return exchange


class TrustworthyAnswers:
    """Hooks in front of a ccxt class. Names start with "_" because ccxt gives all others a camelCase twin.

    `_answered_ms` and `_round_trip_ms` describe the latest answer. They are read without a lock: between the moment a
    request sets them and the moment its own caller gets the result, ccxt awaits nothing.
    """

    id: str

    def __init__(
        self,
        config: dict[str, Any],
        *,
        breaker: HostBreaker,
        monotonic: Callable[[], float],
        flat_cost: bool,
        traits: VenueTraits,
    ) -> None:
        self._breaker = breaker
        self._monotonic = monotonic
        self._flat_cost = flat_cost
        self._traits = traits
        self._answered_ms: Ms | None = None
        self._round_trip_ms = float("nan")
        parent: Any = super()
        parent.__init__(config)

    def calculate_rate_limiter_cost(self, *args: Any) -> Any:
        """Count every request as one where the limit is a number of requests; else as ccxt weighs it."""
        parent: Any = super()
        return 1 if self._flat_cost else parent.calculate_rate_limiter_cost(*args)

    async def throttle(self, cost: float | None = None) -> None:
        """Wait in the line that all objects of this venue share; what holds keys trades and goes first."""
        kept = answers_kept()
        if kept is not None and kept.again:
            return
        ours: Any = self
        urgency = Urgency.TRADING if ours.apiKey else urgency_now()
        await self._breaker.budget.admit(self.id, urgency, (1.0 if cost is None else cost) * ours.rateLimit / 1000)

    async def fetch(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        """Ask the breaker, then the host; note how long the answer took."""
        kept = answers_kept()
        if kept is not None and url in kept:
            return kept.of(url)
        self._breaker.check(_host(url), self.id)
        parent: Any = super()
        asked = self._monotonic()
        if kept is not None:
            kept.asked += 1
        answer = await parent.fetch(url, method, headers, body)
        self._round_trip_ms = (self._monotonic() - asked) * 1000
        if kept is not None:
            kept.keep(url, answer)
        return answer

    def handle_errors(self, *answer: Any) -> Any:
        """Judge an answer before ccxt does: pauses, pages that are not data, lists that are none."""
        from ccxt.base.errors import DDoSProtection, RateLimitExceeded

        status, _, url, method, headers, body, response, *_ = answer
        answered_ms = _answer_time(response, headers)
        asks = asked_for(self.id, status, response, answered_ms)
        pause = max(pause_asked_for(status, headers), asks.pause_s if asks else 0.0)
        if pause > 0.0:
            self._breaker.pause(_host(url), pause, status=status)
            in_body = asks is not None and status < 400
            raise VenueUnreachableError(asks.sentence if asks and in_body else _pause_sentence(self.id, status, pause))
        if asks is not None:
            raise VenueUnreachableError(asks.sentence)
        route = urlsplit(url).path
        if response is None and status >= 400:
            raise VenueUnreachableError(f"{self.id} answered {method} {route} with HTTP {status}; try later")
        if response is None:
            shown = "a web page" if body.lstrip().startswith("<") else "an empty or broken text"
            raise BadVenueAnswerError(
                f"{self.id} answered {method} {route} with {shown} instead of data; check the proxy or try later"
            )
        self._answered_ms = answered_ms
        parent: Any = super()
        try:
            parent.handle_errors(*answer)
        except (DDoSProtection, RateLimitExceeded):
            self._breaker.pause(_host(url), RATE_LIMIT_PAUSE_S)
            raise
        if route in self._traits.list_routes and not isinstance((response.get("result") or {}).get("list"), list):
            raise BadVenueAnswerError(f"{self.id} answered {method} {route} without its list; try later")

    def safe_ticker(self, ticker: dict[str, Any], market: Any = None) -> Any:
        """Undo ccxt's guess of a missing last price (it computes one from the open): a price is said or it is not."""
        parent: Any = super()
        parsed = parent.safe_ticker(ticker, market)
        parsed["last"] = ticker.get("last") or ticker.get("close")
        return parsed

    def parse_tickers(self, tickers: Any, symbols: Any = None, params: Any = None) -> Any:
        """Parse the wanted rows only (640 cost 30 ms).

        A row that cannot be read costs its own quote, not all others.
        """
        parent: Any = super()
        if not isinstance(tickers, list) or not symbols:
            return parent.parse_tickers(tickers, symbols, params or {})
        markets = {market["id"]: market for market in map(parent.market, symbols)}
        rows = [row for row in tickers if isinstance(row, dict)]
        wanted = [(row, markets[name]) for row in rows for name in _names(row) & markets.keys()]
        parsed = {}
        for row, market in wanted or [(row, None) for row in rows]:  # another key for the market: parsed whole
            with suppress(ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
                ticker = parent.parse_ticker(row, market)
                parsed[ticker["symbol"]] = ticker
        return {symbol: parsed[symbol] for symbol in symbols if symbol in parsed}

    def parse_ohlcvs(self, rows: Any, market: Any = None, *_: Any, **__: Any) -> Any:
        """Parse every row: ccxt would drop unreadable ones in silence. Sorting and cutting is ccxt_mapping's."""
        parent: Any = super()
        return [parent.parse_ohlcv(row, market) for row in rows]


def _names(row: Mapping[str, Any]) -> set[str]:
    return {value for key in _ID_KEYS if isinstance(value := row.get(key), str)}


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _answer_time(response: Any, headers: Mapping[str, str]) -> Ms | None:
    """Return when the venue answered: by its envelope, else by the Date header (whole seconds)."""
    stamp = response.get("time") if isinstance(response, dict) else None
    if isinstance(stamp, str) and stamp.isdigit():
        stamp = int(stamp)
    at = venue_ms(stamp)
    if at is not None:
        return at
    try:
        return Ms(round(parsedate_to_datetime(headers.get("Date", "")).timestamp() * 1000))
    except (TypeError, ValueError):
        return None


def _pause_sentence(venue: str, status: int, pause: float) -> str:
    if status == 403:
        why = "refused this address (HTTP 403): too many requests, or a country it does not serve"
    else:
        why = f"asked for a pause (HTTP {status})"
    return f"{venue} {why}; nothing is sent to it for {pause:.0f} s"
