"""`corr` over a price table, against pandas on the same bars, and its refusals."""

import numpy as np
import pandas as pd
import pytest

from engine.adapters.price_file import PriceTable
from engine.domain.config import Estimator
from engine.domain.errors import ConfigError
from engine.domain.units import DAY_MS, HOUR_MS, Ms
from engine.lab.correlate import correlations
from support.books import START, correlated_closes

SLOTS = 130 * 24
FIRST = Ms(START - SLOTS * HOUR_MS)
NAMES = ("AAA", "BBB", "CCC", "DDD")


def table(*, bar_ms: int = HOUR_MS) -> PriceTable:
    closes = correlated_closes(31, SLOTS, 4)
    closes[-700:-650, 1] = np.nan  # a hole
    closes[: -40 * 24, 2] = np.nan  # listed 40 days ago
    closes[:, 3] = 1.0  # a perfect peg
    opens = np.arange(FIRST, START, HOUR_MS)
    if bar_ms == DAY_MS:
        opens, closes = opens[::24], closes[23::24]
    return PriceTable(open_ms=opens, assets=NAMES, closes=closes, bar_ms=bar_ms)


def pandas_corr(source: PriceTable, slots: int, rows: int, method: str) -> np.ndarray:
    logs = pd.DataFrame(np.log(source.closes[:rows])).diff().iloc[-slots:]
    logs[3] = np.nan  # pandas divides by zero; undefined is what it means
    return logs.corr(method=method, min_periods=int(np.ceil(slots * 2 / 3))).to_numpy()  # type: ignore[arg-type]


@pytest.mark.parametrize("method", [Estimator.PEARSON, Estimator.SPEARMAN])
@pytest.mark.parametrize("bar_ms", [HOUR_MS, DAY_MS])
def test_every_window_is_what_pandas_says(method: Estimator, bar_ms: int) -> None:
    source = table(bar_ms=bar_ms)
    found = correlations(source, assets=(), windows=(30, 60, 90), at=None, method=method)
    assert found.at == START
    for window in found.windows:
        slots = window.days * DAY_MS // bar_ms
        expected = pandas_corr(source, slots, len(source.closes), method.value)
        np.testing.assert_allclose(window.rho, expected, atol=1e-12)
    assert not np.isnan(found.windows[0].rho[2, 2])
    assert np.isnan(found.windows[2].rho[2]).all()  # 40 of 90 days are too few, on the diagonal too


def test_at_uses_the_bars_closed_by_then() -> None:
    source, at = table(), Ms(START - 100 * HOUR_MS + 1)
    found = correlations(source, assets=("AAA", "BBB"), windows=(30,), at=at, method=Estimator.PEARSON)
    expected = pandas_corr(source, 720, SLOTS - 100, "pearson")[:2, :2]
    np.testing.assert_allclose(found.windows[0].rho, expected, atol=1e-12)
    assert found.at == at


def test_counts_are_of_common_returns() -> None:
    found = correlations(table(), assets=("AAA", "BBB"), windows=(30,), at=None, method=Estimator.PEARSON)
    assert found.windows[0].counts.tolist() == [[720, 720 - 51], [720 - 51, 720 - 51]]


@pytest.mark.parametrize("at", [Ms(START + 1), Ms(FIRST), Ms(0)])
def test_outside_the_file_is_refused(at: Ms) -> None:
    with pytest.raises(ConfigError, match="outside the file"):
        correlations(table(), assets=(), windows=(30,), at=at, method=Estimator.PEARSON)


def test_an_unknown_asset_names_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="not in the file, which has AAA, BBB"):
        correlations(table(), assets=("ZZZ",), windows=(30,), at=None, method=Estimator.PEARSON)


def test_daily_bars_cannot_be_winsorized() -> None:
    with pytest.raises(ConfigError, match="hourly bars"):
        correlations(table(bar_ms=DAY_MS), assets=(), windows=(30,), at=None, method=Estimator.WINSORIZED)
