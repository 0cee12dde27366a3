"""Owns the messages of Binance's public streams, spot and USD-M: stream names, 24-hour tickers, the book, candles.

Pure: dicts out of tickers and candles of a price source. As on the venue the day's ticker of spot carries the best bid
and ask, that of futures does not, and nothing greets a new subscriber: the next change is the first message.
"""

from engine.domain.units import Asset, Ms
from engine.venue_sim import binance_bodies as bodies
from engine.venue_sim.binance import STEPS_MS
from engine.venue_sim.binance_bodies import QUOTE, Body, Segment
from engine.venue_sim.prices import Candles, Ticker
from engine.venue_sim.stream_topics import Channel, Message, Topic

_STEP_TEXTS = {step_ms: text for text, step_ms in STEPS_MS.items()}
_DAY = {
    "priceChange": "p",
    "priceChangePercent": "P",
    "weightedAvgPrice": "w",
    "prevClosePrice": "x",
    "lastPrice": "c",
    "lastQty": "Q",
    "bidPrice": "b",
    "bidQty": "B",
    "askPrice": "a",
    "askQty": "A",
    "openPrice": "o",
    "highPrice": "h",
    "lowPrice": "l",
    "volume": "v",
    "quoteVolume": "q",
    "openTime": "O",
    "closeTime": "C",
    "firstId": "F",
    "lastId": "L",
    "count": "n",
}
_BOOK = {"bidPrice": "b", "bidQty": "B", "askPrice": "a", "askQty": "A"}
_MOVE_WITH_TIME = frozenset("OCLn")  # change without any news


def category_of(segment: Segment) -> str:
    """Return the category of a segment's topics."""
    return f"binance-{segment}"


def topic_of(name: str, segment: Segment) -> Topic | None:
    """Return the topic that a stream name such as `ethusdt@kline_1h` means, None where there is no such stream."""
    symbol, _, channel = name.partition("@")
    quote = QUOTE.lower()
    if not symbol.endswith(quote) or symbol != symbol.lower() or symbol == quote:
        return None
    asset, category = Asset(symbol.removesuffix(quote).upper()), category_of(segment)
    if channel == "ticker":
        return Topic(category=category, asset=asset)
    if channel == "bookTicker":
        return Topic(category=category, asset=asset, channel=Channel.BOOK)
    step_ms = STEPS_MS.get(channel.removeprefix("kline_")) if channel.startswith("kline_") else None
    if step_ms is None:
        return None
    return Topic(category=category, asset=asset, channel=Channel.CANDLES, step_ms=step_ms)


def name_of(topic: Topic) -> str:
    """Return the stream's name."""
    symbol = f"{topic.asset}{QUOTE}".lower()
    if topic.channel is Channel.CANDLES:
        return f"{symbol}@kline_{_STEP_TEXTS[topic.step_ms]}"
    return f"{symbol}@bookTicker" if topic.channel is Channel.BOOK else f"{symbol}@ticker"


class BinanceStream:
    """The dialect of one segment."""

    greets = False

    def __init__(self, segment: Segment) -> None:
        self._segment = segment

    def rows(self, channel: Channel, tickers: tuple[Ticker, ...], now: Ms) -> dict[Asset, Message]:
        """Return what the channel says of every asset."""
        if channel is Channel.BOOK:
            return {item.listing.asset: _short(bodies.book_ticker(self._segment, item, now), _BOOK) for item in tickers}
        return {item.listing.asset: _short(bodies.day_ticker(self._segment, item, now), _DAY) for item in tickers}

    def news(self, topic: Topic, before: Message | None, row: Message, *, sequence: int, stamp: Ms) -> Message | None:
        """Return the whole row where it changed; spot's book names neither its event nor its time."""
        if before is not None and all(before[name] == row[name] for name in row.keys() - _MOVE_WITH_TIME):
            return None
        symbol: Message = {"s": f"{topic.asset}{QUOTE}"}
        if topic.channel is Channel.TICKER:
            return {"e": "24hrTicker", "E": stamp} | symbol | row
        if self._segment is Segment.SPOT:
            return {"u": sequence} | symbol | row
        return {"e": "bookTicker", "u": sequence} | symbol | row | {"T": stamp, "E": stamp}

    def candles(self, topic: Topic, candles: Candles, decimals: int, *, now: Ms, stamp: Ms) -> list[Message]:
        """Return one message a candle."""
        symbol, found = f"{topic.asset}{QUOTE}", []
        for row in bodies.klines(self._segment, candles, decimals, topic.step_ms):
            start, opened, high, low, close, volume, end, turnover, trades, taken, taken_turnover, _ = row
            candle: Message = {"t": start, "T": end, "s": symbol, "i": _STEP_TEXTS[topic.step_ms], "f": 1, "L": trades}
            candle |= {"o": opened, "c": close, "h": high, "l": low, "v": volume, "n": trades}
            closed = int(str(end)) < now
            candle |= {"x": closed, "q": turnover, "V": taken, "Q": taken_turnover, "B": "0"}
            message: Message = {"e": "kline", "E": stamp, "s": symbol, "k": candle}
            found.append(message)
        return found


def _short(row: Body, names: dict[str, str]) -> Message:
    return {short: row[name] for name, short in names.items() if name in row}
