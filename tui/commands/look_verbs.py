"""Owns the verbs about keys and colors as the command line has them. Options only; `look` prints."""

import typer

from tui.commands.options import JsonOption
from tui.commands.output import run_or_fail

look_verbs = typer.Typer()


@look_verbs.command()
def keys(as_json: JsonOption = False) -> None:
    """Print the keys of the cockpit."""
    from tui.commands.look import keys as print_keys

    run_or_fail(lambda: print_keys(as_json=as_json))


@look_verbs.command()
def themes(as_json: JsonOption = False) -> None:
    """List the color themes, in their own colors."""
    from tui.commands.look import themes as print_themes

    run_or_fail(lambda: print_themes(as_json=as_json))
