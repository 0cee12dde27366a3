"""Owns a whole backtest: the strategy and everything it is compared with, on the same bars, money and costs.

The result goes to `backtest_output` (CONTRACT's JSON), to the attribution and to the report. Never prints.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.domain.config import SizingConfig
from engine.domain.errors import ConfigError
from engine.domain.units import Ms, iso
from engine.lab.liquidations import liquidations
from engine.lab.paper_book import BookRun
from engine.lab.price_path import PricePath
from engine.lab.strategies import (
    RISK_DAYS,
    base_at_gross,
    base_weights,
    constant,
    equal_weights,
    following,
    matched,
    rebalanced,
    renormalised,
    sized,
    weekly_rows,
)
from engine.lab.strategy_figures import StrategyFigures, strategy_figures, volatility
from engine.lab.table_correlation import TableCorrelation
from engine.quant.sizing import SizingMethod

DRIFTDECK, TIMING = "driftdeck", "timing"
NAMES = (
    DRIFTDECK,
    "standard",
    "weekly",
    "exposure_matched",
    "vol_matched",
    "renormalised",
    "inverse_vol",
    "hrp",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """Runs and figures by strategy; `timing` is base weights at the gross that `driftdeck` chose, for attribution."""

    path: PricePath
    runs: dict[str, BookRun]
    figures: dict[str, StrategyFigures]
    warnings: tuple[str, ...]


def decision_rows(path: PricePath, instants: Sequence[Ms]) -> tuple[list[int], list[str]]:
    """Return the rows that listed instants decide on, ascending, and what is to be said about them.

    Raises ConfigError where none of them lies inside the backtest.
    """
    rows = sorted({path.row_closed_by(at) for at in instants})
    inside = [row for row in rows if path.start <= row < path.last]
    if not inside:
        raise ConfigError(
            f"none of the {len(instants)} decisions lies between {iso(path.begin)} and {iso(path.end)}, with a bar "
            "after it to trade at: list instants inside"
        )
    left = len(rows) - len(inside)
    said = (
        [f"{left} of {len(rows)} decisions lie outside the backtest or have no bar to trade at: left out"]
        if left
        else []
    )
    return inside, said


def backtest_decisions(path: PricePath, instants: Sequence[Ms]) -> Backtest:
    """Return the backtest of a book that is sized and traded at exactly these instants."""
    rows, said = decision_rows(path, instants)
    market = TableCorrelation(path)
    run = rebalanced(path, rows, sized(path, market, aged=False))
    return compared(path, market, run, first=rows[0], aged=False, warnings=said)


def compared(
    path: PricePath, market: TableCorrelation, run: BookRun, *, first: int, aged: bool, warnings: Sequence[str] = ()
) -> Backtest:
    """Return a strategy beside its benchmarks, which all open on the decision of row `first`."""
    weeks, even = weekly_rows(path, first), path.following_equity()
    own = path.config.sizing

    def by(method: SizingMethod) -> BookRun:
        rule = SizingConfig(method=method.value, rho=f"{RISK_DAYS}d", net_tolerance=own.net_tolerance)
        return rebalanced(even, weeks, sized(even, market, rule, aged=aged))

    mean_gross, spread = float(run.gross[1:].mean()), volatility(run.equity[1:], path.bar_ms)
    runs = {
        DRIFTDECK: run,
        "standard": rebalanced(even, [first], constant(base_weights(even))),
        "weekly": rebalanced(even, weeks, constant(equal_weights(even))),
        "exposure_matched": matched(even, weeks, lambda each: float(each.gross[1:].mean()), mean_gross),
        "vol_matched": matched(even, weeks, lambda each: volatility(each.equity[1:], path.bar_ms), spread),
        "renormalised": following(even, run, renormalised),
        "inverse_vol": by(SizingMethod.INVERSE_VOL),
        "hrp": by(SizingMethod.HRP),
        TIMING: following(even, run, base_at_gross),
    }
    figures = {name: strategy_figures(path, each, liquidations(path, each)) for name, each in runs.items()}
    return Backtest(path=path, runs=runs, figures=figures, warnings=(*warnings, *_unlisted(path, first)))


def _unlisted(path: PricePath, first: int) -> list[str]:
    """Return which assets have no price yet where the books open."""
    absent = [asset for k, asset in enumerate(path.assets) if not path.marks[min(first + 1, path.last), k] > 0]
    if not absent:
        return []
    return [f"no price yet at the opening for {', '.join(absent)}: what is held from the start goes without"]
