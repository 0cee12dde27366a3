"""Owns the course of all baskets while a history is followed bar by bar: their drift at once, for the chart only.

The same definitions as `engine.signals.drift`, tested equal: one gather per matrix over the pairs of every basket
instead of one reading per basket. What a basket reads at last is read by its own track; nothing here judges.
"""

from collections.abc import Sequence

import numpy as np

from engine.core.baskets import BasketTrack, DriftSnapshot
from engine.quant.arrays import Flags, Floats
from engine.quant.correlation import fisher_difference


class PastCourse:
    """The pairs of all baskets as rows and columns of the matrices."""

    def __init__(self, tracks: Sequence[BasketTrack]) -> None:
        self._tracks = tuple(tracks)
        cells = [np.triu_indices(len(track.rows), 1) for track in self._tracks]
        both = list(zip(self._tracks, cells, strict=True))
        self._first = np.concatenate([track.rows[first] for track, (first, _) in both])
        self._second = np.concatenate([track.rows[second] for track, (_, second) in both])
        self._signs = np.concatenate([track.signs[first] * track.signs[second] for track, (first, second) in both])
        self._sizes = np.array([len(first) for first, _ in cells])
        self._begins = np.concatenate(([0], np.cumsum(self._sizes)[:-1]))
        self._names = [
            frozenset((track.basket.assets[i], track.basket.assets[j]))
            for track, (first, second) in both
            for i, j in zip(first, second, strict=True)
        ]

    def add(self, snapshot: DriftSnapshot) -> None:
        """Append one closed bar to the course of every basket."""
        signs = np.where(self._defined(snapshot.used), self._signs, np.nan)
        raw, win = (
            (matrices.base[self._first, self._second] * signs, matrices.now[self._first, self._second] * signs)
            for matrices in (snapshot.raw, snapshot.win)
        )
        shift_raw, shift_win = (self._means(fisher_difference(now, base)) for base, now in (raw, win))
        shift = np.where(shift_raw > np.abs(shift_win), shift_raw, shift_win)
        shift[np.isnan(shift_raw) | np.isnan(shift_win)] = np.nan
        base, now = raw if snapshot.shown is snapshot.raw else win
        means = zip(self._means(base).tolist(), self._means(now).tolist(), shift.tolist(), strict=True)
        pairs = now.tolist()
        for track, begin, size, (mean_base, mean_now, moved) in zip(
            self._tracks, self._begins.tolist(), self._sizes.tolist(), means, strict=True
        ):
            track.course.mean_base.append(mean_base)
            track.course.mean_now.append(mean_now)
            track.course.shift.append(moved)
            for at in range(begin, begin + size):
                track.course.pair_now[self._names[at]].append(pairs[at])

    def _defined(self, used: Flags) -> Flags:
        both: Flags = used[self._first] & used[self._second]
        return both

    def _means(self, values: Floats) -> Floats:
        """Return each basket's mean of its pairs' values [P]; NaN with fewer than half of them defined, or none."""
        present = ~np.isnan(values)
        counts = np.add.reduceat(present.astype(np.int64), self._begins)
        totals = np.add.reduceat(np.where(present, values, 0.0), self._begins)
        enough = (counts > 0) & (2 * counts >= self._sizes)
        means: Floats = np.where(enough, totals / np.maximum(counts, 1), np.nan)
        return means
