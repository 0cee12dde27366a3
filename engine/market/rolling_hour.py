"""Owns the rolling hour: each asset's return over the sixty minutes up to an instant, from the prices seen meanwhile.

Only the fast cycle's volatility reads it; correlation never does (sub-hourly returns flap, CALIBRATION). Never fills:
without a price close enough to both ends the return is NaN.
"""

import math
from collections import deque

import numpy as np

from engine.domain.units import HOUR_MS, MINUTE_MS, Ms
from engine.quant.arrays import Floats

KEEP_EVERY_MS = MINUTE_MS // 2


class RollingHour:
    """Prices of the last hour of `width` assets; `slack_ms` is how old a price may be at either end."""

    def __init__(self, width: int, *, slack_ms: int) -> None:
        self._slack_ms = slack_ms
        self._prices: tuple[deque[tuple[Ms, float]], ...] = tuple(deque() for _ in range(width))

    def take(self, column: int, at: Ms, price: float) -> None:
        """Take in a price; older or denser ones than needed are left out."""
        prices = self._prices[column]
        if prices and at < prices[-1][0] + KEEP_EVERY_MS:
            return
        prices.append((at, price))
        horizon = at - HOUR_MS - 2 * self._slack_ms
        while prices[0][0] < horizon:
            prices.popleft()

    def returns(self, at: Ms) -> Floats:
        """Return the log returns [N] over the hour up to `at`; NaN where an end has no price within the slack."""
        return np.array([self._return(prices, at) for prices in self._prices])

    def _return(self, prices: deque[tuple[Ms, float]], at: Ms) -> float:
        now, before = self._price(prices, at), self._price(prices, Ms(at - HOUR_MS))
        return math.log(now / before)

    def _price(self, prices: deque[tuple[Ms, float]], at: Ms) -> float:
        """Return the last price at or before `at`, NaN where that is too old."""
        for taken, price in reversed(prices):
            if taken <= at:
                return price if at - taken <= self._slack_ms else math.nan
        return math.nan
