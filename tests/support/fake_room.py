"""Owns the engine room of a FakeScene: a process that is well, with a log of every level."""

from engine.domain.engine_room import EngineRoomView, LogLine
from engine.domain.units import Ms
from support.fake_scene import FakeScene

SAID = (
    (20, "runtime.feed", "link up"),
    (30, "runtime.stream_feed", "stream: the stream has been silent for 12 s: prices are polled"),
    (20, "runtime.loop", "63,910 bars in the state"),
    (40, "runtime.broker_desk", "an order could not be looked up: bybit did not answer in time"),
)


def fake_room(scene: FakeScene) -> EngineRoomView:
    """Return the room."""
    return EngineRoomView(
        peak_memory_mb=182.4,
        clients=2,
        files=(("journal.db", 1_940_000), ("bars.db", 14_200_000)),
        lines=tuple(
            LogLine(at_ms=Ms(scene.market_ms - (len(SAID) - at) * 60_000), level=level, source=source, said=said)
            for at, (level, source, said) in enumerate(SAID)
        ),
    )
