"""Owns the sizes of a basket over a whole history at once: the batch twin of the sizing rule, tested equal.

Only to see quickly, at each of thousands of checks, that a proposal is not worth drafting; what is drafted is sized by
the rebalance room itself. Never used live.
"""

import numpy as np

from engine.domain.config import SizingConfig
from engine.lab.batch_correlation import BatchCorrelation
from engine.lab.price_path import BasketLegs
from engine.quant.arrays import Floats
from engine.quant.sizing import SizingMethod
from engine.rebalance.targets import RHO_MAX

RISK_DAYS = 30


def plain_rule(book: BasketLegs, rule: SizingConfig) -> bool:
    """Return True where a basket's sizes depend on correlations alone: no hedge to keep, nothing renormalised."""
    return rule.method == SizingMethod.ONE_MINUS_RHO and not rule.renormalise and not book.basket.hedged


def size_history(book: BasketLegs, rule: SizingConfig, market: BatchCorrelation) -> Floats:
    """Return the size of each leg as a fraction of base notional [T, n]; NaN where any pair of the basket is undefined.

    Row t is made of rows up to t: size_i = base_i * clip(1 - mean_j rho_eff(i, j), 0, 1) with rho as `[sizing]` says.
    """
    first, second = np.triu_indices(len(book.columns), 1)
    days = RISK_DAYS if rule.rho == RHO_MAX else int(rule.rho.removesuffix("d"))
    found = market.pairs.history(rule.estimator, days).of(market.pairs.places(book.columns.tolist()))
    rho = np.maximum(found.window, found.now) if rule.rho == RHO_MAX else found.window
    rho = rho * (book.signs[first] * book.signs[second])[:, None]
    used = market.used_history()[:, book.columns].T
    rho = np.where(used[first] & used[second], rho, np.nan)
    means = np.array([rho[(first == leg) | (second == leg)].mean(axis=0) for leg in range(len(book.columns))])
    sizes: Floats = (book.base[:, None] * np.clip(1.0 - means, 0.0, 1.0)).T.copy()
    sizes[np.isnan(sizes).any(axis=1)] = np.nan
    return sizes
