"""Check instants lie on the UTC grid; none is lost and none comes twice, however irregularly one asks."""

from hypothesis import given
from hypothesis import strategies as st

from engine.domain.units import HOUR_MS, MINUTE_MS, Ms, parse_iso
from engine.signals.cadence import due_instants, next_instant

PERIOD = 4 * HOUR_MS


def test_the_grid_is_that_of_utc_midnight() -> None:
    found = due_instants(parse_iso("2024-03-01T03:59:00Z"), parse_iso("2024-03-01T12:00:00Z"), PERIOD)
    assert found == tuple(parse_iso(f"2024-03-01T{hour}:00:00Z") for hour in ("04", "08", "12"))


def test_nothing_is_due_between_two_grid_instants() -> None:
    assert due_instants(parse_iso("2024-03-01T04:00:00Z"), parse_iso("2024-03-01T07:59:59Z"), PERIOD) == ()


def test_without_a_last_check_only_the_latest_instant_is_due() -> None:
    assert due_instants(None, parse_iso("2024-03-01T09:30:00Z"), PERIOD) == (parse_iso("2024-03-01T08:00:00Z"),)


def test_a_shorter_period_asked_after_a_longer_one_keeps_its_own_grid() -> None:
    found = due_instants(parse_iso("2024-03-01T04:00:00Z"), parse_iso("2024-03-01T04:31:00Z"), 15 * MINUTE_MS)
    assert found == (parse_iso("2024-03-01T04:15:00Z"), parse_iso("2024-03-01T04:30:00Z"))
    assert next_instant(parse_iso("2024-03-01T04:15:00Z"), 15 * MINUTE_MS) == parse_iso("2024-03-01T04:30:00Z")


@given(start=st.integers(0, 10**9), steps=st.lists(st.integers(0, 3 * PERIOD), max_size=20))
def test_asking_in_steps_finds_what_asking_once_finds(start: int, steps: list[int]) -> None:
    last, now = Ms(start), Ms(start)
    found: list[Ms] = []
    for step in steps:
        now = Ms(now + step)
        due = due_instants(last, now, PERIOD)
        found += due
        last = due[-1] if due else last
    assert tuple(found) == due_instants(Ms(start), now, PERIOD)
    assert next_instant(now, PERIOD) > now
