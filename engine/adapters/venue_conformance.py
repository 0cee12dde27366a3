"""Owns what a venue can do for Driftdeck as it answers itself: link, clock, markets, prices, history, as findings.

Public requests only, without keys; nothing is changed anywhere. What is known without asking comes first, also where
the venue is silent (`venue_knowledge`). Findings go to `driftdeck doctor --venue`.
"""

import time
from collections.abc import Callable

from engine.adapters.ccxt_market_data import CcxtMarketData
from engine.adapters.host_breaker import HostBreaker
from engine.adapters.venue_knowledge import WANTED_DAYS, Finding, Verdict, known, window_finding
from engine.domain.config import VenueConfig
from engine.domain.errors import UnknownSymbolError, VenueUnreachableError
from engine.domain.market import MarketKind
from engine.domain.units import DAY_MS, Asset, Ms, Symbol

SKEW_MS = 1_000.0


async def examine(
    venue: VenueConfig, *, monotonic: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time
) -> list[Finding]:
    """Return what was found. Raises ConfigError for a venue that ccxt does not know."""
    found = known(venue)
    if any(finding.verdict is Verdict.BAD for finding in found):
        return found  # asking would not help
    data = CcxtMarketData(venue, monotonic=monotonic, breaker=HostBreaker(monotonic))
    try:
        asked = await _asked(venue, data, wall)
        told = {finding.what for finding in asked}
        found = [finding for finding in found if finding.what not in told] + asked  # its own word stands above ours
    except VenueUnreachableError as error:
        found.append(Finding(what="link", verdict=Verdict.BAD, words=str(error)))
    finally:
        await data.close()
    return found


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
    if data.unreadable:
        words = f"lists {', '.join(data.unreadable)} in a form that cannot be read: left out, the others go on"
        found.append(Finding(what="markets", verdict=Verdict.NOTE, words=words))
    if not listed:
        quotes_there = await data.quoted_in(Asset("BTC"))
        other = f"BTC is quoted in {', '.join(quotes_there)} there" if quotes_there else "nor any other market of BTC"
        words = f"lists none of {', '.join(asked)}; {other}: set venue.quote, or name a symbol per asset"
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
    """Say how far back hourly candles go when they are asked for from long ago, and which windows that fills."""
    try:
        candles = await data.candles(symbol, since_ms=Ms(now - WANTED_DAYS * DAY_MS), limit=2)
    except UnknownSymbolError as error:
        return Finding(what="history", verdict=Verdict.BAD, words=str(error))
    if not candles:
        return Finding(what="history", verdict=Verdict.BAD, words=f"no candles of {symbol} from {WANTED_DAYS} days ago")
    return window_finding((now - candles[0].open_ms) / DAY_MS)
