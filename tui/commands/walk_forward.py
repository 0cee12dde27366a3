"""Owns `driftdeck walkforward`: a grid of settings over a price file, on all cores or a Dask cluster, and its verdict.

Shows progress on stderr and prints the verdict; runs nothing itself.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from engine.adapters.config_file import load_config
from engine.adapters.paths import config_path
from engine.adapters.price_file import read_prices
from engine.domain.errors import ConfigError
from engine.domain.units import Ms, iso
from engine.lab.rule_backtest import first_instant
from engine.lab.sweep import RowResult, Sweep, config_of, read_grid
from engine.lab.sweep_run import dask_cluster, local_processes, run_sweep
from engine.lab.walk_forward import WalkForward, walk_forward
from tui.commands.output import number, print_json, say
from tui.commands.replay import instant, with_assets_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepChoice:
    """What a person asked for on the command line."""

    prices: Path
    config: Path | None
    sweep: Path
    begin: str = ""
    end: str = ""
    workers: int = 0
    dask: str = ""
    results: Path | None = None
    as_json: bool = False


def sweep(choice: SweepChoice) -> None:
    """Run a sweep and print its verdict. Raises ConfigError, RefusedError, StoreError."""
    wanted = sweep_of(choice)
    if choice.workers < 0:
        raise ConfigError("--workers is a number of processes, at least 1; leave it out for one per core")
    executors = dask_cluster(choice.dask) if choice.dask else local_processes(choice.workers or os.cpu_count() or 1)
    columns = (TextColumn("sweep"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("sweep", total=len(wanted.rows))
        found = run_sweep(
            wanted,
            executors,
            results=choice.results,
            progress=lambda done, of: bar.update(task, completed=done, total=of),
        )
    verdict = walk_forward(wanted, found)
    if choice.as_json:
        print_json(document(wanted, found, verdict))
    else:
        print(*verdict.words, sep="\n")


def sweep_of(choice: SweepChoice) -> Sweep:
    """Return the sweep that was asked for, every row's config checked before any of them runs. Raises ConfigError."""
    first, last = instant("--from", choice.begin), instant("--to", choice.end)
    place = config_path(choice.config)
    config = load_config(place).config
    rows, train, test = read_grid(choice.sweep)
    text = place.read_text(encoding="utf-8")
    prices = read_prices(choice.prices).covering(config.symbols)
    for warning in prices.warnings:
        say(f"warning: {warning}")
    config = with_assets_of(config, prices)
    for row in rows:
        config_of(text, row)
    end = Ms(int(prices.open_ms[-1]) + prices.bar_ms) if last is None else last
    begin = first_instant(config, prices) if first is None else first
    return Sweep(
        config=text,
        rows=rows,
        prices=choice.prices.resolve(),
        begin=begin,
        end=end,
        train_days=train,
        test_days=test,
    )


def document(wanted: Sweep, found: list[RowResult], verdict: WalkForward) -> dict[str, object]:
    """Return the sweep as JSON: every row in the order of the grid, never sorted by how well it did."""
    splits = [
        {
            "train_days": list(each.train),
            "test_days": list(each.test),
            "rank_stability": number(each.stability),
            "best_later": number(each.best_later),
        }
        for each in verdict.splits
    ]
    rows = [
        {
            "values": dict(row.values),
            "return": number(row.total_return),
            "max_drawdown": number(row.max_drawdown),
            "avg_gross": number(row.avg_gross),
            "rebalances": row.trades,
            "excess_a_day": number(sum(row.excess) / len(row.excess)) if row.excess else None,
        }
        for row in found
    ]
    return {
        "from": iso(wanted.begin),
        "to": iso(wanted.end),
        "words": list(verdict.words),
        "rank_stability": number(verdict.stability),
        "overfitting_probability": number(verdict.overfitting),
        "better_than_same_exposure": number(verdict.better),
        "splits": splits,
        "rows": rows,
    }
