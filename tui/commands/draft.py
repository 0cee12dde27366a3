"""Owns the verbs that draft: open, rebalance, close, flatten, edit. Each prints what it drafted and may go on with it.

On a terminal it asks, with --yes it approves at once, and else the draft waits like any other proposal.
"""

from collections.abc import Sequence
from pathlib import Path

from engine.domain.commands import (
    CloseBasket,
    Command,
    EditProposal,
    FlattenAccount,
    OpenBasket,
    RebalanceBasket,
)
from engine.domain.errors import ConfigError, RefusedError
from engine.domain.trade_views import ProposalsView
from engine.domain.units import Asset, BasketName, ProposalId
from engine.domain.views import Section
from tui.commands.amounts import share
from tui.commands.approving import ask_to_approve, carry_out, show, waiting
from tui.commands.asking import ask_for, engine_socket, tell_engine
from tui.commands.output import say
from tui.commands.question import somebody_is_there


def open_basket(basket: str, state: Path | None, *, yes: bool) -> None:
    """Draft the opening trades of a basket."""
    _draft(OpenBasket(basket=BasketName(basket)), state, yes=yes)


def rebalance(basket: str, state: Path | None, *, note: str, yes: bool) -> None:
    """Draft the way to the targets of now."""
    if not note.strip():
        raise ConfigError("--note: say what changed in the thesis; it stands in the journal beside the trades")
    _draft(RebalanceBasket(basket=BasketName(basket), note=note), state, yes=yes)


def close(basket: str, state: Path | None, *, fraction: str, yes: bool) -> None:
    """Draft the closing of a basket, or of a share of every leg."""
    _draft(CloseBasket(basket=BasketName(basket), fraction=share("--fraction", fraction)), state, yes=yes)


def flatten(state: Path | None, *, yes: bool) -> None:
    """Draft the closing of everything; one yes approves all of it together."""
    _draft(FlattenAccount(), state, yes=yes)


def edit(ident: str, state: Path | None, *, drop: Sequence[str], scale: str, yes: bool) -> None:
    """Draft a proposal again without some of its legs, or smaller."""
    names = [name.strip() for word in drop for name in word.split(",") if name.strip()]
    size = share("--scale", scale)
    if not names and size == 1:
        raise ConfigError("edit what? Give --drop ASSET, --scale 50%, or both")
    dropped = tuple(Asset(name) for name in names)
    _draft(EditProposal(id=ProposalId(ident), drop=dropped, scale=size), state, yes=yes)


def _draft(command: Command, state: Path | None, *, yes: bool) -> None:
    socket = engine_socket(state)
    made = tell_engine(socket, command)
    if not made:
        raise RefusedError("the engine drafted nothing and gave no reason: look at its log")
    board = ask_for(socket, Section.PROPOSALS, ProposalsView)
    views = tuple(waiting(board, ident) for ident in made)
    show(views)
    if yes or (somebody_is_there() and ask_to_approve(views)):
        carry_out(socket, views)
        return
    for view in views:
        say(f"nothing is sent; {view.proposal.id} waits: 'driftdeck approve {view.proposal.id}' sends it")
