"""Owns the correlations of the pairs that share a basket, at every row of a price table, made once in whole columns.

A backtest by rules asks at thousands of rows for a few pairs: as columns they cost what one matrix costs. The same
definitions and the same numbers as `table_correlation`, which it extends and is tested against. Never judges.
"""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from engine.domain.config import Estimator
from engine.lab.price_path import PricePath
from engine.lab.signal_table import SignalTable
from engine.lab.table_correlation import TableCorrelation
from engine.market.correlation_state import Matrix
from engine.quant.arrays import Floats
from engine.quant.ewma import effective_length
from engine.quant.pair_history import PairHistory, pair_history


class BatchCorrelation(TableCorrelation):
    """`window` and `now` hold the pairs within baskets and NaN for all others; counts are left at 0: nobody asks."""

    def __init__(self, path: PricePath, known: SignalTable | None = None) -> None:
        super().__init__(path, known)
        legs = [sorted(book.columns.tolist()) for book in path.books]
        found = sorted({pair for columns in legs for pair in combinations(columns, 2)})
        self._first, self._second = np.array(found, dtype=np.intp).reshape(-1, 2).T
        self._place = {pair: place for place, pair in enumerate(found)}
        self._known: dict[tuple[int, Estimator], tuple[Floats, Floats]] = {}
        self._no_counts = np.zeros((len(path.assets), len(path.assets)), dtype=np.int64)

    def places(self, columns: NDArray[np.int64]) -> NDArray[np.intp]:
        """Return where the pairs of a basket's columns stand in `pair_columns`, in the order of its legs."""
        pairs = ((min(pair), max(pair)) for pair in combinations(columns.tolist(), 2))
        return np.array([self._place[pair] for pair in pairs], dtype=np.intp)

    def pair_columns(self, days: int, estimator: Estimator) -> tuple[Floats, Floats]:
        """Return the window and the now-estimate of every pair at every row [T, P]; NaN where undefined."""
        key = days, estimator
        if key not in self._known:
            lag, rows = effective_length(self._halflife), self.history(estimator)
            later = np.vstack((rows, np.full((lag, rows.shape[1]), np.nan)))  # a baseline lags: read it that much later
            found: PairHistory = pair_history(
                later,
                self._first,
                self._second,
                halflife_bars=self._halflife,
                base_slots=days * self._day_slots,
            )
            parts = (found.base[:, lag:], found.now[:, : len(rows)])
            window, now = (np.ascontiguousarray(part.T) for part in parts)
            self._known[key] = window, now
        return self._known[key]

    def window(self, days: int, estimator: Estimator) -> Matrix:
        """Return the correlation of the last `days` days; NaN below 2/3 of the slots or where flat (CONTRACT)."""
        key = ("window", days, estimator)
        if key not in self._cache:
            self._cache[key] = self._matrix(self.pair_columns(days, estimator)[0])
        return self._cache[key]

    def now(self, estimator: Estimator) -> Matrix:
        """Return the exponentially weighted correlation (CALIBRATION)."""
        key = ("now", 0, estimator)
        if key not in self._cache:
            made = [days for days, kind in self._known if kind is estimator]  # any of them has it
            self._cache[key] = self._matrix(self.pair_columns(made[0] if made else 30, estimator)[1])
        return self._cache[key]

    def _matrix(self, columns: Floats) -> Matrix:
        rho = np.full(self._no_counts.shape, np.nan)
        rho[self._first, self._second] = rho[self._second, self._first] = columns[self._row]
        np.fill_diagonal(rho, 1.0)
        return Matrix(rho=rho, counts=self._no_counts)
