"""Owns how far a book that is not traded drifts from its targets: seen a day ahead, in whole columns.

Only to see quickly that a way back is not worth drafting; close calls are the core's. Never trades and never decides.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engine.domain.units import BasketName
from engine.lab.paper_book import PaperBook
from engine.lab.price_path import PricePath
from engine.quant.arrays import Floats

_ROWS = 24  # seen ahead at once; a trade makes them worthless


class NearTargets:
    """The distance of every basket's book from its targets, as `rebalance.targets.distance` measures it."""

    def __init__(self, path: PricePath, book: PaperBook, sizes: Mapping[BasketName, Floats]) -> None:
        """Take what each leg should hold as a fraction of base notional [T, n]; a basket without is never known."""
        self._path, self._book = path, book
        self._sizes = np.full((len(path.closes), len(path.columns)), np.nan)
        for each in path.books:
            known = sizes.get(each.basket.name)
            if known is not None:
                whole = ~np.isnan(path.closes[:, each.columns]).any(axis=1)
                self._sizes[whole, each.places] = np.abs(known[whole])
        self._starts = np.array([each.places.start for each in path.books], dtype=np.intp)
        self._seen: list[list[float]] = []
        self._from, self._trades = -1, -1

    def away(self, row: int) -> list[float]:
        """Return the distance of each basket at the close of `row`; NaN where it is not known or nothing is held."""
        ahead = row - self._from
        if self._trades != self._book.trades or not 0 <= ahead < len(self._seen):
            self._look(row)
            ahead = 0
        return self._seen[ahead]

    def _look(self, row: int) -> None:
        path, rows = self._path, 1 if self._path.funding is not None else _ROWS  # funding moves equity on the way
        part = slice(row, min(row + rows, path.last + 1))
        values = np.where(self._book.quantities == 0.0, 0.0, self._book.quantities * path.marks[part, path.columns])
        total = values.sum(axis=1)
        equity = self._book.equity(row) + total - total[0]
        held, wanted = np.abs(values), self._sizes[part] * self._notionals(equity)
        gross = np.add.reduceat(held, self._starts, axis=1)
        moved = np.add.reduceat(np.abs(wanted - held), self._starts, axis=1)
        self._seen = np.divide(moved, gross, out=np.full_like(gross, np.nan), where=gross > 0).tolist()
        self._from, self._trades = row, self._book.trades

    def _notionals(self, equity: Floats) -> NDArray[np.float64]:
        books = self._path.books
        found = [
            np.full(len(equity), each.fixed) if each.basket.share is None else np.maximum(equity, 0) * each.basket.share
            for each in books
        ]
        result: Floats = np.array(found)[self._path.book_of_leg].T
        return result
