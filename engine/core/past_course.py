"""Owns the course of all baskets over a history loaded at once: their drift at each of its last bars, for charts.

The same definitions as `engine.signals.drift`, tested equal: the pairs of every basket in a few batches instead of one
reading per basket and bar. What a basket reads at last is read by its own track; nothing here judges.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.core.baskets import COURSE_BARS, BasketTrack
from engine.domain.config import Estimator, RulesConfig
from engine.domain.units import DAY_MS
from engine.quant.arrays import Flags, Floats
from engine.quant.correlation import fisher_difference
from engine.quant.ewma import MEMORY_BARS, effective_length
from engine.quant.pair_history import pair_history

PAIRS_AT_ONCE = 200  # some ten megabytes for each of the sums behind them
HALFLIVES = 60  # of rows before the first bar of the course: what is older weighs less than 1e-18

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Estimates:
    """Baseline and now of one estimator, unsigned, for each pair of assets once [U, T]."""

    base: Floats
    now: Floats


def fill_courses(
    tracks: Sequence[BasketTrack], returns: Mapping[Estimator, Floats], used: Flags, rules: RulesConfig
) -> None:
    """Add the last bars of `returns` [T, N] (as many as a course keeps) to the course of every basket.

    `used` [T, N] is who counts with each bar closed. NaN rule: a pair with an asset that does not count is undefined.
    """
    count = min(len(used), COURSE_BARS)
    if count == 0 or not tracks:
        return
    cells = [np.triu_indices(len(track.rows), 1) for track in tracks]
    ends = [(track.rows[first], track.rows[second]) for track, (first, second) in zip(tracks, cells, strict=True)]
    wanted = np.concatenate([np.sort(np.stack(both, axis=1), axis=1) for both in ends])
    pairs, place = np.unique(wanted, axis=0, return_inverse=True)
    kept = used[-count:].T
    counts = kept[pairs[:, 0]] & kept[pairs[:, 1]]
    found = {kind: _estimates(rows, pairs, counts, rules) for kind, rows in returns.items()}
    begin = 0
    for track, (first, second) in zip(tracks, cells, strict=True):
        at = place[begin : begin + len(first)]
        begin += len(first)
        _add(track, first, second, at, found, rules)


def _estimates(returns: Floats, pairs: Rows, counts: Flags, rules: RulesConfig) -> _Estimates:
    """Return the estimates at the last T bars of `returns`, NaN where `counts` [U, T] says no."""
    halflife, slots = rules.now_halflife_ms / rules.bar_ms, rules.baseline_days * (DAY_MS // rules.bar_ms)
    length = counts.shape[1]
    before = max(slots + effective_length(halflife), MEMORY_BARS, round(HALFLIVES * halflife))
    rows = returns[-(before + length) :]
    base, now = np.empty(counts.shape), np.empty(counts.shape)
    for start in range(0, len(pairs), PAIRS_AT_ONCE):
        part = slice(start, start + PAIRS_AT_ONCE)
        found = pair_history(rows, pairs[part, 0], pairs[part, 1], halflife_bars=halflife, base_slots=slots)
        base[part], now[part] = found.base[:, -length:], found.now[:, -length:]
    return _Estimates(base=np.where(counts, base, np.nan), now=np.where(counts, now, np.nan))


def _add(
    track: BasketTrack, first: Rows, second: Rows, at: Rows, found: Mapping[Estimator, _Estimates], rules: RulesConfig
) -> None:
    sides = (track.signs[first] * track.signs[second])[:, None]
    signed = {kind: (part.base[at] * sides, part.now[at] * sides) for kind, part in found.items()}
    raw, win = (
        _means(fisher_difference(now, base)) for base, now in (signed[Estimator.PEARSON], signed[Estimator.WINSORIZED])
    )
    shift = np.where(raw > np.abs(win), raw, win)
    shift[np.isnan(raw) | np.isnan(win)] = np.nan
    base, now = signed[rules.watch_estimator]
    course, assets = track.course, track.basket.assets
    course.mean_base.extend(_means(base).tolist())
    course.mean_now.extend(_means(now).tolist())
    course.shift.extend(shift.tolist())
    for i, j, values in zip(first, second, now, strict=True):
        line = course.pair_now[frozenset((assets[i], assets[j]))]
        line.extend(values[-(line.maxlen or len(values)) :].tolist())


def _means(values: Floats) -> Floats:
    """Return the mean of the P values of each bar [P, T] -> [T]; NaN with fewer than half of them defined, or none."""
    present = ~np.isnan(values)
    count = present.sum(axis=0)
    enough = (count > 0) & (2 * count >= len(values))
    total = np.where(present, values, 0.0).sum(axis=0)
    means: Floats = np.where(enough, total / np.maximum(count, 1), np.nan)
    return means
