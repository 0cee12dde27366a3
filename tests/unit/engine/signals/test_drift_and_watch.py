"""A basket's shift is CALIBRATION's; pairs are raised above 0.15, cleared below 0.10, and never raised undefined."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.events import PairMove
from engine.domain.units import Asset
from engine.signals.drift import DriftMatrices, Member, basket_drift, shift_of, strongest
from engine.signals.watch import Watch
from support.quant_oracles import Floats

NAMES = ("ETH", "SOL", "AVAX", "NEAR")


def _matrix(value: float, size: int = 4) -> Floats:
    return np.full((size, size), value) + (1 - value) * np.eye(size)


def _members(*signs: int, unused: int | None = None) -> tuple[Member, ...]:
    return tuple(
        Member(asset=Asset(name), index=index, sign=sign, used=index != unused)
        for index, (name, sign) in enumerate(zip(NAMES, signs, strict=False))
    )


def _move(first: str, second: str, delta: float) -> PairMove:
    return PairMove(first=Asset(first), second=Asset(second), rho_base=0.6, rho_now=0.6 + delta, delta=delta)


def test_the_shift_of_equal_pairs_is_their_fisher_difference() -> None:
    raw = DriftMatrices(base=_matrix(0.6), now=_matrix(0.7))
    win = DriftMatrices(base=_matrix(0.6), now=_matrix(0.8))
    drift = basket_drift(_members(1, 1, 1, 1), raw, win, shown=win)
    assert drift.shift_raw == pytest.approx(np.arctanh(0.7) - np.arctanh(0.6))
    assert drift.shift_win == pytest.approx(np.arctanh(0.8) - np.arctanh(0.6))
    assert drift.shift == drift.shift_win
    assert drift.mean_rho_base == pytest.approx(0.6)
    assert drift.mean_rho_now == pytest.approx(0.8)
    assert [(move.first, move.second) for move in drift.moves] == list(combinations(NAMES, 2))
    assert drift.moves[0].delta == pytest.approx(0.2)


def test_a_short_leg_turns_the_sign_of_its_pairs() -> None:
    matrices = DriftMatrices(base=_matrix(0.6, 2), now=_matrix(0.8, 2))
    drift = basket_drift(_members(1, -1), matrices, matrices, shown=matrices)
    assert drift.shift == pytest.approx(-(np.arctanh(0.8) - np.arctanh(0.6)))
    assert (drift.moves[0].rho_base, drift.moves[0].rho_now) == (-0.6, -0.8)


@given(values=st.lists(st.floats(-0.99, 0.99), min_size=12, max_size=12), holes=st.sets(st.integers(0, 5)))
def test_the_shift_is_a_mean_over_defined_pairs_and_needs_half_of_them(values: list[float], holes: set[int]) -> None:
    signs = (1, -1, 1, -1)
    base, now, expected = np.eye(4), np.eye(4), []
    for place, (i, j) in enumerate(combinations(range(4), 2)):
        base[i, j] = base[j, i] = values[place]
        now[i, j] = now[j, i] = np.nan if place in holes else values[6 + place]
        if place not in holes:
            side = signs[i] * signs[j]
            expected.append(float(np.arctanh(side * values[6 + place]) - np.arctanh(side * values[place])))
    matrices = DriftMatrices(base=base, now=now)
    drift = basket_drift(_members(*signs), matrices, matrices, shown=matrices)
    if len(expected) < 3:
        assert np.isnan([drift.shift, drift.shift_raw, drift.mean_rho_now]).all()
    else:
        assert drift.shift == pytest.approx(sum(expected) / len(expected), abs=1e-12)
    assert len(strongest(drift.moves)) == len(expected)


def test_an_asset_without_history_is_left_out_of_the_basket() -> None:
    now = _matrix(0.8)
    now[3] = now[:, 3] = 0.1
    matrices = DriftMatrices(base=_matrix(0.6), now=now)
    drift = basket_drift(_members(1, 1, 1, 1, unused=3), matrices, matrices, shown=matrices)
    assert drift.mean_rho_now == pytest.approx(0.8)
    assert [move.second for move in drift.moves if np.isnan(move.delta)] == ["NEAR"] * 3


@pytest.mark.parametrize(
    ("raw", "win", "expected"),
    [(0.5, 0.2, 0.5), (0.5, -0.4, 0.5), (0.3, -0.4, -0.4), (-0.6, 0.1, 0.1), (-0.6, -0.5, -0.5), (0.4, 0.4, 0.4)],
)
def test_raw_returns_may_only_signal_upward(raw: float, win: float, expected: float) -> None:
    assert shift_of(raw, win) == expected
    assert np.isnan(shift_of(float("nan"), win))
    assert np.isnan(shift_of(raw, float("nan")))


def test_a_basket_of_one_is_refused() -> None:
    matrices = DriftMatrices(base=np.eye(1), now=np.eye(1))
    with pytest.raises(ValueError, match="at least two assets"):
        basket_drift(_members(1), matrices, matrices, shown=matrices)


def test_a_pair_is_raised_once_held_between_the_limits_and_cleared_below_the_lower() -> None:
    watch = Watch(delta=0.15, clear=0.10)
    assert watch.update([_move("ETH", "SOL", 0.15)]).raised == ()
    assert [move.delta for move in watch.update([_move("ETH", "SOL", -0.151)]).raised] == [-0.151]
    assert list(watch.pairs) == [("ETH", "SOL")]
    for delta in (0.2, 0.12, 0.10, -0.11):
        change = watch.update([_move("ETH", "SOL", delta)])
        assert (change.raised, change.cleared) == ((), ())
    assert len(watch.update([_move("ETH", "SOL", 0.099)]).cleared) == 1
    assert list(watch.pairs) == []
    assert watch.update([_move("ETH", "SOL", 0.12)]).raised == ()


def test_an_undefined_pair_is_cleared_and_never_raised() -> None:
    watch = Watch(delta=0.15, clear=0.10)
    undefined = _move("ETH", "SOL", float("nan"))
    assert watch.update([undefined]).raised == ()
    watch.update([_move("ETH", "SOL", 0.3)])
    assert watch.update([undefined]).cleared == (undefined,)


def test_one_check_groups_its_pairs_the_largest_move_first() -> None:
    watch = Watch(delta=0.15, clear=0.10)
    change = watch.update([_move("ETH", "SOL", 0.2), _move("ETH", "AVAX", -0.4), _move("SOL", "AVAX", 0.01)])
    assert [move.delta for move in change.raised] == [-0.4, 0.2]
    with pytest.raises(ValueError, match="watch_clear"):
        Watch(delta=0.1, clear=0.2)
