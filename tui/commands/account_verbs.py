"""Owns the verbs about an account at a venue as the command line has them: keys, drills, messages. Options only."""

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
    """Break the exchange of a running 'demo --live-drill'."""
    from tui.commands.drill import drill as break_something

    run_or_fail(lambda: break_something(kind, state, how_long=how_long, as_json=as_json))


@account_verbs.command(name="setup-venue")
def setup_venue(yes: YesOption = False, config: ConfigOption = None, state: StateOption = None) -> None:
    """Compare the account's settings with the config. Sets leverage after a yes."""
    from tui.commands.venue_setup import setup_venue as set_up

    run_or_fail(lambda: set_up(config, yes=yes))


@account_verbs.command()
def notify(
    test: Annotated[bool, typer.Option("--test", help="Send a message and a heartbeat now.")] = False,
    config: ConfigOption = None,
) -> None:
    """Say where messages go when you do not look. They tell of alerts, proposals, orders in doubt."""
    from tui.commands.notify import notify as show_ways

    run_or_fail(lambda: show_ways(config, test=test))


@account_verbs.command()
def watch(
    max_age: Annotated[str, typer.Option("--max-age", metavar="5h", help="Since the last check.")] = "5h",
    every: Annotated[str, typer.Option("--every", metavar="5m", help="How often to look.")] = "5m",
    once: Annotated[
        bool, typer.Option("--once", help="Look once: exit 1 where it is too long, 3 without one.")
    ] = False,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Notice that the engine does not check any more, and tell you."""
    from tui.commands.notify import watch as look_after

    run_or_fail(lambda: look_after(state, max_age=max_age, every=every, once=once))


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
