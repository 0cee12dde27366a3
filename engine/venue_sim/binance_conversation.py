"""Owns what one connection to Binance's streams has asked for, and the answer to each of its requests.

Decides without a socket. Streams are named in the path (`/ws/ethusdt@ticker`), in the query of a combined stream, or by
SUBSCRIBE. A stream that does not exist is taken without a word and stays silent, as on the venue; so is one asked for
at the wrong one of the futures' doors (`/public` has the book, `/market` all else).
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from engine.domain.units import Asset
from engine.venue_sim.binance_bodies import Segment
from engine.venue_sim.binance_stream import topic_of
from engine.venue_sim.stream_topics import Channel, Heard, Message, Topic

MOST_STREAMS = {Segment.SPOT: 1024, Segment.FUTURES: 200}
METHODS = ("SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS")
_BOOK_ONLY = frozenset({Channel.BOOK})
_ALL = frozenset(Channel)
_SERVED = {"": _ALL, "/public": _BOOK_ONLY, "/market": _ALL - _BOOK_ONLY}


class _WrongRequestError(Exception):
    """A request the venue would refuse; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where a connection came in: what is served there, in which wrapping, and the streams named in the address."""

    segment: Segment
    channels: frozenset[Channel]
    combined: bool
    names: tuple[str, ...]


def opened_at(segment: Segment, path: str, query: Mapping[str, str]) -> Door | None:
    """Return the door at `path`, None where there is none."""
    for prefix, channels in _SERVED.items():
        rest = path.removeprefix(prefix)
        if prefix and (rest == path or segment is Segment.SPOT):
            continue
        if rest == "/stream":
            names = tuple(query.get("streams", "").split("/"))
            return Door(segment=segment, channels=channels, combined=True, names=names)
        if rest == "/ws" or rest.startswith("/ws/"):
            names = tuple(rest.removeprefix("/ws").strip("/").split("/"))
            return Door(segment=segment, channels=channels, combined=False, names=names)
    return None


class BinanceConversation:
    """One connection."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._topics: dict[str, Topic] = {}
        self._silent: set[str] = set()  # taken, and nothing will ever come of them
        self._take(door.names)

    @property
    def topics(self) -> Collection[Topic]:
        """What this connection is subscribed to."""
        return self._topics.values()

    def follows(self, topic: Topic) -> bool:
        """Say whether this connection is subscribed to `topic`."""
        return topic in self._topics.values()

    def dress(self, message: Message) -> Message:
        """Return a data message in the wrapping of a combined stream where this is one."""
        return {"stream": _stream_of(message), "data": message} if self._door.combined and "s" in message else message

    def hear(self, text: str, listed: Collection[Asset]) -> Heard:
        """Answer one request of the client; nothing it sends raises, and what is not `listed` is taken too."""
        request: object = None
        try:
            request = json.loads(text)
            method, names, number = _read(request)
        except _WrongRequestError as wrong:
            return _refuse(2, f"Invalid request: {wrong}", request)
        except ValueError as error:
            return _refuse(3, f"Invalid JSON: {error}", None)
        if method == "LIST_SUBSCRIPTIONS":
            return Heard(reply={"result": [*self._topics, *sorted(self._silent)], "id": number})
        if method == "UNSUBSCRIBE":
            for name in names:
                self._topics.pop(name, None)
                self._silent.discard(name)
            return Heard(reply={"result": None, "id": number})
        most = MOST_STREAMS[self._door.segment]
        if len({*self._topics, *self._silent, *names}) > most:
            return _refuse(2, f"Invalid request: more than {most} streams on one connection", request)
        return Heard(reply={"result": None, "id": number}, begun=self._take(names))

    def _take(self, names: Iterable[str]) -> tuple[Topic, ...]:
        begun = []
        for name in names:
            topic = topic_of(name, self._door.segment)
            if topic is None or topic.channel not in self._door.channels:
                self._silent.add(name)
            elif name not in self._topics:
                self._topics[name] = topic
                begun.append(topic)
        return tuple(begun)


def _read(request: object) -> tuple[str, list[str], object]:
    """Return the method, the stream names and the id of a request."""
    if not isinstance(request, Mapping):
        raise _WrongRequestError("request must be an object")
    method, names, number = request.get("method"), request.get("params"), request.get("id")
    if not isinstance(number, int | str | None) or isinstance(number, bool):
        raise _WrongRequestError("request ID must be an unsigned integer")
    if method not in METHODS:
        raise _WrongRequestError(f"unknown variant {method}, expected one of {', '.join(METHODS)}")
    if method == "LIST_SUBSCRIPTIONS":
        return method, [], number
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise _WrongRequestError("params must be an array of stream names")
    return str(method), names, number


def _refuse(code: int, why: str, request: object) -> Heard:
    number = request.get("id") if isinstance(request, Mapping) else None
    return Heard(reply={"error": {"code": code, "msg": why}, "id": number})


def _stream_of(message: Message) -> str:
    """Return the stream that a data message belongs to, read from the message itself."""
    symbol, event, candle = str(message["s"]).lower(), message.get("e"), message.get("k")
    if isinstance(candle, Mapping):
        return f"{symbol}@kline_{candle['i']}"
    return f"{symbol}@ticker" if event == "24hrTicker" else f"{symbol}@bookTicker"
