"""Owns what the core keeps per basket: its place in the matrices, its last reading, its course.

A reading is made of every closed bar from the correlation state alone, so live, warm-up and replay read the same.
Never decides when a check is due and never writes an event: `signals_check` does.
"""

from collections import deque
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from engine.domain.basket import Basket
from engine.domain.config import Estimator, RulesConfig
from engine.domain.units import Asset
from engine.market.correlation_state import CorrelationState
from engine.quant.arrays import Flags, Floats
from engine.quant.correlation import mean_if_half, pairs_of, signed
from engine.signals.drift import BasketDrift, DriftMatrices, Member, basket_drift

COURSE_BARS = 720  # thirty days of the basket's mean correlation, for the chart
PAIR_BARS = 48  # two days of each pair's, for the sparklines


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftSnapshot:
    """The matrices of one closed bar that all baskets read: raw and winsorized, and which one is shown."""

    raw: DriftMatrices
    win: DriftMatrices
    shown: DriftMatrices
    used: Flags


def drift_snapshot(correlation: CorrelationState, rules: RulesConfig) -> DriftSnapshot:
    """Read the matrices at the last closed bar."""
    raw, win = (
        DriftMatrices(base=correlation.base(estimator).rho, now=correlation.now(estimator).rho)
        for estimator in (Estimator.PEARSON, Estimator.WINSORIZED)
    )
    shown = raw if rules.watch_estimator is Estimator.PEARSON else win
    return DriftSnapshot(raw=raw, win=win, shown=shown, used=correlation.used())


@dataclass(slots=True)
class Course:
    """How the basket's mean correlation and its pairs went over the last bars, oldest first."""

    mean_now: deque[float] = field(default_factory=lambda: deque(maxlen=COURSE_BARS))
    mean_base: deque[float] = field(default_factory=lambda: deque(maxlen=COURSE_BARS))
    shift: deque[float] = field(default_factory=lambda: deque(maxlen=COURSE_BARS))
    pair_now: dict[frozenset[Asset], deque[float]] = field(default_factory=dict)

    def add(self, drift: BasketDrift) -> None:
        """Append one bar."""
        self.mean_now.append(drift.mean_rho_now)
        self.mean_base.append(drift.mean_rho_base)
        self.shift.append(drift.shift)
        for move in drift.moves:
            self.pair_now[frozenset((move.first, move.second))].append(move.rho_now)


class BasketTrack:
    """One basket as the core follows it."""

    def __init__(self, basket: Basket, index: dict[Asset, int]) -> None:
        self.basket = basket
        self.rows = np.array([index[asset] for asset in basket.assets], dtype=np.int64)
        self.cells = np.ix_(self.rows, self.rows)
        self.signs = np.array([leg.side.sign for leg in basket.legs], dtype=np.float64)
        self.sides = np.outer(self.signs, self.signs)
        self.drift: BasketDrift | None = None
        pairs = (frozenset(pair) for pair in combinations(basket.assets, 2))
        self.course = Course(pair_now={pair: deque(maxlen=PAIR_BARS) for pair in pairs})

    def members(self, used: Flags) -> tuple[Member, ...]:
        """Return the legs as the signals take them."""
        return tuple(
            Member(asset=leg.asset, index=int(row), sign=leg.side.sign, used=bool(used[row]))
            for leg, row in zip(self.basket.legs, self.rows, strict=True)
        )

    def rho_eff(self, rho: Floats, used: Flags) -> Floats:
        """Return the basket's matrix [n, n] signed by side; NaN for a leg that is not used."""
        own = used[self.rows]
        return rho[self.cells] * self.sides if own.all() else signed(rho[self.cells], np.where(own, self.signs, np.nan))

    def read(self, snapshot: DriftSnapshot) -> BasketDrift:
        """Take in a closed bar: keep its drift and add it to the course."""
        drift = basket_drift(self.members(snapshot.used), snapshot.raw, snapshot.win, shown=snapshot.shown)
        self.drift = drift
        self.course.add(drift)
        return drift

    def mean_rho(self, correlation: CorrelationState, used: Flags, days: int) -> float:
        """Return the mean pair rho_eff of a plain window (Pearson); NaN with fewer than half of the pairs defined."""
        rho: Floats = correlation.window(days, Estimator.PEARSON).rho
        return mean_if_half(pairs_of(self.rho_eff(rho, used)))
