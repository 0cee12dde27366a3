"""The desk of a FakeScene: keeps proposals, takes decisions, fills legs one a step.

`FakeDesk.answer` does what a command asks for and returns the facts; `step` lets the market execute.
"""

import dataclasses
import math
from decimal import Decimal

from engine.domain.commands import (
    ApproveProposals,
    CloseBasket,
    Command,
    EditProposal,
    FlattenAccount,
    HaltTrading,
    HoldProposal,
    OpenBasket,
    RebalanceBasket,
    ResumeTrading,
    SnoozeProposal,
)
from engine.domain.errors import RefusedError
from engine.domain.events import Event
from engine.domain.facts import (
    Actor,
    FillRecorded,
    OrderIntended,
    ProposalDecided,
    ProposalDrafted,
    ProposalEnded,
    TradingHalted,
    TradingResumed,
)
from engine.domain.order import Allocation, Order, OrderState
from engine.domain.proposal import Decision, Proposal, ProposalKind, ProposalState
from engine.domain.trade_views import BlotterView, FillView, OrderView, ProposalsView, ProposalView
from engine.domain.units import ClientOrderId, FillId, Ms, ProposalId, VenueOrderId
from engine.domain.views import BasketState
from support.fake_drafts import FEE, VALID_S, Drafter, positions
from support.fake_scene import FakeScene

SLIP_BPS = 1.2
_STATE_OF = {
    Decision.APPROVE: ProposalState.EXECUTING,
    Decision.HOLD: ProposalState.HELD,
    Decision.SNOOZE: ProposalState.SNOOZED,
}


class FakeDesk:
    """Proposals by id over one scene."""

    def __init__(self, scene: FakeScene) -> None:
        self.scene = scene
        self.views: dict[ProposalId, ProposalView] = {}
        self.refusals: dict[ProposalId, str] = {}  # a test's reasons why a proposal could not be approved now
        self.closed: str = ""  # a test's reason to refuse every draft
        self.stale: str = ""  # a test's reason to refuse the next approval, with a fresh quote
        self.fills: list[FillView] = []
        self.slow = False  # True: orders stay open until a test fills them
        self.drafter = Drafter(scene)

    def proposals(self) -> ProposalsView:
        """Return the section."""
        newest_first = list(reversed(self.views.values()))
        waiting = [self._of_now(view) for view in newest_first if view.state is ProposalState.PENDING]
        return ProposalsView(
            pending=tuple(sorted(waiting, key=lambda view: -view.proposal.before.es95_rho95)),
            recent=tuple(view for view in newest_first if view.state is not ProposalState.PENDING),
        )

    def blotter(self) -> BlotterView:
        """Return the section."""
        orders = [order for view in reversed(self.views.values()) for order in view.orders]
        return BlotterView(
            orders=tuple(orders),
            fills=tuple(reversed(self.fills)),
            positions=positions(self.scene),
            equity=tuple(
                (Ms(self.scene.market_ms - (60 - n) * 14_400_000), 50_000 + 900 * math.sin(n / 7) - 12.0 * n)
                for n in range(60)
            ),
        )

    def apply(self, event: Event) -> None:
        """Take in a fact."""
        match event:
            case ProposalDrafted(proposal=made):
                if made.supersedes in self.views:
                    self._change(made.supersedes, state=ProposalState.SUPERSEDED, ended_why=f"{made.id} took its place")
                self.views[made.id] = ProposalView(proposal=made, state=ProposalState.PENDING, left_s=VALID_S)
                self.scene.states[made.basket] = BasketState.PROPOSAL
            case ProposalDecided():
                who = event.actor.who
                changes = {"state": _STATE_OF[event.decision], "decided_by": who, "decided_ms": event.at}
                self._change(event.proposal, **changes, left_s=math.nan, note=event.note)
                self.scene.states.pop(event.basket, None)
            case ProposalEnded():
                self._change(event.proposal, state=event.state, ended_why=event.why, left_s=math.nan)
            case OrderIntended(order=order):
                self._sent(order, event.at)
            case FillRecorded():
                self._filled(event)
            case TradingHalted():
                self.scene.told["halted"] = event.note or f"by {event.actor.who}"
            case TradingResumed():
                self.scene.told.pop("halted", None)
            case _:
                pass

    def answer(self, command: Command, actor: Actor) -> list[Event]:  # noqa: PLR0911 - one return per command
        """Return the facts that a request leads to. Raises RefusedError with the engine's kind of reason."""
        now = self.scene.market_ms
        if self.closed:
            raise RefusedError(self.closed)
        match command:
            case ApproveProposals():
                return self._approve(command, actor)
            case HoldProposal():
                return [self._decided(command.id, Decision.HOLD, actor, note=command.note)]
            case SnoozeProposal():
                return [self._decided(command.id, Decision.SNOOZE, actor, until=Ms(now + command.for_ms))]
            case EditProposal():
                old = self._waiting(command.id).proposal
                target, edit = old.factor, {"drop": command.drop, "scale": command.scale}
                made = self.drafter.draft(old.basket, old.kind, target, reason=old.reason, supersedes=old.id, **edit)  # type: ignore[arg-type]
                return [made]
            case OpenBasket():
                return [self.drafter.draft(command.basket, ProposalKind.OPEN, self.scene.target(command.basket))]
            case RebalanceBasket():
                target = self.scene.target(command.basket)
                return [self.drafter.draft(command.basket, ProposalKind.REBALANCE, target, reason=command.note)]
            case CloseBasket():
                return [self.drafter.draft(command.basket, ProposalKind.CLOSE, 0.0)]
            case FlattenAccount():
                return [
                    self.drafter.draft(name, ProposalKind.CLOSE, 0.0)
                    for name in self.scene.legs
                    if self.scene.factor(name)
                ]
            case HaltTrading():
                return [TradingHalted(at=now, note=command.note, actor=actor)]
            case ResumeTrading():
                return [TradingResumed(at=now, note=command.note, actor=actor)]
            case _:
                return []

    def step(self) -> list[Event]:
        """Fill the next order of every execution; say when one is done."""
        if self.slow:
            return []
        found: list[Event] = []
        for view in self.views.values():
            if view.state is not ProposalState.EXECUTING:
                continue
            left = [order for order in view.orders if not order.state.over]
            if left:
                found.append(self.fill(view.proposal, left[0]))
            if len(left) <= 1:
                found.append(self._ended(view.proposal, ProposalState.DONE))
        return found

    def fill(self, proposal: Proposal, order: OrderView) -> FillRecorded:
        """Return the fill of a whole order, a little worse than planned."""
        price = order.price * (1 + Decimal(str(SLIP_BPS)) / 10_000 * order.side.sign)
        return FillRecorded(
            at=self.scene.market_ms,
            fill_id=FillId(f"t{len(self.fills) + 1}"),
            client_order_id=order.client_order_id,
            proposal=proposal.id,
            basket=proposal.basket,
            asset=order.asset,
            symbol=order.symbol,
            side=order.side,
            quantity=order.quantity,
            price=price,
            fee=order.quantity * price * Decimal(str(FEE)),
        )

    def requote(self, ident: ProposalId) -> ProposalDrafted:
        """Return a fresh quote of a proposal, whose prices have moved."""
        return self.drafter.requote(self.views[ident].proposal)

    def _approve(self, command: ApproveProposals, actor: Actor) -> list[Event]:
        for shown in command.shown:
            view = self._waiting(shown.id)
            if view.proposal.hash != shown.hash:
                raise RefusedError(f"{shown.id} is not what was on the screen")
            if self.scene.told.get("halted"):
                raise RefusedError(f"trading is halted: {self.scene.told['halted']}")
        facts: list[Event] = []
        for shown in command.shown:
            facts += self.approved(self.views[shown.id].proposal, actor)
        return facts

    def approved(self, proposal: Proposal, actor: Actor) -> list[Event]:
        """Return the facts of an approval: the decision, then an intent per leg."""
        return [self._decided(proposal.id, Decision.APPROVE, actor), *self._intents(proposal)]

    def _intents(self, proposal: Proposal) -> list[Event]:
        return [
            OrderIntended(
                at=self.scene.market_ms,
                order=Order(
                    client_order_id=ClientOrderId(f"dd-{proposal.id}-{leg.asset}"),
                    asset=leg.asset,
                    symbol=leg.symbol,
                    side=leg.side,
                    quantity=leg.quantity,
                    price=leg.price,
                    limit=None,
                    reduce_only=leg.reduces,
                    allocations=(Allocation(basket=proposal.basket, proposal=proposal.id, quantity=leg.quantity),),
                ),
            )
            for leg in proposal.legs
        ]

    def _sent(self, order: Order, at: Ms) -> None:
        part = order.allocations[0]
        view = self.views[part.proposal]
        sent = OrderView(
            client_order_id=order.client_order_id,
            venue_order_id=VenueOrderId(f"v{len(view.orders) + 1}"),
            proposals=(part.proposal,),
            baskets=(part.basket,),
            asset=order.asset,
            symbol=order.symbol,
            side=order.side,
            quantity=order.quantity,
            price=order.price,
            filled=Decimal(0),
            average_price=None,
            state=OrderState.OPEN,
            reduce_only=order.reduce_only,
            latency_ms=38.0,
            slippage_bps=math.nan,
            updated_ms=at,
            note="",
        )
        self._change(part.proposal, orders=(*view.orders, sent))

    def _filled(self, event: FillRecorded) -> None:
        view, scene = self.views[event.proposal], self.scene
        done = {"filled": event.quantity, "average_price": event.price, "state": OrderState.FILLED}
        orders = tuple(
            dataclasses.replace(order, **done, slippage_bps=SLIP_BPS, updated_ms=event.at)  # type: ignore[arg-type]
            if order.client_order_id == event.client_order_id
            else order
            for order in view.orders
        )
        self._change(event.proposal, orders=orders)
        if all(order.state is OrderState.FILLED for order in orders):
            scene.factors[event.basket] = view.proposal.factor
        self.fills.append(
            FillView(
                at_ms=event.at,
                fill_id=event.fill_id,
                proposal=event.proposal,
                basket=event.basket,
                asset=event.asset,
                side=event.side,
                quantity=event.quantity,
                price=event.price,
                fee=event.fee,
            )
        )

    def _of_now(self, view: ProposalView) -> ProposalView:
        return dataclasses.replace(view, refusal=self.refusals.get(view.proposal.id, ""))

    def _waiting(self, ident: ProposalId) -> ProposalView:
        view = self.views.get(ident)
        if view is None or view.state is not ProposalState.PENDING:
            raise RefusedError(f"no proposal {ident!r} waits")
        return view

    def _decided(
        self, ident: ProposalId, decision: Decision, actor: Actor, *, note: str = "", until: Ms | None = None
    ) -> ProposalDecided:
        proposal = self._waiting(ident).proposal
        return ProposalDecided(
            at=self.scene.market_ms,
            proposal=ident,
            basket=proposal.basket,
            hash=proposal.hash,
            decision=decision,
            note=note,
            until=until,
            actor=actor,
        )

    def _ended(self, proposal: Proposal, state: ProposalState, why: str = "") -> ProposalEnded:
        return ProposalEnded(
            at=self.scene.market_ms, proposal=proposal.id, basket=proposal.basket, state=state, why=why
        )

    def _change(self, ident: ProposalId, **changes: object) -> None:
        self.views[ident] = dataclasses.replace(self.views[ident], **changes)  # type: ignore[arg-type]
