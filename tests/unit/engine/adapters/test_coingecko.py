"""CoinGecko: what its points mean, and which hour each of them closes."""

import json
import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.coingecko import Points, complaint, hourly_closes, joined, read_points, spans
from engine.domain.errors import BadVenueAnswerError
from engine.domain.units import DAY_MS, HOUR_MS, MINUTE_MS, Ms, parse_iso
from support.shared_material import shared

NOON = parse_iso("2026-03-01T12:00:00Z")
LATE = Ms(NOON + 1000 * DAY_MS)


def body(*points: tuple[float, object]) -> dict[str, object]:
    """Return an answer with points at `hours` after noon."""
    return {"prices": [[NOON + round(hours * HOUR_MS), price] for hours, price in points], "market_caps": []}


def closes(points: Points, *, now_ms: Ms = LATE, grace_ms: int = 0) -> dict[int, float]:
    """Return the closes by the hour after noon at which their slot opens."""
    found = hourly_closes(points, now_ms=now_ms, grace_ms=grace_ms)
    hours = (found.open_ms - NOON) // HOUR_MS
    return dict(zip(hours.tolist(), found.closes.tolist(), strict=True))


def test_a_slot_closes_with_its_last_point_at_or_before_its_end() -> None:
    points = read_points(body((0.1, 1.0), (0.9, 2.0), (1.0, 3.0), (1.1, 4.0), (2.05, 5.0)), "ethereum")
    assert closes(points) == {0: 3.0, 1: 4.0, 2: 5.0}


def test_a_slot_without_a_point_is_missing_and_never_filled() -> None:
    points = read_points(body((0.1, 1.0), (1.9, 2.0), (5.5, 6.0)), "ethereum")
    assert closes(points) == {0: 1.0, 1: 2.0, 5: 6.0}


def test_points_out_of_order_are_sorted_and_duplicates_dropped_both_counted() -> None:
    points = read_points(body((2.5, 3.0), (0.5, 1.0), (1.5, 9.0), (1.5, 2.0), (3.5, 4.0)), "ethereum")
    assert (points.out_of_order, points.duplicates) == (3, 1)
    assert closes(points) == {0: 1.0, 1: 2.0, 2: 3.0, 3: 4.0}


def test_points_without_a_price_are_left_out_and_counted() -> None:
    points = read_points(body((0.5, None), (1.5, 0), (2.5, -1.0), (3.5, True), (4.5, 7)), "ethereum")
    assert points.unreadable == 4
    assert closes(points) == {4: 7.0}


def test_a_slot_that_is_not_over_stays_out() -> None:
    points = read_points(body((0.5, 1.0), (1.5, 2.0)), "ethereum")
    assert closes(points, now_ms=Ms(NOON + HOUR_MS)) == {0: 1.0}
    assert closes(points, now_ms=Ms(NOON + HOUR_MS - 1)) == {}


def test_with_grace_the_price_just_after_the_hour_closes_it() -> None:
    points = read_points(body((1.03, 1.0), (2.05, 2.0), (3.5, 3.0)), "ethereum")
    assert closes(points) == {1: 1.0, 2: 2.0, 3: 3.0}
    assert closes(points, grace_ms=10 * MINUTE_MS) == {0: 1.0, 1: 2.0, 3: 3.0}


def test_an_hour_whose_grace_is_not_over_stays_out() -> None:
    points = read_points(body((1.03, 1.0), (1.95, 2.0)), "ethereum")
    over = Ms(NOON + 2 * HOUR_MS + 5 * MINUTE_MS)
    assert closes(points, now_ms=over) == {1: 2.0}
    assert closes(points, now_ms=over, grace_ms=10 * MINUTE_MS) == {0: 1.0}, "its own sample may still come"


def test_how_old_the_median_close_is_is_known() -> None:
    points = read_points(body((0.25, 1.0), (1.25, 2.0), (2.25, 3.0)), "ethereum")
    assert hourly_closes(points, now_ms=LATE).age_ms == 45 * MINUTE_MS
    assert hourly_closes(points, now_ms=LATE, grace_ms=20 * MINUTE_MS).age_ms == -15 * MINUTE_MS


def test_no_points_make_no_closes() -> None:
    nothing = read_points({"prices": []}, "ethereum")
    assert closes(nothing) == closes(joined([])) == {}
    assert math.isnan(hourly_closes(nothing, now_ms=LATE).age_ms)
    assert not nothing.coarse


def test_daily_points_are_told_from_hourly_ones() -> None:
    assert read_points(body((0, 1.0), (24, 2.0), (48, 3.0)), "ethereum").coarse
    assert not read_points(body((0, 1.0), (1.4, 2.0), (2, 3.0)), "ethereum").coarse


def test_answers_in_pieces_become_one_and_their_counts_add_up() -> None:
    one = read_points(body((2.5, 3.0), (0.5, 1.0)), "ethereum")
    two = read_points(body((2.5, 4.0), (3.5, 5.0), (3.5, 6.0)), "ethereum")
    whole = joined([one, two])
    assert (whole.out_of_order, whole.duplicates) == (1, 1)
    assert closes(whole) == {0: 1.0, 2: 4.0, 3: 6.0}


@pytest.mark.parametrize("answer", [None, [], {}, {"prices": None}, {"prices": [1, 2]}, {"prices": [[1]]}])
def test_an_answer_of_another_form_is_refused(answer: object) -> None:
    with pytest.raises(BadVenueAnswerError, match="without a list of prices"):
        read_points(answer, "ethereum")


@given(st.lists(st.tuples(st.integers(0, 40 * HOUR_MS), st.floats(0.01, 1e6)), max_size=60), st.integers(0, 30))
def test_every_close_is_the_last_point_of_its_own_slot(points: list[tuple[int, float]], grace: int) -> None:
    read = read_points({"prices": [[NOON + at, price] for at, price in points]}, "ethereum")
    latest = dict(points)  # the last of each time stays
    expected: dict[int, tuple[int, float]] = {}
    for at, price in latest.items():
        slot = math.ceil((at - grace * MINUTE_MS) / HOUR_MS) - 1
        expected[slot] = max(expected.get(slot, (-1, 0.0)), (at, price))
    assert closes(read, grace_ms=grace * MINUTE_MS) == {slot: price for slot, (_, price) in expected.items()}


def test_days_are_asked_for_in_pieces_that_are_hourly() -> None:
    found = spans(days=121, now_ms=NOON)
    assert [(first, last) for first, last in found] == [
        (NOON - 121 * DAY_MS, NOON - 31 * DAY_MS - 1),
        (NOON - 31 * DAY_MS, NOON - 1),
    ]
    assert len(spans(days=90, now_ms=NOON)) == 1
    assert len(spans(days=365, now_ms=NOON)) == 5


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"error": "Missing parameter vs_currency"}, "Missing parameter vs_currency"),
        ({"status": 500, "error": "Internal Server Error"}, "Internal Server Error"),
        ({"error": {"status": {"error_code": 10012, "error_message": "too far back"}}}, "too far back"),
        ({"status": {"error_code": 429, "error_message": "slow\ndown"}}, "slow down"),
        ({}, ""),
        (None, ""),
        ([1], ""),
    ],
)
def test_what_an_error_says_is_found(answer: object, said: str) -> None:
    assert complaint(answer) == said


def recorded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shared("fixtures", "coingecko", "json", f"{name}.json").read_text())
    return found


@pytest.mark.parametrize("name", ["hourly_historical_prices_for_one_coin", "minutely_historical_prices_for_one_coin"])
def test_recorded_points_snap_to_the_hour_as_a_plain_count_does(name: str) -> None:
    rows = recorded(f"test_that_it_gets_{name}")["json"]["prices"]
    points = read_points({"prices": rows}, "bitcoin")
    expected: dict[int, float] = {}
    for at, price in sorted(rows):
        expected[-(-at // HOUR_MS) - 1] = price
    found = hourly_closes(points, now_ms=LATE)
    assert dict(zip((found.open_ms // HOUR_MS).tolist(), found.closes.tolist(), strict=True)) == expected
    assert points.out_of_order == sum(two[0] < one[0] for one, two in pairwise(rows))
    assert not points.coarse


def test_recorded_daily_points_are_found_too_coarse() -> None:
    points = read_points(recorded("test_that_it_gets_daily_historical_prices_for_one_coin")["json"], "bitcoin")
    assert points.coarse
    assert np.isclose(points.spacing_ms, DAY_MS)
