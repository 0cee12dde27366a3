"""Owns the statistics that stand beside a drift: the Fisher z of a move, and the residual return of one asset.

Shown as evidence, never a trigger. Takes returns and differences, keeps nothing; the signals room puts the results
into evidence.
"""

import numpy as np

from engine.quant.arrays import Floats

RESIDUAL_BARS = 720
LAST_DAY_BARS = 24
_LEAST = 2.0 / 3.0


def tail_weight(returns: Floats) -> Floats:
    """Return m4 / (3 m2^2) - 1 of each column of `returns` [T, N], over the returns that exist; 0 for a Gaussian.

    NaN rule: NaN for a column without returns or without movement. Source: CALIBRATION, "Definitions" (kappa).
    """
    missing = np.isnan(returns)
    count = np.maximum(len(returns) - missing.sum(axis=0), 1)
    centered = returns - np.where(missing, 0.0, returns).sum(axis=0) / count
    centered[missing] = 0.0
    squares = centered * centered
    second, fourth = squares.sum(axis=0) / count, (squares * squares).sum(axis=0) / count
    result: Floats = fourth / np.where(second > 0, 3 * second * second, np.nan) - 1
    return result


def pair_kappa(first: Floats, second: Floats) -> Floats:
    """Return kappa = max(0, mean of both assets' tail weights), elementwise; NaN where one is undefined.

    >>> pair_kappa(np.array([0.5, -0.5]), np.array([0.1, -0.1])).tolist()
    [0.3, 0.0]
    """
    result: Floats = np.maximum(0.0, (first + second) / 2)
    return result


def fisher_z(difference: Floats, kappa: Floats, now_bars: int, base_bars: int) -> Floats:
    """Return z = dz / sqrt((1 + kappa) (1 / now_bars + 1 / (base_bars - 3))), elementwise.

    `difference` is a Fisher difference; with the defaults of the rule 69 and 720 bars. NaN rule: NaN where an
    argument is. Source: CALIBRATION, "Definitions" (z, shown only).

    >>> round(float(fisher_z(np.array(0.03758043686), np.array(0.2316674552), 69, 720)), 6)
    0.268651
    """
    result: Floats = difference / np.sqrt((1 + kappa) * (1 / now_bars + 1 / (base_bars - 3)))
    return result


def residual_z(returns: Floats, column: int) -> float:
    """Return the largest residual return of one asset over the last day, in standard deviations, with its sign.

    Shapes: returns [T, n] of a basket's legs, signed by side; the last 24 rows are judged by the up to 720 before.
    Residual: the asset's return minus beta times the mean of the other legs, beta and sd (ddof 1) from the earlier
    rows. NaN rule: NaN with fewer than 2/3 of the earlier rows, without movement, or without a return that day.
    Source: CALIBRATION, "ASSET": one-jump news, which correlation cannot see.
    """
    rows = returns[-(RESIDUAL_BARS + LAST_DAY_BARS) :]
    others = np.delete(rows, column, axis=1)
    present = ~np.isnan(others)
    count = present.sum(axis=1)
    market = np.where(count > 0, np.where(present, others, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)
    own = rows[:, column]
    known = ~np.isnan(own) & ~np.isnan(market)
    past, today = known.copy(), known.copy()
    past[-LAST_DAY_BARS:] = False
    today[:-LAST_DAY_BARS] = False
    if past.sum() < _LEAST * RESIDUAL_BARS or not today.any():
        return float("nan")
    x, y = market[past], own[past]
    spread = float(((x - x.mean()) ** 2).sum())
    beta = float(((x - x.mean()) * (y - y.mean())).sum()) / spread if spread > 0 else 0.0
    deviation = float(np.std(y - beta * x, ddof=1))
    if deviation == 0:
        return float("nan")
    residuals = (own[today] - beta * market[today]) / deviation
    return float(residuals[np.abs(residuals).argmax()])
