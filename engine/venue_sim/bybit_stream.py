"""Owns the messages of Bybit v5's public streams: topics, acknowledgements, tickers (snapshot and delta), candles.

Pure: dicts out of tickers and candles of a price source; no socket, no clock, no memory. `stream_feed` decides which
message is due, `conversation` answers requests, and `stream` sends the JSON.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.domain.units import Asset, Ms
from engine.venue_sim import bybit_bodies as bodies
from engine.venue_sim.bybit import INTERVALS_MS, QUOTE
from engine.venue_sim.prices import Candles, Ticker

CATEGORIES = ("linear", "spot")
_SHARED = ("symbol", "lastPrice", "highPrice24h", "lowPrice24h", "prevPrice24h", "volume24h", "turnover24h")
_CONTRACT = (
    *_SHARED,
    "price24hPcnt",
    "prevPrice1h",
    "markPrice",
    "indexPrice",
    "openInterest",
    "openInterestValue",
    "nextFundingTime",
    "fundingRate",
    "bid1Price",
    "bid1Size",
    "ask1Price",
    "ask1Size",
)

Message = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What one subscription is about; `interval` is empty for tickers."""

    category: str
    asset: Asset
    interval: str = ""

    @property
    def text(self) -> str:
        """The topic as the venue writes it."""
        symbol = f"{self.asset}{QUOTE}"
        return f"kline.{self.interval}.{symbol}" if self.interval else f"tickers.{symbol}"

    @property
    def step_ms(self) -> int:
        """The length of a candle."""
        return INTERVALS_MS[self.interval]


def topic_of(text: str, category: str) -> Topic | None:
    """Return the topic that `text` names, or None where the venue has no handler for it."""
    channel, _, rest = text.partition(".")
    interval, _, symbol = rest.rpartition(".")
    asset = Asset(symbol.removesuffix(QUOTE))
    if not symbol.endswith(QUOTE) or not asset:
        return None
    if channel == "tickers" and not interval:
        return Topic(category=category, asset=asset)
    if channel == "kline" and interval in INTERVALS_MS:
        return Topic(category=category, asset=asset, interval=interval)
    return None


def acknowledgement(op: str, request_id: str, connection: str, *, category: str, refusal: str = "") -> Message:
    """Return the answer to a subscribe or unsubscribe."""
    done = op if category == "spot" else ""
    return {
        "success": not refusal,
        "ret_msg": refusal or done,
        "conn_id": connection,
        "req_id": request_id,
        "op": op,
    }


def pong(request_id: str, connection: str) -> Message:
    """Return the answer to a ping."""
    return {"success": True, "ret_msg": "pong", "conn_id": connection, "req_id": request_id, "op": "ping"}


def ticker_data(category: str, tickers: tuple[Ticker, ...], now: Ms) -> dict[Asset, Message]:
    """Return the `data` of every asset's ticker; spot has no book, as on the venue."""
    rows = bodies.ticker_rows(category, tickers, now)
    if category == "spot":
        return {
            item.listing.asset: {name: row[name] for name in (*_SHARED, "price24hPcnt")}
            | {"usdIndexPrice": row["lastPrice"]}
            for item, row in zip(tickers, rows, strict=True)
        }
    return {
        item.listing.asset: {name: row[name] for name in _CONTRACT} for item, row in zip(tickers, rows, strict=True)
    }


def changes(before: Mapping[str, object], after: Mapping[str, object]) -> Message:
    """Return what a delta carries: the symbol and every field that is not as before; empty when nothing changed.

    A side of the book comes whole: a price is never sent without its size.
    """
    changed = {name for name, value in after.items() if before.get(name) != value}
    for price, size in (("bid1Price", "bid1Size"), ("ask1Price", "ask1Size")):
        if changed & {price, size}:
            changed |= {price, size}
    return {name: value for name, value in after.items() if name in changed | {"symbol"}} if changed else {}


def ticker_message(topic: Topic, kind: str, data: Message, *, sequence: int, stamp: Ms) -> Message:
    """Return a ticker message; `kind` is snapshot or delta."""
    return {"topic": topic.text, "type": kind, "data": data, "cs": sequence, "ts": stamp}


def kline_message(topic: Topic, candles: Candles, decimals: int, *, now: Ms, stamp: Ms) -> Message:
    """Return candles as one message, oldest first; those that have ended by `now` are confirmed."""
    step = topic.step_ms
    data: list[Message] = []
    for row in bodies.candle_rows(candles, decimals):
        start = int(row[0])
        end = start + step - 1
        data.append(
            {
                "start": start,
                "end": end,
                "interval": topic.interval,
                "open": row[1],
                "close": row[4],
                "high": row[2],
                "low": row[3],
                "volume": row[5],
                "turnover": row[6],
                "confirm": end < now,
                "timestamp": min(now, end),
            }
        )
    return {"topic": topic.text, "data": data, "ts": stamp, "type": "snapshot"}
