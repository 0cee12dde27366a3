"""Owns the verbs of `driftdeck import` as the command line has them. Options only; `importing` does the work."""

from pathlib import Path
from typing import Annotated

import typer

from tui.commands.options import ConfigOption, JsonOption, StateOption
from tui.commands.output import run_or_fail

imports = typer.Typer(
    help="Bring history in. It fills the hours that the exchange's history lacks, and never replaces those it has.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@imports.command("csv")
def from_csv(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Price file: CSV, gzipped CSV or Parquet.")],
    asset_map: Annotated[
        list[str] | None,
        typer.Option("--asset-map", metavar="A=SYMBOL", help="What the file's A is here; may be given again."),
    ] = None,
    config: ConfigOption = None,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import a price file, wide or long."""
    from tui.commands.importing import import_csv

    run_or_fail(lambda: import_csv(file, config, state, named=tuple(asset_map or ()), as_json=as_json))


@imports.command("coingecko")
def from_coingecko(
    coins: Annotated[list[str], typer.Argument(metavar="ID...", help="API ids, such as ethereum solana.")],
    asset: Annotated[
        list[str] | None,
        typer.Option("--asset", metavar="ID=ETH", help="Which asset a coin is here; may be given again."),
    ] = None,
    days: Annotated[int, typer.Option(metavar="N", help="How far back: the free tier reaches 365 days.")] = 121,
    grace: Annotated[
        int, typer.Option(metavar="MIN", help="A price up to so many minutes after the hour still closes it.")
    ] = 10,
    config: ConfigOption = None,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import hourly prices from CoinGecko. Goes through the proxy of the config."""
    from tui.commands.importing import import_coingecko

    named = tuple(asset or ())
    run_or_fail(
        lambda: import_coingecko(
            tuple(coins), config, state, named=named, days=days, grace_minutes=grace, as_json=as_json
        )
    )


@imports.command("list")
def list_imports(config: ConfigOption = None, state: StateOption = None, as_json: JsonOption = False) -> None:
    """Show what is stored per asset. Says what of it was imported, and where it meets the exchange's history."""
    from tui.commands.importing import list_holdings

    run_or_fail(lambda: list_holdings(config, state, as_json=as_json))


@imports.command("forget")
def forget(
    assets: Annotated[list[str], typer.Argument(metavar="ASSET...", help="Assets of the config.")],
    config: ConfigOption = None,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Drop what was imported for these assets. The exchange's bars stay."""
    from tui.commands.importing import forget_imported

    run_or_fail(lambda: forget_imported(tuple(assets), config, state, as_json=as_json))
