"""What the rows know of themselves equals a plain count: gaps, filled slots, runs of equal returns."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.return_rows import ReturnRows
from support.quant_oracles import Floats

NONE = float("nan")
CELL = st.sampled_from([0.0, 0.0, 0.1, 0.2, NONE])


def _plain_run(column: list[float]) -> int:
    values = [value for value in column if not np.isnan(value)]
    run = 0
    while run < len(values) and values[-1 - run] == values[-1]:
        run += 1
    return run


def _check(rows: ReturnRows, table: Floats, first: int) -> None:
    end = first + len(table)
    found = (~np.isnan(table)).sum(axis=1)
    for lo in range(first - 2, end + 1):
        for hi in range(lo, end + 1):
            part = found[max(lo - first, 0) : max(hi - first, 0)]
            assert rows.filled(lo, hi) == (part > 0).sum()
            assert rows.whole(lo, hi) == bool(((part == 0) | (part == table.shape[1])).all())
    for hi in range(first + 1, end + 1):
        assert rows.runs(hi).tolist() == [_plain_run(list(table[: hi - first, k])) for k in range(table.shape[1])]


@settings(deadline=None, max_examples=60)
@given(
    table=st.lists(st.lists(CELL, min_size=2, max_size=2), min_size=1, max_size=14),
    loaded=st.integers(0, 14),
    first=st.integers(0, 50),
    change=st.tuples(st.integers(0, 13), st.integers(0, 1), CELL),
)
def test_rows_loaded_appended_and_replaced_count_like_a_plain_table(
    table: list[list[float]], loaded: int, first: int, change: tuple[int, int, float]
) -> None:
    values = np.array(table)
    rows = ReturnRows(2)
    rows.load(first, values[:loaded])
    for row in values[loaded:]:
        rows.append(row)
    _check(rows, values, first)
    at, column, value = change
    if at < len(values):
        rows.replace(first + at, column, np.array([value]))
        values[at, column] = value
        _check(rows, values, first)
        rows.append(np.array([0.1, 0.2]))
        _check(rows, np.vstack((values, [0.1, 0.2])), first)


def test_dropping_old_rows_keeps_the_counts_of_the_others() -> None:
    table = np.array([[0.1, NONE], [NONE, NONE], [0.1, 0.2], [0.1, 0.2]])
    rows = ReturnRows(2)
    rows.load(0, table)
    rows.drop_before(1)
    assert (rows.first, rows.filled(0, 4), rows.whole(0, 4)) == (1, 2, True)
    assert rows.runs(4).tolist() == [3.0, 2.0]
    rows.append(np.array([0.1, NONE]))
    assert (rows.filled(0, 5), rows.whole(0, 5), rows.whole(0, 4)) == (3, False, True)


def test_rows_that_are_not_held_cannot_be_replaced() -> None:
    rows = ReturnRows(1)
    rows.load(5, np.zeros((3, 1)))
    with pytest.raises(ValueError, match=r"slots \[4, 5\) are not held"):
        rows.replace(4, 0, np.zeros(1))
