"""What a frame costs the cockpit's memory: little while it is painted, and next to nothing afterwards."""

import gc
import statistics
import tracemalloc
from pathlib import Path

from engine.domain.views import Section
from support.cockpit_pilot import attached
from support.fake_engine import FakeEngine
from support.fake_scene import FakeScene

FRAMES, WARM = 120, 80
PEAK_BYTES, LEFT_BYTES = 250_000, 1_000  # a frame; one that kept its rows would leave 30,000


async def test_a_frame_takes_bounded_memory_and_leaves_next_to_none(tmp_path: Path) -> None:
    async with attached(tmp_path, FakeEngine(FakeScene())) as rig:
        peaks: list[int] = []

        async def frame() -> None:
            rig.engine.scene.advance()
            rig.engine.touch(Section.HEALTH, Section.QUOTES)
            rig.engine.fetched.clear()
            revision = sum(rig.app.deck.revisions.values())
            rig.announce()
            await rig.until(lambda: sum(rig.app.deck.revisions.values()) > revision)
            before = tracemalloc.get_traced_memory()[0]
            tracemalloc.reset_peak()
            rig.app._paint()
            peaks.append(tracemalloc.get_traced_memory()[1] - before)

        tracemalloc.start()
        try:
            for _ in range(WARM):
                await frame()
            peaks.clear()
            gc.collect()
            held = tracemalloc.get_traced_memory()[0]
            for _ in range(FRAMES):
                await frame()
            gc.collect()
            left = tracemalloc.get_traced_memory()[0] - held
        finally:
            tracemalloc.stop()
        assert statistics.median(peaks) < PEAK_BYTES
        assert left / FRAMES < LEFT_BYTES
