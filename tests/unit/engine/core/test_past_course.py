"""The course of a warm-up: what is made for all baskets at once is what each would have read bar by bar."""

import numpy as np
import pytest

from engine.core.baskets import COURSE_BARS
from engine.core.live_readings import LiveReader
from engine.core.warmup import append_row, new_tracks, prepare_history
from engine.domain.basket import Side
from engine.domain.config import Estimator
from engine.domain.units import HOUR_MS, Asset, Ms
from engine.market.correlation_state import CorrelationState
from engine.quant.arrays import Floats
from support.books import START, basket, correlated_closes, long_basket, small_config

SLOTS = 125 * 24
FIRST = Ms(START - SLOTS * HOUR_MS)
CONFIG = small_config(
    long_basket("one", "AAA", "BBB", "CCC", "DDD"),
    basket("two", {"AAA": Side.LONG, "DDD": Side.SHORT, "EEE": Side.LONG}),
    long_basket("three", "EEE", "FFF"),
    basket("turned", {"DDD": Side.LONG, "BBB": Side.SHORT, "AAA": Side.LONG}),
)


@pytest.fixture(scope="module")
def closes() -> Floats:
    """Return a market with a hole, a coin that comes of age within the course, and one that halts."""
    found = correlated_closes(3, SLOTS, len(CONFIG.symbols))
    column = {asset: k for k, asset in enumerate(CONFIG.symbols)}
    found[: 20 * 24, column[Asset("FFF")]] = np.nan
    found[-30, column[Asset("BBB")]] = np.nan
    found[-200:-150, column[Asset("CCC")]] = found[-200, column[Asset("CCC")]]
    return found


def test_every_basket_gets_the_course_it_would_have_read_itself(closes: Floats) -> None:
    known = COURSE_BARS + 30
    history = prepare_history(CONFIG, FIRST, closes)
    until = len(closes) - len(history.tail)
    correlation, reader = CorrelationState(tuple(CONFIG.symbols), CONFIG.rules), LiveReader(CONFIG)
    each = new_tracks(CONFIG)
    correlation.warm_up(FIRST, closes[: until - known])
    for row in range(until - known, until):
        append_row(CONFIG, Ms(FIRST + row * HOUR_MS), closes[row], correlation, each, reader)
    for name, track in each.items():
        made = history.tracks[name]
        assert made.drift is not None
        assert made.drift.shift == pytest.approx(track.drift.shift if track.drift else None, abs=1e-9)
        for of in ("mean_now", "mean_base", "shift"):
            ours, theirs = list(getattr(made.course, of)), list(getattr(track.course, of))
            assert len(ours) == COURSE_BARS
            assert ours == pytest.approx(theirs, abs=1e-9, nan_ok=True), (name, of)
        assert made.course.pair_now.keys() == track.course.pair_now.keys()
        for pair, values in track.course.pair_now.items():
            assert list(made.course.pair_now[pair]) == pytest.approx(list(values), abs=1e-9, nan_ok=True)
    defined = ~np.isnan(np.array(history.tracks[CONFIG.baskets[2].name].course.shift))
    assert 0 < np.count_nonzero(defined) < COURSE_BARS  # the young coin came of age on the way


def test_a_history_of_a_few_bars_has_a_course_of_as_many(closes: Floats) -> None:
    for bars in (0, 1, 2, 30):
        history = prepare_history(CONFIG, FIRST, closes[:bars])
        course = history.tracks[CONFIG.baskets[0].name].course
        assert len(course.shift) == bars - len(history.tail)
        assert np.isnan(course.shift).all()
        assert history.calm_and_stress is not None


def test_who_is_too_young_is_told_with_its_days(closes: Floats) -> None:
    young = closes.copy()
    young[: 50 * 24, 5] = np.nan
    history = prepare_history(CONFIG, FIRST, young)
    assert history.short == ((list(CONFIG.symbols)[5], 75.0),)
    assert list(history.correlation.returns(Estimator.PEARSON, 2).shape) == [2, 6]
