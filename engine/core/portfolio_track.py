"""Owns the account as a basket of baskets: one correlation state over the returns of the baskets.

A basket becomes one index whose return is the weighted, signed return of its legs; the rest is the same code as for
assets. Shown as row `portfolio`, judged by the same rule, drafts nothing.
"""

import numpy as np

from engine.domain.config import Config
from engine.domain.units import Asset, Ms
from engine.market.correlation_state import CorrelationState
from engine.quant.arrays import Floats
from engine.quant.basket_returns import basket_returns, quoted_baskets
from engine.signals.drift import Member


class PortfolioTrack:
    """The baskets' indices; fed with the same rows of closes as the market's own state."""

    def __init__(self, config: Config) -> None:
        self.names = tuple(Asset(basket.name) for basket in config.baskets)
        self.weights = portfolio_weights(config)
        self.correlation = CorrelationState(self.names, config.rules)
        self._last = np.full(self.weights.shape[1], np.nan)
        self._level = np.ones(len(self.names))

    def warm_up(self, first_open: Ms, closes: Floats) -> None:
        """Replace the state by the closes [T, N] of consecutive slots."""
        if len(closes) == 0:
            return
        returns = basket_returns(closes, self.weights)
        index = self._index(returns, closes)
        self._level = np.exp(np.where(np.isnan(returns), 0.0, returns).sum(axis=0))
        self._last = closes[-1].copy()
        self.correlation.warm_up(first_open, index)

    def append(self, open_ms: Ms, closes: Floats) -> None:
        """Add the closes [N] of the next slot."""
        both = np.array([self._last, closes])
        step = basket_returns(both, self.weights)
        self._level = self._level * np.exp(np.where(np.isnan(step[1]), 0.0, step[1]))
        self._last = closes.copy()
        self.correlation.append(open_ms, np.where(quoted_baskets(both, self.weights)[1], self._level, np.nan))

    def members(self) -> tuple[Member, ...]:
        """Return the baskets as the signals take them; their sides are in their returns already."""
        used = self.correlation.used()
        return tuple(Member(asset=name, index=k, sign=1, used=bool(used[k])) for k, name in enumerate(self.names))

    def _index(self, returns: Floats, closes: Floats) -> Floats:
        level = np.exp(np.cumsum(np.where(np.isnan(returns), 0.0, returns), axis=0))
        return np.where(quoted_baskets(closes, self.weights), level, np.nan)


def portfolio_weights(config: Config) -> Floats:
    """Return the signed base weights of every basket over the watched assets [B, N]."""
    assets = list(config.symbols)
    weights = np.zeros((len(config.baskets), len(assets)))
    for row, basket in enumerate(config.baskets):
        for leg in basket.legs:
            weights[row, assets.index(leg.asset)] += leg.side.sign * leg.weight
    return weights
