"""The event log numbers from 1, resumes anywhere, and says when it no longer knows."""

from engine.domain.events import QuoteWentStale
from engine.domain.units import Asset, Ms
from engine.runtime.event_log import KEPT, TRIM_AT, EventLog


def stale(count: int) -> list[QuoteWentStale]:
    return [QuoteWentStale(at=Ms(n), asset=Asset("ETH"), age_s=20.0) for n in range(count)]


def test_events_are_numbered_from_one_and_read_in_order() -> None:
    log = EventLog()
    log.extend(stale(5))
    records, gap = log.after(2, 2)
    assert ([record.seq for record in records], gap, log.seq) == ([3, 4], False, 5)


def test_nothing_new_is_nothing() -> None:
    log = EventLog()
    log.extend(stale(3))
    assert log.after(3, 10) == ([], False)


def test_a_long_life_keeps_the_newest_and_says_so() -> None:
    log = EventLog()
    log.extend(stale(TRIM_AT + 1))
    records, gap = log.after(0, 10)
    assert gap
    assert records[0].seq == TRIM_AT + 1 - KEPT + 1
    assert log.after(TRIM_AT, 10)[1] is False
