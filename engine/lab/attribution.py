"""Owns where a difference in drawdown comes from, and whether what remains at equal exposure is more than luck.

Exposure, timing and tilt add up to the whole difference by construction: each step changes one thing between two books.
Reads finished runs; the words are `backtest_words`'.
"""

from dataclasses import dataclass

import numpy as np

from engine.lab.backtest import DRIFTDECK, TIMING, Backtest
from engine.lab.paper_book import BookRun
from engine.lab.strategy_figures import YEAR_HOURS, simple_returns
from engine.quant.arrays import Floats
from engine.quant.block_bootstrap import block_draws, interval
from engine.quant.drawdown import drawdowns

BLOCK_DAYS, DRAWS, SHARE, SEED = 20, 1000, 0.95, 20_220_101
_TOGETHER = 20  # draws that are measured at once: they stay in the processor's cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A measured difference and the 95 % interval that a block bootstrap of its days gives; NaN where too short."""

    value: float
    low: float
    high: float

    @property
    def covers_zero(self) -> bool:
        """Return True where it may well be nothing."""
        return not (self.low > 0 or self.high < 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Drawdown of standard minus drawdown of the strategy, in parts; then the comparison at equal exposure.

    `exposure`: standard against a constant book of the strategy's average gross. `timing`: that book against base
    weights at the gross that the strategy had when. `tilt`: those against the strategy's own weights. Positive is a
    smaller drawdown. `sharpe` and `drawdown` compare the strategy with the exposure-matched book, positive is better.
    `cost_year` is fees and slippage a year as a share of the money at the start.
    """

    total: float
    exposure: float
    timing: float
    tilt: float
    sharpe: Difference
    drawdown: Difference
    cost_year: float
    cost_year_matched: float


def attribution(found: Backtest) -> Attribution:
    """Return the attribution of a backtest."""
    deep = {name: figures.max_drawdown for name, figures in found.figures.items()}
    sharpe, drawdown = at_equal_exposure(found.runs[DRIFTDECK], found.runs["exposure_matched"], found.path.bar_ms)
    years = found.path.bars * found.path.bar_ms / 3_600_000 / YEAR_HOURS
    money = float(found.path.config.account.equity) * years
    return Attribution(
        total=deep["standard"] - deep[DRIFTDECK],
        exposure=deep["standard"] - deep["exposure_matched"],
        timing=deep["exposure_matched"] - deep[TIMING],
        tilt=deep[TIMING] - deep[DRIFTDECK],
        sharpe=sharpe,
        drawdown=drawdown,
        cost_year=found.figures[DRIFTDECK].cost / money,
        cost_year_matched=found.figures["exposure_matched"].cost / money,
    )


def at_equal_exposure(run: BookRun, other: BookRun, bar_ms: int) -> tuple[Difference, Difference]:
    """Return the Sharpe of `run` minus that of `other`, and the drawdown of `other` minus that of `run`, of days.

    Paired days in circular blocks of 20, 1,000 draws. NaN intervals with fewer than three blocks of days.
    """
    per_day = 24 * 3_600_000 // bar_ms
    days = np.column_stack([simple_returns(each.equity[1::per_day]) for each in (run, other)])
    measured = _measures(days[None])
    if len(days) < 3 * BLOCK_DAYS or np.isnan(days).any():
        drawn = np.full((2, 1), np.nan)
    else:
        draws = block_draws(days, block=BLOCK_DAYS, draws=DRAWS, seed=SEED)
        parts = range(0, DRAWS, _TOGETHER)
        drawn = np.hstack([_measures(draws[begin : begin + _TOGETHER]) for begin in parts])
    found = []
    for value, ours in zip(measured[:, 0], drawn, strict=True):
        low, high = interval(ours, SHARE)
        found.append(Difference(value=float(value), low=low, high=high))
    return found[0], found[1]


def _measures(days: Floats) -> Floats:
    """Return [2, draws] of daily returns [draws, T, 2]: difference of Sharpe ratios, and of drawdowns."""
    if days.shape[1] < 2:
        return np.full((2, len(days)), np.nan)
    spread = days.std(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        sharpe = np.where(spread > 0, days.mean(axis=1) / spread, np.nan) * (YEAR_HOURS / 24) ** 0.5
    curves = np.cumprod(1.0 + days, axis=1).transpose(0, 2, 1)
    begun = np.concatenate((np.ones((*curves.shape[:2], 1)), curves), axis=2)
    deep = drawdowns(begun).max(axis=2)
    result: Floats = np.stack((sharpe[:, 0] - sharpe[:, 1], deep[:, 1] - deep[:, 0]))
    return result
