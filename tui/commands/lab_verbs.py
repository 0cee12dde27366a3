"""Owns the verbs of the lab as the command line has them: what is asked of prices and of the book. Options only.

Merged into the `driftdeck` command by `main`. A verb's module is imported when it is called.
"""

from pathlib import Path
from typing import Annotated

import typer

from tui.commands.options import ConfigOption, JsonOption, StateOption
from tui.commands.output import run_or_fail

lab_verbs = typer.Typer()


@lab_verbs.command()
def stress(
    prices: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Stress the config's base exposure on this price file.")
    ] = None,
    at: Annotated[str, typer.Option("--at", metavar="T", help="On the bars closed by then.")] = "",
    basket: Annotated[str, typer.Option("--basket", metavar="B", help="Only this one.")] = "",
    rho: Annotated[
        list[str] | None, typer.Option("--rho", metavar="0.95", help="Raise every correlation to it; more than one.")
    ] = None,
    shock: Annotated[
        list[str] | None, typer.Option("--shock", metavar="BTC=-8%", help="A move that all follow by their betas.")
    ] = None,
    config: ConfigOption = None,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """What the book loses when correlations go to 1, a hedge breaks or the market falls."""
    from tui.commands.stress import StressChoice
    from tui.commands.stress import stress as stress_book

    choice = StressChoice(
        config=config,
        state=state,
        prices=prices,
        at=at,
        basket=basket,
        rho=tuple(rho or ("0.95",)),
        shock=tuple(shock or ()),
        as_json=as_json,
    )
    run_or_fail(lambda: stress_book(choice))
