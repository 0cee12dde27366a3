"""Owns the verbs of trading as the command line has them: what waits, decisions, drafts, money. Options only.

Merged into the `driftdeck` command by `main`. A verb's module is imported when it is called.
"""

from typing import Annotated

import typer

from tui.commands.options import ConfigOption, JsonOption, StateOption, YesOption
from tui.commands.output import run_or_fail

verbs = typer.Typer()

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The proposal, as 'driftdeck proposals' names it.")]
BasketArgument = Annotated[str, typer.Argument(metavar="BASKET", help="A basket of the config.")]
NoteOption = Annotated[str, typer.Option("--note", metavar="TEXT", help="Why; it stands in the journal.")]
NEGATIVE = {"ignore_unknown_options": True}  # -3.5 is a short quantity, not an option


@verbs.command()
def proposals(config: ConfigOption = None, state: StateOption = None, as_json: JsonOption = False) -> None:
    """Show what waits for a decision, and the last ones that did."""
    from tui.commands.blotter import proposals as show_proposals

    run_or_fail(lambda: show_proposals(state, as_json=as_json))


@verbs.command()
def orders(config: ConfigOption = None, state: StateOption = None, as_json: JsonOption = False) -> None:
    """Show the last orders."""
    from tui.commands.blotter import orders as show_orders

    run_or_fail(lambda: show_orders(state, as_json=as_json))


@verbs.command()
def positions(config: ConfigOption = None, state: StateOption = None, as_json: JsonOption = False) -> None:
    """Show what is held, and how the baskets share it."""
    from tui.commands.blotter import positions as show_positions

    run_or_fail(lambda: show_positions(state, as_json=as_json))


@verbs.command()
def approve(
    ident: IdArgument,
    yes: YesOption = False,
    note: NoteOption = "",
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Print a proposal, ask, and execute exactly what was printed."""
    from tui.commands.approve import approve as approve_proposal

    run_or_fail(lambda: approve_proposal(ident, state, yes=yes, note=note))


@verbs.command()
def hold(ident: IdArgument, note: NoteOption = "", config: ConfigOption = None, state: StateOption = None) -> None:
    """Decide against a proposal. Its cause is silent until it worsens."""
    from tui.commands.answer import hold as hold_proposal

    run_or_fail(lambda: hold_proposal(ident, state, note=note))


@verbs.command()
def ack(
    ident: Annotated[str, typer.Argument(metavar="ID", help="The alert, as 'driftdeck alerts' names it.")],
    note: NoteOption = "",
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Acknowledge an alert: it speaks again only when it worsens."""
    from tui.commands.answer import acknowledge

    run_or_fail(lambda: acknowledge(ident, state, note=note))


@verbs.command()
def snooze(
    ident: Annotated[str, typer.Argument(metavar="ID", help="An alert or a proposal.")],
    how_long: Annotated[str, typer.Option("--for", metavar="4h", help="How long, in market time.")] = "4h",
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Silence an alert's cause, or put a proposal off, for a while."""
    from tui.commands.answer import snooze as put_off

    run_or_fail(lambda: put_off(ident, state, how_long=how_long))


@verbs.command()
def halt(note: NoteOption = "", config: ConfigOption = None, state: StateOption = None) -> None:
    """Let no order leave from now on; survives restarts."""
    from tui.commands.answer import halt as halt_trading

    run_or_fail(lambda: halt_trading(state, note=note))


@verbs.command()
def resume(note: NoteOption = "", config: ConfigOption = None, state: StateOption = None) -> None:
    """Let orders leave again."""
    from tui.commands.answer import resume as resume_trading

    run_or_fail(lambda: resume_trading(state, note=note))


@verbs.command(name="open")
def open_(
    basket: BasketArgument, yes: YesOption = False, config: ConfigOption = None, state: StateOption = None
) -> None:
    """Draft the opening trades of a basket. Goes on to approve them."""
    from tui.commands.draft import open_basket

    run_or_fail(lambda: open_basket(basket, state, yes=yes))


@verbs.command()
def rebalance(
    basket: BasketArgument,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What changed in the thesis.")],
    yes: YesOption = False,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Draft the way to a basket's targets because you want it. Goes on to approve it."""
    from tui.commands.draft import rebalance as rebalance_basket

    run_or_fail(lambda: rebalance_basket(basket, state, note=note, yes=yes))


@verbs.command()
def close(
    basket: BasketArgument,
    fraction: Annotated[str, typer.Option("--fraction", metavar="F", help="Share of every leg: 0.5 or 50%.")] = "1",
    yes: YesOption = False,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Draft the closing of a basket, or of a share of it. Goes on to approve it."""
    from tui.commands.draft import close as close_basket

    run_or_fail(lambda: close_basket(basket, state, fraction=fraction, yes=yes))


@verbs.command()
def flatten(yes: YesOption = False, config: ConfigOption = None, state: StateOption = None) -> None:
    """Draft the closing of everything held. One yes approves it all."""
    from tui.commands.draft import flatten as flatten_account

    run_or_fail(lambda: flatten_account(state, yes=yes))


@verbs.command()
def edit(
    ident: IdArgument,
    drop: Annotated[list[str] | None, typer.Option("--drop", metavar="ASSET", help="Leave this leg out.")] = None,
    scale: Annotated[str, typer.Option("--scale", metavar="50%", help="Trade this share of every leg.")] = "100%",
    yes: YesOption = False,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Draft a proposal again, without some legs or smaller. Goes on to approve that."""
    from tui.commands.draft import edit as edit_proposal

    run_or_fail(lambda: edit_proposal(ident, state, drop=drop or (), scale=scale, yes=yes))


@verbs.command(context_settings=NEGATIVE)
def adopt(
    basket: BasketArgument,
    asset: Annotated[str, typer.Argument(metavar="ASSET", help="An asset of the basket.")],
    quantity: Annotated[str, typer.Argument(metavar="QTY", help="Signed: negative for a short.")],
    price: Annotated[str, typer.Option("--price", metavar="P", help="What it was taken in at; else the present.")] = "",
    note: NoteOption = "",
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Give a quantity that is held already to a basket."""
    from tui.commands.money import adopt as adopt_position

    run_or_fail(lambda: adopt_position(basket, asset, quantity, state, price=price, note=note))


@verbs.command(context_settings=NEGATIVE)
def deposit(
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="In the account's currency.")],
    note: NoteOption = "",
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Put paper money into the account."""
    from tui.commands.money import deposit as pay_in

    run_or_fail(lambda: pay_in(amount, state, note=note))


@verbs.command(context_settings=NEGATIVE)
def withdraw(
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="In the account's currency.")],
    note: NoteOption = "",
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Take paper money out of the account."""
    from tui.commands.money import withdraw as take_out

    run_or_fail(lambda: take_out(amount, state, note=note))


@verbs.command()
def reconcile(
    what: Annotated[str, typer.Argument(metavar="[ASSET]", help="A frozen asset, or 'balance'.")] = "",
    accept: Annotated[bool, typer.Option("--accept", help="Take the venue's word on it.")] = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Show where books and venue differ. With --accept, book what the venue says."""
    from tui.commands.reconciling import reconcile as compare

    run_or_fail(lambda: compare(what, state, accept=accept, yes=yes, as_json=as_json))


@verbs.command(context_settings=NEGATIVE)
def resolve(
    ident: Annotated[str, typer.Argument(metavar="ORDER", help="The client order id, as 'driftdeck orders' has it.")],
    filled: Annotated[str, typer.Option("--filled", metavar="QTY", help="All that was filled of it; 0 for nothing.")],
    price: Annotated[str, typer.Option("--price", metavar="P", help="At which average price.")] = "",
    note: NoteOption = "",
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Say what became of an order of unknown outcome."""
    from tui.commands.reconciling import resolve as resolve_order

    run_or_fail(lambda: resolve_order(ident, state, filled=filled, price=price, note=note))
