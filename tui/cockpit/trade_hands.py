"""Owns the keys around proposals: open and pin a review, approve, hold, snooze, edit; draft, flatten, halt.

A request that moves money goes out only from an open review whose numbers are pinned. `hands` has checked before that
the key counts (read-only, guard). Never paints and never formats.
"""

from collections.abc import Callable

from engine.domain.commands import (
    ApproveProposals,
    CloseBasket,
    EditProposal,
    FlattenAccount,
    HoldProposal,
    OpenBasket,
    RebalanceBasket,
    Shown,
    SnoozeProposal,
)
from engine.domain.proposal import Proposal
from engine.domain.trade_views import ProposalView
from engine.domain.views import BasketView
from tui.cockpit import questions, reasons, reviews
from tui.cockpit.choice import Note, Review
from tui.cockpit.courier import Courier
from tui.cockpit.glyphs import clean
from tui.cockpit.stage import Stage

NOTE_MOST = 120


class TradeHands:
    """Act on proposals on one stage. `deafen` starts the guard after something new stands in front."""

    def __init__(
        self, stage: Stage, courier: Courier, *, tell: Callable[..., None], deafen: Callable[[], None]
    ) -> None:
        self._stage = stage
        self._courier = courier
        self._tell = tell
        self._deafen = deafen

    @property
    def _review(self) -> Review | None:
        return self._stage.choice.review

    def catch_up(self) -> None:
        """Open what was drafted for this trader, once it has come."""
        choice, scene = self._stage.choice, self._stage.scene()
        if not choice.expected or any((choice.note, choice.asking, choice.palette)) or scene.frozen:
            return
        found = [reviews.find(scene, ident) for ident in choice.expected]
        views = [view for view in found if view is not None]
        if len(views) == len(found):
            self._pin(views)

    def open_review(self) -> None:
        """Show the proposal at hand."""
        view = reviews.at_hand(self._stage.scene())
        if view is None:
            self._tell(reasons.NO_PROPOSAL, refused=False)
        else:
            self._pin([view])

    def newest(self) -> None:
        """Show what took the place of the proposal in front, or have it quoted anew where its prices moved."""
        scene, review = self._stage.scene(), self._review
        if review is None:
            return
        view = reviews.newer(scene, review)
        if view is not None:
            self._pin([view])
        elif reviews.quotable(scene, review):
            self._courier.send_for(review, EditProposal(id=review.pinned[0].id), "quoting it anew")

    def close_review(self) -> None:
        """Put the review away; nothing is decided."""
        self._stage.choice.review = None
        self._stage.choice.expected = ()
        self._deafen()

    def approve(self) -> None:
        """Ask the engine to execute exactly the pinned numbers."""
        review = self._review
        if review is not None and not reviews.barrier(self._stage.scene(), review):
            shown = tuple(Shown(id=one.id, hash=one.hash) for one in review.pinned)
            self._courier.send_for(review, ApproveProposals(shown=shown), "asking the engine")

    def ask_approval(self) -> None:
        """Ask whether exactly the pinned numbers shall be executed: chosen by name, it needs the other key as well."""
        review, scene = self._review, self._stage.scene()
        if review is not None and not reviews.barrier(scene, review):
            self._stage.choice.asking = questions.approve(scene, review, self.approve)
            self._deafen()

    def hold(self) -> None:
        """Ask for a note, then hold the proposal."""
        proposal = self._single()
        if proposal is None:
            return
        ident = proposal.id
        self._stage.choice.note = Note(
            verb="hold",
            done="held",
            subject=clean(proposal.basket),
            says=(
                "Do not trade: its cause is silent until it worsens.",
                "A note for the journal, or just enter.",
            ),
            make=lambda note: HoldProposal(id=ident, note=note),
        )
        self._deafen()

    def later(self) -> None:
        """Snooze the proposal."""
        proposal = self._single()
        if proposal is not None:
            command = SnoozeProposal(id=proposal.id, for_ms=questions.SNOOZE_MS)
            if self._courier.send(command, clean(proposal.basket), "snoozed for 4 h"):
                self.close_review()

    def mark_leg(self, step: int) -> None:
        """Mark another leg."""
        review = self._review
        if review is not None:
            count = len(review.pinned[0].legs) if len(review.pinned) == 1 else len(review.pinned)
            review.leg = (review.leg + step) % max(1, count)

    def drop_leg(self) -> None:
        """Have it drafted again without the marked leg."""
        proposal, review = self._single(), self._review
        if proposal is None or review is None or not proposal.legs:
            return
        asset = proposal.legs[review.leg % len(proposal.legs)].asset
        self._edit(review, EditProposal(id=proposal.id, drop=(asset,)))

    def scale(self, fraction: float) -> None:
        """Have it drafted again with every leg at a fraction."""
        proposal, review = self._single(), self._review
        if proposal is not None and review is not None:
            self._edit(review, EditProposal(id=proposal.id, scale=fraction))

    def more(self) -> None:
        """Turn the page of the review."""
        if self._review is not None:
            self._review.page += 1

    def rebalance(self) -> None:
        """Ask why, then have a rebalance drafted."""
        basket = self._held()
        if basket is None:
            return
        name = basket.name
        self._stage.choice.note = Note(
            verb="rebalance",
            done="rebalance drafted",
            subject=clean(name),
            says=("Why now? The thesis changed: how?", "It drafts a proposal; nothing trades before it is approved."),
            make=lambda note: RebalanceBasket(basket=name, note=note),
            required=True,
        )
        self._deafen()

    def open_basket(self) -> None:
        """Have the opening trades of a flat basket drafted."""
        scene = self._stage.scene()
        basket, why = scene.selected, reasons.held(scene)
        if why:
            self._tell(why)
        elif basket is not None:
            self._courier.send(OpenBasket(basket=basket.name), clean(basket.name), "opening drafted")

    def close_basket(self) -> None:
        """Have the closing of the selected basket drafted."""
        basket = self._held()
        if basket is not None:
            self._courier.send(CloseBasket(basket=basket.name), clean(basket.name), "closing drafted")

    def flatten(self) -> None:
        """Have the closing of everything drafted."""
        self._courier.send(FlattenAccount(), "account", "flattening drafted")

    def halt(self) -> None:
        """Ask whether orders shall stop, or may go again."""
        scene = self._stage.scene()
        self._stage.choice.asking = questions.halt(scene)
        self._deafen()

    def _pin(self, views: list[ProposalView]) -> None:
        choice = self._stage.choice
        choice.review = Review(tuple(view.proposal for view in views))
        choice.expected = ()
        self._deafen()

    def _single(self) -> Proposal | None:
        """Return the proposal in front, where it is one that still waits; otherwise say why not."""
        review, why = self._review, reasons.undecidable(self._stage.scene())
        if why:
            self._tell(why)
        return review.pinned[0] if review is not None and not why else None

    def _held(self) -> BasketView | None:
        scene = self._stage.scene()
        why = reasons.flat(scene)
        if why:
            self._tell(why)
        return scene.selected if not why else None

    def _edit(self, review: Review, command: EditProposal) -> None:
        self._courier.send_for(review, command, "drafting it again")

    def toggle_lock(self) -> None:
        """Lock every key that changes the engine, or unlock them."""
        self._stage.choice.locked = not self._stage.choice.locked
        self._tell(reasons.locked() if self._stage.choice.locked else "unlocked", refused=False)
        self._deafen()
