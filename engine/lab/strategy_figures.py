"""Owns what is said of one strategy in numbers: CONTRACT's figures of `backtest --json`, each by a stated formula.

Reads a finished run; never trades. Figures go to the JSON document, the report and the attribution.
"""

from dataclasses import dataclass

import numpy as np

from engine.lab.liquidations import Liquidations
from engine.lab.paper_book import BookRun
from engine.lab.price_path import PricePath
from engine.quant.arrays import Floats
from engine.quant.drawdown import drawdowns

YEAR_HOURS = 8766  # 365.25 days: leap years count


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyFigures:
    """CONTRACT's figures of one strategy; fractions, and `cost` in money. NaN where undefined."""

    total_return: float
    max_drawdown: float
    vol_ann: float
    sharpe: float
    turnover: float
    cost: float
    rebalances: int
    avg_gross: float
    liquidations: Liquidations


def strategy_figures(path: PricePath, run: BookRun, liquidations: Liquidations) -> StrategyFigures:
    """Return the figures of a run.

    Over the bars of the backtest, E_1 ... E_n the equity at their closes, E_0 the money at the start:
    return = E_n / E_0 - 1; max_drawdown = max of 1 - E_t / max(E_1 ... E_t); turnover = sum over rebalances of traded
    notional / base notional of all baskets at that moment; cost = sum of fee and slippage; rebalances counts fills
    that traded, the opening one too; avg_gross = mean of sum abs(q P) / E. `volatility` and `sharpe` below.
    """
    equity = run.equity[1:]
    per_day = 24 * 3_600_000 // path.bar_ms
    return StrategyFigures(
        total_return=float(equity[-1] / run.equity[0] - 1.0),
        max_drawdown=float(drawdowns(equity).max()),
        vol_ann=volatility(equity, path.bar_ms),
        sharpe=sharpe(equity, per_day),
        turnover=float(sum(fill.turnover for fill in run.fills)),
        cost=float(sum(fill.cost for fill in run.fills)),
        rebalances=len(run.fills),
        avg_gross=float(run.gross[1:].mean()),
        liquidations=liquidations,
    )


def volatility(equity: Floats, bar_ms: int) -> float:
    """Return the population sd of the simple returns from bar to bar, times sqrt(bars in 365.25 days)."""
    if len(equity) < 3:
        return float("nan")
    per_year = YEAR_HOURS * 3_600_000 / bar_ms
    return float(np.std(simple_returns(equity)) * np.sqrt(per_year))


def sharpe(equity: Floats, per_day: int) -> float:
    """Return mean / population sd * sqrt(365.25) of daily simple returns, without a riskless rate.

    Days are counted from the first bar on: every 24th hourly bar. NaN with fewer than two days, or without any move.
    """
    daily = simple_returns(equity[::per_day])
    if len(daily) < 2:
        return float("nan")
    spread = float(np.std(daily))
    return float(daily.mean()) / spread * (YEAR_HOURS / 24) ** 0.5 if spread > 0 else float("nan")


def simple_returns(equity: Floats) -> Floats:
    """Return E_t / E_(t-1) - 1 [T - 1]; NaN from where nothing is left on."""
    before = np.where(equity[:-1] > 0, equity[:-1], np.nan)
    result: Floats = equity[1:] / before - 1.0
    return result
