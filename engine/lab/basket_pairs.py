"""Owns the estimates of all pairs that share a basket, at every row of a table: each pair and window is made once.

The columns that signals read and the correlations that sizes read are the same numbers. Never signs and never judges.
"""

from collections.abc import Iterable, Mapping
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from engine.domain.config import Estimator, RulesConfig
from engine.domain.units import DAY_MS
from engine.quant.arrays import Floats
from engine.quant.pair_history import PairHistory, pair_history


class BasketPairs:
    """Pairs of the columns of `returns` [T, N], per estimator, that occur in any of the groups of columns."""

    def __init__(
        self, returns: Mapping[Estimator, Floats], groups: Iterable[Iterable[int]], rules: RulesConfig
    ) -> None:
        self._returns = returns
        self._halflife = rules.now_halflife_ms / rules.bar_ms
        self._day_slots = DAY_MS // rules.bar_ms
        found = sorted({pair for columns in groups for pair in combinations(sorted(columns), 2)})
        self._place = {pair: place for place, pair in enumerate(found)}
        self.first, self.second = np.array(found, dtype=np.intp).reshape(-1, 2).T
        self._made: dict[tuple[Estimator, int], PairHistory] = {}

    def places(self, columns: Iterable[int]) -> NDArray[np.intp]:
        """Return where the pairs of a group stand, in the order of its columns: above the diagonal, row by row."""
        pairs = ((min(pair), max(pair)) for pair in combinations(columns, 2))
        return np.array([self._place[pair] for pair in pairs], dtype=np.intp)

    def history(self, estimator: Estimator, days: int) -> PairHistory:
        """Return the window of so many days and the now-estimate of every pair [P, T], unsigned."""
        key = estimator, days
        if key not in self._made:
            self._made[key] = pair_history(
                self._returns[estimator],
                self.first,
                self.second,
                halflife_bars=self._halflife,
                base_slots=days * self._day_slots,
            )
        return self._made[key]

    def now(self, estimator: Estimator) -> Floats:
        """Return the now-estimate alone [P, T]: every window comes with it, so any that was made has it."""
        made = [days for kind, days in self._made if kind is estimator]
        return self.history(estimator, made[0] if made else _ANY_DAYS).now


_ANY_DAYS = 30
