"""Owns how the strategy behaved in each large fall: how late its cut came, and what it saved against doing nothing.

The fall is of the baskets' own base weights. Reads a finished backtest, hindsight included; never trades.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from engine.domain.units import Ms
from engine.lab.backtest import DRIFTDECK, Backtest
from engine.lab.price_path import PricePath
from engine.lab.strategies import base_weights
from engine.quant.arrays import Floats

FALL, WEEK = 0.15, 168
LEAST_CUT = 0.05  # of what was held at the top: less is no cut


@dataclass(frozen=True, slots=True, kw_only=True)
class CrashEpisode:
    """One fall from `top` to `bottom`; NaN where the strategy held nothing or cut nothing.

    `cut` is the share of what was held at the top that was sold on the way; `fall_done` is the share of the fall (in
    logs) that lay behind when half of the cut was made; `saved` is the strategy's equity at the bottom minus that of
    its book frozen at the top, as a share of equity at the top.
    """

    top: Ms
    bottom: Ms
    fall: float
    cut: float
    fall_done: float
    saved: float


def crash_episodes(found: Backtest) -> tuple[CrashEpisode, ...]:
    """Return the falls of 15 % from a high of the last seven days, each followed to its lowest close of a week."""
    path, level = found.path, base_index(found.path)
    highest = sliding_window_view(np.append(np.full(WEEK, -np.inf), level), WEEK + 1).max(axis=1)
    episodes, reached = [], 1
    for row in np.flatnonzero(level - highest <= np.log(1 - FALL)).tolist():
        if row < reached:
            continue
        begin = max(row - WEEK, 0)
        top = begin + int(level[begin : row + 1].argmax())
        bottom = row + int(level[row : row + WEEK + 1].argmin())
        episodes.append(_episode(found, path, level, top, bottom))
        reached = bottom + WEEK
    return tuple(episodes)


def base_index(path: PricePath) -> Floats:
    """Return the log level [bars + 1] of all baskets' base weights, kept constant: the market that is traded.

    An asset counts from its first price on, and does not move where a bar is missing.
    """
    marks = path.leg_marks[path.start : path.last + 1]
    moves = np.nan_to_num(marks[1:] / marks[:-1] - 1.0)
    notional = np.concatenate([np.full(len(book.base), float(book.basket.notional)) for book in path.books])
    weights = base_weights(path) * notional
    steps = moves @ (weights / np.abs(weights).sum())
    level: Floats = np.concatenate(([0.0], np.cumsum(np.log1p(np.maximum(steps, -0.99)))))
    return level


def _episode(found: Backtest, path: PricePath, level: Floats, top: int, bottom: int) -> CrashEpisode:
    run = found.runs[DRIFTDECK]
    marks = path.leg_marks[path.start : path.last + 1]
    held = run.quantities[top : bottom + 1]
    values = np.where(held == 0.0, 0.0, np.abs(held) * marks[top]).sum(axis=1)
    before, cut = float(values[0]), float("nan")
    done = saved = float("nan")
    if before > 0:
        cut = float(1.0 - values.min() / before)
        frozen = float(run.equity[top]) + float(
            np.where(held[0] == 0.0, 0.0, held[0] * (marks[bottom] - marks[top])).sum()
        )
        saved = (float(run.equity[bottom]) - frozen) / float(run.equity[top])
        if cut >= LEAST_CUT:
            half = top + int(np.argmax(values <= before * (1.0 - cut / 2)))
            done = float((level[top] - level[half]) / (level[top] - level[bottom]))
    return CrashEpisode(
        top=path.closed(path.start + top),
        bottom=path.closed(path.start + bottom),
        fall=float(1.0 - np.exp(level[bottom] - level[top])),
        cut=cut,
        fall_done=done,
        saved=saved,
    )
