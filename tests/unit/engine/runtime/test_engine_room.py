"""The engine's look at itself: the newest records, redacted and bounded, and what is on disk."""

import logging
from pathlib import Path

from engine.runtime.engine_room import KEPT, EngineRoom, LogRing


def test_the_ring_keeps_the_newest_records_without_secrets(tmp_path: Path) -> None:
    ring, log = LogRing(), logging.getLogger("engine.runtime.somewhere")
    log.addHandler(ring)
    log.setLevel(logging.INFO)
    try:
        for number in range(KEPT + 5):
            log.info("line %d", number)
        log.warning("asked https://api.bybit.com/v5/order?api_key=abcd1234&sign=ffff")
        try:
            int("apiKey=SECRET99")
        except ValueError:
            log.exception("broken")
    finally:
        log.removeHandler(ring)
    (tmp_path / "bars.db").write_bytes(b"x" * 10)
    shown = EngineRoom(ring, tmp_path, clients=lambda: 3).view()
    assert len(shown.lines) == KEPT
    assert [line.level for line in shown.lines[-2:]] == [30, 40]
    assert shown.lines[-2].source == "runtime.somewhere"
    told = " ".join(line.said for line in shown.lines)
    assert "abcd1234" not in told
    assert "SECRET99" not in told
    assert "broken: ValueError" in shown.lines[-1].said
    assert (shown.clients, shown.files) == (3, (("bars.db", 10),))
    assert shown.peak_memory_mb > 10
