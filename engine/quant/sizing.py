"""Owns how large the legs of a basket may be: size_i = base_i * clip(1 - mean_j rho_eff(i,j), 0, 1), and its rivals.

Magnitudes and signs stay apart: a weight here is a positive fraction of the basket's base notional, the sign is the
side's. Nothing is estimated here and nothing is rounded. Sizes go to the rebalance room, which makes quantities.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from engine.quant.arrays import Flags, Floats
from engine.quant.hierarchy import hrp_weights
from engine.quant.psd import blend_to_psd


class SizingMethod(StrEnum):
    """How base weights become sizes (CONTRACT, `[sizing]`)."""

    ONE_MINUS_RHO = "one_minus_rho"
    EQUAL_RISK = "equal_risk"
    INVERSE_VOL = "inverse_vol"
    HRP = "hrp"
    EQUAL = "equal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """What a basket should hold: `weights` [N] positive fractions of base notional, in the order of the legs.

    `undefined` [N] marks legs that keep what they hold; any of them blocks increases.
    """

    weights: Floats
    equal_risk_factor: float
    undefined: Flags


def cautious_rho(window: Floats, now: Floats) -> Floats:
    """Return max(window, now), cell by cell, of two rho_eff [N, N]: cuts at once, restores slowly.

    NaN where either is NaN: what is not known now may not be taken for calm. Source: DESIGN 2, "size".

    >>> cautious_rho(np.array([[1.0, 0.7], [0.7, 1.0]]), np.array([[1.0, 0.9], [0.9, 1.0]]))[0, 1].item()
    0.9
    """
    result: Floats = np.maximum(window, now)
    return result


def one_minus_rho(rho_eff: Floats) -> Floats:
    """Return clip(1 - mean over the other legs of rho_eff, 0, 1) for each leg [N].

    NaN rule: the mean is over the defined pairs of a leg; with fewer than half of them defined the leg is NaN. One
    leg alone has nothing to correlate with: 1. Source: DESIGN 2, "size".

    >>> one_minus_rho(np.array([[1.0, 0.8], [0.8, 1.0]])).round(12).tolist()
    [0.2, 0.2]
    """
    size = len(rho_eff)
    if size == 1:
        return np.ones(1)
    known = ~np.isnan(rho_eff)
    known.flat[:: size + 1] = False
    count = known.sum(axis=1)
    total = np.where(known, rho_eff, 0.0).sum(axis=1)
    enough = (count > 0) & (2 * count >= size - 1)
    means = total / np.where(enough, count, np.nan)
    result: Floats = np.minimum(np.maximum(1.0 - means, 0.0), 1.0)
    return result


def equal_risk_factor(weights: Floats, sigma: Floats, rho_eff: Floats) -> float:
    """Return the factor, at most 1, that gives a basket the volatility its legs would have if they were independent.

    It is 1 / hidden leverage: for n equal legs 1 / sqrt(1 + (n - 1) rho). Shapes: weights [N] positive, sigma [N],
    rho_eff [N, N]. NaN rule: one NaN among legs that are held makes it NaN; a basket of nothing is NaN too.

    >>> round(equal_risk_factor(np.ones(4), np.ones(4), np.full((4, 4), 0.5) + np.eye(4) / 2), 12)
    0.632455532034
    """
    held = weights > 0
    exposure, rho = weights[held] * sigma[held], rho_eff[np.ix_(held, held)]
    if not held.any() or np.isnan(exposure).any() or np.isnan(rho).any():
        return float("nan")
    variance = float(exposure @ blend_to_psd(rho) @ exposure)
    alone = float(exposure @ exposure)
    return min(1.0, (alone / variance) ** 0.5) if variance > 0 else 1.0


def size_basket(
    *,
    base: Floats,
    signs: Floats,
    rho_eff: Floats,
    sigma: Floats,
    held: Floats,
    method: SizingMethod,
    renormalise: bool = False,
    net_tolerance: float = 0.05,
    figured: bool = True,
) -> Sizes:
    """Return the sizes of one basket.

    Shapes: base [N] positive fractions of notional, signs [N] of +1 and -1, rho_eff [N, N], sigma [N] annual, held [N]
    what is held now along each leg's side, as a fraction of base notional (negative where it is held the other way).
    NaN rule: a leg whose correlation (or volatility, where the method needs it) is undefined keeps `held`, and no leg
    of the basket grows beyond `held`; so does a leg that is held at an unknown price: its weight is NaN. Renormalised
    sizes have the base's gross. A hedged basket (both signs) keeps its net target: the heavier side is scaled down
    until net / gross is within half the tolerance of the base's own ratio, the other half being left to rounding and
    to the market.
    Without `figured` the equal-risk factor, which needs an eigenvalue problem and decides nothing, is NaN.
    Errors: ValueError for shapes that differ.
    Source: CONTRACT "Config", DESIGN 2, issue 5.
    """
    if not len(base) == len(signs) == len(sigma) == len(held) == len(rho_eff):
        raise ValueError("base, signs, sigma, held and rho_eff must be of the same legs")
    apart = one_minus_rho(rho_eff)
    sizes = _method_sizes(method, base, rho_eff, sigma, apart)
    undefined: Flags = np.isnan(sizes) | np.isnan(apart) | np.isnan(held)
    weights = np.where(undefined, held, sizes)
    if renormalise:
        weights = _scaled_to(weights, ~undefined, float(base.sum()))
    if undefined.any():
        weights = np.where(undefined, held, np.minimum(weights, np.maximum(held, 0.0)))
    if not one_sided(signs):
        weights = net_kept(weights, signs, ~undefined, net_target(base, signs), net_tolerance / 2)
    return Sizes(
        weights=weights,
        equal_risk_factor=equal_risk_factor(base, sigma, rho_eff) if figured else float("nan"),
        undefined=undefined,
    )


def one_sided(signs: Floats) -> bool:
    """Return True where all legs are long or all are short: there is no net to keep."""
    return bool((signs == signs[0]).all())


def net_target(weights: Floats, signs: Floats) -> float:
    """Return net / gross of positive weights [N] with signs [N]; NaN for nothing.

    >>> net_target(np.array([0.3, 0.2]), np.array([1.0, -1.0])).__round__(12)
    0.2
    """
    gross = float(weights.sum())
    return float((weights * signs).sum()) / gross if gross > 0 else float("nan")


def net_kept(weights: Floats, signs: Floats, movable: Flags, target: float, tolerance: float) -> Floats:
    """Return weights [N] whose heavier side is scaled down until net / gross is at most `tolerance` from `target`.

    Only legs that are `movable` [N] are scaled, none is ever enlarged, and a basket of one side stays as it is.
    """
    if one_sided(signs):
        return weights
    ratio = net_target(weights, signs)
    if not abs(ratio - target) > tolerance:
        return weights
    heavy = 1.0 if ratio > target else -1.0
    wanted = (target + heavy * tolerance) * heavy  # net / gross as seen from the heavier side
    mine: Flags = (signs == heavy) & movable
    fixed = float(weights[(signs == heavy) & ~movable].sum())
    other = float(weights[signs != heavy].sum())
    allowed = other * (1 + wanted) / (1 - wanted) if wanted < 1 else float("inf")
    now = float(weights[mine].sum())
    if now <= 0:
        return weights
    result: Floats = np.where(mine, weights * min(1.0, max(allowed - fixed, 0.0) / now), weights)
    return result


def _method_sizes(method: SizingMethod, base: Floats, rho_eff: Floats, sigma: Floats, apart: Floats) -> Floats:
    """Return the sizes [N] of a method; `apart` [N] is `one_minus_rho` of the same correlations."""
    total = float(base.sum())
    match method:
        case SizingMethod.ONE_MINUS_RHO:
            return base * apart
        case SizingMethod.EQUAL_RISK:
            known = ~np.isnan(apart) & ~np.isnan(sigma)
            kept = np.where(known, base, 0.0)
            filled = _pairs_filled(rho_eff, known)
            return np.where(known, base * equal_risk_factor(kept, sigma, filled), np.nan)
        case SizingMethod.INVERSE_VOL:
            with np.errstate(divide="ignore"):
                raw = np.where(sigma > 0, base / sigma, np.nan)
            return _scaled_to(raw, ~np.isnan(raw), total)
        case SizingMethod.HRP:
            known = ~np.isnan(apart) & ~np.isnan(sigma) & (sigma > 0)
            result = np.full_like(base, np.nan)
            if known.any():
                filled = _pairs_filled(rho_eff, known)[np.ix_(known, known)]
                result[known] = total * hrp_weights(filled, sigma[known])
            return result
        case SizingMethod.EQUAL:
            return np.full_like(base, total / len(base))


def _pairs_filled(rho: Floats, known: Flags) -> Floats:
    """Return rho with a pair that is undefined between known legs set to 1: the cautious guess; 1 on the diagonal."""
    filled = rho.copy()
    filled[np.ix_(known, known)] = np.where(np.isnan(rho), 1.0, rho)[np.ix_(known, known)]
    np.fill_diagonal(filled, 1.0)
    return filled


def _scaled_to(weights: Floats, movable: Flags, total: float) -> Floats:
    """Scale the movable weights so that all together reach `total`; nothing to scale stays nothing."""
    mine = float(weights[movable].sum())
    fixed = float(np.abs(weights[~movable & ~np.isnan(weights)]).sum())
    if mine <= 0:
        return weights
    result: Floats = np.where(movable, weights * (max(total - fixed, 0.0) / mine), weights)
    return result
