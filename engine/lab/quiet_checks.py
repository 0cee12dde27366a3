"""Owns which baskets have nothing to say at a check, seen from whole columns: nearly all of them, at nearly all checks.

A basket whose pairs cross no WATCH limit and whose numbers, judged by the rule itself, change nothing from where they
stand is given as its finished `BasketCheck`; every other one as the reading that the core judges. Changes nothing that
is said: tested against a replay that judges every reading.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.core.basket_check import state_word
from engine.core.readings import BasketReading
from engine.core.signal_state import Signals
from engine.domain.config import RulesConfig
from engine.domain.events import BasketCheck
from engine.domain.units import Asset, Ms
from engine.lab.basket_columns import BasketColumns
from engine.lab.signal_table import SignalTable
from engine.quant.arrays import Flags
from engine.signals.alert import IDLE, Turn, judge

_MOST_PAIRS = 60  # bits of a row's marks


@dataclass(slots=True)
class _Marks:
    """One basket at every row: who lies past a limit on excess, and which pairs beyond or below the WATCH limits.

    Pairs are bits of a number, so that a row is held against the pairs on WATCH in two operations.
    """

    columns: BasketColumns
    fits: bool  # False: too many pairs, always judged
    apart: Flags
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
        self._stated = table.config.rules.alert_on == "watch"  # an alert then stands on the pairs, not on the shift

    def readings(self, row: int) -> tuple[BasketReading | BasketCheck, ...]:
        """Return what bar `row` says of every basket, the portfolio last where there is one."""
        bar = self._table.closed(row)
        return tuple([self._check(each, row, bar) or each.columns.reading(row) for each in self._marks])

    def _check(self, marks: _Marks, row: int, bar: Ms) -> BasketCheck | None:
        """Return the finished check of a basket that has nothing to say, None where it must be judged."""
        columns, signals = marks.columns, self._signals
        name = columns.name
        if not marks.fits or not self._same_watch(marks, row):
            return None
        standing, shift = signals.standing(name), columns.shift.item(row)
        if standing.sign and self._stated:
            return None
        judged, turn = judge(standing, signals.shift_limits, shift, bar)
        leaning = self._leaning(marks, row, bar)
        if turn is not Turn.NONE or leaning is None:
            return None
        watching = len(marks.watched)
        return BasketCheck(
            basket=name,
            state=state_word(shift, judged.sign, watching),
            mean_rho_base=columns.mean_base.item(row),
            mean_rho_now=columns.mean_now.item(row),
            shift=shift,
            watching=watching,
            pairs=len(columns.pairs),
            alert=judged.sign,
            leaning=judged.leaning,
            assets_leaning=leaning,
        )

    def _same_watch(self, marks: _Marks, row: int) -> bool:
        """Return True where no pair comes on WATCH or goes off it."""
        watch = self._signals.watches.get(marks.columns.name)
        if watch is None:
            return True
        pairs = watch.pairs
        if pairs is not marks.watched:
            marks.watched, marks.active = pairs, sum(marks.bits[pair] for pair in pairs)
        return not (marks.beyond.item(row) & ~marks.active or marks.below.item(row) & marks.active)

    def _leaning(self, marks: _Marks, row: int, bar: Ms) -> tuple[tuple[Asset, int], ...] | None:
        """Return what the assets' excesses lean to, None where one of them speaks."""
        signals, columns = self._signals, marks.columns
        standings = signals.standings(columns.name)
        if not standings and not marks.apart.item(row):
            return ()
        found = []
        for asset, value in zip(columns.assets, columns.excess[row].tolist(), strict=True):
            judged, turn = judge(standings.get(asset, IDLE), signals.excess_limits, value, bar)
            if turn is not Turn.NONE:
                return None
            if judged.leaning:
                found.append((asset, judged.leaning))
        return tuple(found)


def _marks(columns: BasketColumns, rules: RulesConfig) -> _Marks:
    fits = len(columns.pairs) <= _MOST_PAIRS
    count = len(columns.pairs) if fits else 0
    size = np.abs(columns.now - columns.base)[:, :count]
    apart: Flags = np.any(np.abs(columns.excess) > rules.asset_excess, axis=1)
    weights = np.left_shift(np.int64(1), np.arange(count, dtype=np.int64))
    return _Marks(
        columns=columns,
        fits=fits,
        apart=apart,
        beyond=(size > rules.watch_delta).astype(np.int64) @ weights,
        below=(~(size >= rules.watch_clear)).astype(np.int64) @ weights,
        bits=dict(zip(columns.pairs, weights.tolist(), strict=False)),
    )
