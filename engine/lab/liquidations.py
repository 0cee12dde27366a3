"""Owns the count of liquidations that a venue would have made of a strategy's positions, at the configured leverage.

Counted beside the equity, not taken out of it: the curve shows what the weights earn, the count says how often the
margin behind them would not have lasted. Judged at the closes of bars; a wick inside a bar is not seen.
"""

from dataclasses import dataclass

import numpy as np

from engine.lab.paper_book import BookRun
from engine.lab.price_path import PricePath
from engine.quant.arrays import Flags, Floats
from engine.quant.margin import ASSUMED_TIERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Liquidations:
    """How often: single positions with isolated margin, the whole account with cross margin."""

    isolated: int
    cross: int


def liquidations(path: PricePath, run: BookRun) -> Liquidations:
    """Return how often margins would have been gone.

    Isolated: the margin of a leg is its configured base notional / leverage, as the engine sets it (it stays while the
    notional is cut), topped up at each of its trades, plus the profit since; gone where that is at most 1 % of
    its value.
    Cross: the account's equity is at most 1 % of gross. Each time it becomes true counts once.
    """
    prices = path.leg_marks[path.start : path.last + 1]
    values = np.where(run.quantities == 0.0, 0.0, run.quantities * prices)
    rate = ASSUMED_TIERS[0].rate
    margin = np.concatenate(
        [float(book.basket.notional) * book.base / book.basket.leverage for book in path.books]
    )  # as `core.trading.planned_margins`, leg by leg
    profit = values - run.quantities * traded_at(run.quantities, prices)
    held = run.quantities != 0.0
    alone: Flags = held & (margin + np.where(held, profit, 0.0) <= rate * np.abs(values))
    gross = np.abs(values).sum(axis=1)
    together: Flags = (gross > 0) & (run.equity <= rate * gross)
    return Liquidations(isolated=_onsets(alone), cross=_onsets(together[:, None]))


def traded_at(quantities: Floats, prices: Floats) -> Floats:
    """Return the price of each leg's latest trade at each row [T, L]; 0 before its first."""
    before = np.vstack((np.zeros((1, quantities.shape[1])), quantities[:-1]))
    changed = quantities != before
    places = np.flatnonzero(changed.any(axis=1))  # what follows is asked at few rows, and stands until the next
    latest = np.maximum.accumulate(np.where(changed[places], np.arange(len(places))[:, None], -1), axis=0)
    known = np.take_along_axis(prices[places], np.maximum(latest, 0), axis=0)
    found = np.vstack((np.zeros((1, quantities.shape[1])), np.where(latest >= 0, known, 0.0)))
    result: Floats = np.repeat(found, np.diff(places, prepend=0, append=len(quantities)), axis=0)
    return result


def _onsets(flags: Flags) -> int:
    """Return how often a column of `flags` [T, K] becomes true."""
    before = np.vstack((np.zeros((1, flags.shape[1]), dtype=np.bool_), flags[:-1]))
    return int(np.count_nonzero(flags & ~before))
