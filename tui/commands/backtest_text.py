"""Owns a backtest as a person reads it in a terminal: one table of all strategies, with what each row means.

Makes text of figures; computes none.
"""

from rich.console import Console
from rich.table import Table

from engine.domain.units import iso
from engine.lab.backtest import NAMES, Backtest
from engine.lab.strategy_figures import StrategyFigures

MEANS = {
    "driftdeck": "the strategy",
    "standard": "base weights, bought and held",
    "weekly": "equal weights, every Monday",
    "exposure_matched": "base weights at the same average gross",
    "vol_matched": "base weights at the same volatility",
    "renormalised": "its weights, always fully invested",
    "inverse_vol": "by inverse volatility, every Monday",
    "hrp": "hierarchical risk parity, every Monday",
}


def print_report(found: Backtest) -> None:
    """Print the report on stdout."""
    Console(highlight=False, soft_wrap=True).print(strategy_table(found), *legend(), sep="\n")


def strategy_table(found: Backtest) -> Table:
    """Return the table of all strategies; narrow enough for 80 columns."""
    path = found.path
    title = f"{iso(path.begin)} to {iso(path.end)}, {path.bars:,} bars, same money and costs"
    table = Table(title=title, title_justify="left", box=None, padding=(0, 1, 0, 0))
    table.add_column("strategy", no_wrap=True)
    for name in ("return", "max dd", "vol", "sharpe", "gross", "turn", "cost", "trades", "liq"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in NAMES:
        table.add_row(name, *figure_cells(found.figures[name]))
    return table


def legend() -> list[str]:
    """Return what the rows are, and what the last column counts."""
    rows = [f"  {name:<17}{meaning}" for name, meaning in MEANS.items()]
    return ["", *rows, "  liq              liquidations that would have come: isolated/cross margin, at closes"]


def figure_cells(figures: StrategyFigures) -> tuple[str, ...]:
    """Return one strategy's figures as text."""
    gone = figures.liquidations
    return (
        f"{figures.total_return:+.1%}",
        f"{figures.max_drawdown:.1%}",
        f"{figures.vol_ann:.1%}",
        f"{figures.sharpe:+.2f}",
        f"{figures.avg_gross:.2f}",
        f"{figures.turnover:.1f}",
        f"{figures.cost:,.0f}",
        f"{figures.rebalances}",
        f"{gone.isolated}/{gone.cross}",
    )
