"""Owns `ack`, `hold`, `snooze`, `halt` and `resume`: what a person says to an alert, to a proposal, to all trading."""

from pathlib import Path

from engine.domain.commands import (
    AcknowledgeAlert,
    Command,
    HaltTrading,
    HoldProposal,
    ResumeTrading,
    SnoozeAlert,
    SnoozeProposal,
)
from engine.domain.errors import RefusedError
from engine.domain.trade_views import ProposalsView
from engine.domain.units import ProposalId
from engine.domain.views import AlertsView, Section
from tui.commands.asking import as_kind, ask_engine, engine_socket, tell_engine
from tui.commands.history import duration_ms
from tui.commands.output import say


def acknowledge(ident: str, state: Path | None, *, note: str) -> None:
    """Acknowledge an alert. Raises RefusedError, NoEngineError."""
    tell_engine(engine_socket(state), AcknowledgeAlert(id=ident, note=note))
    say(f"{ident} is acknowledged: it speaks again only when it worsens")


def hold(ident: str, state: Path | None, *, note: str) -> None:
    """Decide against a proposal. Raises RefusedError, NoEngineError."""
    tell_engine(engine_socket(state), HoldProposal(id=ProposalId(ident), note=note))
    say(f"{ident} is held: nothing is traded, and its cause is silent until it worsens")


def snooze(ident: str, state: Path | None, *, how_long: str) -> None:
    """Snooze an alert's cause, or put a proposal off. Raises RefusedError, NoEngineError, ConfigError."""
    for_ms = duration_ms("--for", how_long)
    socket = engine_socket(state)
    command, done = _snoozing(socket, ident, for_ms)
    tell_engine(socket, command)
    say(f"{ident} {done.format(how_long)}")


def halt(state: Path | None, *, note: str) -> None:
    """Let no order leave from now on. Raises RefusedError, NoEngineError."""
    tell_engine(engine_socket(state), HaltTrading(note=note))
    say("trading is halted: no order leaves, what is open is canceled, and a restart changes nothing about it")


def resume(state: Path | None, *, note: str) -> None:
    """Let orders leave again. Raises RefusedError, NoEngineError."""
    tell_engine(engine_socket(state), ResumeTrading(note=note))
    say("trading goes on: orders may leave again")


def _snoozing(socket: Path, ident: str, for_ms: int) -> tuple[Command, str]:
    """Return the command for what this id names, and what is true after it. Raises RefusedError where it names nothing.

    The engine knows which ids are alerts and which are proposals; their spelling is not ours to read.
    """
    alerts_view, proposals_view = ask_engine(socket, Section.ALERTS, Section.PROPOSALS)
    alerts, proposals = as_kind(alerts_view, AlertsView), as_kind(proposals_view, ProposalsView)
    if any(view.proposal.id == ident for view in (*proposals.pending, *proposals.recent)):
        put_off = SnoozeProposal(id=ProposalId(ident), for_ms=for_ms)
        return put_off, "is put off: nothing is drafted for its basket by itself for {} of market time"
    if any(alert.id == ident for alert in (*alerts.standing, *alerts.recent)):
        silent = SnoozeAlert(id=ident, for_ms=for_ms)
        return silent, "is silent for {} of market time, also if it ends and comes back"
    there = [*(alert.id for alert in alerts.standing), *(view.proposal.id for view in proposals.pending)]
    raise RefusedError(f"{ident} is neither an alert nor a proposal; now there are: {', '.join(there) or 'none'}")
