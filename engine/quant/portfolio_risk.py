"""Owns CONTRACT's risk figures of a book, and the correlation matrices of its stress scenarios.

Pure arithmetic on signed weights, volatilities and one correlation matrix; money stays with the caller but for the
equity base. Never estimates anything. Results go to the views and, later, to proposals and the stress lab.
"""

import math
from dataclasses import dataclass

import numpy as np

from engine.quant.arrays import Floats
from engine.quant.psd import blend_to_psd

ES95_GAUSS = 2.0627  # expected shortfall at 95 % of a standard normal
STRESS_SIGMA = 1.5
_NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskFigures:
    """The figures of one book; NaN where undefined. `es95_1d` is in the money of the equity base."""

    vol_ann: float
    hidden_leverage: float
    effective_bets: float
    es95_1d: float


UNDEFINED = RiskFigures(vol_ann=_NAN, hidden_leverage=_NAN, effective_bets=_NAN, es95_1d=_NAN)
EMPTY = RiskFigures(vol_ann=0.0, hidden_leverage=_NAN, effective_bets=_NAN, es95_1d=0.0)


def risk_figures(weights: Floats, sigma: Floats, rho: Floats, equity_base: float) -> RiskFigures:
    """Return vol_ann, hidden_leverage, effective_bets and es95_1d of a book.

    Shapes: weights [N] signed notional / equity base, sigma [N] annual, rho [N, N] unsigned, equity_base money.
    NaN rule: positions of weight 0 are left out; one NaN in what remains makes every figure NaN. A book without
    positions has volatility 0 and no leverage. A broken `rho` is blended to PSD. Source: CONTRACT, "Risk figures".

    >>> both = np.array([[1.0, 0.5], [0.5, 1.0]])
    >>> round(risk_figures(np.array([0.5, 0.5]), np.array([0.6, 0.6]), both, 1000.0).hidden_leverage, 4)
    1.2247
    """
    held = weights != 0
    if not held.any():
        return EMPTY
    w, s, r = weights[held], sigma[held], rho[np.ix_(held, held)]
    if np.isnan(w).any() or np.isnan(s).any() or np.isnan(r).any():
        return UNDEFINED
    exposure = w * s
    variance = float(exposure @ blend_to_psd(r) @ exposure)
    vol = math.sqrt(max(variance, 0.0))
    alone = math.sqrt(float(exposure @ exposure))
    gross_risk = float(np.abs(exposure).sum())
    return RiskFigures(
        vol_ann=vol,
        hidden_leverage=vol / alone if alone > 0 else _NAN,
        effective_bets=gross_risk**2 / variance if variance > 0 else _NAN,
        es95_1d=ES95_GAUSS * vol / math.sqrt(365.0) * equity_base,
    )


def raised_to(rho: Floats, level: float) -> Floats:
    """Return rho_X [N, N]: every cell raised to at least `level`, blended back to PSD where that broke it.

    Errors: ValueError where a cell is NaN or `level` lies outside [-1, 1]. Source: CONTRACT, "rho_X scenario".
    """
    _check_level(level)
    raised: Floats = np.maximum(rho, level)
    np.fill_diagonal(raised, 1.0)
    return blend_to_psd(raised)


def hedge_break(signs: Floats, level: float) -> Floats:
    """Return the matrix [N, N] of a broken hedge: `level` within a side, 0 across the sides, 1 on the diagonal.

    `signs` [N] are +1 and -1. Errors: ValueError for a level outside [-1, 1]. Source: CONTRACT, "hedge_break".
    """
    _check_level(level)
    result: Floats = np.where(np.outer(signs, signs) > 0, level, 0.0)
    np.fill_diagonal(result, 1.0)
    return blend_to_psd(result)


def stressed(weights: Floats, sigma: Floats, rho: Floats, equity_base: float, *, level: float) -> RiskFigures:
    """Return the figures of a book with every correlation raised to `level`; NaN rule as `risk_figures`."""
    held = weights != 0
    if not held.any():
        return EMPTY
    if np.isnan(rho[np.ix_(held, held)]).any():
        return UNDEFINED
    filled = np.where(np.isnan(rho), 0.0, rho)  # cells of positions that are not held: left out again below
    filled[np.ix_(held, held)] = raised_to(rho[np.ix_(held, held)], level)
    return risk_figures(weights, sigma, filled, equity_base)


def _check_level(level: float) -> None:
    if not -1 <= level <= 1:
        raise ValueError(f"a correlation of {level} does not exist: give a number from -1 to 1")
