"""What the lab pages keep of an answer: thinned curves that lose no fall, and undefined as NaN."""

import math

import msgspec
import pytest

from support.lab_answers import backtest
from tui.cockpit.lab_views import MOST_POINTS, backtest_view, course, known, stress_view


def test_a_thinned_curve_keeps_its_last_equity_and_its_deepest_fall() -> None:
    equity = [100.0, 120.0, 60.0, 90.0, 130.0, 117.0, 118.0]
    whole, thinned = course(equity, 1), course(equity, 3)
    assert whole.drawdown == pytest.approx((0.0, 0.0, -0.5, -0.25, 0.0, -0.1, 118 / 130 - 1))
    assert thinned.equity == (60.0, 117.0, 118.0)
    assert min(thinned.drawdown) == -0.5


def test_a_long_backtest_is_cut_to_what_a_screen_can_show() -> None:
    found = backtest_view(msgspec.json.encode(backtest([])))
    assert len(found.courses["driftdeck"].equity) <= MOST_POINTS
    assert min(found.courses["standard"].drawdown) == pytest.approx(-0.4)
    assert math.isnan(known(None))


def test_an_answer_of_another_form_is_refused_not_guessed() -> None:
    with pytest.raises(msgspec.DecodeError, match="portfolio"):
        stress_view(b'{"at": "2026-11-27T05:00:00Z"}')
