"""Owns what faults do to a stream's data: messages lost, late, out of order or doubled, and corrections sent again.

Every data message passes through here on its way to those who follow it; answers to requests do not, so pongs go on
while the data is silent. Delays are drawn from a seeded generator.
"""

import random
from collections.abc import Collection, Iterator
from heapq import heappop, heappush
from itertools import count
from typing import Generic, Protocol, TypeVar

from engine.domain.units import HOUR_MS, Asset
from engine.venue_sim.faults import Fault, FaultBoard, FaultKind
from engine.venue_sim.faulty_market import corrected_open
from engine.venue_sim.stream_feed import Instant, StreamFeed
from engine.venue_sim.stream_topics import Channel, Message, Topic

_SEED = 7


class _Taker(Protocol):
    def post(self, messages: list[Message]) -> None: ...


Taker = TypeVar("Taker", bound=_Taker)


class FaultyStream(Generic[Taker]):
    """What stands between the feed and its takers."""

    def __init__(self, feed: StreamFeed, board: FaultBoard) -> None:
        self._feed = feed
        self._board = board
        self._random = random.Random(_SEED)
        self._late: list[tuple[float, int, Taker, Message]] = []
        self._order = count()
        self._silent = False
        self._corrected: dict[int, Fault] = {}

    def pass_on(self, topic: Topic, message: Message, takers: Collection[Taker], at: Instant) -> None:
        """Give `message` to `takers`, now or later, or not at all."""
        if any(fault.concerns(topic.asset) for fault in self._board.active(FaultKind.SILENT_STREAM)):
            self._silent = True
            return
        doubles = self._board.active(FaultKind.DUPLICATE_CANDLES)
        twice = topic.channel is Channel.CANDLES and any(fault.concerns(topic.asset) for fault in doubles)
        copies = [message, message] if twice else [message]
        delay = self._delay()
        for taker in takers:
            if delay is None:
                taker.post(copies)
            else:
                for copy in copies:
                    heappush(self._late, (at.host + delay, next(self._order), taker, copy))

    def ripe(self, at: Instant) -> Iterator[tuple[Taker, Message]]:
        """Yield the late messages whose time has come."""
        while self._late and self._late[0][0] <= at.host:
            _, _, taker, message = heappop(self._late)
            yield taker, message

    def corrections(self, topics: Collection[Topic], at: Instant) -> Iterator[tuple[Topic, Message]]:
        """Yield the candles that a correction changed just now, or that its end changed back."""
        if self._silent and not self._board.active(FaultKind.SILENT_STREAM):
            self._silent = False
            self._feed.restart()
        now = {fault.number: fault for fault in self._board.active(FaultKind.CORRECTED_CANDLE)}
        changed = [now.get(number) or self._corrected[number] for number in now.keys() ^ self._corrected.keys()]
        self._corrected = now
        for fault in changed:
            for topic in topics:
                if topic.step_ms == HOUR_MS and topic.asset == Asset(fault.text("asset")):
                    for message in self._feed.again(topic, corrected_open(fault), at):
                        yield topic, message

    def _delay(self) -> float | None:
        """Return how long the next message waits, None where messages are not delayed."""
        faults = self._board.active(FaultKind.DELAYED_MESSAGES)
        if not faults:
            return None
        longest = faults[0].figure("delay_s")
        return self._random.uniform(0.0, longest) if faults[0].figure("reorder") else longest
