"""Owns the verbs of what is on record as the command line has them: alerts, journal, export. Options only.

Merged into the `driftdeck` command by `main`. A verb's module is imported when it is called.
"""

from pathlib import Path
from typing import Annotated

import typer

from engine.domain.views import ALL_ASSETS
from tui.commands.options import ConfigOption, JsonOption, StateOption
from tui.commands.output import run_or_fail

record_verbs = typer.Typer()


@record_verbs.command()
def alerts(
    since: Annotated[str, typer.Option(metavar="12h", help="Only those of the last 90m, 12h, 7d.")] = "",
    config: ConfigOption = None,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the alerts that stand, and those of a while."""
    from tui.commands.history import alerts as show_alerts

    run_or_fail(lambda: show_alerts(state, since=since, as_json=as_json))


@record_verbs.command()
def journal(
    since: Annotated[str, typer.Option(metavar="12h", help="Only the last 90m, 12h, 7d.")] = "",
    every: Annotated[
        bool, typer.Option("--all", help="Every fact as it is kept, checks and order reports too.")
    ] = False,
    config: ConfigOption = None,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell who decided what, when and why, and what became of it."""
    from tui.commands.history import journal as show_journal

    run_or_fail(lambda: show_journal(state, since=since, every=every, as_json=as_json))


@record_verbs.command()
def export(
    what: Annotated[
        str, typer.Argument(metavar="WHAT", help="journal, alerts, orders, fills, positions, matrix, bars.")
    ],
    target: Annotated[Path, typer.Option("--csv", metavar="FILE", help="Where to; '-' is stdout.")],
    force: Annotated[bool, typer.Option("--force", help="Write over an existing file.")] = False,
    scope: Annotated[str, typer.Option("--of", metavar="BASKET", help="matrix: of a basket, else of all assets.")] = "",
    view: Annotated[str, typer.Option(metavar="V", help="matrix: base, now, delta, calm, stress or 30d.")] = "now",
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Write records as CSV, with an engine running or not."""
    from tui.commands.export import export as export_records

    run_or_fail(lambda: export_records(what, state, target=target, force=force, scope=scope or ALL_ASSETS, view=view))
