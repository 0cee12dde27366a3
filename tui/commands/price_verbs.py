"""Owns the verbs that read price files, as the command line has them: corr, replay, backtest, walkforward, rules.

Imports nothing heavy: a verb's module is imported when it is called.
"""

from pathlib import Path
from typing import Annotated

import typer

from tui.commands.options import ConfigOption, JsonOption, StateOption
from tui.commands.output import run_or_fail
from tui.commands.processes import use_one_thread

price_verbs = typer.Typer()


@price_verbs.command()
def corr(
    prices: Annotated[Path, typer.Option(metavar="FILE", help="Price file: CSV, gzipped CSV or Parquet.")],
    assets: Annotated[str, typer.Option(metavar="A,B", help="Which assets; all where none are named.")] = "",
    windows: Annotated[str, typer.Option(metavar="DAYS", help="Windows in days.")] = "30,60,90",
    at: Annotated[str, typer.Option(metavar="T", help="Use bars closed by T; the last one where not given.")] = "",
    bar: Annotated[str, typer.Option(metavar="1h|1d", help="Bar of the returns.")] = "1h",
    method: Annotated[str, typer.Option(metavar="NAME", help="pearson, winsorized or spearman.")] = "pearson",
    config: ConfigOption = None,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the correlation of returns in a price file."""
    from tui.commands.corr import corr as print_corr

    run_or_fail(
        lambda: print_corr(prices, assets=assets, windows=windows, at=at, bar=bar, method=method, as_json=as_json)
    )


@price_verbs.command()
def replay(
    prices: Annotated[Path, typer.Option(metavar="FILE", help="Price file: CSV, gzipped CSV or Parquet.")],
    config: ConfigOption = None,
    begin: Annotated[str, typer.Option("--from", metavar="T", help="First instant; earlier rows warm up.")] = "",
    end: Annotated[str, typer.Option("--to", metavar="T", help="Last instant.")] = "",
    series: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Also write a row per check and basket.")
    ] = None,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Drive the live signal code by a price file: years in seconds."""
    from tui.commands.replay import replay as run_replay

    run_or_fail(lambda: run_replay(prices, config, begin=begin, end=end, series_file=series, as_json=as_json))


@price_verbs.command()
def backtest(
    prices: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Price file; without one, the bars that the engine has stored.")
    ] = None,
    config: ConfigOption = None,
    begin: Annotated[str, typer.Option("--from", metavar="T", help="Start here; earlier rows are history.")] = "",
    end: Annotated[str, typer.Option("--to", metavar="T", help="Last instant.")] = "",
    decisions: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Trade at exactly these instants, one ISO time per line.")
    ] = None,
    funding: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Funding rates: timestamp and one column per asset.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Also write one page with charts (extra `report`).")
    ] = None,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """What the strategy would have done on past prices. From a file or the stored bars, beside simpler books."""
    use_one_thread()
    from tui.commands.backtest import BacktestChoice
    from tui.commands.backtest import backtest as run_backtest

    choice = BacktestChoice(
        prices=prices,
        config=config,
        state=state,
        begin=begin,
        end=end,
        decisions=decisions,
        funding=funding,
        html=html,
        as_json=as_json,
    )
    run_or_fail(lambda: run_backtest(choice))


@price_verbs.command()
def walkforward(
    prices: Annotated[Path, typer.Option(metavar="FILE", help="Price file: CSV, gzipped CSV or Parquet.")],
    sweep: Annotated[Path, typer.Option(metavar="FILE", help="TOML: [grid] of settings to try, [split] of days.")],
    config: ConfigOption = None,
    begin: Annotated[str, typer.Option("--from", metavar="T", help="Start here; earlier rows are history.")] = "",
    end: Annotated[str, typer.Option("--to", metavar="T", help="Last instant.")] = "",
    workers: Annotated[int, typer.Option(metavar="N", help="Local processes; one per core where not given.")] = 0,
    dask: Annotated[str, typer.Option(metavar="tcp://HOST:PORT", help="Run on this Dask cluster instead.")] = "",
    results: Annotated[
        Path | None, typer.Option(metavar="FILE.jsonl", help="Keep finished rows here, and go on from them.")
    ] = None,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try many settings. Says whether choosing among them would be choosing luck."""
    from tui.commands.walk_forward import SweepChoice
    from tui.commands.walk_forward import sweep as run_sweep

    choice = SweepChoice(
        prices=prices,
        config=config,
        sweep=sweep,
        begin=begin,
        end=end,
        workers=workers,
        dask=dask,
        results=results,
        as_json=as_json,
    )
    run_or_fail(lambda: run_sweep(choice))


@price_verbs.command()
def rules(
    explain: Annotated[bool, typer.Option("--explain", help="Count how often each fired in the last 90 days.")] = False,
    prices: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Count on this file, not on the stored bars.")
    ] = None,
    config: ConfigOption = None,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the rules in force with their formulas."""
    from tui.commands.rules import rules as show_rules

    run_or_fail(lambda: show_rules(config, state, prices=prices, explain=explain, as_json=as_json))
