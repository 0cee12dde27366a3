"""Owns a backtest as a person reads it in a terminal: one table of all strategies, with what each row means.

Makes text of figures; computes none.
"""

import math
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from engine.domain.units import iso
from engine.lab.backtest import NAMES, Backtest
from engine.lab.backtest_words import Findings
from engine.lab.crash_episodes import CrashEpisode
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


def print_report(found: Backtest, said: Findings) -> None:
    """Print the report on stdout: what it means first, then the figures."""
    console = Console(highlight=False, markup=False)
    for sentence in said.words:
        console.print(sentence)
    console.print()
    console.print(strategy_table(found))
    console.print(*legend(), sep="\n")
    if said.episodes:
        console.print()
        console.print(episode_table(said.episodes))


def episode_table(episodes: Sequence[CrashEpisode]) -> Table:
    """Return the table of large falls."""
    table = Table(title="falls of 15 % within a week", title_justify="left", box=None, padding=(0, 1, 0, 0))
    for name in ("top", "bottom"):
        table.add_column(name, no_wrap=True)
    for name in ("fall", "cut", "fall done at half", "saved"):
        table.add_column(name, justify="right", no_wrap=True)
    for each in episodes:
        cut, done, saved = (_share(value, spec) for value, spec in _shares(each))
        table.add_row(iso(each.top), iso(each.bottom), f"{each.fall:.1%}", cut, done, saved)
    return table


def _shares(episode: CrashEpisode) -> tuple[tuple[float, str], ...]:
    return (episode.cut, ".0%"), (episode.fall_done, ".0%"), (episode.saved, "+.2%")


def _share(value: float, spec: str) -> str:
    return "-" if math.isnan(value) else format(value, spec)


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
    return ["", *rows, "  liq              margins that would have been gone at a close, isolated/cross"]


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
