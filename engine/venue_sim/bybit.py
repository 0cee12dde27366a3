"""Owns the public REST dialect of Bybit v5: which path takes which parameters, and what a wrong one is answered with.

A pure function of (path, query, price source, market time); no socket, no clock. Bodies are built in `bybit_bodies`.
Errors are Bybit's: HTTP 200 with a retCode; only an unknown path is a 404.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.domain.units import DAY_MS, MINUTE_MS, Asset, Ms, floor_to
from engine.venue_sim import bybit_bodies as bodies
from engine.venue_sim.prices import Listing, PriceSource

QUOTE = "USDT"
_PERPETUAL_OR_SPOT = ("linear", "spot")
_EMPTY_CATEGORIES = ("inverse", "option")
INTERVALS_MS = {text: int(text) * MINUTE_MS for text in ("1", "3", "5", "15", "30", "60", "120", "240", "360", "720")}
INTERVALS_MS["D"] = DAY_MS

PARAMETER_ERROR = 10001
NO_ROUTE = 10017


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP status and the JSON body to go with it."""

    status: int
    body: dict[str, object]


class _ParameterError(Exception):
    """A query the venue would refuse; the message is its retMsg."""


def answer(path: str, query: Mapping[str, str], source: PriceSource, now: Ms, stamp: Ms | None = None) -> Answer:
    """Return the venue's answer to GET `path` at market time `now`; `stamp` is what its clock says where it is off."""
    clock = now if stamp is None else stamp
    try:
        if path == "/v5/market/time":
            result = bodies.time_result(clock)
        elif path == "/v5/market/instruments-info":
            result = _instruments(query, source, now)
        elif path == "/v5/market/tickers":
            result = _tickers(query, source, now)
        elif path == "/v5/market/kline":
            result = _kline(query, source, now)
        else:
            return Answer(status=404, body=bodies.envelope(clock, {}, code=NO_ROUTE, message="Route not found."))
    except _ParameterError as refusal:
        return Answer(status=200, body=bodies.envelope(clock, {}, code=PARAMETER_ERROR, message=str(refusal)))
    return Answer(status=200, body=bodies.envelope(clock, result))


def _instruments(query: Mapping[str, str], source: PriceSource, now: Ms) -> dict[str, object]:
    category = _category(query)
    listings = () if category in _EMPTY_CATEGORIES else source.listings(now)
    if query.get("symbol"):
        listings = (_listing(query, listings),)
    if query.get("baseCoin"):
        listings = tuple(item for item in listings if item.asset == query["baseCoin"])
    if query.get("status", "Trading") != "Trading":  # nothing here waits for its launch or is being settled
        listings = ()
    if category == "spot":
        return bodies.spot_instruments(listings)
    offset = _whole(query, "cursor", default=0, low=0, high=len(listings))
    limit = _whole(query, "limit", default=500, low=1, high=1000)
    cursor = str(offset + limit) if offset + limit < len(listings) else ""
    return bodies.derivative_instruments(category, listings[offset : offset + limit], cursor)


def _tickers(query: Mapping[str, str], source: PriceSource, now: Ms) -> dict[str, object]:
    category = _category(query)
    tickers = () if category in _EMPTY_CATEGORIES else source.tickers(now)
    if query.get("symbol"):
        wanted = _listing(query, tuple(item.listing for item in tickers))
        tickers = tuple(item for item in tickers if item.listing is wanted)
    return bodies.tickers(category, tickers, now)


def _kline(query: Mapping[str, str], source: PriceSource, now: Ms) -> dict[str, object]:
    category = _category({"category": "linear"} | dict(query))
    if category in _EMPTY_CATEGORIES:
        raise _ParameterError("params error: symbol invalid")
    listing = _listing(query, source.listings(now))
    step = INTERVALS_MS.get(query.get("interval", ""))
    if step is None:
        raise _ParameterError("Invalid period!")
    limit = _whole(query, "limit", default=200, low=1, high=1000)
    launch = floor_to(listing.launch_ms, step)
    # The candle that contains `start` is the first one, as on the venue.
    start = max(floor_to(Ms(_whole(query, "start", default=0, low=0, high=2**53)), step), launch)
    end = floor_to(min(Ms(_whole(query, "end", default=now, low=0, high=2**53)), now), step)
    if query.get("start") and not query.get("end"):
        end = min(end, Ms(start + (limit - 1) * step))
    else:
        start = max(start, Ms(end - (limit - 1) * step))
    candles = source.candles(listing.asset, step, start, end, now)
    return bodies.kline(category, query["symbol"], candles, listing.decimals)


def _category(query: Mapping[str, str]) -> str:
    category = query.get("category", "")
    if category not in (*_PERPETUAL_OR_SPOT, *_EMPTY_CATEGORIES):
        raise _ParameterError("Illegal category" if category else "params error: category is required")
    return category


def _listing(query: Mapping[str, str], listings: tuple[Listing, ...]) -> Listing:
    """Return the listing the query's symbol names."""
    symbol = query.get("symbol", "")
    asset = Asset(symbol.removesuffix(QUOTE))
    found = next((item for item in listings if item.asset == asset and symbol.endswith(QUOTE)), None)
    if found is None:
        raise _ParameterError("params error: symbol invalid")
    return found


def _whole(query: Mapping[str, str], name: str, *, default: int, low: int, high: int) -> int:
    """Return a whole number of the query, cut down to `high`; empty is the default."""
    text = query.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or int(text) < low:
        raise _ParameterError(f"params error: {name} invalid")
    return min(int(text), high)
