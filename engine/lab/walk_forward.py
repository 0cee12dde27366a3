"""Owns what a sweep means: would the best row of the past have been a good row of the time after it?

Train and test periods follow each other through time; rows are compared at equal exposure. It never names a winner: it
says how much a winner would have been worth. The command prints it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.lab.sweep import RowResult, Sweep
from engine.quant.overfitting import overfitting_probability, rank_stability, ratios


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitResult:
    """One train and test period, in days from the start: rank stability, and where the best in training came in."""

    train: tuple[int, int]
    test: tuple[int, int]
    stability: float
    best_later: float  # share of rows that were worse in the test than the best in training; NaN where undefined


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkForward:
    """The verdict over all rows and splits; NaN where there was too little."""

    rows: int
    splits: tuple[SplitResult, ...]
    stability: float
    overfitting: float
    better: float  # share of rows whose test days beat the book of the same exposure
    words: tuple[str, ...]


def walk_forward(sweep: Sweep, results: Sequence[RowResult]) -> WalkForward:
    """Return the verdict on a sweep."""
    days = np.array([result.excess for result in results]).T  # [T, R]
    splits = _splits(days, sweep.train_days, sweep.test_days)
    tested = [days[split.test[0] : split.test[1]] for split in splits]
    stability = _mean([split.stability for split in splits])
    overfitting = overfitting_probability(days)
    better = float(np.mean(np.concatenate(tested).mean(axis=0) > 0)) if tested else float("nan")
    words = _words(len(results), splits, stability, overfitting, better)
    return WalkForward(
        rows=len(results), splits=splits, stability=stability, overfitting=overfitting, better=better, words=words
    )


def _splits(days: np.ndarray[tuple[int, ...], np.dtype[np.float64]], train: int, test: int) -> tuple[SplitResult, ...]:
    found = []
    for begin in range(0, len(days) - train - test + 1, test):
        middle, end = begin + train, begin + train + test
        before, after = ratios(days[begin:middle]), ratios(days[middle:end])
        both = ~np.isnan(before) & ~np.isnan(after)
        later = float("nan")
        if np.count_nonzero(both) > 1:
            best = after[both][int(np.argmax(before[both]))]
            later = float(np.count_nonzero(after[both] < best)) / (np.count_nonzero(both) - 1)
        found.append(
            SplitResult(
                train=(begin, middle), test=(middle, end), stability=rank_stability(before, after), best_later=later
            )
        )
    return tuple(found)


def _words(
    rows: int, splits: tuple[SplitResult, ...], stability: float, overfitting: float, better: float
) -> tuple[str, ...]:
    said = [
        f"{rows} rows, {len(splits)} train and test periods, every row against a constant book of its own exposure."
    ]
    if not splits:
        return (*said, "The span is shorter than one train and test period: nothing can be said.")
    said.append(f"{better:.0%} of the rows beat that book in the test periods.")
    if not np.isnan(stability):
        said.append(
            f"Ranks of training and test agree with {stability:+.2f} (1 is the same order, 0 is none); the best row of "
            f"a training period then beat {_mean([split.best_later for split in splits]):.0%} of the others."
        )
    if not np.isnan(overfitting):
        said.append(
            f"Probability of overfitting: {overfitting:.0%}: how often the best half-time row is below the median."
        )
    if not stability > 0.3 or not overfitting < 0.2:
        said.append("Warning: choosing the best row of this table would be choosing luck. Keep the defaults.")
    return tuple(said)


def _mean(values: Sequence[float]) -> float:
    found = [value for value in values if not np.isnan(value)]
    return float(np.mean(found)) if found else float("nan")
