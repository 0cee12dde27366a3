"""The score table finds the falls it should be measured against, and says what a file cannot answer."""

from pathlib import Path

import numpy as np
import pytest

from engine.domain.errors import ConfigError
from engine.domain.units import HOUR_MS, parse_iso
from engine.lab.score_events import FIRST, MAJORS, market_of
from engine.lab.scores import main, score, scores_config
from support.markets import Floats, switching_closes, table_of

HOURS = 4000


def market_closes(falls: dict[int, float]) -> Floats:
    """Return the majors' closes: flat, but for falls of this depth over six hours, each won back in a week."""
    level = np.zeros(HOURS)
    for first, depth in falls.items():
        level[first : first + 6] += np.log(1 - depth) * np.arange(1, 7) / 6
        back = np.linspace(1, 0, 168)
        level[first + 6 : first + 174] += np.log(1 - depth) * back
    return np.tile(100 * np.exp(level)[:, None], (1, len(MAJORS)))


def test_falls_begin_five_percent_below_the_high_and_reach_fifteen() -> None:
    market = market_of(table_of(market_closes({1000: 0.2, 2000: 0.13, 3000: 0.04}), *MAJORS))
    (fall,) = market.falls()
    assert 1000 <= fall <= 1002
    assert np.exp(market.level[fall] - market.high[fall]) <= 0.95
    assert np.exp(market.level[fall - 1] - market.high[fall - 1]) > 0.95
    assert len(market.falls(0.88)) == 2
    calm = market.calm()
    assert not calm[fall - 24 : fall + 169].any()
    assert calm[fall - 25]
    assert calm[fall + 169]
    assert not calm[2005]
    assert calm[3000:3100].all()


def test_two_falls_within_seven_days_are_one_event() -> None:
    market = market_of(table_of(market_closes({1000: 0.2, 1100: 0.2, 1400: 0.2}), *MAJORS))
    assert [round(int(row), -2) for row in market.falls()] == [1000, 1400]


def test_only_what_comes_after_the_first_day_and_is_in_the_file_counts() -> None:
    table = table_of(market_closes({1000: 0.2}), *MAJORS)
    market = market_of(table)
    assert market.closed(0) > FIRST
    assert market.labelled() == {}
    assert market.closed(5) == table.open_ms[0] + 6 * HOUR_MS
    assert parse_iso("2021-04-03") == FIRST


def test_a_table_is_made_of_whatever_baskets_the_file_has() -> None:
    closes = switching_closes(0, HOURS, 5, together={3000: 60})
    prices = table_of(closes, "ETH", "SOL", "AVAX", "UNI", "AAVE")
    assert [basket.name for basket in scores_config(prices).baskets] == ["L1", "DEFI", "USER5"]
    rows = score(prices)
    assert len(rows) == 12
    assert all(measured and target for _, measured, target in rows)


def test_a_file_that_cannot_be_scored_is_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="ninety days"):
        score(table_of(switching_closes(0, 1000, 2), "ETH", "SOL"))
    with pytest.raises(ConfigError, match="none of the ten baskets"):
        score(table_of(switching_closes(0, 1000, 2), "AAA", "BBB"))
    said: list[str] = []
    assert main(["--prices", str(tmp_path / "nothing.csv")], said.append) == 2
    assert "there is no price file" in said[0]
