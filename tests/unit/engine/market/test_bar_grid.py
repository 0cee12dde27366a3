"""A slot goes out when all have delivered or been declared missing, or after 20 s of host time, and in order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.units import HOUR_MS, Asset, Ms
from engine.market.bar_grid import BarGrid, Delivery, GridRow

ETH, SOL = Asset("ETH"), Asset("SOL")
START = Ms(1_700_006_400_000)


def _at(slot: int) -> Ms:
    return Ms(START + slot * HOUR_MS)


def _grid() -> BarGrid:
    return BarGrid((ETH, SOL), bar_ms=HOUR_MS, first_open=START)


def _slots(rows: list[GridRow]) -> list[int]:
    return [(row.open_ms - START) // HOUR_MS for row in rows]


def test_a_row_goes_out_as_soon_as_everyone_has_delivered() -> None:
    grid = _grid()
    assert grid.deliver(ETH, START, 10.0) is Delivery.TAKEN
    assert grid.ready(_at(1), 100.0) == []
    assert grid.waiting_for(START) == (SOL,)
    grid.deliver(SOL, START, 20.0)
    (row,) = grid.ready(_at(1), 101.0)
    assert (row.open_ms, row.closes.tolist(), row.missing, row.timed_out) == (START, [10.0, 20.0], (), False)
    assert grid.next_open == _at(1)
    assert grid.ready(_at(1), 102.0) == []


def test_nothing_goes_out_before_market_time_has_closed_the_slot() -> None:
    grid = _grid()
    grid.deliver(ETH, START, 10.0)
    grid.deliver(SOL, START, 20.0)
    assert grid.ready(Ms(_at(1) - 1), 100.0) == []
    assert _slots(grid.ready(_at(1), 100.0)) == [0]


def test_after_twenty_seconds_of_host_time_the_row_goes_out_without_the_silent_one() -> None:
    grid = _grid()
    grid.deliver(ETH, START, 10.0)
    assert grid.wait_ends() is None
    assert grid.ready(_at(1), 100.0) == []
    assert grid.wait_ends() == 120.0
    assert grid.ready(_at(1), 119.9) == []
    (row,) = grid.ready(_at(1), 120.0)
    assert row.missing == (SOL,)
    assert row.timed_out
    assert np.isnan(row.closes[1])


def test_nobody_waits_for_an_asset_that_was_declared_missing() -> None:
    grid = _grid()
    grid.deliver(ETH, START, 10.0)
    grid.declare_missing(SOL, [START])
    (row,) = grid.ready(_at(1), 100.0)
    assert (row.missing, row.timed_out) == ((SOL,), False)


def test_a_bar_that_comes_after_being_declared_missing_still_counts() -> None:
    grid = _grid()
    grid.declare_missing(SOL, [START])
    grid.deliver(SOL, START, 20.0)
    grid.deliver(ETH, START, 10.0)
    (row,) = grid.ready(_at(1), 100.0)
    assert row.missing == ()


def test_a_complete_slot_waits_for_an_older_one_and_both_go_out_in_order() -> None:
    grid = _grid()
    grid.deliver(ETH, START, 10.0)
    for asset in (ETH, SOL):
        grid.deliver(asset, _at(1), 11.0)
    assert grid.ready(_at(2), 100.0) == []
    assert _slots(grid.ready(_at(2), 120.0)) == [0, 1]


def test_each_slot_has_its_own_twenty_seconds() -> None:
    grid = _grid()
    assert grid.ready(_at(1), 100.0) == []
    assert grid.ready(_at(2), 110.0) == []
    assert _slots(grid.ready(_at(2), 120.0)) == [0]
    assert _slots(grid.ready(_at(2), 129.0)) == []
    assert _slots(grid.ready(_at(2), 130.0)) == [1]


def test_a_bar_for_a_slot_that_is_out_is_late_and_one_before_the_grid_is_neither() -> None:
    grid = _grid()
    grid.declare_missing(ETH, [START])
    grid.declare_missing(SOL, [START])
    assert _slots(grid.ready(_at(1), 0.0)) == [0]
    assert grid.deliver(ETH, START, 10.0) is Delivery.LATE
    assert grid.deliver(ETH, _at(-1), 10.0) is Delivery.BEFORE
    grid.declare_missing(ETH, [START])
    assert grid.waiting_for(START) == ()


def test_bars_ahead_of_market_time_are_kept_for_their_slot() -> None:
    grid = _grid()
    grid.deliver(ETH, _at(2), 12.0)
    assert grid.waiting_for(_at(2)) == (SOL,)
    assert grid.waiting_for(_at(1)) == (ETH, SOL)


def test_what_does_not_belong_to_the_grid_is_refused() -> None:
    grid = _grid()
    with pytest.raises(ValueError, match="not on the grid"):
        grid.deliver(ETH, Ms(START + 1), 1.0)
    with pytest.raises(ValueError, match="not on the grid"):
        BarGrid((ETH,), bar_ms=HOUR_MS, first_open=Ms(1))
    with pytest.raises(KeyError):
        grid.deliver(Asset("BTC"), START, 1.0)
    with pytest.raises(KeyError):
        grid.declare_missing(Asset("BTC"), [START])


@given(deliveries=st.lists(st.tuples(st.sampled_from([ETH, SOL]), st.integers(0, 5), st.integers(0, 9)), max_size=30))
def test_every_slot_goes_out_once_in_order_with_what_came_in_time(
    deliveries: list[tuple[Asset, int, int]],
) -> None:
    grid = _grid()
    rows: list[GridRow] = []
    taken: dict[tuple[int, Asset], float] = {}
    for second, (asset, slot, seconds) in enumerate(deliveries):
        if grid.deliver(asset, _at(slot), float(slot + 1)) is Delivery.TAKEN:
            taken[slot, asset] = float(slot + 1)
        rows += grid.ready(_at(min(second // 3, 6)), float(10 * second + seconds))
    rows += grid.ready(_at(6), 1000.0)
    rows += grid.ready(_at(6), 2000.0)
    assert _slots(rows) == [0, 1, 2, 3, 4, 5]
    found = {
        ((row.open_ms - START) // HOUR_MS, asset): float(close)
        for row in rows
        for asset, close in zip(grid.assets, row.closes, strict=True)
        if not np.isnan(close)
    }
    assert found == taken
