"""Owns the words that every stream dialect shares: a topic, a message, and what the feed asks of a dialect.

Knows no venue's names. `bybit_stream` and `binance_stream` speak them; `stream_feed` decides what is due.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from engine.domain.units import Asset, Ms
from engine.venue_sim.prices import Candles, Ticker

Message = dict[str, object]


class Channel(StrEnum):
    """What a topic tells: the day's ticker, the best bid and ask, or candles."""

    TICKER = "ticker"
    BOOK = "book"
    CANDLES = "candles"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What one subscription is about: `category` names the dialect and its market, `step_ms` the length of a candle."""

    category: str
    asset: Asset
    channel: Channel = Channel.TICKER
    step_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What to answer, and the topics that begin with it."""

    reply: Message
    begun: tuple[Topic, ...] = ()


class Dialect(Protocol):
    """How one market of one venue words its stream; pure, without memory."""

    @property
    def greets(self) -> bool:
        """Say whether a new subscriber is told at once how things stand."""
        ...

    def rows(self, channel: Channel, tickers: tuple[Ticker, ...], now: Ms) -> dict[Asset, Message]:
        """Return what the channel says of every asset."""
        ...

    def news(self, topic: Topic, before: Message | None, row: Message, *, sequence: int, stamp: Ms) -> Message | None:
        """Return the message that tells `row` to those who know `before`, None where nothing is new."""
        ...

    def candles(self, topic: Topic, candles: Candles, decimals: int, *, now: Ms, stamp: Ms) -> list[Message]:
        """Return candles as messages, oldest first; those that have ended by `now` are closed."""
        ...


class Conversation(Protocol):
    """One connection: what it has asked for, and the answer to each of its requests."""

    @property
    def topics(self) -> Collection[Topic]:
        """What this connection is subscribed to."""
        ...

    def follows(self, topic: Topic) -> bool:
        """Say whether this connection is subscribed to `topic`."""
        ...

    def hear(self, text: str, listed: Collection[Asset]) -> Heard:
        """Answer one request of the client; nothing it sends raises."""
        ...

    def dress(self, message: Message) -> Message:
        """Return a message as this connection gets it."""
        ...
