"""Owns what is known of a venue before it is asked: from ccxt's own description and from what was measured of some.

No socket is opened. Findings go to `driftdeck doctor`; what makes a venue useless refuses it when a client is built.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.adapters.ccxt_client import class_of
from engine.adapters.ccxt_modules import POLLING, STREAMING, speaks
from engine.adapters.market_traits import candle_page, cannot_work
from engine.domain.config import VenueConfig
from engine.domain.units import DAY_MS, HOUR_MS

WANTED_DAYS = 121  # 90 days of correlation and the month before them for winsor limits
LEAST_DAYS = 61  # the 30-day window with its limits
WINDOWS = (30, 60, 90)
TESTED = ("bybit", "binance")
# Candles that a venue gives at all, however far back it is asked (FACTS 4).
LAST_CANDLES = {"kraken": 720}
# What a venue calls the client's own order id where ccxt's unified parameter does not reach it (FACTS 4).
NATIVE_CLIENT_IDS = {"coinbase": "client_order_id", "cryptocom": "client_oid"}
SANDBOXES = frozenset({"binance", "bybit", "okx", "bitget", "gate", "hyperliquid", "krakenfutures"})
DEMOS = frozenset({"binance", "bybit", "bitget"})


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


def known(venue: VenueConfig) -> list[Finding]:
    """Return what is known of `venue` without asking it. Raises ConfigError for one that ccxt does not know."""
    streams = speaks(STREAMING, venue.id)
    exchange = class_of(venue, STREAMING if streams else POLLING)()
    found = [_support(venue), *_obstacles(exchange, venue), _candles(exchange, venue)]
    if venue.id in LAST_CANDLES:
        most = LAST_CANDLES[venue.id]
        found.append(window_finding(most * HOUR_MS / DAY_MS, f"the last {most} candles and no more, "))
    return [*found, _streams(exchange, streams=streams), _client_ids(venue), _practice(venue)]


def window_finding(days: float, given: str = "") -> Finding:
    """Say which correlation windows this much history fills, and which it leaves empty for now."""
    words = f"{given}hourly candles of {days:.0f} days"
    if days >= WANTED_DAYS - 1:
        return Finding(what="history", verdict=Verdict.GOOD, words=f"{words} and more")
    empty = [str(window) for window in WINDOWS if window > days + 1]
    if empty:
        words += f"; no correlation of {' and '.join(empty)} days until the engine has run that long"
    if days < LEAST_DAYS:
        words += "; limits of outliers are rougher at first"
    return Finding(what="history", verdict=Verdict.NOTE, words=f"{words}; 'driftdeck import' brings older hours")


def _support(venue: VenueConfig) -> Finding:
    if venue.id in TESTED:
        return Finding(what="support", verdict=Verdict.GOOD, words="tested end to end on a simulated exchange")
    return Finding(what="support", verdict=Verdict.NOTE, words="market data through ccxt; orders are paper there")


def _obstacles(exchange: Any, venue: VenueConfig) -> list[Finding]:
    """Return what makes the venue useless, one finding each."""
    reasons = cannot_work(exchange, venue.market)
    return [Finding(what="cannot work", verdict=Verdict.BAD, words=reason) for reason in reasons]


def _candles(exchange: Any, venue: VenueConfig) -> Finding:
    page = candle_page(venue, exchange)
    hours = min(WANTED_DAYS * DAY_MS // HOUR_MS, LAST_CANDLES.get(venue.id, WANTED_DAYS * DAY_MS))
    requests = math.ceil(hours / page)
    asked = "1 request" if requests == 1 else f"{requests} requests"
    words = f"{page} a request: {asked} per asset for {hours * HOUR_MS // DAY_MS} days"
    return Finding(what="candles", verdict=Verdict.GOOD, words=words)


def _streams(exchange: Any, *, streams: bool) -> Finding:
    if not streams:
        return Finding(what="streams", verdict=Verdict.NOTE, words="ccxt.pro does not know it: everything is polled")
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


def _practice(venue: VenueConfig) -> Finding:
    kinds = [word for word, those in (("testnet", SANDBOXES), ("demo", DEMOS)) if venue.id in those]
    if kinds:
        return Finding(what="sandbox", verdict=Verdict.GOOD, words=" and ".join(kinds))
    return Finding(what="sandbox", verdict=Verdict.NOTE, words="none: paper money is the only practice there is")
