"""Owns the ASSET signal: how far one asset's pairs moved beyond those of its basket.

Pure numbers; the confirmed rule of `alert` judges them. Never looks at prices: what a single jump does to a price is
the residual return that the evidence shows beside it.
"""

import numpy as np

from engine.domain.alerts import Direction
from engine.domain.units import Asset, BasketName
from engine.quant.arrays import Floats
from engine.quant.correlation import fisher_difference, mean_if_half, pairs_of
from engine.signals.drift import DriftMatrices, Member, rho_eff


def asset_excess(members: tuple[Member, ...], win: DriftMatrices) -> tuple[float, ...]:
    """Return, per leg, the mean dz(w) of its pairs minus the basket's mean dz(w), signed by side.

    NaN rule: NaN where fewer than half of the leg's pairs, or of the basket's, are defined. Source: CALIBRATION,
    "ASSET".
    """
    moved = fisher_difference(rho_eff(win.now, members), rho_eff(win.base, members))
    return excess_of(moved)


def excess_of(moved: Floats) -> tuple[float, ...]:
    """Return the excess per row of a basket's Fisher differences [n, n]; the diagonal is not read.

    >>> moved = np.array([[0.0, 0.4, 0.1], [0.4, 0.0, 0.1], [0.1, 0.1, 0.0]])
    >>> [round(value, 6) for value in excess_of(moved)]
    [0.05, 0.05, -0.1]
    """
    whole = mean_if_half(pairs_of(moved))
    return tuple(mean_if_half(np.delete(row, k)) - whole for k, row in enumerate(moved))


def asset_words(asset: Asset, basket: BasketName, direction: Direction) -> str:
    """Return the signal as a sentence."""
    return f"{asset} leaves {basket}" if direction is Direction.DOWN else f"{asset} closes in on {basket}"
