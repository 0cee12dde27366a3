"""Owns the verbs of the lab as the command line has them: what is asked of prices and of the book. Options only.

Merged into the `driftdeck` command by `main`. A verb's module is imported when it is called.
"""

from pathlib import Path
from typing import Annotated

import typer

from tui.commands.options import ConfigOption, JsonOption, StateOption
from tui.commands.output import run_or_fail
from tui.commands.processes import use_one_thread

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
    lab: Annotated[
        bool, typer.Option("--lab", help="Also who is liquidated first, past crashes, and the odds of it.")
    ] = False,
    lab_of: Annotated[str, typer.Option("--lab-of", metavar="B", help="That for one: a basket, or account.")] = "",
    leverage: Annotated[
        float | None, typer.Option("--leverage", metavar="X", help="As if every basket had this leverage.")
    ] = None,
    base: Annotated[bool, typer.Option("--base", help="The config's base exposure, on the stored bars.")] = False,
    sized: Annotated[bool, typer.Option("--sized", help="What the sizing rule would hold of that.")] = False,
    config: ConfigOption = None,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """What the book loses when correlations go to 1. Also when a hedge breaks or the market falls."""
    use_one_thread()
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
        lab=lab,
        lab_of=lab_of,
        leverage=leverage,
        base=base,
        sized=sized,
        as_json=as_json,
    )
    run_or_fail(lambda: stress_book(choice))


@lab_verbs.command()
def build(
    prices: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Price file; the bars that an engine stored otherwise.")
    ] = None,
    candidates: Annotated[str, typer.Option(metavar="A,B,...", help="Only these; all of the file otherwise.")] = "",
    theme: Annotated[str, typer.Option("--theme", metavar="NAME", help="The assets of a basket theme too.")] = "",
    size: Annotated[str, typer.Option(metavar="3-5", help="How many assets a basket has.")] = "3-5",
    shape: Annotated[
        str, typer.Option(metavar="long|short|neutral", help="With a hedge leg against them: short or neutral.")
    ] = "long",
    notional: Annotated[float, typer.Option(metavar="MONEY", help="How much money the basket gets.")] = 12_000,
    at: Annotated[str, typer.Option("--at", metavar="T", help="On the bars closed by then.")] = "",
    write: Annotated[str, typer.Option(metavar="NAME", help="Put one of them into the config, as this basket.")] = "",
    pick: Annotated[int, typer.Option(metavar="N", help="Which one --write takes.")] = 1,
    expect: Annotated[str, typer.Option(metavar="A,B,...", help="Refuse --write where --pick is another one.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
    config: ConfigOption = None,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Rank baskets of assets that belong together. Says why others do not."""
    from tui.commands.build import BuildChoice
    from tui.commands.build import build as build_baskets

    choice = BuildChoice(
        prices=prices,
        config=config,
        state=state,
        candidates=candidates,
        theme=theme,
        size=size,
        shape=shape,
        notional=notional,
        at=at,
        write=write,
        pick=pick,
        expect=expect,
        yes=yes,
        as_json=as_json,
    )
    run_or_fail(lambda: build_baskets(choice))
