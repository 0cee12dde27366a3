"""Owns which baskets have nothing to say at a check, seen from whole columns: nearly all of them, at nearly all checks.

A basket whose numbers cross no limit from where it stands is given as its finished `BasketCheck`; every other one as
the reading that the core judges. Changes nothing that is said: tested against a replay that judges every reading.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.core.readings import BasketReading
from engine.core.signal_state import Signals
from engine.domain.config import RulesConfig
from engine.domain.events import BasketCheck
from engine.domain.units import Asset
from engine.domain.views import BasketState
from engine.lab.basket_columns import BasketColumns
from engine.lab.signal_table import SignalTable
from engine.quant.arrays import Flags
from engine.signals.alert import IDLE

_MOST_PAIRS = 60  # bits of a row's marks; a larger basket is always judged
_OK, _WATCH, _NO_DATA = BasketState.OK.value, BasketState.WATCH.value, BasketState.NO_DATA.value


@dataclass(slots=True)
class _Marks:
    """One basket at every row: who speaks whatever stands, and which pairs lie beyond or below the WATCH limits.

    Pairs are bits of a number, so that a row is held against the pairs on WATCH in two operations.
    """

    columns: BasketColumns
    loud: Flags
    beyond: NDArray[np.int64]
    below: NDArray[np.int64]
    bits: dict[tuple[Asset, Asset], int]
    watched: tuple[tuple[Asset, Asset], ...] = ()
    active: int = 0


class QuietChecks:
    """The readings of a table for the signals that walk over it."""

    def __init__(self, table: SignalTable, signals: Signals) -> None:
        self._table, self._signals = table, signals
        every = table.baskets if table.portfolio is None else (*table.baskets, table.portfolio)
        self._marks = [_marks(columns, table.config.rules) for columns in every]

    def readings(self, row: int) -> tuple[BasketReading | BasketCheck, ...]:
        """Return what bar `row` says of every basket, the portfolio last where there is one."""
        return tuple(self._check(each, row) or each.columns.reading(row) for each in self._marks)

    def _check(self, marks: _Marks, row: int) -> BasketCheck | None:
        """Return the finished check of a basket that has nothing to say, None where it must be judged."""
        columns, signals = marks.columns, self._signals
        name = columns.name
        if marks.loud[row] or signals.standing(name) is not IDLE or signals.standings(name):
            return None
        watch = signals.watches.get(name)
        if watch is not None:
            pairs = watch.pairs
            if pairs != marks.watched:
                marks.watched, marks.active = pairs, sum(marks.bits[pair] for pair in pairs)
            active = marks.active
            if int(marks.beyond[row]) & ~active or int(marks.below[row]) & active:
                return None
        shift = float(columns.shift[row])
        state = _NO_DATA if math.isnan(shift) else (_WATCH if marks.active else _OK)
        return BasketCheck(
            basket=name,
            state=state,
            mean_rho_base=float(columns.mean_base[row]),
            mean_rho_now=float(columns.mean_now[row]),
            shift=shift,
            watching=len(marks.watched),
            pairs=len(columns.pairs),
        )


def _marks(columns: BasketColumns, rules: RulesConfig) -> _Marks:
    count = len(columns.pairs)
    loud: Flags = np.abs(columns.shift) > rules.alert_shift
    loud |= (np.abs(columns.excess) > rules.asset_excess).any(axis=1)
    if count > _MOST_PAIRS:
        loud[:] = True
        count = 0
    size = np.abs(columns.now - columns.base)[:, :count]
    weights = np.left_shift(np.int64(1), np.arange(count, dtype=np.int64))
    return _Marks(
        columns=columns,
        loud=loud,
        beyond=(size > rules.watch_delta).astype(np.int64) @ weights,
        below=(~(size >= rules.watch_clear)).astype(np.int64) @ weights,
        bits=dict(zip(columns.pairs, weights.tolist(), strict=False)),
    )
