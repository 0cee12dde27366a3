"""Owns the count of liquidations that a venue would have made of a strategy's positions, at the configured leverage.

Counted beside the equity, not taken out of it: the curve shows what the weights earn, the count says how often the
margin behind them would not have lasted. Judged at the closes of bars; a wick inside a bar is not seen.
"""

from dataclasses import dataclass

import numpy as np

from engine.lab.paper_book import BookRun
from engine.lab.price_path import BasketLegs, PricePath
from engine.quant.arrays import Flags, Floats
from engine.quant.margin import ASSUMED_TIERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Liquidations:
    """How often: single positions with isolated margin, the whole account with cross margin."""

    isolated: int
    cross: int


def liquidations(path: PricePath, run: BookRun) -> Liquidations:
    """Return how often margins would have been gone.

    Isolated: the margin of a leg is its base notional / leverage, as the engine sets it (it stays while the notional
    is cut), plus its open profit from the average entry; gone where that is at most 1 % of the position's value.
    Cross: the account's equity is at most 1 % of gross. Each time it becomes true counts once.
    """
    prices = path.marks[path.start : path.last + 1][:, path.columns]
    values = np.where(run.quantities == 0.0, 0.0, run.quantities * prices)
    rate = ASSUMED_TIERS[0].rate
    margin = np.concatenate(
        [np.outer(_notional(book, run.equity), book.base) / book.basket.leverage for book in path.books], axis=1
    )
    profit = values - run.quantities * entries(run.quantities, prices)
    held = run.quantities != 0.0
    alone: Flags = held & (margin + np.where(held, profit, 0.0) <= rate * np.abs(values))
    gross = np.abs(values).sum(axis=1)
    together: Flags = (gross > 0) & (run.equity <= rate * gross)
    return Liquidations(isolated=_onsets(alone), cross=_onsets(together[:, None]))


def entries(quantities: Floats, prices: Floats) -> Floats:
    """Return the average entry price of each leg [T, L] after each row's fill; 0 while nothing is held.

    What is added is averaged in, what is reduced leaves the average as it is, a position through zero begins anew.
    """
    found = np.zeros_like(quantities)
    changed = np.flatnonzero((np.diff(quantities, axis=0) != 0.0).any(axis=1)) + 1
    entry, held = np.zeros(quantities.shape[1]), np.zeros(quantities.shape[1])
    for number, row in enumerate(changed):
        now, price = quantities[row], prices[row]
        same = held * now > 0
        added = same & (np.abs(now) > np.abs(held))
        with np.errstate(divide="ignore", invalid="ignore"):
            averaged = (held * entry + (now - held) * price) / now
        entry = np.where(now == 0.0, 0.0, np.where(added, averaged, np.where(same, entry, price)))
        held = now
        end = changed[number + 1] if number + 1 < len(changed) else len(quantities)
        found[row:end] = entry
    return found


def _notional(book: BasketLegs, equity: Floats) -> Floats:
    """Return the base notional at each row [T]: a share follows the equity."""
    return np.array([book.notional(each) for each in equity])


def _onsets(flags: Flags) -> int:
    """Return how often a column of `flags` [T, K] becomes true."""
    before = np.vstack((np.zeros((1, flags.shape[1]), dtype=np.bool_), flags[:-1]))
    return int(np.count_nonzero(flags & ~before))
