"""VOL: who broke out, how broad it is, and a fast cycle that holds twelve hours after the last."""

import numpy as np
import pytest

from engine.domain.config import RulesConfig
from engine.domain.units import HOUR_MS, MINUTE_MS, Asset, Ms, parse_iso
from engine.signals.cadence import is_due, missed_check, next_check
from engine.signals.volatility import QUIET, Breakouts, VolState, VolTurn, breadth_in, breakouts, take

RULES = RulesConfig()
ASSETS = tuple(Asset(name) for name in "ABCDEFGHIJ")
HOLD = 12 * HOUR_MS


def seen(count: int, judged: int = 10, peak: float = 5.0) -> Breakouts:
    return Breakouts(hot=ASSETS[:count], judged=judged, breadth=count / judged, peak_sigma=peak)


def test_an_hour_past_mean_and_three_sigma_breaks_out() -> None:
    mean, sd = np.array([0.01, 0.01, 0.01, np.nan]), np.array([0.005, 0.005, 0.0, np.nan])
    found = breakouts(ASSETS[:4], np.array([-0.026, 0.0249, np.nan, 9.0]), mean, sd, sigma=3.0)
    assert (found.hot, found.judged) == (("A",), 3)
    assert found.breadth == pytest.approx(1 / 3)
    assert found.peak_sigma == pytest.approx(3.2)
    assert breadth_in(found, ASSETS[:2]) == 0.5


def test_what_has_no_usual_hour_is_not_judged() -> None:
    nothing = np.full(3, np.nan)
    assert breakouts(ASSETS[:3], np.ones(3), nothing, nothing, sigma=3.0).judged == 0


def test_a_flat_asset_that_moves_breaks_out_without_a_sigma_to_count() -> None:
    found = breakouts(ASSETS[:1], np.array([0.1]), np.zeros(1), np.zeros(1), sigma=3.0)
    assert (found.hot, found.peak_sigma) == (("A",), float("inf"))


def test_the_fast_cycle_needs_a_fifth_of_the_assets_and_two() -> None:
    assert take(QUIET, RULES, seen(1, judged=3), Ms(0))[1] is VolTurn.NONE
    assert take(QUIET, RULES, seen(1), Ms(0))[1] is VolTurn.NONE
    state, turn = take(QUIET, RULES, seen(2), Ms(0))
    assert (turn, state.since, state.until) == (VolTurn.ROSE, 0, HOLD)


def test_it_holds_for_twelve_hours_after_the_last_trigger_and_then_says_so_once() -> None:
    state, _ = take(QUIET, RULES, seen(2), Ms(0))
    state, turn = take(state, RULES, seen(4, peak=9.0), Ms(HOUR_MS))
    assert (turn, state.until, state.breadth, state.peak_sigma) == (VolTurn.HELD, HOLD + HOUR_MS, 0.4, 9.0)
    assert state.assets == ASSETS[:4]
    state, turn = take(state, RULES, seen(1), Ms(HOLD))
    assert (turn, state.on(Ms(HOLD))) == (VolTurn.NONE, True)
    state, turn = take(state, RULES, seen(1), Ms(HOLD + HOUR_MS))
    assert (turn, state) == (VolTurn.FELL, QUIET)
    assert take(state, RULES, seen(0), Ms(HOLD + 2 * HOUR_MS))[1] is VolTurn.NONE


def test_a_trigger_at_the_end_of_the_hold_goes_on_and_a_later_one_is_new() -> None:
    state = VolState(since=Ms(0), until=Ms(HOLD))
    assert take(state, RULES, seen(3), Ms(HOLD))[0].since == 0
    later, turn = take(state, RULES, seen(3), Ms(HOLD + 1))
    assert (later.since, turn) == (HOLD + 1, VolTurn.ROSE)


def test_checks_run_every_four_hours_and_every_quarter_while_fast() -> None:
    noon = parse_iso("2024-03-01T12:00:00Z")
    quarter = Ms(noon + 15 * MINUTE_MS)
    assert [is_due(at, RULES, fast=False) for at in (noon, quarter, Ms(noon + HOUR_MS))] == [True, False, False]
    assert [is_due(at, RULES, fast=True) for at in (noon, quarter, Ms(noon + HOUR_MS))] == [True, True, True]
    assert next_check(noon, RULES, None) == noon + 4 * HOUR_MS
    assert next_check(noon, RULES, Ms(noon + HOUR_MS)) == quarter
    assert next_check(noon, RULES, quarter) == noon + 4 * HOUR_MS


def test_of_many_missed_checks_the_latest_is_made_up() -> None:
    noon = parse_iso("2024-03-01T12:00:00Z")
    assert missed_check(noon, Ms(noon + 3 * HOUR_MS), RULES, None) is None
    assert missed_check(noon, Ms(noon + 30 * HOUR_MS), RULES, None) == noon + 28 * HOUR_MS
    assert missed_check(None, Ms(noon + 1), RULES, None) == noon
    fast = Ms(noon + 2 * HOUR_MS)
    assert missed_check(noon, Ms(noon + 3 * HOUR_MS), RULES, fast) == fast - 15 * MINUTE_MS
    assert missed_check(noon, Ms(noon + HOUR_MS + 1), RULES, fast) == noon + HOUR_MS
