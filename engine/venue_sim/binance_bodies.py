"""Owns the bodies of Binance: field names of spot and of USD-M futures, numbers as text, candles as rows.

It maps listings, tickers and candles of a price source; it decides nothing and refuses nothing. The HTTP server turns
them into JSON.
"""

import math
from enum import StrEnum

from engine.domain.units import DAY_MS, Ms
from engine.venue_sim.book import book_around
from engine.venue_sim.bybit_bodies import candle_rows, price_text
from engine.venue_sim.prices import Candles, Listing, Ticker

QUOTE = "USDT"
_SPOT_PLACES = 8
PERPETUAL_MS = 4_133_404_800_000  # the delivery date of what has none

Body = dict[str, object]


class Segment(StrEnum):
    """The two markets, each on a host of its own."""

    SPOT = "spot"
    FUTURES = "futures"


WEIGHT_A_MINUTE = {Segment.SPOT: 6000, Segment.FUTURES: 2400}


def exchange_info(segment: Segment, listings: tuple[Listing, ...], clock: Ms) -> Body:
    """Return everything that is listed."""
    limit = {
        "rateLimitType": "REQUEST_WEIGHT",
        "interval": "MINUTE",
        "intervalNum": 1,
        "limit": WEIGHT_A_MINUTE[segment],
    }
    common: Body = {"timezone": "UTC", "serverTime": clock, "rateLimits": [limit], "exchangeFilters": []}
    if segment is Segment.SPOT:
        return common | {"symbols": [_spot(item) for item in listings]}
    assets = [{"asset": QUOTE, "marginAvailable": True, "autoAssetExchange": "-10000"}]
    symbols = [_contract(item) for item in listings]
    return common | {"futuresType": "U_MARGINED", "assets": assets, "symbols": symbols}


def day_ticker(segment: Segment, item: Ticker, clock: Ms) -> Body:
    """Return the 24 hours of one symbol; futures say nothing of the book here, as on the venue."""
    book = book_around(item)
    known = [price for price in (item.ago_24h, item.ago_1h) if not math.isnan(price)]
    opened = known[0] if known else item.last  # a symbol younger than a day opens at its oldest price
    average = item.turnover_24h / item.volume_24h if item.volume_24h else item.last
    row: Body = {
        "symbol": _symbol(item.listing),
        "priceChange": _computed(segment, item.last - opened, item.listing.decimals),
        "priceChangePercent": f"{(item.last / opened - 1.0) * 100.0:.3f}",
        "weightedAvgPrice": _computed(segment, average, item.listing.decimals),
        "lastPrice": _price(segment, item.last, item.listing.decimals),
        "lastQty": _quantity(segment, book.size / 100.0),
        "openPrice": _price(segment, opened, item.listing.decimals),
        "highPrice": _price(segment, item.high_24h, item.listing.decimals),
        "lowPrice": _price(segment, item.low_24h, item.listing.decimals),
        "volume": _quantity(segment, item.volume_24h),
        "quoteVolume": _quantity(segment, item.turnover_24h),
        "openTime": clock - DAY_MS,
        "closeTime": clock,
        "firstId": 1,
        "lastId": 1 + clock // 1000,
        "count": clock // 1000,
    }
    if segment is Segment.FUTURES:
        return row
    before = {"prevClosePrice": _price(segment, opened, item.listing.decimals)}
    return row | before | _sides(segment, item)


def book_ticker(segment: Segment, item: Ticker, clock: Ms) -> Body:
    """Return the best bid and ask of one symbol."""
    row = {"symbol": _symbol(item.listing)} | _sides(segment, item)
    return row if segment is Segment.SPOT else row | {"time": clock}


def klines(segment: Segment, candles: Candles, decimals: int, step_ms: int) -> list[list[object]]:
    """Return candles, oldest first; trades and the takers' part are invented from the volume."""
    rows: list[list[object]] = []
    for start, *prices, volume, turnover in candle_rows(candles, _places(segment, decimals)):
        opened = int(start)
        taken = (f"{float(volume) / 2.0:.4f}", f"{float(turnover) / 2.0:.4f}")
        rows.append([opened, *prices, volume, opened + step_ms - 1, turnover, int(float(volume)), *taken, "0"])
    return rows


def _symbol(item: Listing) -> str:
    return f"{item.asset}{QUOTE}"


def _price(segment: Segment, value: float, decimals: int) -> str:
    """Return a price of the source as it is: spot writes eight decimals, futures those of the step."""
    return price_text(value, _places(segment, decimals))


def _computed(segment: Segment, value: float, decimals: int) -> str:
    """Return a price that was computed, rounded."""
    return f"{value:.{_places(segment, decimals)}f}"


def _places(segment: Segment, decimals: int) -> int:
    return _SPOT_PLACES if segment is Segment.SPOT else decimals


def _quantity(segment: Segment, value: float) -> str:
    return f"{value:.8f}" if segment is Segment.SPOT else f"{value:.3f}"


def _sides(segment: Segment, item: Ticker) -> Body:
    book, decimals = book_around(item), item.listing.decimals
    size = _quantity(segment, book.size)
    bid, ask = _computed(segment, book.bid, decimals), _computed(segment, book.ask, decimals)
    return {"bidPrice": bid, "bidQty": size, "askPrice": ask, "askQty": size}


def _filters(item: Listing, smallest: Body) -> list[Body]:
    step = f"{10.0**-item.decimals:.{item.decimals}f}"
    lot: Body = {"minQty": item.lot, "maxQty": "1000000000", "stepSize": item.lot}
    return [
        {"filterType": "PRICE_FILTER", "minPrice": step, "maxPrice": "1999999", "tickSize": step},
        {"filterType": "LOT_SIZE"} | lot,
        {"filterType": "MARKET_LOT_SIZE"} | lot,
        smallest,
    ]


def _spot(item: Listing) -> Body:
    smallest: Body = {"filterType": "NOTIONAL", "minNotional": "5.00000000", "applyMinToMarket": True}
    return {
        "symbol": _symbol(item),
        "status": "TRADING",
        "baseAsset": item.asset,
        "baseAssetPrecision": 8,
        "quoteAsset": QUOTE,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET"],
        "icebergAllowed": True,
        "ocoAllowed": True,
        "quoteOrderQtyMarketAllowed": True,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": _filters(item, smallest),
        "permissions": ["SPOT"],
    }


def _contract(item: Listing) -> Body:
    return {
        "symbol": _symbol(item),
        "pair": _symbol(item),
        "contractType": "PERPETUAL",
        "deliveryDate": item.delisting_ms or PERPETUAL_MS,
        "onboardDate": item.launch_ms,
        "status": "TRADING",
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": item.asset,
        "quoteAsset": QUOTE,
        "marginAsset": QUOTE,
        "pricePrecision": item.decimals,
        "quantityPrecision": len(item.lot.partition(".")[2]),
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "filters": _filters(item, {"filterType": "MIN_NOTIONAL", "notional": "5"}),
        "orderTypes": ["LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET"],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
    }
