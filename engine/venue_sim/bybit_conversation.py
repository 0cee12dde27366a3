"""Owns what one connection to Bybit's stream has asked for: its topics, and the answer to each of its requests.

Decides without a socket: text in, one reply and the topics it started out. Limits and refusals are Bybit's. `stream`
sends what it says.
"""

import json
from collections.abc import Collection, Mapping

from engine.domain.units import Asset
from engine.venue_sim.bybit_stream import acknowledgement, pong, topic_of
from engine.venue_sim.stream_topics import Heard, Message, Topic

MOST_SPOT_ARGS = 10  # per request
MOST_CHARACTERS = 21_000  # of all topics of one connection


class BybitConversation:
    """One connection to the stream of one category."""

    def __init__(self, *, category: str, connection: str) -> None:
        self._category = category
        self._connection = connection
        self._topics: dict[str, Topic] = {}

    @property
    def topics(self) -> Collection[Topic]:
        """What this connection is subscribed to."""
        return self._topics.values()

    def follows(self, topic: Topic) -> bool:
        """Say whether this connection is subscribed to `topic`."""
        return topic in self._topics.values()

    def dress(self, message: Message) -> Message:
        """Return a message as it is: it names its topic itself."""
        return message

    def hear(self, text: str, listed: Collection[Asset]) -> Heard:
        """Answer one request of the client; nothing it sends raises."""
        try:
            request = json.loads(text)
        except ValueError:
            request = None
        if not isinstance(request, Mapping):
            return self._refuse("", "", "error:invalid request")
        op, request_id = str(request.get("op", "")), str(request.get("req_id", ""))
        if op == "ping":
            return Heard(reply=pong(request_id, self._connection))
        if op not in ("subscribe", "unsubscribe"):
            return self._refuse(op, request_id, "error:invalid op")
        args = request.get("args")
        if not isinstance(args, list) or not args or not all(isinstance(item, str) for item in args):
            return self._refuse(op, request_id, "error:args is empty or not a list of topics")
        if self._category == "spot" and len(args) > MOST_SPOT_ARGS:
            return self._refuse(op, request_id, f"args size >{MOST_SPOT_ARGS}")
        return self._subscribe(args, request_id, listed) if op == "subscribe" else self._unsubscribe(args, request_id)

    def _subscribe(self, args: list[str], request_id: str, listed: Collection[Asset]) -> Heard:
        """Take all topics of a request or none: one wrong topic refuses the whole request, as on the venue."""
        begun: dict[str, Topic] = {}
        for text in args:
            topic = topic_of(text, self._category)
            if topic is None or topic.asset not in listed:
                return self._refuse("subscribe", request_id, f"error:handler not found,topic:{text}")
            if text in self._topics:
                return self._refuse("subscribe", request_id, f"error:already subscribed,topic:{text}")
            begun[text] = topic
        if sum(map(len, (*self._topics, *begun))) > MOST_CHARACTERS:
            return self._refuse("subscribe", request_id, f"error:args length exceeds {MOST_CHARACTERS} characters")
        self._topics |= begun
        return Heard(reply=self._agree("subscribe", request_id), begun=tuple(begun.values()))

    def _unsubscribe(self, args: list[str], request_id: str) -> Heard:
        for text in args:
            self._topics.pop(text, None)
        return Heard(reply=self._agree("unsubscribe", request_id))

    def _agree(self, op: str, request_id: str) -> Message:
        return acknowledgement(op, request_id, self._connection, category=self._category)

    def _refuse(self, op: str, request_id: str, why: str) -> Heard:
        return Heard(reply=acknowledgement(op, request_id, self._connection, category=self._category, refusal=why))
