"""An engine killed at writes of its journal while it trades: after a new start, as if nothing had happened.

A sample of the crash points; `make crash` tries all of them and prints the table.
"""

from pathlib import Path

import pytest

from support.crash_points import CrashPoint, crash, unkilled

SAMPLE = (
    CrashPoint(number=3, when="after"),
    CrashPoint(number=5, when="before"),
    CrashPoint(number=6, when="after"),
    CrashPoint(number=9, when="before"),
    CrashPoint(number=13, when="after"),
)


@pytest.mark.parametrize("point", SAMPLE, ids=lambda point: f"{point.number}-{point.when}")
def test_a_kill_while_trading_changes_nothing_in_the_end(point: CrashPoint, tmp_path: Path) -> None:
    expected = unkilled(tmp_path)
    assert expected["appends"] > max(each.number for each in SAMPLE)
    assert expected["states"] == ["done"] * 5
    assert crash(point, tmp_path, expected).trouble == ""
