"""Owns the verbs about an account at a venue as the command line has them: keys, drills. Options only."""

from typing import Annotated

import typer

from tui.commands.options import ConfigOption, JsonOption, StateOption, YesOption
from tui.commands.output import run_or_fail

account_verbs = typer.Typer()
credentials = typer.Typer(help="Keep keys of a venue, encrypted; the config never holds one.", no_args_is_help=True)
account_verbs.add_typer(credentials, name="credentials")

VenueArgument = Annotated[str, typer.Argument(metavar="VENUE", help="A venue's id, such as bybit.")]


@account_verbs.command()
def drill(
    kind: Annotated[str, typer.Argument(metavar="[FAULT]", help="What breaks; none lists them, mend ends them.")] = "",
    how_long: Annotated[str, typer.Option("--for", metavar="30s", help="How long, in real time.")] = "30s",
    config: ConfigOption = None,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Break the simulated exchange of a running 'demo --live-drill'."""
    from tui.commands.drill import drill as break_something

    run_or_fail(lambda: break_something(kind, state, how_long=how_long, as_json=as_json))


@account_verbs.command(name="setup-venue")
def setup_venue(yes: YesOption = False, config: ConfigOption = None, state: StateOption = None) -> None:
    """Show where the account is set otherwise than the config assumes, and set leverage after a yes."""
    from tui.commands.venue_setup import setup_venue as set_up

    run_or_fail(lambda: set_up(config, yes=yes))


@credentials.command(name="set")
def set_(venue: VenueArgument) -> None:
    """Ask for a key and keep it in the encrypted file."""
    from tui.commands.keeping_keys import keep

    run_or_fail(lambda: keep(venue))


@credentials.command()
def show() -> None:
    """Say of which venues keys are kept, and nothing of them."""
    from tui.commands.keeping_keys import show as show_venues

    run_or_fail(show_venues)


@credentials.command()
def forget(venue: VenueArgument) -> None:
    """Take a venue's keys out of the file."""
    from tui.commands.keeping_keys import forget as forget_venue

    run_or_fail(lambda: forget_venue(venue))
