"""Owns what the trader asks about proposals: drafts on request, approve, hold, snooze, edit, halt.

A request becomes facts or a refusal in one sentence. A decision fits exactly one state of the world: same id, same
hash, in time, fresh prices inside their band; where it does not, a fresh quote is drafted at once.
"""

from engine.core.approval import LOADING, answered, approve, decided, why_later, why_unfit
from engine.core.baskets import BasketTrack
from engine.core.drafting import Draftsman, is_flat, put_forward, why_nothing
from engine.core.execution import cancel_all
from engine.core.inputs import Stamp
from engine.core.money_moves import adopt, move_money
from engine.core.outcome import Outcome
from engine.core.quoting import quote_again
from engine.core.reconcile import accept
from engine.core.record import record
from engine.core.resolving import resolve
from engine.core.state import EngineState
from engine.core.trade_market import unpriced
from engine.domain.commands import (
    AcceptVenue,
    AdoptPosition,
    ApproveProposals,
    CloseBasket,
    DepositMoney,
    EditProposal,
    FlattenAccount,
    HaltTrading,
    HoldProposal,
    OpenBasket,
    RebalanceBasket,
    ResolveOrder,
    ResumeTrading,
    Shown,
    SnoozeProposal,
    TradeCommand,
    WithdrawMoney,
)
from engine.domain.errors import RefusedError
from engine.domain.facts import Actor, TradingHalted, TradingResumed
from engine.domain.proposal import Decision, Proposal, ProposalKind, no_proposal
from engine.domain.units import BasketName, Ms, ProposalId
from engine.rebalance.proposal_board import ProposalEntry


class Clerk:
    """Takes one request of one person at one moment."""

    def __init__(self, state: EngineState, stamp: Stamp, actor: Actor, out: Outcome) -> None:
        self._state = state
        self._stamp = stamp
        self._actor = actor
        self._out = out

    @property
    def _at(self) -> Ms:
        return self._stamp.market_ms

    def take(self, command: TradeCommand) -> None:
        """Do what is asked. Raises RefusedError."""
        if self._state.attempt.journal_down:
            raise RefusedError(f"nothing can be decided: {self._state.attempt.journal_down}")
        match command:
            case ApproveProposals():
                self._approve(command)
            case HoldProposal() | SnoozeProposal():
                self._put_off(command)
            case EditProposal():
                self._edit(command)
            case OpenBasket() | RebalanceBasket() | CloseBasket():
                self._draft(command)
            case FlattenAccount():
                self._flatten()
            case AdoptPosition():
                adopt(self._state, self._stamp, self._track(command.basket), command, self._actor, self._out)
            case DepositMoney() | WithdrawMoney():
                move_money(self._state, self._at, command, self._actor, self._out)
            case ResolveOrder():
                resolve(self._state, self._at, command, self._actor, self._out)
            case AcceptVenue():
                accept(self._state, self._at, command, self._actor, self._out)
            case HaltTrading():
                self._halt(command)
            case ResumeTrading():
                self._resume(command)

    # -- decisions

    def _approve(self, command: ApproveProposals) -> None:
        entries = [self._entry(shown.id) for shown in command.shown]
        if not entries:
            raise RefusedError("no proposal was named")
        for shown, entry in zip(command.shown, entries, strict=True):
            self._refuse_unfit(shown, entry)
        if len({entry.proposal.basket for entry in entries}) < len(entries):
            raise RefusedError("two proposals of one basket cannot be approved together")
        approve(self._state, self._stamp, [entry.proposal for entry in entries], self._actor, self._out, command.note)

    def _refuse_unfit(self, shown: Shown, entry: ProposalEntry) -> None:
        why = why_unfit(self._state, self._stamp, entry, shown.hash)
        if not why:
            later = why_later(self._state, entry.proposal)
            if later:
                raise RefusedError(later)
            return
        if entry.open:
            fresh = quote_again(self._state, self._stamp, entry, self._out)
            if fresh is None:
                why = f"{why}; there is nothing to do any more"
            elif fresh != entry.proposal.id:
                why = f"{why}; a fresh quote is there: {fresh}"
        elif (newer := self._state.trading.board.waiting(entry.proposal.basket)) is not None:
            why = f"{why}; {newer.proposal.id} waits for a decision"
        raise RefusedError(why)

    def _put_off(self, command: HoldProposal | SnoozeProposal) -> None:
        entry = self._entry(command.id)
        if not entry.open:
            raise RefusedError(f"proposal {command.id} does not wait for a decision any more: it {entry.state.clause}")
        until, note, decision = None, "", Decision.HOLD
        if isinstance(command, SnoozeProposal):
            decision, until = Decision.SNOOZE, Ms(self._at + command.for_ms)
            if command.for_ms <= 0:
                raise RefusedError(f"a snooze of {command.id} would be over already: give a time that lies ahead")
        else:
            note = command.note
        record(self._state, self._out, decided(entry.proposal, decision, self._actor, self._at, note=note, until=until))
        answered(self._state, entry.proposal)

    # -- drafts

    def _draft(self, command: OpenBasket | RebalanceBasket | CloseBasket) -> None:
        track = self._track(command.basket)
        flat = is_flat(self._state, command.basket)
        if isinstance(command, OpenBasket) and not flat:
            raise RefusedError(f"{command.basket} is open already: 'rebalance' brings it to its targets")
        if not isinstance(command, OpenBasket) and flat:
            raise RefusedError(f"{command.basket} holds nothing: 'open' drafts its opening trades")
        if isinstance(command, RebalanceBasket) and not command.note.strip():
            raise RefusedError("a rebalance of your own needs a note: say what changed in the thesis")
        if isinstance(command, CloseBasket) and not 0 < command.fraction <= 1:
            raise RefusedError(f"a fraction of {command.fraction:g} cannot be closed: give a number above 0 up to 1")
        self._refuse_unready(track)
        desk = Draftsman(self._state, self._at)
        match command:
            case OpenBasket():
                proposal = desk.of_kind(track, ProposalKind.OPEN, cause="", reason="opened by the trader")
            case RebalanceBasket(note=note):
                proposal = desk.of_kind(track, ProposalKind.REBALANCE, cause="", reason=note.strip())
            case CloseBasket(fraction=fraction):
                said = "closed by the trader" if fraction == 1 else f"{fraction:.0%} closed by the trader"
                proposal = desk.closing(track, fraction, reason=said)
        self._put_forward(proposal)

    def _edit(self, command: EditProposal) -> None:
        entry = self._entry(command.id)
        if not entry.open:
            raise RefusedError(f"proposal {command.id} cannot be edited: it {entry.state.clause}")
        if not 0 < command.scale <= 1:
            raise RefusedError(f"legs cannot be scaled to {command.scale:.0%}: give more than 0 % and up to 100 %")
        assets = {leg.asset for leg in entry.proposal.legs}
        strange = [asset for asset in command.drop if asset not in assets]
        if strange:
            raise RefusedError(f"proposal {command.id} has no leg in {', '.join(strange)}")
        track = self._track(entry.proposal.basket)
        self._refuse_unready(track)
        desk = Draftsman(self._state, self._at)
        self._put_forward(desk.edited(track, entry.proposal, command.drop, command.scale))

    def _flatten(self) -> None:
        tracks = [track for name, track in self._state.baskets.items() if not is_flat(self._state, name)]
        if not tracks:
            raise RefusedError("nothing is held: there is nothing to close")
        for track in tracks:
            self._refuse_unready(track)
        for track in tracks:
            proposal = Draftsman(self._state, self._at).closing(track, 1.0, reason="everything closed by the trader")
            if proposal.legs:
                put_forward(self._state, self._out, self._at, proposal)
        if not self._out.made:
            raise RefusedError("what is held is too small for the venue to close")

    def _put_forward(self, proposal: Proposal) -> None:
        if not proposal.legs:
            raise RefusedError(why_nothing(proposal))
        put_forward(self._state, self._out, self._at, proposal)

    def _halt(self, command: HaltTrading) -> None:
        if self._state.trading.halted is not None:
            raise RefusedError(f"trading is halted already: {self._state.trading.halted}")
        record(self._state, self._out, TradingHalted(at=self._at, note=command.note, actor=self._actor))
        cancel_all(self._state, self._stamp, self._out)

    def _resume(self, command: ResumeTrading) -> None:
        if self._state.trading.halted is None:
            raise RefusedError("trading is not halted")
        record(self._state, self._out, TradingResumed(at=self._at, note=command.note, actor=self._actor))

    # -- what every request needs

    def _entry(self, ident: ProposalId) -> ProposalEntry:
        entry = self._state.trading.board.get(ident)
        if entry is None:
            raise RefusedError(no_proposal(ident, [each.proposal.id for each in self._state.trading.board.open()]))
        return entry

    def _track(self, basket: BasketName) -> BasketTrack:
        track = self._state.baskets.get(basket)
        if track is None:
            raise RefusedError(f"no basket {basket!r}: there are {', '.join(self._state.baskets)}")
        return track

    def _refuse_unready(self, track: BasketTrack) -> None:
        name = track.basket.name
        if not self._state.ready or self._state.listed is None:
            raise RefusedError(LOADING)
        busy = self._state.trading.board.busy(name)
        if busy is not None:
            raise RefusedError(f"{busy.proposal.id} is still being executed: try again when it is over")
        stale = unpriced(self._state, track.basket, self._stamp.monotonic)
        if len(stale) == len(track.basket.legs):
            raise RefusedError(f"no leg of {name} has a fresh price: nothing can be sized")
