"""Owns the bodies of Bybit v5: field names, numbers as text, and the envelope around a result.

It maps listings, tickers and candles of a price source; it decides nothing and refuses nothing. The HTTP server
turns the dicts into JSON.
"""

import math
from decimal import Decimal

from engine.domain.units import HOUR_MS, Ms
from engine.venue_sim.book import book_around
from engine.venue_sim.prices import Candles, Listing, Ticker
from engine.venue_sim.quotes import FUNDING_MS, funding_rate

_QUOTE = "USDT"


def envelope(now: Ms, result: dict[str, object], *, code: int = 0, message: str = "OK") -> dict[str, object]:
    """Return the frame every answer has; `time` is the venue's."""
    return {"retCode": code, "retMsg": message, "result": result, "retExtInfo": {}, "time": now}


def time_result(now: Ms) -> dict[str, object]:
    """Return the server time."""
    return {"timeSecond": str(now // 1000), "timeNano": f"{now}000000"}


def spot_instruments(listings: tuple[Listing, ...]) -> dict[str, object]:
    """Return the spot markets; the venue sends them on one page."""
    return {"category": "spot", "list": [_spot(item) for item in listings]}


def derivative_instruments(category: str, listings: tuple[Listing, ...], cursor: str) -> dict[str, object]:
    """Return one page of perpetual contracts."""
    return {"category": category, "list": [_perpetual(item) for item in listings], "nextPageCursor": cursor}


def tickers(category: str, items: tuple[Ticker, ...], now: Ms) -> dict[str, object]:
    """Return the tickers of a category."""
    return {"category": category, "list": ticker_rows(category, items, now)}


def ticker_rows(category: str, items: tuple[Ticker, ...], now: Ms) -> list[dict[str, object]]:
    """Return each ticker's fields, in the order of `items`."""
    return [_ticker(item) if category == "spot" else _contract(item, now) for item in items]


def kline(category: str, symbol: str, candles: Candles, decimals: int) -> dict[str, object]:
    """Return candles, newest first."""
    return {"category": category, "symbol": symbol, "list": candle_rows(candles, decimals)[::-1]}


def candle_rows(candles: Candles, decimals: int) -> list[list[str]]:
    """Return start, open, high, low, close, volume and turnover of each candle, oldest first."""
    columns = zip(
        candles.open_ms.tolist(),
        candles.open.tolist(),
        candles.high.tolist(),
        candles.low.tolist(),
        candles.close.tolist(),
        candles.volume.tolist(),
        candles.turnover.tolist(),
        strict=True,
    )
    return [
        [str(at), *(price_text(price, decimals) for price in prices), f"{volume:.4f}", f"{turnover:.4f}"]
        for at, *prices, volume, turnover in columns
    ]


def price_text(price: float, decimals: int) -> str:
    """Return `price` with that many decimals, or with all it has where they would lose some; NaN is empty."""
    if math.isnan(price):
        return ""
    text = f"{price:.{decimals}f}"
    return text if float(text) == price else format(Decimal(repr(price)), "f")


def _step(decimals: int) -> str:
    return f"{10.0**-decimals:.{decimals}f}"


def _spot(item: Listing) -> dict[str, object]:
    return {
        "symbol": f"{item.asset}{_QUOTE}",
        "baseCoin": item.asset,
        "quoteCoin": _QUOTE,
        "innovation": "0",
        "status": "Trading",
        "marginTrading": "utaOnly",
        "lotSizeFilter": {
            "basePrecision": item.lot,
            "quotePrecision": "0.0000001",
            "minOrderQty": item.lot,
            "maxOrderQty": "1000000000",
            "minOrderAmt": "5",
            "maxOrderAmt": "8000000",
        },
        "priceFilter": {"tickSize": _step(item.decimals)},
    }


def _perpetual(item: Listing) -> dict[str, object]:
    step = _step(item.decimals)
    return {
        "symbol": f"{item.asset}{_QUOTE}",
        "contractType": "LinearPerpetual",
        "status": "Trading",
        "baseCoin": item.asset,
        "quoteCoin": _QUOTE,
        "launchTime": str(item.launch_ms),
        "deliveryTime": str(item.delisting_ms),
        "deliveryFeeRate": "",
        "priceScale": str(item.decimals),
        "leverageFilter": {"minLeverage": "1", "maxLeverage": "50.00", "leverageStep": "0.01"},
        "priceFilter": {"minPrice": step, "maxPrice": "1999999", "tickSize": step},
        "lotSizeFilter": {
            "maxOrderQty": "1000000000",
            "minOrderQty": item.lot,
            "qtyStep": item.lot,
            "postOnlyMaxOrderQty": "1000000000",
            "maxMktOrderQty": "1000000000",
            "minNotionalValue": "5",
        },
        "unifiedMarginTrade": True,
        "fundingInterval": FUNDING_MS // (60 * 1000),
        "settleCoin": _QUOTE,
        "copyTrading": "none",
        "isPreListing": False,
    }


def _ticker(item: Ticker) -> dict[str, object]:
    """Return what spot and contract tickers share."""
    decimals = item.listing.decimals
    book = book_around(item)
    change = item.last / item.ago_24h - 1.0
    depth = f"{book.size:.4f}"
    return {
        "symbol": f"{item.listing.asset}{_QUOTE}",
        "bid1Price": f"{book.bid:.{decimals}f}",
        "bid1Size": depth,
        "ask1Price": f"{book.ask:.{decimals}f}",
        "ask1Size": depth,
        "lastPrice": price_text(item.last, decimals),
        "prevPrice24h": price_text(item.ago_24h, decimals),
        "price24hPcnt": "" if math.isnan(change) else f"{change:.6f}",
        "highPrice24h": price_text(item.high_24h, decimals),
        "lowPrice24h": price_text(item.low_24h, decimals),
        "turnover24h": f"{item.turnover_24h:.4f}",
        "volume24h": f"{item.volume_24h:.4f}",
    }


def _contract(item: Ticker, now: Ms) -> dict[str, object]:
    """Return a perpetual's ticker: mark and index follow the last price, funding follows the day's move."""
    last = price_text(item.last, item.listing.decimals)
    interest = item.turnover_24h * 0.3
    return _ticker(item) | {
        "indexPrice": last,
        "markPrice": last,
        "prevPrice1h": price_text(item.ago_1h, item.listing.decimals),
        "openInterest": f"{interest / item.last:.2f}",
        "openInterestValue": f"{interest:.2f}",
        "fundingRate": f"{funding_rate(item):.8f}".rstrip("0"),
        "nextFundingTime": str((now // FUNDING_MS + 1) * FUNDING_MS),
        "predictedDeliveryPrice": "",
        "basisRate": "",
        "deliveryFeeRate": "",
        "deliveryTime": str(item.listing.delisting_ms),
        "fundingIntervalHour": str(FUNDING_MS // HOUR_MS),
    }
