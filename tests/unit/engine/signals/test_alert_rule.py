"""The confirmed rule: two checks on two bars to speak, 60 % to be over, another 0.10 to speak again, NaN holds."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.alerts import Direction
from engine.domain.config import RulesConfig
from engine.domain.units import HOUR_MS, Ms
from engine.signals.alert import (
    IDLE,
    Limits,
    Standing,
    Turn,
    asset_limits,
    basket_limits,
    direction_of,
    judge,
    threat_of,
    words_for,
)

LIMITS = basket_limits(RulesConfig())


def turns(*values: float, bars: tuple[int, ...] | None = None) -> list[str]:
    """Judge one value per hour (or on these bars) and return the turns."""
    standing, found = IDLE, []
    for place, value in enumerate(values):
        bar = Ms((bars[place] if bars else place) * HOUR_MS)
        standing, turn = judge(standing, LIMITS, value, bar)
        found.append(turn.value)
    return found


def test_it_speaks_at_the_second_check_running_past_the_limit() -> None:
    assert turns(0.41, 0.41, 0.45) == ["none", "raised", "none"]
    assert turns(-0.41, -0.5) == ["none", "raised"]
    assert turns(0.41, 0.40, 0.41, 0.41) == ["none", "none", "none", "raised"]


def test_the_second_check_must_see_a_later_bar() -> None:
    assert turns(0.5, 0.5, 0.5, 0.5, bars=(1, 1, 1, 2)) == ["none", "none", "none", "raised"]


def test_both_checks_must_agree_in_sign() -> None:
    assert turns(0.5, -0.5, 0.5, 0.5) == ["none", "none", "none", "raised"]


def test_it_is_over_below_sixty_percent_and_not_before() -> None:
    assert turns(0.5, 0.5, 0.25, 0.24, 0.239) == ["none", "raised", "none", "none", "cleared"]


def test_a_change_of_direction_ends_one_and_begins_the_other_a_bar_later() -> None:
    assert turns(0.5, 0.5, -0.5, -0.5) == ["none", "raised", "cleared", "raised"]


def test_another_tenth_beyond_the_last_message_speaks_once_more() -> None:
    assert turns(0.45, 0.5, 0.59, 0.61, 0.65, 0.55, 0.70, 0.72)[2:] == [
        "none",
        "worsened",
        "none",
        "none",
        "none",
        "worsened",
    ]


def test_what_is_undefined_holds_everything() -> None:
    nan = math.nan
    assert turns(0.5, nan, 0.5, nan, nan, 0.3, 0.2) == ["none", "none", "raised", "none", "none", "none", "cleared"]
    held = Standing(sign=1, said=0.5)
    assert judge(held, LIMITS, nan, Ms(0)) == (held, Turn.NONE)


@given(st.lists(st.floats(-1.2, 1.2) | st.just(math.nan), max_size=60))
def test_it_equals_the_rule_written_down_plainly(values: list[float]) -> None:
    state, found, expected = 0, [], []
    standing = IDLE
    defined: list[float] = []
    for hour, value in enumerate(values):
        standing, _ = judge(standing, LIMITS, value, Ms(hour))
        found.append(standing.sign)
        if not math.isnan(value):
            before = defined[-1] if defined else 0.0
            if state and state * value < LIMITS.leave:
                state = 0
            elif not state and min(value, before) > 0.4:
                state = 1
            elif not state and max(value, before) < -0.4:
                state = -1
            defined.append(value)
        expected.append(state)
    assert found == expected


def test_the_limits_are_those_of_the_rules() -> None:
    assert [LIMITS.enter, LIMITS.leave, LIMITS.worsens_by] == pytest.approx([0.40, 0.24, 0.10])
    asset = asset_limits(RulesConfig())
    assert [asset.enter, asset.leave] == pytest.approx([0.25, 0.15])
    assert asset.worsens_by == math.inf
    with pytest.raises(ValueError, match="cannot be left"):
        Limits(enter=0.2, leave=0.3)


def test_directions_have_words_and_say_whom_they_threaten() -> None:
    assert (direction_of(1), direction_of(-1)) == (Direction.UP, Direction.DOWN)
    assert (words_for(Direction.UP), words_for(Direction.DOWN)) == ("moving together", "coming apart")
    assert threat_of(Direction.UP, hedged=False) == "threatens a long-only book"
    assert len({threat_of(way, hedged=side) for way in Direction for side in (True, False)}) == 4
