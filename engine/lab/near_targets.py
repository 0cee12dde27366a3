"""Owns how far a book that is not traded drifts from its targets: seen a day ahead, in whole columns.

Only to see quickly that a proposal is not worth drafting; close calls are the core's. Never trades and never decides.
"""

from collections.abc import Mapping

import numpy as np

from engine.domain.units import BasketName
from engine.lab.paper_book import PaperBook
from engine.lab.price_path import PricePath
from engine.quant.arrays import Floats

CLOSE = 1e-6  # how near a limit the batch sizes do not decide
_ROWS = 24  # seen ahead at once; a trade makes them worthless


class NearTargets:
    """Every basket's book against its targets: the distance of all legs, and how far those that are too large lie over.

    Shares of what is held, per basket at the close of a row; NaN where a size or a bar is missing or nothing is held.
    """

    def __init__(self, path: PricePath, book: PaperBook, sizes: Mapping[BasketName, Floats]) -> None:
        """Take what each leg should hold as a fraction of base notional [T, n]; a basket without is never known."""
        self._path, self._book = path, book
        self._sizes = np.full(path.leg_closes.shape, np.nan)
        for each in path.books:
            known = sizes.get(each.basket.name)
            if known is not None:
                whole = ~np.isnan(path.leg_closes[:, each.places]).any(axis=1)
                self._sizes[whole, each.places] = np.abs(known[whole])
        self._starts = np.array([each.places.start for each in path.books], dtype=np.intp)
        self._held = self._wanted = self._gross = np.empty((0, 0))
        self._away: list[list[float]] = []
        self._over: list[list[float]] = []
        self._from, self._trades = -1, -1

    def away(self, row: int) -> list[float]:
        """Return the distance of each basket at the close of `row`, as `rebalance.targets.distance` measures it."""
        ahead = self._ahead(row)
        if not self._away:
            self._away = self._shares(np.abs(self._wanted - self._held))
        return self._away[ahead]

    def over(self, row: int) -> list[float]:
        """Return by how much the legs of each basket that are too large lie over their targets, nearly `excess`.

        Every leg is seen a millionth larger than it is, so that 0 is surely nothing.
        """
        ahead = self._ahead(row)
        if not self._over:
            self._over = self._shares(np.maximum(self._held * (1 + CLOSE) - self._wanted, 0.0))
        return self._over[ahead]

    def _ahead(self, row: int) -> int:
        """Return how far `row` lies ahead of where was looked from; look from it where it is not seen."""
        ahead = row - self._from
        if self._trades == self._book.trades and 0 <= ahead < len(self._held):
            return ahead
        path, rows = self._path, 1 if self._path.funding is not None else _ROWS  # funding moves equity on the way
        part = slice(row, min(row + rows, path.last + 1))
        values = np.where(self._book.quantities == 0.0, 0.0, self._book.quantities * path.leg_marks[part])
        total = values.sum(axis=1)
        equity = self._book.equity(row) + total - total[0]
        self._held = np.abs(values)
        self._wanted = self._sizes[part] * path.notionals(equity[:, None])
        self._gross = np.add.reduceat(self._held, self._starts, axis=1)
        self._gross[self._gross == 0.0] = np.nan
        self._away, self._over = [], []
        self._from, self._trades = row, self._book.trades
        return 0

    def _shares(self, sizes: Floats) -> list[list[float]]:
        """Return these of all legs [rows, L] as shares of what each basket holds."""
        found: list[list[float]] = (np.add.reduceat(sizes, self._starts, axis=1) / self._gross).tolist()
        return found
