"""A run of fast checks has one row; what happened in between keeps its own."""

from engine.domain.events import CheckCompleted, Event, VolatilityBroadened, VolatilityFell
from engine.domain.units import HOUR_MS, Asset, Ms
from support.some_signals import raised
from tui.cockpit.panels.feed_runs import telling


def check(hour: float, *, fast: bool) -> CheckCompleted:
    return CheckCompleted(at=Ms(int(hour * HOUR_MS)), late_ms=0, missing=(), baskets=(), fast=fast)


def broadened(hour: int, *, started: bool) -> VolatilityBroadened:
    at = Ms(hour * HOUR_MS)
    return VolatilityBroadened(
        at=at,
        started=started,
        until=Ms(at + 12 * HOUR_MS),
        breadth=0.5,
        judged=8,
        assets=(Asset("ETH"), Asset("SOL")),
        peak_sigma=4.0,
    )


def fell(hour: int) -> VolatilityFell:
    return VolatilityFell(at=Ms(hour * HOUR_MS), since=Ms(0), breadth=0.5, assets=(), peak_sigma=4.0)


def test_of_the_fast_checks_only_the_newest_has_a_row() -> None:
    slow = [check(0, fast=False), check(4, fast=False)]
    fast = [check(5 + n / 4, fast=True) for n in range(8)]
    assert list(telling(reversed([*slow, *fast]))) == [fast[-1], slow[1], slow[0]]


def test_what_happened_between_fast_checks_keeps_its_row() -> None:
    alert: Event = raised()
    facts: list[Event] = [check(4, fast=True), alert, check(4.25, fast=True)]
    assert list(telling(reversed(facts))) == [facts[2], alert]


def test_of_a_breakouts_echoes_the_last_and_the_first_are_told() -> None:
    first, echoes = broadened(1, started=True), [broadened(2, started=False), broadened(3, started=False)]
    earlier: list[Event] = [broadened(-9, started=True), broadened(-8, started=False), fell(-2)]
    told = list(telling(reversed([*earlier, first, *echoes])))
    assert told == [echoes[1], first, earlier[2], earlier[1], earlier[0]]
