"""Owns what trading costs: fee, half the spread and slippage, in money and in basis points, and turnover.

Plain arithmetic on traded notionals; rounding and Decimal money are the rebalance room's, which shows these numbers
on every proposal; the lab charges the same.
"""

from dataclasses import dataclass

import numpy as np

from engine.quant.arrays import Floats

BPS = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingCost:
    """Money, in the currency of the notionals; `bps` is of traded notional, NaN where nothing is traded."""

    fee: float
    spread: float
    slippage: float
    traded: float
    turnover: float

    @property
    def total(self) -> float:
        """Return all of it."""
        return self.fee + self.spread + self.slippage

    @property
    def bps(self) -> float:
        """Return the cost in basis points of what is traded."""
        return self.total / self.traded / BPS if self.traded > 0 else float("nan")


def trading_cost(
    traded: Floats, half_spread: Floats, *, fee_bps: float, slippage_bps: float, gross_base: float
) -> TradingCost:
    """Return the cost of trading notionals.

    Shapes: traded [N] money, either sign; half_spread [N] fractions of price; gross_base money. NaN rule: a leg that
    is not traded is left out; an unknown half spread of a traded leg makes the spread and the total NaN. A gross base
    of nothing has no turnover: NaN. Source: CONTRACT, "turnover, cost".

    >>> cost = trading_cost(np.array([1000.0, -500.0]), np.zeros(2), fee_bps=5.5, slippage_bps=2.0, gross_base=6000.0)
    >>> round(cost.total, 9), round(cost.bps, 9), cost.turnover
    (1.125, 7.5, 0.25)
    """
    held = traded != 0
    notional = np.abs(traded[held])
    total = float(notional.sum())
    return TradingCost(
        fee=total * fee_bps * BPS,
        spread=float((notional * half_spread[held]).sum()),
        slippage=total * slippage_bps * BPS,
        traded=total,
        turnover=total / gross_base if gross_base > 0 else float("nan"),
    )


def half_spread(bid: float, ask: float) -> float:
    """Return half of the spread as a fraction of the middle; NaN where bid and ask are no market (crossed, unknown).

    >>> half_spread(99.0, 101.0)
    0.01
    """
    return (ask - bid) / (ask + bid) if 0 < bid <= ask else float("nan")
