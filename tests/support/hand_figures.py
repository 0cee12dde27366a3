"""Owns the figures of a proposal computed a second time, from closes, prices and config with plain numpy only.

The oracle of the trading tests: CONTRACT and CALIBRATION written down once more, slowly. Imports nothing that the
engine computes with. Missing bars, blends and undefined correlations are not its business.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
DAY, MONTH = 24, 720
ES95 = 2.0627
STEP = Decimal("0.001")
SMALLEST = Decimal(5)


def winsorized(closes: Floats, first_slot: int) -> Floats:
    """Return the clipped returns [T-1, N]: limits per UTC day from the asset's 720 returns before its midnight."""
    raw: Floats = np.diff(np.log(closes), axis=0)
    clipped = raw.copy()
    for row in range(len(raw)):
        slot = first_slot + 1 + row  # the return of a bar is named by that bar's own open
        midnight = slot - slot % DAY
        until = midnight - first_slot - 1
        history = raw[max(until - MONTH, 0) : max(until, 0)]
        if len(history) < 360:
            continue
        median = np.median(history, axis=0)
        reach = 3 * 1.4826 * np.median(np.abs(history - median), axis=0)
        clipped[row] = np.clip(raw[row], median - reach, median + reach)
    return clipped


def now_rho(win: Floats) -> Floats:
    """Return the exponentially weighted correlation, half-life 24 bars, weighted means removed."""
    weight = 0.5 ** (np.arange(len(win) - 1, -1, -1) / 24.0)
    weight /= weight.sum()
    away = win - weight @ win
    cov = (away * weight[:, None]).T @ away
    spread = np.sqrt(np.diag(cov))
    rho: Floats = cov / np.outer(spread, spread)
    return rho


@dataclass(frozen=True, slots=True)
class Estimates:
    """What the closes say: sigma [N] per year, the 30-day and the now correlation [N, N]."""

    sigma: Floats
    month: Floats
    now: Floats


def estimates(closes: Floats, first_slot: int) -> Estimates:
    """Return what is read off these closes."""
    win = winsorized(closes, first_slot)
    last = win[-MONTH:]
    month: Floats = np.atleast_2d(np.corrcoef(last.T))
    return Estimates(
        sigma=np.std(last, axis=0, ddof=1) * np.sqrt(8760.0),
        month=month,
        now=now_rho(win),
    )


@dataclass(frozen=True, slots=True)
class Sized:
    """Targets in signed money, and the two factors."""

    targets: Floats
    factor: float
    equal_risk: float
    scaled: bool  # a side was cut for the net target


def sized(seen: Estimates, rows: Sequence[int], base: Floats, tolerance: float) -> Sized:
    """Return base * clip(1 - mean rho_eff, 0, 1), then the heavier side of a hedge cut to half the tolerance."""
    signs, place = np.sign(base), np.ix_(rows, rows)
    cautious = np.maximum(seen.month[place] * np.outer(signs, signs), seen.now[place] * np.outer(signs, signs))
    mean = (cautious.sum(axis=1) - 1.0) / (len(base) - 1)
    size = np.abs(base) * np.clip(1.0 - mean, 0.0, 1.0)
    wanted, scaled = float(base.sum() / np.abs(base).sum()), False
    long, short = float(size[signs > 0].sum()), float(size[signs < 0].sum())
    if long and short:
        ratio, edge = (long - short) / (long + short), tolerance / 2
        if ratio > wanted + edge:  # the longs shrink to L with (L - S) / (L + S) on the edge
            size[signs > 0] *= short * (1 + wanted + edge) / (1 - wanted - edge) / long
        elif ratio < wanted - edge:
            size[signs < 0] *= long * (1 - wanted + edge) / (1 + wanted - edge) / short
        scaled = abs(ratio - wanted) > edge
    exposure = np.abs(base) * seen.sigma[rows]
    variance = float(exposure @ cautious @ exposure)
    assert np.linalg.eigvalsh(cautious)[0] > 0
    return Sized(
        targets=size * signs,
        factor=float(size.sum() / np.abs(base).sum()),
        equal_risk=min(1.0, float(np.sqrt(exposure @ exposure / variance))),
        scaled=scaled,
    )


@dataclass(frozen=True, slots=True)
class Trade:
    """One leg: a signed quantity, and whether it reduces."""

    quantity: Decimal
    reduces: bool


def trade(held: Decimal, target: float, price: Decimal) -> Trade | None:
    """Return the safe rounding of the way to a target: growth rounds down, reductions up; None where too small."""
    wanted = Decimal(target) / price
    assert held * wanted >= 0
    difference = wanted - held
    reduces = abs(wanted) < abs(held)
    rounding = ROUND_CEILING if reduces else ROUND_FLOOR
    quantity = (abs(difference) / STEP).to_integral_value(rounding) * STEP
    if (reduces and abs(difference) < STEP / 2) or quantity * price < SMALLEST:
        return None
    return Trade(quantity=quantity.copy_sign(difference), reduces=reduces)


@dataclass(frozen=True, slots=True)
class Risk:
    """CONTRACT's figures of one book."""

    gross: float
    net: float
    vol_ann: float
    hidden_leverage: float
    effective_bets: float
    es95_1d: float
    es95_rho95: float
    es95_hedge_break: float
    carry_day: float


def risk(values: Floats, base: float, seen: Estimates, funding_day: Floats) -> Risk:
    """Return the figures of signed money [N] on an equity base; no positions have no leverage and no bets."""
    exposure = values / base * seen.sigma

    def vol(rho: Floats) -> float:
        assert np.linalg.eigvalsh(rho)[0] > -1e-10
        return float(np.sqrt(exposure @ rho @ exposure))

    def loss(rho: Floats) -> float:
        return float(ES95 * vol(rho) / np.sqrt(365.0) * base)

    side = np.where(np.outer(values, values) > 0, 0.95, 0.0)
    np.fill_diagonal(side, 1.0)
    alone, now = float(np.sqrt((exposure**2).sum())), vol(seen.month)
    return Risk(
        gross=float(np.abs(values).sum()),
        net=float(values.sum()),
        vol_ann=now,
        hidden_leverage=now / alone if alone else np.nan,
        effective_bets=float(np.abs(exposure).sum() ** 2 / now**2) if alone else np.nan,
        es95_1d=loss(seen.month),
        es95_rho95=loss(np.maximum(seen.month, 0.95)),
        es95_hedge_break=loss(side),
        carry_day=-float((values * funding_day).sum()),
    )


def values_of(held: Mapping[str, Decimal], prices: Mapping[str, Decimal], assets: Sequence[str]) -> Floats:
    """Return signed money [N] in the order of the assets."""
    return np.array([float(held.get(asset, Decimal(0)) * prices[asset]) for asset in assets])


def two_factor_closes(seed: int, slots: int, loadings: Floats) -> Floats:
    """Return closes [slots, N] whose hourly returns load on two independent fat-tailed factors [N, 2]."""
    rng = np.random.default_rng(seed)
    factors, own = rng.standard_t(4, size=(slots, 2)), rng.standard_t(4, size=(slots, len(loadings)))
    rest = np.sqrt(1.0 - (loadings**2).sum(axis=1))
    closes: Floats = 100.0 * np.exp(np.cumsum(0.004 * (factors @ loadings.T + own * rest), axis=0))
    return closes
