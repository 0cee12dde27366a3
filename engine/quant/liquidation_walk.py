"""Owns which legs a venue liquidates on the way along a path of prices, and what is lost by its end.

Isolated, each leg stands on its own margin; cross, all legs stand on one balance, and each leg that is taken leaves
less for the others. Entries are at the first row of the path. Never makes a path; results go to the stress lab.
"""

from dataclasses import dataclass

import numpy as np

from engine.quant.arrays import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A leg that the venue liquidated, and the row of the path at which."""

    leg: int
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """The liquidations in their order, and the loss at the end of the path in money; a gain is negative."""

    taken: tuple[Taken, ...]
    loss: float


def isolated_walk(values: Floats, margins: Floats, path: Floats, rate: float) -> Walk:
    """Return what happens to legs that each stand on their own margin.

    Shapes: values [N] signed money at a price of 1, margins [N] money, path [T, N] prices over those of entry, `rate`
    the maintenance margin as a fraction of value. A leg is taken at the first row where margin + profit <= rate * value
    and loses its margin. Errors: ValueError where the path is undefined. Source: `margin.position_is_gone`.

    >>> isolated_walk(np.array([100.0]), np.array([10.0]), np.array([[1.0], [0.9]]), 0.01)
    Walk(taken=(Taken(leg=0, row=1),), loss=10.0)
    """
    _check(path)
    profit = values * (path - 1.0)
    gone = (values != 0) & (margins + profit <= rate * np.abs(values) * path)
    hit = gone.any(axis=0)
    rows = gone.argmax(axis=0)
    order = sorted(np.flatnonzero(hit).tolist(), key=lambda leg: (int(rows[leg]), float(profit[rows[leg], leg])))
    return Walk(
        taken=tuple(Taken(leg=leg, row=int(rows[leg])) for leg in order),
        loss=float(np.where(hit, margins, -profit[-1]).sum()),
    )


def cross_walk(values: Floats, balance: float, path: Floats, rate: float) -> Walk:
    """Return what happens to legs that share one balance.

    Shapes and errors as `isolated_walk`. Where balance + open profit <= the sum of maintenance margins, the leg with
    the largest open loss is taken: its loss and its maintenance margin leave the balance, and the rest is judged again
    at the same prices. The order of taking is this model's; a venue may choose another. No more than the balance is
    lost. Source: `margin.account_is_gone`.

    >>> cross_walk(np.array([100.0]), 10.0, np.array([[1.0], [0.9]]), 0.01).loss
    10.0
    """
    _check(path)
    held = values != 0
    left, taken = balance, []
    for row, prices in enumerate(path):
        profit, needed = values * (prices - 1.0), rate * np.abs(values) * prices
        while held.any() and left + float(profit[held].sum()) <= float(needed[held].sum()):
            leg = int(np.where(held, profit, np.inf).argmin())
            left += float(profit[leg] - needed[leg])
            held[leg] = False
            taken.append(Taken(leg=leg, row=row))
    end = left + float((values * (path[-1] - 1.0))[held].sum())
    return Walk(taken=tuple(taken), loss=min(balance - end, balance))


def _check(path: Floats) -> None:
    if not len(path) or np.isnan(path).any():
        raise ValueError("a path needs a price of every leg at every row: leave out the rows that lack one")
