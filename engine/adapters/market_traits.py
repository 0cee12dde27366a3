"""Owns what differs between venues where public data are concerned: page sizes, streams, how steps are written.

A table for what was measured, and what ccxt knows for all others. Nothing is asked of a venue. Read by the clients and
by `driftdeck doctor`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.domain.config import VenueConfig
from engine.domain.market import MarketKind

USUAL_PAGE = 500  # candles, where nobody knows better
_PLACES, _SIGNIFICANT = 2, 3  # ccxt's precision modes beside 4, steps


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueTraits:
    """What a venue needs beyond ccxt's defaults; `requests_per_second` 0 leaves ccxt's own throttle."""

    market_types: Mapping[MarketKind, str] = field(default_factory=dict)
    requests_per_second: float = 0.0
    candle_page: int = 0  # 0: what ccxt knows of the venue
    list_routes: tuple[str, ...] = ()  # routes whose answer must hold `result.list`
    bookless_tickers: frozenset[MarketKind] = frozenset()  # whose day's tickers name no bid and ask: asked for apart
    bookless_streams: frozenset[MarketKind] = frozenset()  # the same, streamed
    most_topics: Mapping[MarketKind, int] = field(default_factory=dict)  # of one request to a stream; ccxt never splits


_LINEAR = {MarketKind.SWAP: "linear", MarketKind.SPOT: "spot"}
_PLAIN = {kind: kind.value for kind in MarketKind}
_TRAITS = {
    # 600 requests per 5 s and address: a third of it, as other programs may share the address
    "bybit": VenueTraits(
        market_types=_LINEAR,
        requests_per_second=40.0,
        list_routes=("/v5/market/kline", "/v5/market/tickers", "/v5/market/instruments-info"),
        bookless_streams=frozenset({MarketKind.SPOT}),
        most_topics={MarketKind.SPOT: 10},
    ),
    "binance": VenueTraits(
        market_types=_LINEAR,
        most_topics=dict.fromkeys(MarketKind, 150),  # 200 streams on one of its connections
        bookless_tickers=frozenset({MarketKind.SWAP}),
        bookless_streams=frozenset({MarketKind.SWAP}),
    ),
    "okx": VenueTraits(market_types=_PLAIN, candle_page=300),
    "gate": VenueTraits(market_types=_PLAIN),
    "bitget": VenueTraits(market_types=_PLAIN),
    "kucoin": VenueTraits(market_types=_PLAIN),
    "kraken": VenueTraits(candle_page=720),
}


def traits_of(venue: VenueConfig) -> VenueTraits:
    """Return the traits of `venue`; a venue that is not in the table gets ccxt's defaults."""
    return _TRAITS.get(venue.id, VenueTraits())


def candle_page(venue: VenueConfig, exchange: Any) -> int:
    """Return how many candles to ask for at once. Binance USD-M weighs 500 and more five times as much as 499."""
    if venue.id == "binance" and venue.market is MarketKind.SWAP:
        return 499
    return traits_of(venue).candle_page or known_page(exchange, venue.market) or USUAL_PAGE


def known_page(exchange: Any, kind: MarketKind) -> int:
    """Return how many candles one answer of the venue holds as ccxt knows it, 0 where it does not."""
    features = getattr(exchange, "features", None) or {}
    found = features.get(kind.value) or {}
    if kind is MarketKind.SWAP:
        found = found.get("linear") or {}
    limit = (found.get("fetchOHLCV") or {}).get("limit")
    return int(limit) if isinstance(limit, int | float) and limit > 0 else 0


def counts_places(exchange: Any) -> bool:
    """Return True where ccxt's precisions of this venue are numbers of decimal places instead of steps."""
    return bool(getattr(exchange, "precisionMode", None) == _PLACES)


def cannot_work(exchange: Any, kind: MarketKind) -> list[str]:
    """Return why Driftdeck cannot use what ccxt offers of this venue, one reason each; empty where it can."""
    has, other = exchange.has, MarketKind.SPOT if kind is MarketKind.SWAP else MarketKind.SWAP
    reasons = (
        (has.get(kind.value) is False, f'it has no {kind} markets; use market = "{other}" or another exchange'),
        (not has.get("fetchOHLCV") or "1h" not in (exchange.timeframes or {}), "it gives no hourly candles"),
        (not has.get("fetchTickers"), "it gives no prices of many symbols at once"),
        (not has.get("fetchTime"), "it does not tell its time, which is the clock of every bar"),
        (
            getattr(exchange, "precisionMode", None) == _SIGNIFICANT,
            "it rounds prices to significant digits, so its markets have no price step",
        ),
    )
    return [reason for applies, reason in reasons if applies]
