"""Recorded exchange answers, served byte for byte to the real ccxt client: what comes out equals what was recorded.

The expected values are read from the recording itself (raw strings, and the parsed form that another program made of
them). Skipped where the recordings are absent; they are never part of the project.
"""

import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.ccxt_market_data import CcxtMarketData
from engine.domain.config import VenueConfig
from engine.domain.market import MarketKind
from engine.domain.units import HOUR_MS, Ms, Symbol
from support.bybit_script import envelope
from support.loopback_venue import LoopbackVenue, Reply, Request, json_reply
from support.shared_material import shared

BTC, ETH = Symbol("BTC/USDT"), Symbol("ETH/USDT")
Open = Callable[[str, MarketKind, dict[str, Any]], AbstractAsyncContextManager[CcxtMarketData]]


def recorded(name: str) -> Any:
    """Return one recorded JSON document; the cryptofeed files hold one after the first ": "."""
    text = shared("fixtures", name).read_text()
    return json.JSONDecoder().raw_decode(text if text[0] in "[{" else text[text.index(": ") + 2 :])[0]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    """Return a way to open the adapter on bodies by path."""

    @asynccontextmanager
    async def run(venue_id: str, market: MarketKind, bodies: dict[str, Any]) -> AsyncIterator[CcxtMarketData]:
        def answer(request: Request) -> Reply:
            return json_reply(bodies[request.path]) if request.path in bodies else Reply(status=404)

        async with LoopbackVenue(tmp_path, answer) as venue:
            config = VenueConfig(
                id=venue_id, market=market, proxy=venue.proxy, ca_file=venue.ca_file, requests_per_second=1000.0
            )
            data = CcxtMarketData(config, monotonic=time.monotonic)
            try:
                yield data
            finally:
                await data.close()

    return run


def spot_bybit_bodies() -> dict[str, Any]:
    """Return recorded Bybit spot answers; the documented BTC instrument stands in for ETH too."""
    documented = recorded("bybit/docs_json/market__instrument.mdx.json")[1]
    btc = documented["result"]["list"][0]
    documented["result"]["list"].append(btc | {"symbol": "ETHUSDT", "baseCoin": "ETH"})
    return {
        "/v5/market/instruments-info": documented,
        "/v5/market/tickers": recorded("bybit/ccxt-rs/fetch_tickers_BTC_ETH.json")["http_response"],
        "/v5/market/kline": recorded("bybit/ccxt-rs/fetch_ohlcv_BTC_USDT.json")["http_response"],
        "/v5/market/time": recorded("bybit/docs_json/market__time.mdx.json")[0],
    }


async def test_bybit_spot_answers_are_read_as_recorded(opened: Open) -> None:
    bodies = spot_bybit_bodies()
    raw = {row["symbol"]: row for row in bodies["/v5/market/tickers"]["result"]["list"]}
    async with opened("bybit", MarketKind.SPOT, bodies) as data:
        found = await data.instruments([BTC])
        quotes = {quote.symbol: quote for quote in await data.quotes([BTC, ETH])}
        candles = await data.candles(BTC, since_ms=Ms(0), limit=10)
        at, _ = await data.server_time()
    assert at == 1_688_639_403_423
    assert (found[BTC].price_step, found[BTC].quantity_step) == (Decimal("0.1"), Decimal("0.000001"))
    assert found[BTC].min_notional == Decimal(5)
    for symbol, name in ((BTC, "BTCUSDT"), (ETH, "ETHUSDT")):
        quote, row = quotes[symbol], raw[name]
        assert [str(quote.last), str(quote.bid), str(quote.ask)] == [
            row["lastPrice"],
            row["bid1Price"],
            row["ask1Price"],
        ]
        assert quote.change_24h == float(row["price24hPcnt"])
        assert quote.event_ms == bodies["/v5/market/tickers"]["time"]
    parsed = recorded("bybit/ccxt-rs/fetch_ohlcv_BTC_USDT.json")["parsed_response"]
    assert [[c.open_ms, c.open, c.high, c.low, c.close, c.volume] for c in candles] == parsed


async def test_bybit_linear_markets_are_read_as_recorded(opened: Open) -> None:
    listing = recorded("bybit/hirokisan/v5-market-get-instruments-info-inverse.json")["LinearInverse"]
    tickers = recorded("bybit/hirokisan/v5-market-get-tickers-inverse.json")["LinearInverse"]
    bodies = {"/v5/market/instruments-info": envelope(listing), "/v5/market/tickers": envelope(tickers)}
    trading = {Symbol(f"{row['baseCoin']}/USDT:USDT"): row for row in listing["list"] if row["symbol"].endswith("USDT")}
    raw = {row["symbol"]: row for row in tickers["list"]}
    async with opened("bybit", MarketKind.SWAP, bodies) as data:
        found = await data.instruments(list(trading))
        quotes = await data.quotes(list(trading))
    assert len(found) == len(trading) > 150
    for symbol, row in trading.items():
        assert found[symbol].asset == row["baseCoin"]
        assert found[symbol].price_step == Decimal(row["priceFilter"]["tickSize"])
        assert found[symbol].quantity_step == Decimal(row["lotSizeFilter"]["qtyStep"])
    assert len(quotes) > 150
    for quote in quotes:
        row = raw[trading[quote.symbol]["symbol"]]
        assert str(quote.last) == row["lastPrice"]
        assert str(quote.bid or "0") == (row["bid1Price"] if Decimal(row["bid1Price"] or 0) else "0")
        assert quote.change_24h == pytest.approx(float(row["price24hPcnt"]), abs=1e-6)


async def test_binance_spot_answers_are_read_as_recorded(opened: Open) -> None:
    tickers = recorded("binance/ccxt-rs/fetch_tickers_BTC_ETH.json")["http_response"]
    listing = recorded("binance/cryptofeed/BINANCE.0")
    bodies = {
        "/api/v3/exchangeInfo": listing,
        "/api/v3/ticker/24hr": tickers,
        "/api/v3/klines": recorded("binance/ccxt-rs/fetch_ohlcv_BTC_USDT.json")["http_response"],
    }
    trading = {
        f"{row['baseAsset']}/{row['quoteAsset']}": row for row in listing["symbols"] if row["status"] == "TRADING"
    }
    async with opened("binance", MarketKind.SPOT, bodies) as data:
        found = await data.instruments([Symbol(name) for name in trading])
        quotes = await data.quotes([BTC, ETH])
        candles = await data.candles(BTC, since_ms=Ms(0), limit=10)
    assert len(found) > 1_000
    for symbol, instrument in found.items():
        filters = {entry["filterType"]: entry for entry in trading[symbol]["filters"]}
        assert instrument.price_step == Decimal(filters["PRICE_FILTER"]["tickSize"])
        assert instrument.quantity_step == Decimal(filters["LOT_SIZE"]["stepSize"])
        assert instrument.min_notional == Decimal(filters["MIN_NOTIONAL"]["minNotional"])
    assert [str(quote.last) for quote in quotes] == [row["lastPrice"] for row in tickers]
    assert [quote.event_ms for quote in quotes] == [row["closeTime"] for row in tickers]
    assert [quote.change_24h for quote in quotes] == [-0.0085, 0.00648]
    parsed = recorded("binance/ccxt-rs/fetch_ohlcv_BTC_USDT.json")["parsed_response"]
    assert [[c.open_ms, c.open, c.high, c.low, c.close, c.volume] for c in candles] == parsed


async def test_binance_usd_m_markets_are_read_as_recorded(opened: Open) -> None:
    listing = recorded("binance/cryptofeed/BINANCE_FUTURES.0")
    perpetual = {
        f"{row['baseAsset']}/{row['quoteAsset']}:{row['marginAsset']}": row
        for row in listing["symbols"]
        if row["contractType"] == "PERPETUAL" and row["status"] == "TRADING"
    }
    routes = recorded("binance/gocryptotrader/http.json")["routes"]
    tickers = next(entry["data"] for entry in routes["/fapi/v1/ticker/24hr"]["GET"] if "lastPrice" in str(entry))
    rows = tickers if isinstance(tickers, list) else [tickers]
    books = next(entry["data"] for entry in routes["/fapi/v1/ticker/bookTicker"]["GET"] if "bidPrice" in str(entry))
    bodies = {
        "/fapi/v1/exchangeInfo": listing,
        "/fapi/v1/ticker/24hr": rows,
        "/fapi/v1/ticker/bookTicker": books,
        "/fapi/v1/time": routes["/fapi/v1/time"]["GET"][0]["data"],
        "/fapi/v1/klines": [
            [472_222 * HOUR_MS, "50.49", "50.52", "50.31", "50.33", "3811.648", 0, "1", 1, "1", "1", "0"]
        ],
    }
    async with opened("binance", MarketKind.SWAP, bodies) as data:
        found = await data.instruments([Symbol(name) for name in perpetual])
        quotes = await data.quotes(list(found))
        at, _ = await data.server_time()
        (candle,) = await data.candles(Symbol("BTC/USDT:USDT"), since_ms=Ms(0), limit=5)
    assert len(found) == len(perpetual) > 100
    assert [str(quote.last) for quote in quotes] == [row["lastPrice"] for row in rows]
    told = {row["symbol"]: row for row in books}
    assert any(quote.bid for quote in quotes)
    for quote in quotes:
        row = told.get(quote.symbol.partition(":")[0].replace("/", ""))
        assert str(quote.bid) == (row["bidPrice"] if row else "None")
    assert at == 1_620_099_477_465
    assert (candle.open, candle.close, candle.volume) == (50.49, 50.33, 3811.648)
