"""Owns the probability that any liquidation happens within days: Monte Carlo with fat tails that come together.

Steps of four hours; what happens inside a step is not seen. Never estimates volatility or correlation; results go to
the stress lab, where independence, today and stress stand side by side.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.quant.arrays import Floats
from engine.quant.psd import blend_to_psd

FREEDOM = 4  # degrees of freedom of the t-copula and its margins: the tails of hourly crypto returns
PATHS = 10_000
STEPS_A_DAY = 6
_YEAR_DAYS = 365.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Odds:
    """Probabilities of a liquidation within `days`: of any leg on its own margin, and of the account on its balance."""

    days: int
    isolated: float
    cross: float


def liquidation_odds(
    values: Floats,
    margins: Floats,
    balance: float,
    sigma: Floats,
    rho: Floats | None,
    *,
    rate: float,
    days: Sequence[int] = (1, 7, 30),
    paths: int = PATHS,
    seed: int = 7,
) -> tuple[Odds, ...]:
    """Return the probabilities by each of `days`, ascending.

    Shapes: values, margins [N] money, sigma [N] annual, rho [N, N] unsigned or None for independent legs (each with a
    tail of its own). Log returns of a step have unit-variance t margins with 4 degrees of freedom, one mixing variable
    for all legs, no drift. NaN rule: one NaN makes every probability NaN. Error of a probability p: about
    sqrt(p (1 - p) / paths), half a point at most. Source: McNeil, Frey, Embrechts, "Quantitative Risk Management", t
    copula; liquidation as `margin.position_is_gone` and `margin.account_is_gone`.
    """
    held = values != 0
    v, m, s = values[held], margins[held], sigma[held]
    r = None if rho is None else rho[np.ix_(held, held)]
    if np.isnan(v).any() or np.isnan(m).any() or np.isnan(s).any() or (r is not None and np.isnan(r).any()):
        return tuple(Odds(days=day, isolated=math.nan, cross=math.nan) for day in days)
    if not len(v):
        return tuple(Odds(days=day, isolated=0.0, cross=0.0) for day in days)
    rng = np.random.default_rng(seed)
    scale = s / math.sqrt(_YEAR_DAYS * STEPS_A_DAY)
    factor = np.ascontiguousarray((scale[:, None] * (np.eye(len(v)) if r is None else _root(blend_to_psd(r)))).T)
    gone, together_at = _edges(v, m, rate), float(v.sum()) - balance
    logs, drawn, moved = (np.zeros((paths, len(v))) for _ in range(3))
    alone, together = np.zeros(paths, dtype=np.bool_), np.zeros(paths, dtype=np.bool_)
    found = []
    for step in range(1, max(days) * STEPS_A_DAY + 1):
        mixing = rng.chisquare(FREEDOM, size=(paths, len(v) if r is None else 1))
        np.matmul(rng.standard_normal(out=drawn), factor, out=moved)
        moved *= np.sqrt((FREEDOM - 2) / mixing)
        logs += moved
        alone |= (np.sign(v) * logs <= gone).any(axis=1)
        together |= np.exp(logs, out=moved) @ (v - rate * np.abs(v)) <= together_at
        if step % STEPS_A_DAY == 0 and step // STEPS_A_DAY in days:
            found.append(Odds(days=step // STEPS_A_DAY, isolated=float(alone.mean()), cross=float(together.mean())))
    return tuple(found)


def _edges(values: Floats, margins: Floats, rate: float) -> Floats:
    """Return, times the side, the log price [N] at which each position is gone; -inf where no price is low enough.

    margin + value (p - 1) <= rate |value| p, solved for p; the check of every path is then one comparison.
    """
    side = np.sign(values)
    price = (values - margins) / (values - rate * np.abs(values))
    with np.errstate(divide="ignore"):
        edge: Floats = side * np.log(np.maximum(price, 0.0))
    return edge


def _root(rho: Floats) -> Floats:
    """Return F [N, N] with F F' = rho, also where rho is singular."""
    spectrum, vectors = np.linalg.eigh(rho)
    result: Floats = vectors * np.sqrt(np.maximum(spectrum, 0.0))
    return result
