"""Owns which proposal goes with what is on the screen, how much time it has left, and why it cannot be approved.

A review is pinned to the numbers it opened with: what the engine says later may forbid the approval, never change
what is under the hand. Never sends and never paints: panels and hands ask here, so that all say the same.
"""

import math

from engine.domain.proposal import Proposal, ProposalKind, ProposalState
from engine.domain.trade_views import OrderView, ProposalView
from engine.domain.units import ProposalId
from tui.cockpit import text
from tui.cockpit.choice import Review
from tui.cockpit.deck import PROPOSALS
from tui.cockpit.glyphs import Glyphs, clean
from tui.cockpit.key_names import Action
from tui.cockpit.keys import key_of
from tui.cockpit.scene import Scene

UNDER_WAY = (
    ProposalState.APPROVED,
    ProposalState.EXECUTING,
    ProposalState.DONE,
    ProposalState.PARTIAL,
    ProposalState.FAILED,
)
_WAITS = (ProposalState.PENDING, ProposalState.SNOOZED)
_SAME = 0.005
_ENDED = {
    ProposalState.SUPERSEDED: "re-quoted: prices moved",
    ProposalState.EXPIRED: "expired: its time ran out",
    ProposalState.HELD: "held",
    ProposalState.SNOOZED: "snoozed",
}


def pending(scene: Scene) -> tuple[ProposalView, ...]:
    """Return what waits for a decision, the most urgent first."""
    return scene.deck.proposals.pending


def of_basket(scene: Scene, name: str) -> ProposalView | None:
    """Return the proposal of a basket that waits for a decision."""
    return next((view for view in pending(scene) if view.proposal.basket == name), None)


def at_hand(scene: Scene) -> ProposalView | None:
    """Return the proposal that a key opens: the selected basket's, else the most urgent one."""
    chosen = scene.selected
    own = of_basket(scene, chosen.name) if chosen is not None else None
    return own or next(iter(pending(scene)), None)


def find(scene: Scene, ident: ProposalId) -> ProposalView | None:
    """Return a proposal as the engine sees it now, None where it has forgotten it."""
    board = scene.deck.proposals
    return next((view for view in (*board.pending, *board.recent) if view.proposal.id == ident), None)


def newer(scene: Scene, review: Review) -> ProposalView | None:
    """Return what waits in place of a reviewed proposal that does not wait any more."""
    for proposal in review.pinned:
        found = of_basket(scene, proposal.basket)
        if found is not None and (found.proposal.id, found.proposal.hash) != (proposal.id, proposal.hash):
            return found
    return None


def quotable(scene: Scene, review: Review) -> bool:
    """Return True where the engine would refuse the one reviewed proposal as it stands and may quote it anew."""
    if len(review.pinned) > 1 or scene.read_only or scene.frozen:
        return False
    view = find(scene, review.pinned[0].id)
    halted = scene.health is not None and bool(scene.health.halted)
    return view is not None and view.state in _WAITS and bool(view.refusal) and not halted


def left(scene: Scene, view: ProposalView | None) -> float:
    """Return the seconds a proposal can still be approved in, by this host's clock; NaN where it cannot."""
    if view is None:
        return math.nan
    return view.left_s - scene.deck.age_of(PROPOSALS, scene.now)


def shortest_left(scene: Scene, review: Review) -> float:
    """Return the seconds until the first of the reviewed proposals expires."""
    return min((left(scene, find(scene, ident)) for ident in review.ids), default=math.nan)


def under_way(scene: Scene, review: Review) -> bool:
    """Return True once somebody has approved what is reviewed."""
    views = [find(scene, ident) for ident in review.ids]
    return any(view is not None and view.state in UNDER_WAY for view in views)


def orders(scene: Scene, review: Review) -> tuple[OrderView, ...]:
    """Return the execution of what is reviewed; an order that serves several proposals comes once."""
    found: dict[str, OrderView] = {}
    for ident in review.ids:
        view = find(scene, ident)
        for order in view.orders if view is not None else ():
            found.setdefault(order.client_order_id, order)
    return tuple(found.values())


def barrier(scene: Scene, review: Review) -> str:
    """Return why the approval key does not count now, empty where it does."""
    here = _of_cockpit(scene) or review.busy
    if here:
        return here
    for proposal in review.pinned:
        why = _of_one(scene, proposal)
        if why:
            return f"{clean(proposal.basket)}: {why}" if len(review.pinned) > 1 else why
    health = scene.health
    return f"trading is halted: {clean(health.halted)}" if health is not None and health.halted else ""


def _of_cockpit(scene: Scene) -> str:
    if scene.read_only:
        return "read-only: attach without --read-only to decide"
    if scene.choice.locked:
        return f"locked: {key_of(Action.LOCK)} unlocks"
    if scene.frozen:
        return "the engine is gone"
    return f"amounts are hidden: {key_of(Action.PRIVATE)} shows them before you approve" if scene.glyphs.mask else ""


def _of_one(scene: Scene, proposal: Proposal) -> str:
    view = find(scene, proposal.id)
    if view is None:
        return "it is no longer on the engine's board"
    if view.proposal.hash != proposal.hash:
        return _ENDED[ProposalState.SUPERSEDED]
    if view.state in UNDER_WAY:
        return f"approved by {clean(view.decided_by)}" if view.decided_by else "approved already"
    if view.state is not ProposalState.PENDING:
        return _ended(view)
    rest = left(scene, view)
    if not math.isnan(rest) and rest <= 0:
        return _ENDED[ProposalState.EXPIRED]
    return clean(view.refusal)


def _ended(view: ProposalView) -> str:
    """Return why a proposal does not wait any more: it expires by the clock, by volatility, with its alert."""
    if view.state is ProposalState.EXPIRED and view.ended_why:
        return f"expired: {clean(view.ended_why)}"
    return _ENDED[view.state] + (f" by {clean(view.decided_by)}" if view.decided_by else "")


def cut(proposal: Proposal) -> float:
    """Return the part of the basket's gross that the proposal takes away, negative where it adds; NaN from flat."""
    before, after = proposal.before.gross, proposal.after.gross
    return 1 - after / before if before > 0 else math.nan


def headline(g: Glyphs, proposal: Proposal) -> str:
    """Return what the proposal does, in the fewest words: `cut gross 65 %`."""
    part = cut(proposal)
    if proposal.kind is ProposalKind.OPEN or math.isnan(part):
        return f"open {text.amount(g, proposal.after.gross)}"
    if proposal.kind is ProposalKind.CLOSE:
        return "close all" if part > 1 - _SAME else f"close {part * 100:.0f} %"
    if abs(part) < _SAME:
        return "shift weights"
    return f"{'cut' if part > 0 else 'add to'} gross {abs(part) * 100:.0f} %"


def stress(g: Glyphs, proposal: Proposal) -> str:
    """Return what the loss in the correlation stress becomes: `1.5k→0.5k`."""
    return f"{text.amount(g, proposal.before.es95_rho95)}{g.arrow}{text.amount(g, proposal.after.es95_rho95)}"
