"""Owns what each topic says when: the ticker last published, the candle being followed, and what is due now.

A function of the topics asked for, market time (what) and host time (how often); it opens no socket and reads no
clock. Tickers go out at most five times a second of host time (or as often as it is told), the open candle once; a
candle that closed goes out at once, and never is one skipped, however fast the market runs. `stream` gives the messages
to those who subscribed.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from engine.domain.units import Asset, Ms, floor_to
from engine.venue_sim.prices import Listing, PriceSource
from engine.venue_sim.stream_dialects import DIALECTS
from engine.venue_sim.stream_topics import Channel, Message, Topic

TICKER_EVERY_S = 0.2
OPEN_CANDLE_EVERY_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Instant:
    """One moment: market time, the time the venue claims (`ts`), and host seconds."""

    now: Ms
    stamp: Ms
    host: float


@dataclass(slots=True)
class _Followed:
    """One candle topic: the open time of the candle that is not confirmed yet, and when it was last shown."""

    open_ms: Ms
    shown: float


class StreamFeed:
    """The topics of all connections together."""

    def __init__(self, source: PriceSource, *, ticker_every_s: float = TICKER_EVERY_S) -> None:
        self._source = source
        self._ticker_every_s = ticker_every_s * 0.9  # a beat that comes a little early is not skipped
        self._published: dict[Topic, Message] = {}
        self._followed: dict[Topic, _Followed] = {}
        self._tickers_at = float("-inf")
        self._turn = 0
        self._sequence = 0

    def first(self, topic: Topic, at: Instant) -> list[Message]:
        """Return what a new subscriber of `topic` gets at once."""
        greets = DIALECTS[topic.category].greets
        if topic.channel is not Channel.CANDLES:
            row = self._rows(topic, at.now).get(topic.asset) if greets else None
            if row is None:
                return []
            self._published.setdefault(topic, row)
            return self._news(topic, None, row, at)
        begin = floor_to(at.now, topic.step_ms)
        self._followed.setdefault(topic, _Followed(begin, at.host))
        return self._candles(topic, begin, begin, at) if greets else []

    def due(self, topics: Collection[Topic], at: Instant) -> Iterator[tuple[Topic, Message]]:
        """Yield what is due for each of `topics`; the others are forgotten."""
        for gone in [topic for topic in (*self._published, *self._followed) if topic not in topics]:
            self._published.pop(gone, None)
            self._followed.pop(gone, None)
        if at.host - self._tickers_at >= self._ticker_every_s:
            self._tickers_at = at.host
            self._turn += 1
            yield from self._due_tickers(self._in_turn(t for t in topics if t.channel is not Channel.CANDLES), at)
        for topic in self._in_turn(topic for topic in topics if topic.channel is Channel.CANDLES):
            for message in self._due_candles(topic, at):
                yield topic, message

    def restart(self) -> None:
        """Begin every ticker with a snapshot again: what was due was not sent."""
        self._published.clear()

    def again(self, topic: Topic, open_ms: Ms, at: Instant) -> list[Message]:
        """Return the candle of `topic` that holds `open_ms` once more, as the source has it now."""
        begin = floor_to(open_ms, topic.step_ms)
        return self._candles(topic, begin, begin, at)

    def _in_turn(self, topics: Iterable[Topic]) -> list[Topic]:
        """Return `topics` beginning with another one each time: of a burst, some clients see the first message only."""
        ordered = sorted(topics, key=lambda topic: (topic.category, topic.channel, topic.asset, topic.step_ms))
        split = self._turn % len(ordered) if ordered else 0
        return ordered[split:] + ordered[:split]

    def _due_tickers(self, topics: list[Topic], at: Instant) -> Iterator[tuple[Topic, Message]]:
        rows: dict[tuple[str, Channel], dict[Asset, Message]] = {}
        for topic in topics:
            kind = (topic.category, topic.channel)
            if kind not in rows:
                rows[kind] = self._rows(topic, at.now)
            row = rows[kind].get(topic.asset)
            if row is None:  # not listed any more
                self._published.pop(topic, None)
                continue
            for message in self._news(topic, self._published.get(topic), row, at):
                self._published[topic] = row
                yield topic, message

    def _due_candles(self, topic: Topic, at: Instant) -> list[Message]:
        begin = floor_to(at.now, topic.step_ms)
        followed = self._followed.setdefault(topic, _Followed(begin, float("-inf")))
        messages: list[Message] = []
        if followed.open_ms < begin:
            messages += self._candles(topic, followed.open_ms, Ms(begin - topic.step_ms), at)
            followed.open_ms = begin
        if at.host - followed.shown >= OPEN_CANDLE_EVERY_S:
            messages += self._candles(topic, begin, begin, at)
            followed.shown = at.host
        return messages

    def _candles(self, topic: Topic, first: Ms, last: Ms, at: Instant) -> list[Message]:
        """Return the candles that open in [first, last] as one message, or none where there are none."""
        listing = self._listing(topic.asset, at.now)
        if listing is None:
            return []
        first = max(first, floor_to(listing.launch_ms, topic.step_ms))
        candles = self._source.candles(topic.asset, topic.step_ms, first, last, at.now)
        if not len(candles.open_ms):
            return []
        dialect = DIALECTS[topic.category]
        return dialect.candles(topic, candles, listing.decimals, now=at.now, stamp=at.stamp)

    def _rows(self, topic: Topic, now: Ms) -> dict[Asset, Message]:
        return DIALECTS[topic.category].rows(topic.channel, self._source.tickers(now), now)

    def _news(self, topic: Topic, before: Message | None, row: Message, at: Instant) -> list[Message]:
        self._sequence += 1
        dialect = DIALECTS[topic.category]
        message = dialect.news(topic, before, row, sequence=self._sequence, stamp=at.stamp)
        return [] if message is None else [message]

    def _listing(self, asset: Asset, now: Ms) -> Listing | None:
        return next((item for item in self._source.listings(now) if item.asset == asset), None)
