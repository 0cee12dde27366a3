"""Owns the way from proposals that wait to money that moved: show, ask, send exactly what was shown, follow to the end.

Used by `approve` and by every verb that drafts. What is sent is the id and the hash of what was printed, so that an
answer to old numbers is refused by the engine, not executed.
"""

from collections.abc import Sequence
from pathlib import Path

from engine.domain.commands import ApproveProposals, Shown
from engine.domain.errors import NoEngineError, RefusedError
from engine.domain.order import OrderState
from engine.domain.proposal import ProposalState, no_proposal
from engine.domain.trade_views import BlotterView, OrderView, ProposalsView, ProposalView
from engine.domain.units import ClientOrderId, ProposalId
from engine.domain.views import Section
from engine.wire.client import View
from tui.cockpit.glyphs import UNICODE
from tui.cockpit.text import dollars
from tui.commands.asking import as_kind, ask_for, tell_engine, watch_engine
from tui.commands.output import say
from tui.commands.proposal_text import full_lines, order_line, traded
from tui.commands.question import says_yes

FOLLOWED_FOR_S = 120.0
ENDED = (ProposalState.DONE, ProposalState.PARTIAL, ProposalState.FAILED)
TOLD = (OrderState.FILLED, OrderState.CANCELED, OrderState.REJECTED, OrderState.UNKNOWN)


def waiting(board: ProposalsView, ident: str) -> ProposalView:
    """Return the proposal that waits under this id. Raises RefusedError saying what waits instead."""
    found = next((view for view in board.pending if view.proposal.id == ident), None)
    if found is not None:
        return found
    gone = next((view for view in board.recent if view.proposal.id == ident), None)
    if gone is None:
        raise RefusedError(no_proposal(ident, [view.proposal.id for view in board.pending]))
    why = f" ({gone.ended_why})" if gone.ended_why else ""
    newer = next((view for view in board.pending if view.proposal.basket == gone.proposal.basket), None)
    instead = (
        "" if newer is None or newer.proposal.id in gone.ended_why else f"; {newer.proposal.id} waits for a decision"
    )
    raise RefusedError(f"{ident} does not wait for a decision any more: it {gone.state.clause}{why}{instead}")


def show(views: Sequence[ProposalView]) -> None:
    """Print the proposals, each whole."""
    for view in views:
        print(*full_lines(view), "", sep="\n")


def ask_to_approve(views: Sequence[ProposalView]) -> bool:
    """Return True where a person says yes to all of them."""
    if len(views) == 1:
        return says_yes(f"Approve {views[0].proposal.id}?")
    total = sum(traded(view) for view in views)
    return says_yes(f"Approve all {len(views)}, {dollars(UNICODE, total)} together?")


def carry_out(socket: Path, views: Sequence[ProposalView], *, note: str = "") -> None:
    """Approve exactly these numbers and print what becomes of them, leg by leg.

    Raises RefusedError where the engine refuses, or where they do not end done.
    """
    shown = tuple(Shown(id=view.proposal.id, hash=view.proposal.hash) for view in views)
    tell_engine(socket, ApproveProposals(shown=shown, note=note))
    print("approved " + ", ".join(each.id for each in shown), flush=True)
    follower = Follower([each.id for each in shown])
    if not _followed(socket, follower):
        raise RefusedError(
            f"{', '.join(follower.open)} is still being executed after {FOLLOWED_FOR_S:.0f} s, and the engine goes on "
            "with it: 'driftdeck orders' shows where it stands"
        )
    print(*_results(socket, follower), sep="\n")
    short = [view for view in follower.ended if view.state is not ProposalState.DONE]
    if short:
        raise RefusedError(
            "; ".join(f"{v.proposal.id} {v.state.clause}: {v.ended_why or 'no reason given'}" for v in short)
        )


def _followed(socket: Path, follower: "Follower") -> bool:
    """Follow to the end, False where that takes too long. Whoever stops looking learns that the orders do not stop."""
    try:
        return watch_engine(socket, Section.PROPOSALS, follower.take, within_s=FOLLOWED_FOR_S)
    except KeyboardInterrupt:
        say("approved, and the engine goes on with it: 'driftdeck orders' shows where it stands")
        raise
    except NoEngineError as error:
        raise NoEngineError(
            f"approved, but {error}: what was sent is looked up when it starts again, and nothing is sent twice"
        ) from error


class Follower:
    """Prints each order once it is told, and knows when all proposals have come to their end."""

    def __init__(self, idents: Sequence[ProposalId]) -> None:
        self._idents = tuple(idents)
        self._printed: set[tuple[ClientOrderId, OrderState]] = set()
        self._latest: dict[ProposalId, ProposalView] = {}

    @property
    def open(self) -> tuple[ProposalId, ...]:
        """Return what is not over."""
        return tuple(i for i in self._idents if i not in self._latest or self._latest[i].state not in ENDED)

    @property
    def ended(self) -> tuple[ProposalView, ...]:
        """Return the proposals as they ended."""
        return tuple(self._latest[ident] for ident in self._idents)

    def take(self, view: View) -> bool:
        """Print the orders that are new; return whether all is over."""
        for each in as_kind(view, ProposalsView).recent:
            if each.proposal.id in self._idents:
                self._latest[each.proposal.id] = each
                for order in each.orders:
                    self._tell(order)
        return not self.open

    def _tell(self, order: OrderView) -> None:
        told = (order.client_order_id, order.state)  # one of unknown outcome is told again when it is known
        if order.state in TOLD and told not in self._printed:
            self._printed.add(told)
            print(order_line(order), flush=True)


def _results(socket: Path, follower: Follower) -> list[str]:
    """Return one line per proposal: how it ended, what was traded and what it cost."""
    fills = ask_for(socket, Section.BLOTTER, BlotterView).fills
    lines = []
    for view in follower.ended:
        mine = [fill for fill in fills if fill.proposal == view.proposal.id]
        size = float(sum(fill.quantity * fill.price for fill in mine))
        fees = float(sum(fill.fee for fill in mine))
        planned = dollars(UNICODE, float(view.proposal.cost))
        lines.append(
            f"{view.proposal.id} {view.state.clause}: traded {dollars(UNICODE, size)}, fees {dollars(UNICODE, fees)} "
            f"(all costs were planned at {planned})"
        )
    return lines
