"""Trades, broken requests and disks, and deaths, in any order: nothing is accepted twice, the books are the venue's."""

import pytest

from support.order_machine_play import play
from support.order_moves import VENUES


@pytest.mark.parametrize("venue", VENUES)
def test_no_intent_is_accepted_twice_and_the_books_are_the_venues_at_rest(venue: str) -> None:
    played = play(venue, lives=8, moves=25)
    assert played["rests"] >= 8
    assert played["orders accepted"] > played["rests"]
    assert played["lives"] > played["rests"] / 2
