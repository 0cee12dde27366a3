"""The public Bybit v5 answers that a scripted venue gives, small and correct; a test overrides single routes.

The bodies follow the exchange's public documentation, with invented numbers. Used with `support.loopback_venue`.
"""

from collections.abc import Callable
from typing import Any

from support.loopback_venue import Reply, Request, json_reply

NOW_MS = 1_700_000_000_000 + 400_000  # 2023-11-14 22:20:00 UTC
HOUR_MS = 3_600_000
MARKETS = {"BTCUSDT": "BTC", "ETHUSDT": "ETH", "1000PEPEUSDT": "1000PEPE"}
KLINE, TICKERS, INSTRUMENTS, TIME = (
    f"/v5/market/{route}" for route in ("kline", "tickers", "instruments-info", "time")
)


def envelope(result: Any, *, code: int = 0, message: str = "OK") -> dict[str, Any]:
    """Wrap `result` as Bybit v5 does."""
    return {"retCode": code, "retMsg": message, "result": result, "retExtInfo": {}, "time": NOW_MS}


def instrument_row(name: str, **changes: Any) -> dict[str, Any]:
    """Return one linear perpetual of instruments-info."""
    base = MARKETS.get(name, name.removesuffix("USDT"))
    row = {
        "symbol": name,
        "contractType": "LinearPerpetual",
        "status": "Trading",
        "baseCoin": base,
        "quoteCoin": "USDT",
        "settleCoin": "USDT",
        "launchTime": "1585526400000",
        "deliveryTime": "0",
        "leverageFilter": {"minLeverage": "1", "maxLeverage": "100.00", "leverageStep": "0.01"},
        "priceFilter": {"minPrice": "0.10", "maxPrice": "1999999.80", "tickSize": "0.10"},
        "lotSizeFilter": {
            "maxOrderQty": "1190",
            "minOrderQty": "0.001",
            "qtyStep": "0.001",
            "minNotionalValue": "5",
        },
    }
    return row | changes


def ticker_row(name: str, last: Any = "100.10", **changes: Any) -> dict[str, Any]:
    """Return one linear ticker."""
    row = {
        "symbol": name,
        "lastPrice": last,
        "prevPrice24h": "98.00",
        "price24hPcnt": "0.021428",
        "highPrice24h": "101.00",
        "lowPrice24h": "97.00",
        "openInterest": "10",
        "openInterestValue": "1001.00",
        "turnover24h": "1000",
        "volume24h": "10",
        "bid1Price": "100.00",
        "bid1Size": "1",
        "ask1Price": "100.20",
        "ask1Size": "1",
    }
    return row | changes


def kline_rows(since_ms: int, limit: int) -> list[list[str]]:
    """Return hourly rows, newest first as Bybit sends them; the last one is the unfinished hour."""
    first = -(-since_ms // HOUR_MS) * HOUR_MS
    opens = range(first, min(first + limit * HOUR_MS, NOW_MS + 1), HOUR_MS)
    return [[str(at), "100.0", "107.5", "99.5", f"{100 + at // HOUR_MS % 7}.5", "12.5", "1250"] for at in opens][::-1]


class BybitScript:
    """Answers like Bybit; `routes[path]` replaces one answer, `prices` adds raw ticker rows."""

    def __init__(self) -> None:
        self.routes: dict[str, Callable[[Request], Reply]] = {}
        self.instruments = [instrument_row(name) for name in MARKETS]
        self.tickers = [ticker_row(name) for name in MARKETS]

    def __call__(self, request: Request) -> Reply:
        """Answer one request."""
        if request.path in self.routes:
            return self.routes[request.path](request)
        if request.path == TIME:
            return json_reply(envelope({"timeSecond": str(NOW_MS // 1000), "timeNano": f"{NOW_MS}000000"}))
        if request.path == INSTRUMENTS:
            rows = [] if request.query.get("status") == "PreLaunch" else self.instruments
            return json_reply(envelope({"category": "linear", "list": rows, "nextPageCursor": ""}))
        if request.path == TICKERS:
            return json_reply(envelope({"category": "linear", "list": self.tickers}))
        if request.path == KLINE:
            candles = kline_rows(int(request.query["start"]), int(request.query["limit"]))
            return json_reply(envelope({"category": "linear", "symbol": request.query["symbol"], "list": candles}))
        return Reply(status=404)

    def answer(self, path: str, reply: Reply) -> None:
        """Give `reply` on `path` from now on."""
        self.routes[path] = lambda _: reply
