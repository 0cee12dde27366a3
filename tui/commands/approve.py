"""Owns `driftdeck approve`: print one proposal, get a yes to exactly that (or --yes), follow it to its end."""

from pathlib import Path

from engine.domain.errors import RefusedError
from engine.domain.trade_views import ProposalsView
from engine.domain.views import Section
from tui.commands.approving import ask_to_approve, carry_out, show, waiting
from tui.commands.asking import ask_for, engine_socket
from tui.commands.question import refuse_unattended


def approve(ident: str, state: Path | None, *, yes: bool, note: str) -> None:
    """Approve a proposal. Raises RefusedError, NoEngineError."""
    socket = engine_socket(state)
    view = waiting(ask_for(socket, Section.PROPOSALS, ProposalsView), ident)
    if not yes:
        refuse_unattended(f"approving {ident}")
    show((view,))
    if not yes and not ask_to_approve((view,)):
        raise RefusedError(f"{ident} was not approved: it waits")
    carry_out(socket, (view,), note=note)
