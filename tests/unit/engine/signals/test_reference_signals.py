"""State and drift on real prices equal the reference series of September 2023, at every hour of the month."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
import pytest

from engine.domain.config import Estimator, RulesConfig
from engine.domain.units import HOUR_MS, Asset, Ms, parse_iso
from engine.market.correlation_state import CorrelationState
from engine.signals.drift import BasketDrift, DriftMatrices, Member, basket_drift
from support.shared_material import shared

BASKETS = {
    "L1": ("ETH", "SOL", "AVAX", "NEAR"),
    "DEFI": ("UNI", "AAVE", "CRV", "LINK"),
    "PAY": ("XRP", "LTC", "XLM", "BCH"),
}
ASSETS = tuple(Asset(name) for names in BASKETS.values() for name in names)
FIRST_CHECK = parse_iso("2023-09-01T00:00:00Z")
HISTORY = 2905  # closes of a cold start: 121 days and one
RULES = RulesConfig()


def _table(*parts: str) -> pd.DataFrame:
    return pd.read_csv(shared(*parts))


def _matrices(state: CorrelationState, kind: Estimator) -> DriftMatrices:
    return DriftMatrices(base=state.base(kind).rho, now=state.now(kind).rho)


@cache
def _month() -> dict[tuple[str, str], tuple[BasketDrift, BasketDrift]]:
    """Return, per check and basket, the drift shown raw and shown winsorized, from one run of the state."""
    prices = _table("data", "hourly_close_2021_2024.csv.gz")
    start = int(np.flatnonzero(prices["timestamp"] == "2023-09-01T00:00:00Z")[0]) - HISTORY
    closes = prices[list(ASSETS)].iloc[start : start + HISTORY + 720].to_numpy(dtype=np.float64)
    first = Ms(FIRST_CHECK - HISTORY * HOUR_MS)
    state = CorrelationState(ASSETS, RULES)
    state.warm_up(first, closes[:HISTORY])
    found: dict[tuple[str, str], tuple[BasketDrift, BasketDrift]] = {}
    for row in range(HISTORY, len(closes)):
        assert state.as_of is not None
        check = pd.Timestamp(state.as_of, unit="ms").strftime("%Y-%m-%dT%H:%MZ")
        raw, win = _matrices(state, Estimator.PEARSON), _matrices(state, Estimator.WINSORIZED)
        for basket, names in BASKETS.items():
            members = tuple(
                Member(asset=Asset(name), index=ASSETS.index(Asset(name)), sign=1, used=bool(used))
                for name, used in zip(names, state.used()[[ASSETS.index(Asset(name)) for name in names]], strict=True)
            )
            shown_raw = basket_drift(members, raw, win, shown=raw)
            found[check, basket] = (shown_raw, basket_drift(members, raw, win, shown=win))
        state.append(Ms(first + row * HOUR_MS), closes[row])
    return found


def test_shifts_of_every_basket_and_hour_equal_the_reference() -> None:
    reference = _table("reference", "signals", "baskets_calm_2023-09.csv.gz")
    month = _month()
    drifts = [
        month[check, basket][1] for check, basket in zip(reference["check_utc"], reference["basket"], strict=True)
    ]
    assert len(drifts) == 2160
    readers: dict[str, Callable[[BasketDrift], float]] = {
        "shift_raw": lambda drift: drift.shift_raw,
        "shift_win": lambda drift: drift.shift_win,
        "shift": lambda drift: drift.shift,
    }
    for column, read in readers.items():
        np.testing.assert_allclose([read(drift) for drift in drifts], reference[column], rtol=0, atol=1e-6)


def test_baseline_and_now_of_every_pair_equal_the_reference() -> None:
    reference = _table("reference", "signals", "pairs_calm_2023-09.csv.gz")
    month = _month()
    checked = 0
    for row in reference.to_dict("records"):
        shown_raw, shown_win = month[row["check_utc"], row["basket"]]
        for drift, kind in ((shown_raw, "raw"), (shown_win, "win")):
            (move,) = [move for move in drift.moves if (move.first, move.second) == (row["a"], row["b"])]
            assert move.rho_base == pytest.approx(row[f"baseE_{kind}"], abs=1e-9)
            assert move.rho_now == pytest.approx(row[f"nowE_{kind}"], abs=1e-7)
            checked += 1
    assert checked == 2 * len(reference) > 6000
