"""Small public answers of venues beside Bybit and Binance, after their documentation, with invented numbers.

Each script knows one market, two hours of candles, one ticker and the time; paths that are not here are a 404.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.domain.market import MarketKind
from support.loopback_venue import Reply, Request, json_reply

HOUR_MS = 3_600_000
FIRST_MS = 472_221 * HOUR_MS
NOW_MS = FIRST_MS + HOUR_MS + 100_000
DATE = {"Date": "Tue, 14 Nov 2023 22:01:40 GMT"}  # NOW_MS, for answers that carry no time
_OHLC = ("1", "2", "0.5", "1.5")
_OPENS = (FIRST_MS, FIRST_MS + HOUR_MS)


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherVenue:
    """A venue's name, market, symbol and answers by path."""

    id: str
    market: MarketKind
    symbol: str
    bodies: Mapping[str, Any]

    def __call__(self, request: Request) -> Reply:
        """Answer one request."""
        if request.path not in self.bodies:
            return Reply(status=404)
        return json_reply(self.bodies[request.path], headers=DATE)


def _okx(data: list[Any]) -> dict[str, Any]:
    return {"code": "0", "msg": "", "data": data}


def _kraken(result: Any) -> dict[str, Any]:
    return {"error": [], "result": result}


def _bitget(data: Any) -> dict[str, Any]:
    return {"code": "00000", "msg": "success", "requestTime": NOW_MS, "data": data}


def _kucoin(data: Any) -> dict[str, Any]:
    return {"code": "200000", "data": data}


OKX = OtherVenue(
    id="okx",
    market=MarketKind.SWAP,
    symbol="ETH/USDT:USDT",
    bodies={
        "/api/v5/public/instruments": _okx(
            [
                {
                    "instType": "SWAP", "instId": "ETH-USDT-SWAP", "uly": "ETH-USDT", "settleCcy": "USDT",
                    "ctVal": "0.1", "ctMult": "1", "ctValCcy": "ETH", "ctType": "linear", "lotSz": "0.01",
                    "minSz": "0.01", "tickSz": "0.01", "state": "live", "lever": "100", "baseCcy": "",
                    "quoteCcy": "", "listTime": "1606468572000", "expTime": "", "optType": "", "stk": "",
                },
                {"instType": "SWAP", "instId": "OLD-USDT-SWAP", "uly": "OLD-USDT", "settleCcy": "USDT",
                 "ctVal": "1", "ctType": "linear", "lotSz": "1", "minSz": "1", "tickSz": "1", "state": "suspend"},
            ]
        ),
        "/api/v5/market/tickers": _okx(
            [
                {
                    "instType": "SWAP", "instId": "ETH-USDT-SWAP", "last": "3000.1", "askPx": "", "askSz": None,
                    "bidPx": "3000", "bidSz": "1", "open24h": "2900", "high24h": "3100", "low24h": "2850",
                    "volCcy24h": None, "vol24h": "", "ts": str(NOW_MS),
                }
            ]
        ),
        "/api/v5/market/history-candles": _okx([[str(at), *_OHLC, "10", "1", "15", "1"] for at in _OPENS[::-1]]),
        "/api/v5/public/time": _okx([{"ts": str(NOW_MS)}]),
    },
)  # fmt: skip

KRAKEN = OtherVenue(
    id="kraken",
    market=MarketKind.SPOT,
    symbol="ETH/USD",
    bodies={
        "/0/public/Assets": _kraken({"XETH": {"altname": "ETH", "decimals": 10}, "ZUSD": {"altname": "USD"}}),
        "/0/public/AssetPairs": _kraken(
            {
                "XETHZUSD": {
                    "altname": "ETHUSD", "wsname": "ETH/USD", "base": "XETH", "quote": "ZUSD", "pair_decimals": 2,
                    "lot_decimals": 8, "cost_decimals": 5, "lot_multiplier": 1, "leverage_buy": [],
                    "leverage_sell": [], "fees": [[0, 0.4]], "fees_maker": [[0, 0.25]], "ordermin": "0.002",
                    "costmin": "0.5", "tick_size": "0.01", "status": "online",
                }
            }
        ),
        "/0/public/Ticker": _kraken(
            {
                "XETHZUSD": {
                    "a": ["3000.2", "1", "1.000"], "b": ["3000.0", "1", "1.000"], "c": ["3000.1", "0.1"],
                    "v": ["1", "2"], "p": ["3000", "3000"], "l": ["2900", "2900"], "h": ["3100", "3100"], "o": "2900",
                }
            }
        ),
        "/0/public/OHLC": _kraken({"XETHZUSD": [[at // 1000, *_OHLC, "1.2", "10", 3] for at in _OPENS], "last": 1}),
        "/0/public/Time": _kraken({"unixtime": NOW_MS // 1000}),
    },
)  # fmt: skip

GATE = OtherVenue(
    id="gate",
    market=MarketKind.SWAP,
    symbol="ETH/USDT:USDT",
    bodies={
        "/api/v4/spot/currencies": [],
        "/api/v4/futures/btc/contracts": [],
        "/api/v4/futures/usdt/contracts": [
            {
                "name": "ETH_USDT", "type": "direct", "quanto_multiplier": "0.01", "order_price_round": "0.01",
                "order_size_min": 1, "order_size_max": 1_000_000, "in_delisting": False, "mark_price": "3000",
                "leverage_min": "1", "leverage_max": "100", "status": "trading",
            }
        ],
        "/api/v4/futures/usdt/tickers": [
            {
                "contract": "ETH_USDT", "last": "3000.1", "highest_bid": "3000", "lowest_ask": "3000.2",
                "change_percentage": "1.2", "high_24h": "3100", "low_24h": "2900",
            }
        ],
        "/api/v4/futures/usdt/candlesticks": [
            {"t": at // 1000, "v": 100, "o": "1", "h": "2", "l": "0.5", "c": "1.5", "sum": "150"} for at in _OPENS
        ],
        "/api/v4/spot/time": {"server_time": NOW_MS},
    },
)  # fmt: skip

BITGET = OtherVenue(
    id="bitget",
    market=MarketKind.SWAP,
    symbol="ETH/USDT:USDT",
    bodies={
        "/api/v2/spot/public/coins": _bitget([]),
        "/api/v2/mix/market/contracts": _bitget(
            [
                {
                    "symbol": "ETHUSDT", "baseCoin": "ETH", "quoteCoin": "USDT", "supportMarginCoins": ["USDT"],
                    "minTradeNum": "0.02", "priceEndStep": "1", "volumePlace": "2", "pricePlace": "2",
                    "sizeMultiplier": "0.01", "symbolType": "perpetual", "minTradeUSDT": "5",
                    "symbolStatus": "normal", "minLever": "1", "maxLever": "100", "fundInterval": "8",
                }
            ]
        ),
        "/api/v2/mix/market/tickers": _bitget(
            [
                {
                    "symbol": "ETHUSDT", "lastPr": "3000.1", "bidPr": "3000", "askPr": "3000.2", "ts": str(NOW_MS),
                    "change24h": "0.01", "open24h": "2900", "high24h": "3100", "low24h": "2900",
                }
            ]
        ),
        "/api/v2/mix/market/history-candles": _bitget([[str(at), *_OHLC, "10", "15"] for at in _OPENS]),
        "/api/v2/public/time": _bitget({"serverTime": str(NOW_MS)}),
    },
)  # fmt: skip

KUCOIN = OtherVenue(
    id="kucoin",
    market=MarketKind.SWAP,
    symbol="ETH/USDT:USDT",
    bodies={
        "/api/v3/currencies": _kucoin([]),
        "/api/v1/contracts/active": _kucoin(
            [
                {
                    "symbol": "ETHUSDTM", "type": "FFWCSX", "baseCurrency": "ETH", "quoteCurrency": "USDT",
                    "settleCurrency": "USDT", "lotSize": 1, "tickSize": 0.01, "multiplier": 0.01,
                    "maxOrderQty": 1_000_000, "isInverse": False, "status": "Open", "expireDate": None,
                    "lastTradePrice": 3000.1,
                    "firstOpenDate": 1_600_000_000_000, "nextFundingRateTime": 5_690_496,
                }
            ]
        ),
        "/api/v1/allTickers": _kucoin(
            [
                {
                    "symbol": "ETHUSDTM", "price": "3000.1", "bestBidPrice": "3000", "bestAskPrice": "3000.2",
                    "ts": NOW_MS * 1_000_000,
                }
            ]
        ),
        "/api/v1/kline/query": _kucoin([[at, 1, 2, 0.5, 1.5, 10, 15] for at in _OPENS]),
        "/api/v1/timestamp": _kucoin(NOW_MS),
    },
)  # fmt: skip

OTHERS = (OKX, KRAKEN, GATE, BITGET, KUCOIN)
