"""Owns the two-state filter of the market regime: what is measured, what is learned, and one step of the filter.

Features per sample: mean Fisher correlation, breadth of volatility over a day, absorption ratio. Parameters come from
trailing samples only. Never keeps history and never speaks: the regime signal does.
"""

import math
from dataclasses import dataclass

import numpy as np

from engine.quant.arrays import Floats
from engine.quant.correlation import RHO_CAP, pairs_of

FEATURES = 3
LEAST_SAMPLES = 180  # thirty days of four-hourly samples
_ROUNDS = 3
_FLOOR = np.array([0.05, 0.05, 0.01])  # smallest spread of a feature: below it a flat stretch would be certain
_APART = 2.0  # stress lies at least this many calm spreads above calm, so that calm noise is not called stress
_SHARE = 0.2  # of the samples taken for stress to begin with
_TEMPER = 0.25  # samples 4 h apart share most of their bars: each carries a part of its likelihood
_STAY_CALM, _STAY_STRESS = (0.95, 0.995), (0.90, 0.98)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeParameters:
    """Mean and spread [3] of each feature when calm and when stressed, and the chance to stay from sample to sample."""

    calm_mean: Floats
    calm_sd: Floats
    stress_mean: Floats
    stress_sd: Floats
    stay_calm: float
    stay_stress: float


def mean_fisher(rho: Floats) -> float:
    """Return the mean of atanh(rho) over the defined pairs of [N, N]; NaN without any."""
    values = pairs_of(rho)
    values = values[~np.isnan(values)]
    return float(np.arctanh(np.clip(values, -RHO_CAP, RHO_CAP)).mean()) if len(values) else math.nan


def absorption_ratio(rho: Floats) -> float:
    """Return the share of all variance that the largest fifth of the eigenvectors of `rho` [N, N] carries.

    NaN rule: assets with an undefined cell are left out, the worst first; NaN with fewer than three left.
    Source: Kritzman, Li, Page, Rigobon 2011.

    >>> absorption_ratio(np.eye(5))
    0.2
    """
    while len(rho) >= 3:
        undefined = np.isnan(rho).sum(axis=1)
        worst = int(undefined.argmax())
        if undefined[worst] == 0:
            values = np.linalg.eigvalsh(rho)
            return float(values[-math.ceil(len(rho) / 5) :].sum() / len(rho))
        rho = np.delete(np.delete(rho, worst, axis=0), worst, axis=1)
    return math.nan


def learn(samples: Floats) -> RegimeParameters | None:
    """Return the parameters of two diagonal Gaussians fitted to `samples` [S, 3]; None with fewer than 180 whole rows.

    Expectation and maximization from a fixed start, so that the same samples always give the same parameters; stress
    is kept above calm in every feature.
    """
    rows = samples[~np.isnan(samples).any(axis=1)]
    if len(rows) < LEAST_SAMPLES:
        return None
    middle = np.median(rows, axis=0)
    scale = np.maximum(1.4826 * np.median(np.abs(rows - middle), axis=0), _FLOOR)
    score = ((rows - middle) / scale).sum(axis=1)
    share = (score > np.quantile(score, 1 - _SHARE)).astype(np.float64)
    fitted = _fit(rows, share)
    for _ in range(_ROUNDS):
        odds = log_odds(fitted, rows).sum(axis=1) + math.log(_SHARE / (1 - _SHARE))
        share = 1 / (1 + np.exp(-np.clip(odds, -50, 50)))
        fitted = _fit(rows, share)
    return fitted


def _fit(rows: Floats, share: Floats) -> RegimeParameters:
    """Return the parameters for a given share of stress in each row."""
    calm = 1 - share
    calm_mean, calm_sd = _weighted(rows, calm)
    stress_mean, stress_sd = _weighted(rows, share)
    stress_mean = np.maximum(stress_mean, calm_mean + _APART * calm_sd)
    both = np.minimum(share[1:], share[:-1]).sum(), np.minimum(calm[1:], calm[:-1]).sum()
    return RegimeParameters(
        calm_mean=calm_mean,
        calm_sd=calm_sd,
        stress_mean=stress_mean,
        stress_sd=np.maximum(stress_sd, calm_sd),
        stay_calm=float(np.clip(both[1] / max(calm[:-1].sum(), 1e-9), *_STAY_CALM)),
        stay_stress=float(np.clip(both[0] / max(share[:-1].sum(), 1e-9), *_STAY_STRESS)),
    )


def _weighted(rows: Floats, weight: Floats) -> tuple[Floats, Floats]:
    total = max(float(weight.sum()), 1e-9)
    mean = weight @ rows / total
    return mean, np.maximum(np.sqrt(weight @ (rows - mean) ** 2 / total), _FLOOR)


def log_odds(fitted: RegimeParameters, values: Floats) -> Floats:
    """Return each feature's log likelihood ratio of stress against calm, [3] or [S, 3]; 0 where it is undefined.

    Beyond either mean it stays what it is there: a value calmer than calm never speaks for stress.
    """
    inside = np.clip(values, fitted.calm_mean, fitted.stress_mean)
    calm = (inside - fitted.calm_mean) / fitted.calm_sd
    stress = (inside - fitted.stress_mean) / fitted.stress_sd
    odds = (calm**2 - stress**2) / 2 + np.log(fitted.calm_sd / fitted.stress_sd)
    return np.where(np.isnan(values), 0.0, odds)


def filtered(fitted: RegimeParameters, probability: float, values: Floats) -> float:
    """Return the probability of stress after one more sample [3], given the one before (NaN: half and half)."""
    before = 0.5 if math.isnan(probability) else probability
    prior = before * fitted.stay_stress + (1 - before) * (1 - fitted.stay_calm)
    odds = math.log(prior / (1 - prior)) + _TEMPER * float(log_odds(fitted, values).sum())
    return 1 / (1 + math.exp(-min(max(odds, -30.0), 30.0)))
