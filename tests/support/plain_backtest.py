"""A backtest in plain numpy, bar by bar and without the product's code: what the lab is held against."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class PlainRun:
    """Equity at every bar from `first` on, the money before included, and the weights of each fill."""

    equity: Floats
    weights: dict[int, Floats]
    traded: float
    cost: float
    gross: Floats


def one_minus_rho_weights(closes: Floats, row: int, window: int = 168) -> Floats:
    """Return (1 - clip of each asset's mean correlation with the others) / n over the last `window` log returns."""
    logs = np.log(closes[row - window : row + 1])
    rho = np.corrcoef(logs[1:] - logs[:-1], rowvar=False)
    count = len(rho)
    sizes = [1 - min(max(sum(rho[i, j] for j in range(count) if j != i) / (count - 1), 0.0), 1.0) for i in range(count)]
    return np.array(sizes) / count


def plain_backtest(
    closes: Floats, wanted: Mapping[int, Floats], *, first: int, last: int, money: float, bps: float
) -> PlainRun:
    """Return the run of weights of equity decided at rows, filled at the next row's close."""
    cash, quantity = money, np.zeros(closes.shape[1])
    equity, gross, traded, cost = [money], [0.0], 0.0, 0.0
    for row in range(first + 1, last + 1):
        price = closes[row]
        if row - 1 in wanted:
            before = cash + float(quantity @ price)
            fresh = wanted[row - 1] * before / price
            moved = float(np.abs(fresh - quantity) @ price)
            paid = moved * bps / 10_000
            cash -= float((fresh - quantity) @ price) + paid
            quantity, traded, cost = fresh, traded + moved, cost + paid
        equity.append(cash + float(quantity @ price))
        gross.append(float(np.abs(quantity) @ price) / equity[-1])
    return PlainRun(equity=np.array(equity), weights=dict(wanted), traded=traded, cost=cost, gross=np.array(gross))
