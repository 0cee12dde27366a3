"""Owns what the scores are measured against: the falls of the market, its calm time, and the labelled crashes.

Made from the prices of the majors alone, as CALIBRATION says, never from a signal. The scores compare alerts with it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.adapters.price_file import PriceTable
from engine.domain.units import HOUR_MS, Ms, parse_iso
from engine.quant.arrays import Flags, Floats
from engine.quant.returns import log_returns

MAJORS = ("BTC", "ETH", "SOL", "AVAX", "BNB", "XRP", "ADA", "DOGE", "LINK", "DOT", "LTC", "UNI")
LABELLED = {
    "May 2021": "2021-05-19",
    "LUNA": "2022-05-09",
    "FTX": "2022-11-08",
    "SVB": "2023-03-10",
    "Aug 2024": "2024-08-05",
}
FIRST = parse_iso("2021-04-03")
BEFORE, AFTER = 24, 96  # hours around an event
_DIP, _FALL, _FALL_OF_CALM = 0.95, 0.85, 0.88
_AHEAD, _APART = 48, 7 * 24
_CALM_BEFORE, _CALM_AFTER = 24, 7 * 24

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """The majors' cumulated mean log return at each hourly close [T], and its high of the last 24 closes."""

    first_close: Ms
    level: Floats
    high: Floats

    def closed(self, row: int) -> Ms:
        """Return when row `row` closed."""
        return Ms(self.first_close + row * HOUR_MS)

    def dip(self) -> Flags:
        """Return which closes stand at least 5 % below the high."""
        result: Flags = np.exp(self.level - self.high) <= _DIP
        return result

    def falls(self, depth: float = _FALL) -> Places:
        """Return the rows t0: a dip that reaches `depth` of the high within 48 closes, the next >= 7 days later.

        The 48 are counted from t0 itself: so read, the file of CALIBRATION holds its 21 events.
        """
        dip = self.dip()
        found: list[int] = []
        for row in np.flatnonzero(dip):
            if self.closed(int(row)) < FIRST or (found and row < found[-1] + _APART):
                continue
            ahead = self.level[row : row + _AHEAD]
            if np.exp(ahead.min() - self.high[row]) <= depth:
                found.append(int(row))
        return np.array(found, dtype=np.int64)

    def calm(self) -> Flags:
        """Return which rows lie outside -1 ... +7 days of any fall of 12 % or more."""
        result = np.ones(len(self.level), dtype=np.bool_)
        for row in self.falls(_FALL_OF_CALM):
            result[max(row - _CALM_BEFORE, 0) : row + _CALM_AFTER + 1] = False
        return result

    def labelled(self) -> dict[str, int]:
        """Return t0 of each crash with a name that the prices cover: the first dip among its day's bars or later."""
        dip = np.flatnonzero(self.dip())
        found = {}
        for name, day in LABELLED.items():
            begin = (parse_iso(day) - self.first_close) // HOUR_MS
            begin += 1  # the close at midnight belongs to the day before
            later = dip[dip >= begin]
            if begin >= 0 and len(later) and later[0] < begin + _APART:
                found[name] = int(later[0])
        return found


def market_of(prices: PriceTable) -> Market:
    """Return the market of the majors that the file has."""
    columns = [prices.assets.index(name) for name in MAJORS if name in prices.assets]
    returns = log_returns(prices.closes[:, columns])
    present = ~np.isnan(returns)
    mean = np.where(present, returns, 0.0).sum(axis=1) / np.maximum(present.sum(axis=1), 1)
    level = np.cumsum(mean)
    padded = np.concatenate([np.full(23, -np.inf), level])
    high = np.lib.stride_tricks.sliding_window_view(padded, 24).max(axis=1)
    return Market(first_close=Ms(int(prices.open_ms[0]) + HOUR_MS), level=level, high=high)
