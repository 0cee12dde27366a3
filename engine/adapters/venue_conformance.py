"""Owns what a venue can do for Driftdeck: asked of the venue itself and read from what ccxt knows of it, as findings.

Public requests only, without keys; nothing is changed anywhere. Findings go to `driftdeck doctor --venue`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.adapters.ccxt_client import build_stream, streams
from engine.adapters.ccxt_market_data import CcxtMarketData
from engine.adapters.host_breaker import HostBreaker
from engine.domain.config import VenueConfig
from engine.domain.errors import UnknownSymbolError, VenueUnreachableError
from engine.domain.market import MarketKind
from engine.domain.units import DAY_MS, Ms, Symbol

WANTED_DAYS = 121  # 90 days of correlation and the month before them for winsor limits
LEAST_DAYS = 61  # the 30-day window with its limits
SKEW_MS = 1_000.0
# What a venue calls the client's own order id where ccxt's unified parameter does not reach it (FACTS 4).
NATIVE_CLIENT_IDS = {"coinbase": "client_order_id", "cryptocom": "client_oid"}
TESTED = ("bybit",)


class Verdict(StrEnum):
    """How a finding is."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at, and what it means."""

    what: str
    verdict: Verdict
    words: str


async def examine(
    venue: VenueConfig, *, monotonic: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time
) -> list[Finding]:
    """Return what was found. Raises ConfigError for a venue that ccxt does not know."""
    data = CcxtMarketData(venue, monotonic=monotonic, breaker=HostBreaker(monotonic))
    found = [_tested(venue), *await _stream(venue, monotonic)]
    try:
        found += await _asked(venue, data, wall)
    except VenueUnreachableError as error:
        found.append(Finding(what="link", verdict=Verdict.BAD, words=str(error)))
    finally:
        await data.close()
    return found


def _tested(venue: VenueConfig) -> Finding:
    if venue.id in TESTED:
        return Finding(what="support", verdict=Verdict.GOOD, words="tested end to end on a simulated exchange")
    return Finding(
        what="support", verdict=Verdict.NOTE, words="reached through ccxt; market data only, not tested here"
    )


async def _stream(venue: VenueConfig, monotonic: Callable[[], float]) -> list[Finding]:
    """Say what ccxt knows: streams, client ids, sandbox."""
    if not streams(venue):
        return [Finding(what="streams", verdict=Verdict.NOTE, words="ccxt.pro does not know it: everything is polled")]
    exchange = build_stream(venue, breaker=HostBreaker(monotonic), monotonic=monotonic)
    try:
        return [_streams(exchange), _client_ids(venue), _sandbox(exchange)]
    finally:
        await exchange.close()


def _streams(exchange: Any) -> Finding:
    prices, candles = exchange.has.get("watchTickers"), exchange.has.get("watchOHLCVForSymbols")
    if not prices:
        return Finding(what="streams", verdict=Verdict.NOTE, words="no prices of many symbols at once: they are polled")
    words = "prices and candles" if candles else "prices; candles of closed hours are fetched"
    return Finding(what="streams", verdict=Verdict.GOOD, words=words)


def _client_ids(venue: VenueConfig) -> Finding:
    native = NATIVE_CLIENT_IDS.get(venue.id)
    if native is None:
        return Finding(what="client ids", verdict=Verdict.GOOD, words="carried as clientOrderId")
    return Finding(what="client ids", verdict=Verdict.NOTE, words=f"ccxt drops clientOrderId; its own name is {native}")


def _sandbox(exchange: Any) -> Finding:
    test = bool(exchange.urls.get("test"))
    demo = bool(exchange.urls.get("demotrading") or exchange.urls.get("demo"))
    kinds = [word for word, there in (("testnet", test), ("demo", demo)) if there]
    if kinds:
        return Finding(what="sandbox", verdict=Verdict.GOOD, words=" and ".join(kinds))
    return Finding(what="sandbox", verdict=Verdict.NOTE, words="none: paper money is the only practice there is")


async def _asked(venue: VenueConfig, data: CcxtMarketData, wall: Callable[[], float]) -> list[Finding]:
    at, round_trip_ms = await data.server_time()
    skew = at + round_trip_ms / 2 - wall() * 1000
    found = [
        Finding(what="link", verdict=Verdict.GOOD, words=f"answers in {round_trip_ms:.0f} ms"),
        _clock(skew),
    ]
    settle = f":{venue.quote}" if venue.market is MarketKind.SWAP else ""
    asked = [Symbol(f"{asset}/{venue.quote}{settle}") for asset in ("BTC", "ETH", "SOL")]
    listed = await data.instruments(asked)
    if not listed:
        words = f"lists none of {', '.join(asked)}: name a symbol per asset, or another market or quote"
        return [*found, Finding(what="markets", verdict=Verdict.BAD, words=words)]
    found.append(Finding(what="markets", verdict=Verdict.GOOD, words=f"lists {', '.join(listed)}"))
    quotes = await data.quotes(list(listed))
    both = all(quote.bid is not None and quote.ask is not None for quote in quotes)
    words = "with bid and ask" if both else "without bid and ask: the spread is left out of costs"
    found.append(Finding(what="prices", verdict=Verdict.GOOD if both else Verdict.NOTE, words=words))
    return [*found, await _history(data, next(iter(listed)), at)]


def _clock(skew_ms: float) -> Finding:
    way = "behind" if skew_ms > 0 else "ahead of"
    words = f"this host is {abs(skew_ms) / 1000:.1f} s {way} the venue"
    if abs(skew_ms) <= SKEW_MS:
        return Finding(what="clock", verdict=Verdict.GOOD, words=words)
    return Finding(what="clock", verdict=Verdict.BAD, words=f"{words}: set it right (timedatectl set-ntp true)")


async def _history(data: CcxtMarketData, symbol: Symbol, now: Ms) -> Finding:
    """Say how far back hourly candles go when they are asked for from long ago."""
    try:
        candles = await data.candles(symbol, since_ms=Ms(now - WANTED_DAYS * DAY_MS), limit=2)
    except UnknownSymbolError as error:
        return Finding(what="history", verdict=Verdict.BAD, words=str(error))
    if not candles:
        return Finding(what="history", verdict=Verdict.BAD, words=f"no candles of {symbol} from {WANTED_DAYS} days ago")
    days = (now - candles[0].open_ms) / DAY_MS
    if days >= WANTED_DAYS - 1:
        return Finding(what="history", verdict=Verdict.GOOD, words=f"hourly candles of {days:.0f} days and more")
    windows = "the 30-day window only" if days < LEAST_DAYS else "not every window"
    words = f"hourly candles of {days:.0f} days: fills {windows} at first; 'driftdeck import' brings the rest"
    return Finding(what="history", verdict=Verdict.NOTE, words=words)
