"""The course of a warm-up: what is made for all baskets at once is what each would have read bar by bar."""

import numpy as np
import pytest

from engine.core.baskets import drift_snapshot
from engine.core.past_course import PastCourse
from engine.core.warmup import new_tracks
from engine.domain.basket import Side
from engine.domain.units import HOUR_MS, Asset, Ms
from engine.market.correlation_state import CorrelationState
from support.books import START, basket, correlated_closes, long_basket, small_config

SLOTS = 125 * 24
FIRST = Ms(START - SLOTS * HOUR_MS)


def test_every_basket_gets_the_course_it_would_have_read_itself() -> None:
    hedged = basket("two", {"AAA": Side.LONG, "DDD": Side.SHORT, "EEE": Side.LONG})
    config = small_config(long_basket("one", "AAA", "BBB", "CCC", "DDD"), hedged, long_basket("three", "EEE", "FFF"))
    closes = correlated_closes(3, SLOTS, len(config.symbols))
    closes[: 60 * 24, list(config.symbols).index(Asset("FFF"))] = np.nan  # too young: a basket without a defined pair
    closes[-30, 1] = np.nan
    correlation = CorrelationState(tuple(config.symbols), config.rules)
    correlation.warm_up(FIRST, closes[:-60])
    at_once, each = new_tracks(config), new_tracks(config)
    course = PastCourse(tuple(at_once.values()))
    for row in range(SLOTS - 60, SLOTS):
        correlation.append(Ms(FIRST + row * HOUR_MS), closes[row])
        snapshot = drift_snapshot(correlation, config.rules)
        course.add(snapshot)
        for track in each.values():
            track.read(snapshot)
    for name, track in each.items():
        made = at_once[name].course
        for of in ("mean_now", "mean_base", "shift"):
            ours, theirs = list(getattr(made, of)), list(getattr(track.course, of))
            assert ours == pytest.approx(theirs, abs=1e-14, nan_ok=True), (name, of)
        assert made.pair_now.keys() == track.course.pair_now.keys()
        for pair, values in track.course.pair_now.items():
            assert list(made.pair_now[pair]) == pytest.approx(list(values), abs=1e-14, nan_ok=True)
    assert any(not np.isnan(value) for value in each[hedged.name].course.shift)
