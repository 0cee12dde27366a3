"""The play: how commands unfold into phases, and what they do to the minutes of a day."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.units import DAY_MS, HOUR_MS, MINUTE_MS, Ms
from engine.venue_sim.episode import episode
from engine.venue_sim.influence import DAY_MINUTES, influence
from engine.venue_sim.scenario import Phase, Scenario, Timeline

ORIGIN = Ms(20_000 * DAY_MS)
NOON = Ms(ORIGIN + 5 * DAY_MS + 12 * HOUR_MS)


def hours_of(timeline: Timeline, days: int) -> list[tuple[str, float]]:
    return [
        (item.phase.value, (item.start_ms - NOON) / HOUR_MS) for item in timeline.phases(Ms(NOON + days * DAY_MS))[1:]
    ]


def test_a_market_without_commands_is_calm_for_ever() -> None:
    timeline = Timeline(origin_ms=ORIGIN)
    assert [item.phase for item in timeline.phases(Ms(ORIGIN + 1000 * DAY_MS))] == [Phase.CALM]
    assert timeline.upcoming(NOON) is None


@pytest.mark.parametrize(("scenario", "hours"), [("cascade", 36), ("overnight", 18), ("decouple", 72)])
def test_a_single_scenario_plays_once_and_calm_follows(scenario: str, hours: int) -> None:
    timeline = Timeline(origin_ms=ORIGIN).then(Scenario(scenario), NOON)
    assert hours_of(timeline, 60) == [(scenario, 0), ("calm", hours)]
    assert timeline.at(Ms(NOON - 1)).phase is Phase.CALM
    assert timeline.at(NOON).phase is Phase(scenario)


def test_alternating_cascades_come_again_with_longer_and_longer_rests() -> None:
    timeline = Timeline(origin_ms=ORIGIN).then(Scenario.ALTERNATING, NOON)
    starts = [hour for phase, hour in hours_of(timeline, 120) if phase == "cascade"]
    rests = np.diff(starts) - 36
    assert rests[:6].tolist() == [96, 192, 288, 384, 480, 480]


def test_a_command_starts_at_a_whole_minute_and_drops_the_plans_after_it() -> None:
    planned = Timeline(origin_ms=ORIGIN).then(Scenario.ALTERNATING, Ms(NOON + HOUR_MS))
    changed = planned.then(Scenario.DECOUPLE, Ms(NOON + 1))
    assert hours_of(changed, 30) == [("decouple", 1 / 60), ("calm", 72 + 1 / 60)]


def test_calm_asked_for_in_a_cascade_ends_it_at_once() -> None:
    timeline = Timeline(origin_ms=ORIGIN).then(Scenario.CASCADE, NOON).then(Scenario.CALM, Ms(NOON + 2 * HOUR_MS))
    day = influence(timeline, 7, Ms(NOON - 12 * HOUR_MS))
    assert np.all(day.follower[12 * 60 : 14 * 60] != 0)
    assert not np.any(day.follower[14 * 60 :])
    assert np.all(day.idio[14 * 60 :] == 1.0)


def test_a_cascade_that_ran_out_brings_prices_back_over_the_next_four_days() -> None:
    shape = episode(Phase.CASCADE, 7, NOON)
    fall, back = shape.follower[: 36 * 60].sum(), shape.follower[36 * 60 :].sum()
    assert len(shape.follower) == (36 + 96) * 60
    assert np.log(0.65) < fall < np.log(0.85)
    assert back > 0.2
    assert abs(fall + back) < 0.15


def test_in_an_overnight_crash_btc_loses_eight_percent_and_the_alts_follow_with_forty() -> None:
    shape = episode(Phase.OVERNIGHT, 3, NOON)
    assert np.expm1(shape.leader[: 6 * 60].sum()) == pytest.approx(-0.08, abs=0.02)
    assert np.expm1(shape.follower[: 6 * 60].sum()) == pytest.approx(-0.40, abs=0.05)
    first_half_hour = slice(0, 30)
    assert abs(np.mean(shape.leader[first_half_hour])) > 0
    assert np.argmax(np.cumsum(shape.leader) < -0.01) < np.argmax(np.cumsum(shape.follower) < -0.06)


@given(st.integers(0, 3 * 24 * 60), st.integers(1, 2 * 24 * 60), st.sampled_from(list(Scenario)))
def test_a_later_command_never_changes_the_minutes_before_it(first: int, gap: int, then: Scenario) -> None:
    start = Ms(NOON + first * MINUTE_MS)
    later = Ms(start + gap * MINUTE_MS)
    planned = Timeline(origin_ms=ORIGIN).then(Scenario.ALTERNATING, start)
    changed = planned.then(then, later)
    day = Ms(later - later % DAY_MS)
    before, after = influence(planned, 7, day), influence(changed, 7, day)
    upto = min((later - day) // MINUTE_MS, DAY_MINUTES)
    for name in ("leader", "follower", "market", "theme", "idio", "alone"):
        assert np.array_equal(getattr(before, name)[:upto], getattr(after, name)[:upto]), name
