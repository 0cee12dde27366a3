"""Owns the public REST dialect of Binance, spot and USD-M: paths, parameters, weights, and how a wrong one fails.

A pure function of (segment, path, query, price source, market time); no socket, no clock. Bodies are built in
`binance_bodies`. Errors are Binance's: HTTP 400 with a code; an unknown path is a 404.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from engine.domain.units import DAY_MS, HOUR_MS, MINUTE_MS, Asset, Ms, floor_to
from engine.venue_sim import binance_bodies as bodies
from engine.venue_sim.binance_bodies import QUOTE, Segment
from engine.venue_sim.prices import Listing, PriceSource, Ticker

HOSTS = {
    "api.binance.com": Segment.SPOT,
    "fapi.binance.com": Segment.FUTURES,
    "demo-api.binance.com": Segment.SPOT,
    "demo-fapi.binance.com": Segment.FUTURES,
}
TOO_MANY = {"code": -1003, "msg": "Too many requests; please slow down or use the websocket streams instead."}

_PREFIX = {Segment.SPOT: "/api/v3/", Segment.FUTURES: "/fapi/v1/"}
_MOST_CANDLES = {Segment.SPOT: 1000, Segment.FUTURES: 1500}
_USUAL_CANDLES = 500
STEPS_MS = {f"{count}m": count * MINUTE_MS for count in (1, 3, 5, 15, 30)}
STEPS_MS |= {f"{count}h": count * HOUR_MS for count in (1, 2, 4, 6, 8, 12)} | {"1d": DAY_MS}
# By route: the weight with a symbol, and without one.
_WEIGHTS = {
    Segment.SPOT: {"exchangeInfo": (20, 20), "klines": (2, 2), "ticker/24hr": (2, 80), "ticker/bookTicker": (2, 4)},
    Segment.FUTURES: {"klines": (2, 2), "ticker/24hr": (1, 40), "ticker/bookTicker": (2, 5)},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An HTTP status and the JSON body to go with it."""

    status: int
    body: object


class _WrongQueryError(Exception):
    """A query the venue would refuse: its code and message."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def reply(
    segment: Segment, path: str, query: Mapping[str, str], source: PriceSource, now: Ms, stamp: Ms | None = None
) -> Reply:
    """Return the venue's answer to GET `path` at market time `now`; `stamp` is what its clock says where it is off."""
    clock = now if stamp is None else stamp
    route = path.removeprefix(_PREFIX[segment])
    try:
        return Reply(status=200, body=_body(segment, route if route != path else "", query, source, (now, clock)))
    except _WrongQueryError as wrong:
        return Reply(status=400, body={"code": wrong.code, "msg": str(wrong)})
    except LookupError:
        return Reply(status=404, body={"code": -1000, "msg": "Not found."})


def weight(segment: Segment, path: str, query: Mapping[str, str]) -> int:
    """Return what a request counts against the limit of a minute."""
    route = path.removeprefix(_PREFIX[segment])
    if route == "klines" and segment is Segment.FUTURES:
        text = query.get("limit", "")
        count = int(text) if text.isascii() and text.isdigit() else _USUAL_CANDLES
        return next((cost for least, cost in ((1001, 10), (500, 5), (100, 2)) if count >= least), 1)
    alone, all_of_them = _WEIGHTS[segment].get(route, (1, 1))
    return alone if "symbol" in query else all_of_them


def _body(segment: Segment, route: str, query: Mapping[str, str], source: PriceSource, times: tuple[Ms, Ms]) -> object:
    """Return the body for a route; raises LookupError for one the venue does not have."""
    now, clock = times
    if route == "ping":
        return {}
    if route == "time":
        return {"serverTime": clock}
    if route == "exchangeInfo":
        return bodies.exchange_info(segment, source.listings(now), clock)
    if route == "klines":
        return _klines(segment, query, source, now)
    if route in ("ticker/24hr", "ticker/bookTicker"):
        rows = bodies.day_ticker if route == "ticker/24hr" else bodies.book_ticker
        found = [rows(segment, item, clock) for item in _tickers(segment, query, source, now)]
        return found[0] if query.get("symbol") else found
    raise LookupError(route)


def _tickers(segment: Segment, query: Mapping[str, str], source: PriceSource, now: Ms) -> list[Ticker]:
    """Return the tickers asked for: one, on spot also some, or all."""
    tickers = source.tickers(now)
    by_symbol = {f"{item.listing.asset}{QUOTE}": item for item in tickers}
    if query.get("symbol"):
        wanted = [query["symbol"]]
    elif segment is Segment.SPOT and query.get("symbols"):
        wanted = _names(query["symbols"])
    else:
        return list(tickers)
    if not set(wanted) <= by_symbol.keys():
        raise _WrongQueryError(-1121, "Invalid symbol.")
    return [by_symbol[symbol] for symbol in wanted]


def _names(text: str) -> list[str]:
    try:
        names = json.loads(text)
    except ValueError:
        names = None
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise _WrongQueryError(
            -1100, "Illegal characters found in parameter 'symbols'; legal range is '[\"A\",\"B\"]'."
        )
    return names


def _klines(segment: Segment, query: Mapping[str, str], source: PriceSource, now: Ms) -> list[list[object]]:
    listing = _listing(query, source.listings(now))
    step = STEPS_MS.get(_given(query, "interval"))
    if step is None:
        raise _WrongQueryError(-1120, "Invalid interval.")
    limit = min(_whole(query, "limit", _USUAL_CANDLES), _MOST_CANDLES[segment])
    if limit == 0:
        raise _WrongQueryError(-1130, "Data sent for parameter 'limit' is not valid.")
    # The first candle is the first that opens at or after `startTime`, not the one that contains it.
    start = Ms(-(-_whole(query, "startTime", 0) // step) * step)
    first = max(start, floor_to(listing.launch_ms, step))
    last = floor_to(Ms(min(_whole(query, "endTime", now), now)), step)
    if query.get("startTime"):
        last = Ms(min(last, first + (limit - 1) * step))
    else:
        first = Ms(max(first, last - (limit - 1) * step))
    candles = source.candles(listing.asset, step, first, last, now)
    return bodies.klines(segment, candles, listing.decimals, step)


def _listing(query: Mapping[str, str], listings: tuple[Listing, ...]) -> Listing:
    symbol = _given(query, "symbol")
    asset = Asset(symbol.removesuffix(QUOTE))
    found = next((item for item in listings if item.asset == asset and symbol.endswith(QUOTE)), None)
    if found is None:
        raise _WrongQueryError(-1121, "Invalid symbol.")
    return found


def _given(query: Mapping[str, str], name: str) -> str:
    text = query.get(name, "")
    if not text:
        raise _WrongQueryError(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")
    return text


def _whole(query: Mapping[str, str], name: str, usual: int) -> int:
    text = query.get(name, "")
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise _WrongQueryError(
            -1100, f"Illegal characters found in parameter '{name}'; legal range is '^[0-9]{{1,20}}$'."
        )
    return min(int(text), 2**53)
