"""Pauses that hosts ask for."""

import pytest

from engine.adapters.host_breaker import LONGEST_PAUSE_S, HostBreaker, pause_asked_for
from engine.domain.errors import VenueUnreachableError

DATE = "Wed, 15 Nov 2023 08:00:00 GMT"


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (200, {}, 0.0),
        (200, {"Retry-After": "9"}, 0.0),
        (500, {}, 0.0),
        (503, {"Retry-After": "9"}, 9.0),
        (429, {}, 60.0),
        (429, {"RETRY-AFTER": "3"}, 3.0),
        (429, {"Retry-After": "0"}, 1.0),
        (429, {"Retry-After": "-5"}, 1.0),
        (429, {"Retry-After": "soon"}, 60.0),
        (418, {"Retry-After": "999999999"}, LONGEST_PAUSE_S),
        (418, {}, 120.0),
        (403, {}, 600.0),
        (429, {"Date": DATE, "Retry-After": "Wed, 15 Nov 2023 08:01:30 GMT"}, 90.0),
        (429, {"Retry-After": "Wed, 15 Nov 2023 08:01:30 GMT"}, 60.0),
    ],
)
def test_the_pause_is_what_the_answer_says_or_what_its_status_means(
    status: int, headers: dict[str, str], seconds: float
) -> None:
    assert pause_asked_for(status, headers) == seconds


def test_a_pause_holds_until_it_is_due_and_for_its_host_only() -> None:
    now = [50.0]
    breaker = HostBreaker(lambda: now[0])
    breaker.pause("api.example.com", 10.0)
    breaker.check("other.example.com", "example")
    now[0] = 57.0
    with pytest.raises(
        VenueUnreachableError, match=r"^example asked for a pause: 3 s left; nothing is sent until then$"
    ):
        breaker.check("api.example.com", "example")
    now[0] = 60.0
    breaker.check("api.example.com", "example")
    assert breaker.remaining("api.example.com") == 0.0


def test_a_running_pause_is_never_shortened() -> None:
    breaker = HostBreaker(lambda: 0.0)
    breaker.pause("api.example.com", 100.0)
    breaker.pause("api.example.com", 5.0)
    assert breaker.remaining("api.example.com") == 100.0


def test_the_running_pauses_are_told_the_longest_first_with_what_was_answered() -> None:
    now = [0.0]
    breaker = HostBreaker(lambda: now[0])
    breaker.pause("api.example.com", 5.0, status=429)
    breaker.pause("other.example.com", 60.0, status=418)
    assert [(pause.host, pause.until, pause.status) for pause in breaker.pauses()] == [
        ("other.example.com", 60.0, 418),
        ("api.example.com", 5.0, 429),
    ]
    now[0] = 5.0
    assert [pause.host for pause in breaker.pauses()] == ["other.example.com"]


def test_a_shorter_pause_does_not_change_what_the_longer_one_was_asked_with() -> None:
    breaker = HostBreaker(lambda: 0.0)
    breaker.pause("api.example.com", 600.0, status=403)
    breaker.pause("api.example.com", 5.0)
    assert [pause.status for pause in breaker.pauses()] == [403]
