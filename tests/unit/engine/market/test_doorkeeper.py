"""The door lets closed bars in once, names every reason to refuse, and reports gaps without refusing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.market import Bar, Candle
from engine.domain.units import HOUR_MS, Ms, Symbol
from engine.market.doorkeeper import REMEMBERED_SLOTS, Admission, Doorkeeper, Rejection

ETH = Symbol("ETH/USDT:USDT")
START = Ms(1_700_006_400_000)
LATER = Ms(START + 1000 * HOUR_MS)


def _candle(slot: int, close: float = 100.0, **changes: Any) -> Candle:
    fields: dict[str, Any] = {"open_ms": Ms(START + slot * HOUR_MS), "open": 99.0, "high": 101.0, "low": 98.0}
    return Candle(**{"symbol": ETH, "close": close, "volume": 5.0, **fields, **changes})


def test_a_closed_candle_becomes_a_bar_at_the_instant_it_closes() -> None:
    door = Doorkeeper(HOUR_MS)
    early = door.judge(_candle(0), Ms(START + HOUR_MS - 1))
    assert (early.bar, early.rejection) == (None, Rejection.UNFINISHED)
    verdict = door.judge(_candle(0), Ms(START + HOUR_MS))
    assert verdict.bar == Bar(symbol=ETH, open_ms=START, close=100.0, volume=5.0)
    assert (verdict.admission, verdict.rejection, verdict.missing) == (Admission.NEW, None, ())
    assert door.newest(ETH) == START


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"close": float("nan")}, Rejection.NON_NUMERIC),
        ({"high": float("inf")}, Rejection.NON_NUMERIC),
        ({"low": None}, Rejection.NON_NUMERIC),
        ({"volume": "12"}, Rejection.NON_NUMERIC),
        ({"close": 0.0}, Rejection.NON_POSITIVE),
        ({"low": -1.0}, Rejection.NON_POSITIVE),
        ({"volume": -1.0}, Rejection.NON_POSITIVE),
        ({"open_ms": Ms(START + 1)}, Rejection.OFF_GRID),
    ],
)
def test_a_bad_candle_is_refused_with_symbol_time_and_reason(changes: dict[str, Any], reason: Rejection) -> None:
    door = Doorkeeper(HOUR_MS)
    verdict = door.judge(_candle(0, **changes), LATER)
    assert (verdict.bar, verdict.rejection) == (None, reason)
    assert verdict.why.startswith("ETH/USDT:USDT candle of 2023-11-15T00:00:00")
    assert not reason.harmless
    assert door.newest(ETH) is None


def test_a_repeat_is_a_duplicate_and_another_close_a_correction() -> None:
    door = Doorkeeper(HOUR_MS)
    door.judge(_candle(0), LATER)
    door.judge(_candle(1), LATER)
    assert door.judge(_candle(0), LATER).rejection is Rejection.DUPLICATE
    assert Rejection.DUPLICATE.harmless
    corrected = door.judge(_candle(0, close=100.5), LATER)
    assert corrected.admission is Admission.CORRECTED
    assert corrected.bar is not None
    assert corrected.bar.close == 100.5
    assert door.judge(_candle(0, close=100.5), LATER).rejection is Rejection.DUPLICATE
    assert door.newest(ETH) == START + HOUR_MS


def test_a_gap_is_reported_and_can_be_filled_late() -> None:
    door = Doorkeeper(HOUR_MS)
    door.judge(_candle(0), LATER)
    verdict = door.judge(_candle(3), LATER)
    assert verdict.admission is Admission.NEW
    assert verdict.missing == (START + HOUR_MS, START + 2 * HOUR_MS)
    assert door.judge(_candle(2), LATER).admission is Admission.LATE


def test_a_candle_older_than_everything_remembered_is_out_of_order() -> None:
    door = Doorkeeper(HOUR_MS)
    door.judge(_candle(500), LATER)
    verdict = door.judge(_candle(499), LATER)
    assert verdict.rejection is Rejection.OUT_OF_ORDER
    assert "too late to fill a hole" in verdict.why
    for slot in range(501, 800):
        if slot != 600:
            door.judge(_candle(slot), LATER)
    assert door.judge(_candle(600), LATER).rejection is Rejection.OUT_OF_ORDER


def test_a_restart_judges_like_before() -> None:
    door = Doorkeeper(HOUR_MS)
    bars = [Bar(symbol=ETH, open_ms=Ms(START + k * HOUR_MS), close=100.0, volume=1.0) for k in range(REMEMBERED_SLOTS)]
    door.remember(bars)
    assert door.judge(_candle(REMEMBERED_SLOTS - 1), LATER).rejection is Rejection.DUPLICATE
    assert door.judge(_candle(3, close=99.5), LATER).admission is Admission.CORRECTED
    assert door.judge(_candle(REMEMBERED_SLOTS + 1), LATER).missing == (START + REMEMBERED_SLOTS * HOUR_MS,)


def test_symbols_do_not_disturb_each_other() -> None:
    door = Doorkeeper(HOUR_MS)
    door.judge(_candle(5), LATER)
    assert door.judge(_candle(1, symbol=Symbol("SOL/USDT:USDT")), LATER).admission is Admission.NEW


@given(slots=st.lists(st.integers(0, 60), max_size=60))
def test_every_slot_gets_in_exactly_once_whatever_the_order(slots: list[int]) -> None:
    door = Doorkeeper(HOUR_MS)
    admitted = [slot for slot in slots if door.judge(_candle(slot), LATER).bar is not None]
    assert len(admitted) == len(set(admitted))
    if slots:
        assert set(admitted) == {slot for slot in slots if slot >= slots[0] or slot in admitted}
        assert door.newest(ETH) == START + max(slots) * HOUR_MS
