"""Owns the correlations of the pairs that share a basket, at every row of a price table, made once in whole columns.

A backtest by rules asks at thousands of rows for a few pairs: as columns they cost what one matrix costs. The same
definitions and the same numbers as `table_correlation`, which it extends and is tested against. Never judges.
"""

import numpy as np

from engine.domain.config import Estimator
from engine.lab.basket_pairs import BasketPairs
from engine.lab.price_path import PricePath
from engine.lab.signal_table import SignalTable
from engine.lab.table_correlation import TableCorrelation
from engine.market.correlation_state import Matrix
from engine.quant.arrays import Floats


class BatchCorrelation(TableCorrelation):
    """`window` and `now` hold the pairs within baskets and NaN for all others; counts are left at 0: nobody asks."""

    def __init__(self, path: PricePath, known: SignalTable | None = None) -> None:
        """Take returns and pairs from a table that begins with the path, where there is one: they are the same."""
        super().__init__(path, known)
        if known is not None and self.begins_with(known, path):
            self.pairs = known.pairs
        else:
            groups = (book.columns.tolist() for book in path.books)
            self.pairs = BasketPairs(self._rows, groups, path.config.rules)
        count = len(path.assets)
        self._blank = np.where(np.eye(count, dtype=np.bool_), 1.0, np.nan)
        self._above = self.pairs.first * count + self.pairs.second
        self._below = self.pairs.second * count + self.pairs.first
        self._no_counts = np.zeros((count, count), dtype=np.int64)

    def window(self, days: int, estimator: Estimator) -> Matrix:
        """Return the correlation of the last `days` days; NaN below 2/3 of the slots or where flat (CONTRACT)."""
        key = ("window", days, estimator)
        if key not in self._cache:
            self._cache[key] = self._matrix(self.pairs.history(estimator, days).window)
        return self._cache[key]

    def now(self, estimator: Estimator) -> Matrix:
        """Return the exponentially weighted correlation (CALIBRATION)."""
        key = ("now", 0, estimator)
        if key not in self._cache:
            self._cache[key] = self._matrix(self.pairs.now(estimator))
        return self._cache[key]

    def _matrix(self, columns: Floats) -> Matrix:
        rho, row = self._blank.copy(), columns[:, self._row]
        rho.flat[self._above] = row
        rho.flat[self._below] = row
        return Matrix(rho=rho, counts=self._no_counts)
