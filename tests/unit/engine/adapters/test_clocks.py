"""Clocks: the scaled one follows the venue, both never go backwards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.clocks import ScaledClock, SystemClock
from engine.domain.ports import Clock
from engine.domain.units import HOUR_MS, Ms


class Hand:
    """A clock's hand that a test moves."""

    def __init__(self, at: float = 100.0) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


def test_both_clocks_are_the_port() -> None:
    clocks: list[Clock] = [SystemClock(), ScaledClock(rate=1.0, start_ms=Ms(0))]
    assert all(clock.monotonic() <= clock.monotonic() for clock in clocks)


def test_the_system_clock_shows_real_time_and_holds_when_it_is_set_back() -> None:
    wall = Hand(1_700_000_000.25)
    clock = SystemClock(wall=wall, monotonic=Hand(5.0))
    assert clock.market_ms() == 1_700_000_000_250
    wall.at -= 3600
    assert clock.market_ms() == 1_700_000_000_250
    wall.at += 3601
    assert clock.market_ms() == 1_700_000_001_250
    assert clock.monotonic() == 5.0


def test_market_time_is_the_venues_however_wrong_this_hosts_clock_is() -> None:
    wall, hand = Hand(1_700_000_000.0), Hand(5.0)
    clock = SystemClock(wall=wall, monotonic=hand)
    for answer in (31_000, 31_020, 31_010):  # the host is half a minute behind
        assert clock.observe(Ms(1_700_000_000_000 + answer), hand.at) == pytest.approx(31_010, abs=15)
    assert clock.market_ms() == 1_700_000_031_010
    clock.observe(Ms(1_700_000_000_000 + 90_000), hand.at)  # one answer that was long under way
    assert clock.market_ms() == pytest.approx(1_700_000_031_015, abs=10)


def test_a_measurement_counts_for_the_instant_it_was_made_at() -> None:
    wall, hand = Hand(1_700_000_010.0), Hand(15.0)
    clock = SystemClock(wall=wall, monotonic=hand)
    assert clock.observe(Ms(1_700_000_000_000), 5.0) == 0.0


def test_six_host_seconds_at_speed_600_are_one_market_hour() -> None:
    hand = Hand()
    clock = ScaledClock(rate=600, start_ms=Ms(HOUR_MS), monotonic=hand)
    assert clock.market_ms() == HOUR_MS
    hand.at += 6
    assert clock.market_ms() == 2 * HOUR_MS


def test_an_observation_counts_from_the_instant_it_was_made() -> None:
    hand = Hand()
    clock = ScaledClock(rate=600, start_ms=Ms(0), monotonic=hand)
    hand.at += 1
    clock.observe(Ms(5 * HOUR_MS), hand.at - 0.5)
    assert clock.market_ms() == 5 * HOUR_MS + 300_000


def test_an_observation_in_the_past_holds_the_clock_until_it_catches_up() -> None:
    hand = Hand()
    clock = ScaledClock(rate=1000, start_ms=Ms(0), monotonic=hand)
    hand.at += 10
    assert clock.market_ms() == 10_000_000
    clock.observe(Ms(9_000_000), hand.at)
    assert clock.market_ms() == 10_000_000
    hand.at += 2
    assert clock.market_ms() == 11_000_000


def test_an_answer_that_arrives_late_does_not_replace_a_newer_one() -> None:
    hand = Hand()
    clock = ScaledClock(rate=1, start_ms=Ms(0), monotonic=hand)
    clock.observe(Ms(50_000), 100.0)
    clock.observe(Ms(90_000), 99.0)
    assert clock.market_ms() == 50_000


@pytest.mark.parametrize("rate", [0.0, -1.0, float("inf"), float("nan")])
def test_a_rate_that_is_no_speed_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        ScaledClock(rate=rate, start_ms=Ms(0))


@given(
    st.lists(
        st.tuples(st.floats(0, 1e4), st.none() | st.tuples(st.integers(0, 10**13), st.floats(-100, 100))), max_size=30
    )
)
def test_market_time_never_goes_backwards(steps: list[tuple[float, tuple[int, float] | None]]) -> None:
    hand = Hand()
    clock = ScaledClock(rate=600, start_ms=Ms(7), monotonic=hand)
    shown = [clock.market_ms()]
    for forward, seen in steps:
        hand.at += forward
        if seen is not None:
            clock.observe(Ms(seen[0]), hand.at + seen[1])
        shown.append(clock.market_ms())
    assert shown == sorted(shown)
