"""An engine killed while its signed orders are under way: after the next start nothing is lost and nothing doubled."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.crash_points import CrashPoint
from support.live_crash import AROUND, SPEED, crash_live
from support.sim_process import SimProcess


@pytest.fixture(scope="module")
def sim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimProcess]:
    with SimProcess(tmp_path_factory.mktemp("sim"), "--speed", SPEED, "--scenario", "calm") as process:
        yield process


@pytest.mark.parametrize(
    ("venue", "number", "when", "fault"),
    [
        ("bybit", 8, "before", AROUND[0]),
        ("binance", 2, "answered", None),
    ],
)
def test_the_books_are_the_exchanges_after_a_kill(
    sim: SimProcess, tmp_path: Path, venue: str, number: int, when: str, fault: dict[str, object] | None
) -> None:
    verdict = crash_live(sim, CrashPoint(number=number, when=when), tmp_path, venue=venue, fault=fault)
    assert verdict.reached
    assert verdict.trouble == ""
