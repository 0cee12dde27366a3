"""Owns the messages of Bybit v5's public streams: topics, acknowledgements, tickers, best bid and ask, candles.

Pure: dicts out of tickers and candles of a price source; no socket, no clock, no memory. `stream_feed` decides which
message is due, `bybit_conversation` answers requests, and `stream` sends the JSON.
"""

from collections.abc import Mapping

from engine.domain.units import Asset, Ms
from engine.venue_sim import bybit_bodies as bodies
from engine.venue_sim.book import book_around
from engine.venue_sim.bybit import INTERVALS_MS, QUOTE
from engine.venue_sim.prices import Candles, Ticker
from engine.venue_sim.stream_topics import Channel, Message, Topic

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

_INTERVALS = {step_ms: text for text, step_ms in INTERVALS_MS.items()}
_BEST = "orderbook.1."  # the best bid and ask only


def topic_of(text: str, category: str) -> Topic | None:
    """Return the topic that `text` names, or None where the venue has no handler for it."""
    channel, _, rest = text.partition(".")
    interval, _, symbol = rest.rpartition(".")
    asset = Asset(symbol.removesuffix(QUOTE))
    if not symbol.endswith(QUOTE) or not asset:
        return None
    if channel == "tickers" and not interval:
        return Topic(category=category, asset=asset)
    if text.startswith(_BEST) and interval == "1":
        return Topic(category=category, asset=asset, channel=Channel.BOOK)
    if channel == "kline" and interval in INTERVALS_MS:
        return Topic(category=category, asset=asset, channel=Channel.CANDLES, step_ms=INTERVALS_MS[interval])
    return None


def text_of(topic: Topic) -> str:
    """Return the topic as the venue writes it."""
    symbol = f"{topic.asset}{QUOTE}"
    if topic.channel is Channel.CANDLES:
        return f"kline.{_INTERVALS[topic.step_ms]}.{symbol}"
    return f"{_BEST}{symbol}" if topic.channel is Channel.BOOK else f"tickers.{symbol}"


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


def book_data(tickers: tuple[Ticker, ...]) -> dict[Asset, Message]:
    """Return the `data` of every asset's best bid and ask."""
    found: dict[Asset, Message] = {}
    for item in tickers:
        book, decimals = book_around(item), item.listing.decimals
        bid, ask = ([[f"{price:.{decimals}f}", f"{book.size:.3f}"]] for price in (book.bid, book.ask))
        found[item.listing.asset] = {"s": f"{item.listing.asset}{QUOTE}", "b": bid, "a": ask}
    return found


class BybitStream:
    """The dialect of one category."""

    greets = True

    def __init__(self, category: str) -> None:
        self._category = category

    def rows(self, channel: Channel, tickers: tuple[Ticker, ...], now: Ms) -> dict[Asset, Message]:
        """Return what the channel says of every asset."""
        return book_data(tickers) if channel is Channel.BOOK else ticker_data(self._category, tickers, now)

    def news(self, topic: Topic, before: Message | None, row: Message, *, sequence: int, stamp: Ms) -> Message | None:
        """Return a snapshot, or of a contract's ticker what has changed; None where nothing has."""
        if topic.channel is Channel.BOOK:
            data = row | {"u": sequence, "seq": sequence}
            told: Message = {"topic": text_of(topic), "type": "snapshot", "ts": stamp, "data": data, "cts": stamp}
            return None if row == before else told
        changed = changes(before or {}, row)
        if not changed:
            return None
        kind, data = ("snapshot", row) if before is None or self._category == "spot" else ("delta", changed)
        return {"topic": text_of(topic), "type": kind, "data": data, "cs": sequence, "ts": stamp}

    def candles(self, topic: Topic, candles: Candles, decimals: int, *, now: Ms, stamp: Ms) -> list[Message]:
        """Return candles as one message."""
        return [kline_message(topic, candles, decimals, now=now, stamp=stamp)]


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
                "interval": _INTERVALS[topic.step_ms],
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
    return {"topic": text_of(topic), "data": data, "ts": stamp, "type": "snapshot"}
