"""Owns the `driftdeck` command: which verbs there are and how their options look. Each verb's work has its own file.

Imports nothing heavy: a verb's module is imported when it is called. Errors become one line and an exit code here.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import click
import typer
from typer.main import get_command_name

from engine import __version__
from engine.domain.errors import ExitCode
from tui.cockpit.outward import NoticeForm
from tui.commands.account_verbs import account_verbs
from tui.commands.import_verbs import imports
from tui.commands.lab_verbs import lab_verbs
from tui.commands.look_verbs import look_verbs
from tui.commands.options import (
    AsciiOption,
    ConfigOption,
    JsonOption,
    NoticesOption,
    PrivateOption,
    RedUpOption,
    StateOption,
    ThemeOption,
)
from tui.commands.output import run_or_fail, say
from tui.commands.price_verbs import price_verbs
from tui.commands.record_verbs import record_verbs
from tui.commands.streams import prepare_streams, write_out
from tui.commands.trade_verbs import verbs

app = typer.Typer(
    name="driftdeck",
    help="A terminal cockpit for thematic crypto baskets that hedges the correlation between positions.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"driftdeck {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Watch how the pairs of your baskets move together, and act when that changes."""


@app.command()
def demo(
    speed: Annotated[float, typer.Option(metavar="X", help="Market seconds per real second.")] = 600.0,
    scenario: Annotated[
        str, typer.Option(metavar="NAME", help="calm, cascade, overnight, decouple or alternating.")
    ] = "alternating",
    seed: Annotated[int, typer.Option(metavar="N", help="Another seed, another market.")] = 7,
    replay: Annotated[Path | None, typer.Option(metavar="FILE", help="Play a price file as the market.")] = None,
    start: Annotated[str, typer.Option(metavar="ISO", help="Where the replay starts.")] = "",
    venue: Annotated[str, typer.Option(metavar="ID", help="Whose dialect is spoken: bybit or binance.")] = "bybit",
    market: Annotated[str, typer.Option(metavar="KIND", help="swap or spot (which holds no shorts).")] = "swap",
    live_drill: Annotated[
        bool, typer.Option("--live-drill", help="Trade an account of the simulated exchange with signed orders.")
    ] = False,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Your own baskets, rules and limits; they start flat.")
    ] = None,
    headless: Annotated[bool, typer.Option("--headless", help="No screen: one line per check and basket.")] = False,
    duration: Annotated[
        float | None, typer.Option(metavar="S", help="Headless: end S wall seconds after the first check.")
    ] = None,
    state: StateOption = None,
    no_tour: Annotated[bool, typer.Option("--no-tour", help="No hints at the start; G shows them.")] = False,
    theme: ThemeOption = "",
    ascii_only: AsciiOption = False,
    red_up: RedUpOption = False,
    private: PrivateOption = False,
    notices: NoticesOption = NoticeForm.AUTO,
) -> None:
    """Try it: a simulated exchange, an engine and a cockpit. No key, no network."""
    from tui.cockpit.options import Look
    from tui.commands.demo import DemoChoice
    from tui.commands.demo import demo as run_demo

    choice = DemoChoice(
        speed=speed,
        scenario=scenario,
        seed=seed,
        replay=replay,
        start=start,
        venue=venue,
        market=market,
        live_drill=live_drill,
        config=config,
        headless=headless,
        duration_s=duration,
        state=state,
        tour=not no_tour,
        look=Look(theme=theme, ascii_only=ascii_only, red_up=red_up, private=private, notices=notices),
    )
    raise typer.Exit(run_or_fail(lambda: run_demo(choice)))


@app.command()
def init(
    config: ConfigOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing, take the defaults.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
) -> None:
    """Write a commented config."""
    from tui.commands.init import init as write_config

    run_or_fail(lambda: write_config(config, yes=yes, force=force))


@app.command()
def check(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Validate the config. All errors come at once, each with file, key and reason."""
    from tui.commands.check import check as check_config

    run_or_fail(lambda: check_config(config, as_json=as_json))


@app.command()
def doctor(
    venue: Annotated[str, typer.Option("--venue", metavar="ID", help="Only look at what this venue can do.")] = "",
    market: Annotated[str, typer.Option(metavar="KIND", help="swap or spot; else the config's.")] = "",
    quote: Annotated[str, typer.Option(metavar="Q", help="Quote currency; else the config's.")] = "",
    config: ConfigOption = None,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look at terminal, config, clock and venue. Says what to type where it hurts."""
    from tui.commands.doctor import AskedVenue
    from tui.commands.doctor import run as run_doctor

    asked = AskedVenue(id=venue, market=market, quote=quote)
    run_or_fail(lambda: run_doctor(config, state, asked=asked, as_json=as_json))


@app.command()
def run(
    config: ConfigOption = None,
    state: StateOption = None,
    headless: Annotated[bool, typer.Option("--headless", help="Engine in the foreground, no cockpit.")] = False,
    live: Annotated[bool, typer.Option("--live", help="Allow live orders (needs mode = live in the config).")] = False,
    theme: ThemeOption = "",
    ascii_only: AsciiOption = False,
    red_up: RedUpOption = False,
    private: PrivateOption = False,
    notices: NoticesOption = NoticeForm.AUTO,
) -> None:
    """Start the engine unless it runs, and open the cockpit. The engine goes on in the background."""
    from tui.cockpit.options import Look
    from tui.commands.run import run as run_engine

    look = Look(theme=theme, ascii_only=ascii_only, red_up=red_up, private=private, notices=notices)
    run_or_fail(lambda: run_engine(config, state, headless=headless, live=live, look=look))


@app.command()
def attach(
    config: ConfigOption = None,
    state: StateOption = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Look, decide nothing.")] = False,
    theme: ThemeOption = "",
    ascii_only: AsciiOption = False,
    red_up: RedUpOption = False,
    private: PrivateOption = False,
    notices: NoticesOption = NoticeForm.AUTO,
) -> None:
    """Open another cockpit on the running engine."""
    from tui.cockpit.options import Look
    from tui.commands.run import attach as attach_cockpit

    look = Look(theme=theme, ascii_only=ascii_only, red_up=red_up, private=private, notices=notices)
    run_or_fail(lambda: attach_cockpit(config, state, read_only=read_only, look=look))


@app.command()
def stop(config: ConfigOption = None, state: StateOption = None) -> None:
    """Stop the engine."""
    from tui.commands.stop import stop as stop_engine

    run_or_fail(lambda: stop_engine(state))


@app.command()
def status(config: ConfigOption = None, state: StateOption = None, as_json: JsonOption = False) -> None:
    """Show engine, venue, cycle, account and baskets."""
    from tui.commands.status import status as show_status

    run_or_fail(lambda: show_status(state, as_json=as_json))


@app.command()
def baskets(config: ConfigOption = None, state: StateOption = None, as_json: JsonOption = False) -> None:
    """Show the baskets."""
    from tui.commands.status import baskets as show_baskets

    run_or_fail(lambda: show_baskets(state, as_json=as_json))


app.add_typer(imports, name="import")
app.add_typer(lab_verbs)
app.add_typer(look_verbs)
app.add_typer(account_verbs)
app.add_typer(record_verbs)
app.add_typer(price_verbs)
app.add_typer(verbs)  # without a name: its verbs are verbs of `driftdeck` itself


def _answer() -> None:
    """Run what was typed; what cannot be understood gets one line first, as every other mistake."""
    try:
        code = app(standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as asked:
        asked.show()
        sys.exit(asked.exit_code)
    except click.UsageError as error:
        words, asks, guess = error.format_message().partition("Did you mean")
        words += asks + guess.partition("Did you mean")[0].rstrip(" (")  # typer guesses, and newer clicks do, too
        path = error.ctx.command_path if error.ctx is not None else "driftdeck"
        say(f"driftdeck: {words[:1].lower()}{words[1:].rstrip('.')}\n  see '{path} --help'")
        sys.exit(int(ExitCode.USAGE))
    except click.Abort:
        say("\ndriftdeck: the questions were not answered to the end: nothing was done")
        sys.exit(int(ExitCode.REFUSED))
    sys.exit(code if isinstance(code, int) else int(ExitCode.DONE))


def spare_other_verbs(words: Sequence[str]) -> None:
    """Leave only the verb that the first word names, if it names one: building all forty would cost 15 ms each time."""
    groups = [app, *(each.typer_instance for each in app.registered_groups if each.typer_instance and not each.name)]
    commands = (command for group in groups for command in group.registered_commands)
    named = {c.name or get_command_name(getattr(c.callback, "__name__", "")): c for c in commands}
    if words and words[0] in named:
        app.registered_commands, app.registered_groups = [named[words[0]]], []


def run_cli() -> None:
    """Run the command line: the entry point of `driftdeck` and of `python -m tui`."""
    prepare_streams()
    spare_other_verbs(sys.argv[1:])
    try:
        write_out(_answer)
    except KeyboardInterrupt:
        sys.exit(int(ExitCode.REFUSED))
