"""How often at most: on average as it should be, and lateness is not handed on."""

from itertools import pairwise

import pytest

from engine.runtime.pace import Pace

EVERY_S, LATE_S = 0.1, 0.05


def test_turns_that_come_in_time_have_the_full_pace() -> None:
    pace, now = Pace(EVERY_S, late_s=LATE_S), 10.0
    first = now
    for _ in range(20):
        now = pace.turn(now)
    assert now - first == pytest.approx(20 * EVERY_S - LATE_S)  # the first comes after a rest


@pytest.mark.parametrize("late_s", [0.001, 0.02, LATE_S])
def test_a_late_turn_does_not_move_the_next_one(late_s: float) -> None:
    pace = Pace(EVERY_S, late_s=LATE_S)
    due = pace.turn(0.0)
    for number in range(100):
        again = pace.turn(due + (late_s if number % 3 == 0 else 0.0))
        assert again - due == pytest.approx(EVERY_S)
        due = again


def test_no_two_turns_come_close_together_however_late_one_was_and_the_average_is_kept() -> None:
    pace, now, turns = Pace(EVERY_S, late_s=LATE_S), 0.0, [0.0]
    for lateness in [0.3, 0.0, 0.08, 0.0, 0.0, 1.0, 0.0, 0.2] * 20:
        now = pace.turn(now) + lateness
        turns.append(now)
    assert min(after - before for before, after in pairwise(turns)) >= EVERY_S - LATE_S - 1e-9
    assert len(turns) - 1 <= (turns[-1] + LATE_S) / EVERY_S + 1


def test_after_a_rest_the_next_turn_is_free_at_once() -> None:
    pace = Pace(EVERY_S, late_s=LATE_S)
    pace.turn(0.0)
    assert pace.turn(60.0) - 60.0 == pytest.approx(EVERY_S - LATE_S)
