"""Owns what a basket should hold, in money per leg: sized by its rule, only reduced, or closed.

Floats in, floats out; quantities are made in `legs`. Never looks at prices, instruments or limits.
"""

from dataclasses import dataclass

import numpy as np

from engine.domain.basket import Basket
from engine.domain.config import SizingConfig
from engine.domain.units import Asset
from engine.quant.arrays import Flags, Floats
from engine.quant.sizing import Sizes, SizingMethod, cautious_rho, net_kept, net_target, size_basket

NEGLIGIBLE_CUT = 0.01  # of gross: what rounding to steps may leave of a cut
RHO_MAX = "max"  # `sizing.rho`: the larger of the 30-day and the now correlation


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Signed money per leg [N], in the order of the basket's legs; `base` is what factor 1 would hold.

    `kept` names legs whose correlation is undefined: they keep what they hold and nothing of the basket grows.
    """

    values: Floats
    base: Floats
    equal_risk_factor: float
    kept: tuple[Asset, ...]

    @property
    def factor(self) -> float:
        """Return the target's gross over the base's; NaN where the base is nothing."""
        base = float(np.abs(self.base).sum())
        return float(np.abs(self.values).sum()) / base if base > 0 else float("nan")


def sizing_rho(sizing: SizingConfig, window: Floats, now: Floats) -> Floats:
    """Return the rho_eff [N, N] that sizes read: `window` as configured, and the now-estimate where rho is "max"."""
    return cautious_rho(window, now) if sizing.rho == RHO_MAX else window


def base_values(basket: Basket, notional: float) -> Floats:
    """Return the signed money [N] that the basket holds at factor 1."""
    return notional * np.array([leg.side.sign * leg.weight for leg in basket.legs])


def sized_targets(
    basket: Basket,
    notional: float,
    sizing: SizingConfig,
    *,
    rho_eff: Floats,
    sigma: Floats,
    held: Floats,
    only_reduce: bool = False,
    figured: bool = True,
) -> Targets:
    """Return the targets of the basket's sizing rule.

    Shapes: rho_eff [N, N], sigma [N] annual, held [N] signed money held now, all in the order of the legs. With
    `only_reduce` no leg grows (VOL is on, or the proposal is a `reduce`), and a hedge keeps its net target all the
    same. A notional of nothing (a share of equity that is gone) wants nothing. NaN rule: `size_basket`'s; without
    `figured` the equal-risk factor, which decides nothing, is NaN too.
    """
    base = base_values(basket, notional)
    if not notional > 0:
        nothing = np.zeros(len(base))
        return Targets(values=nothing, base=nothing, equal_risk_factor=float("nan"), kept=())
    signs = np.array([float(leg.side.sign) for leg in basket.legs])
    sizes: Sizes = size_basket(
        base=np.abs(base) / notional,
        signs=signs,
        rho_eff=rho_eff,
        sigma=sigma,
        held=held * signs / notional,
        method=SizingMethod(sizing.method),
        renormalise=sizing.renormalise,
        net_tolerance=sizing.net_tolerance,
        figured=figured,
    )
    weights = sizes.weights
    if only_reduce:
        weights = _only_reduced(sizes, held * signs / notional, signs, net_target(np.abs(base), signs), sizing)
    return Targets(
        values=weights * signs * notional,
        base=base,
        equal_risk_factor=sizes.equal_risk_factor,
        kept=tuple([basket.assets[place] for place in np.flatnonzero(sizes.undefined)]),
    )


def closed_targets(basket: Basket, notional: float, held: Floats, fraction: float) -> Targets:
    """Return what is left when a fraction of every leg is closed. Raises ValueError for a fraction outside (0, 1]."""
    if not 0 < fraction <= 1:
        raise ValueError(f"a fraction of {fraction} cannot be closed: give a number above 0 and up to 1")
    return Targets(
        values=held * (1.0 - fraction),
        base=base_values(basket, notional),
        equal_risk_factor=float("nan"),
        kept=(),
    )


def distance(held: Floats, target: Floats) -> float:
    """Return sum |target - held| as a share of the gross held; of the target's where nothing is held; else 0.

    A `restore` is drafted from `restore_at` of this on (DESIGN 2).
    """
    gross = float(np.abs(held).sum()) or float(np.abs(target).sum())
    return float(np.abs(target - held).sum()) / gross if gross > 0 else 0.0


def excess(held: Floats, target: Floats) -> float:
    """Return how far the target's gross lies below what is held, as a share of it; negative where it lies above.

    A VOL ALERT drafts a `reduce` where this is more than 5 % (DESIGN 2).
    """
    gross = float(np.abs(held).sum())
    return (gross - float(np.abs(target).sum())) / gross if gross > 0 else 0.0


def _only_reduced(sizes: Sizes, held: Floats, signs: Floats, target: float, sizing: SizingConfig) -> Floats:
    """Clip sizes to what is held along the side; a leg held the wrong way goes to nothing; then keep the net.

    Where sizes cut next to nothing, a book inside its whole tolerance stays: rounding has left it where it is, and
    trimming it again and again to half of the tolerance would never end.
    """
    movable: Flags = ~sizes.undefined
    clipped = np.where(movable, np.minimum(np.maximum(sizes.weights, 0.0), np.maximum(held, 0.0)), sizes.weights)
    cut, gross = float(np.abs(held - clipped)[movable].sum()), float(np.abs(held).sum())
    small = cut <= NEGLIGIBLE_CUT * gross and abs(net_target(clipped, signs) - target) <= sizing.net_tolerance
    tolerance = sizing.net_tolerance if small else sizing.net_tolerance / 2
    return net_kept(clipped, signs, movable, target, tolerance)
