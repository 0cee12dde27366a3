"""Owns where every proposal stands and what was said about its cause: a fold of drafts, decisions and ends.

Never drafts, never decides and never sends. Rebuilt from the journal at each start, so a hold or a snooze survives.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.domain.facts import ProposalDecided, ProposalDrafted, ProposalEnded, ProposalFact
from engine.domain.proposal import Decision, Proposal, ProposalKind, ProposalState
from engine.domain.units import BasketName, Ms, ProposalId

KEPT = 200  # proposals that are over and can still be looked at; all of them are in the journal
_STATE_OF = {
    Decision.APPROVE: ProposalState.EXECUTING,
    Decision.HOLD: ProposalState.HELD,
    Decision.SNOOZE: ProposalState.SNOOZED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalEntry:
    """A proposal with its latest decision and its end."""

    proposal: Proposal
    state: ProposalState
    decided: ProposalDecided | None = None
    ended: ProposalEnded | None = None

    @property
    def open(self) -> bool:
        """Return True where it can still be approved."""
        return self.state in (ProposalState.PENDING, ProposalState.SNOOZED)


class ProposalBoard:
    """All proposals that matter now, and the last ones that are over."""

    def __init__(self, facts: Iterable[ProposalFact] = ()) -> None:
        self._entries: dict[ProposalId, ProposalEntry] = {}
        self._open: dict[ProposalId, None] = {}  # those that can still be approved: asked for at every check
        self._executing: dict[ProposalId, None] = {}
        self._causes: dict[tuple[BasketName, str], ProposalId] = {}  # the newest of each, of those that are kept
        self._drafted: dict[BasketName, int] = {}
        self._held: dict[BasketName, ProposalEntry] = {}
        self._quiet_until: dict[BasketName, Ms] = {}
        self._own_size: set[BasketName] = set()  # baskets whose size a person has chosen against the rule
        for fact in facts:
            self.apply(fact)

    def apply(self, fact: ProposalFact) -> None:
        """Take in one fact; decisions and ends of what is not known change nothing."""
        match fact:
            case ProposalDrafted(proposal=proposal):
                self._draft(fact, proposal)
            case ProposalDecided():
                self._decide(fact)
            case ProposalEnded():
                self._end(fact)

    def next_id(self, basket: BasketName) -> ProposalId:
        """Return the id of the basket's next proposal: it counts for ever, so no id comes twice."""
        return ProposalId(f"{basket}-{self._drafted.get(basket, 0) + 1}")

    def get(self, ident: ProposalId) -> ProposalEntry | None:
        """Return a proposal, None where it is not known (any more)."""
        return self._entries.get(ident)

    def open(self) -> tuple[ProposalEntry, ...]:
        """Return what waits for a decision, oldest first."""
        return tuple(self._entries[ident] for ident in self._open)

    def executing(self) -> tuple[ProposalEntry, ...]:
        """Return what was approved and is not over, oldest first."""
        if not self._executing:
            return ()
        return tuple(entry for entry in self._entries.values() if entry.state is ProposalState.EXECUTING)

    def recent(self) -> tuple[ProposalEntry, ...]:
        """Return what does not wait any more, newest first."""
        return tuple(entry for entry in reversed(self._entries.values()) if not entry.open)

    def waiting(self, basket: BasketName) -> ProposalEntry | None:
        """Return the proposal of a basket that waits for a decision."""
        return self._one_of(self._open, basket)

    def busy(self, basket: BasketName) -> ProposalEntry | None:
        """Return the proposal of a basket that is being executed."""
        return self._one_of(self._executing, basket)

    def latest(self, basket: BasketName, cause: str) -> ProposalEntry | None:
        """Return the newest proposal of a basket for a cause."""
        ident = self._causes.get((basket, cause))
        return None if ident is None else self._entries[ident]

    def newest(self, basket: BasketName) -> ProposalEntry | None:
        """Return the newest proposal of a basket, whatever its cause."""
        return next((e for e in reversed(self._entries.values()) if e.proposal.basket == basket), None)

    def held(self, basket: BasketName, cause: str) -> ProposalEntry | None:
        """Return the proposal whose hold silences this cause, None where it may speak."""
        entry = self._held.get(basket)
        return entry if entry is not None and entry.proposal.cause == cause else None

    def quiet(self, basket: BasketName, at: Ms) -> bool:
        """Return True while a snooze keeps the engine from drafting for this basket by itself."""
        return at < self._quiet_until.get(basket, at)

    def own_size(self, basket: BasketName) -> bool:
        """Return True where a person has last traded the basket to a size of his own: a part closed, a leg dropped.

        The way back to the rule is then his to ask for, until the rule has traded the basket again.
        """
        return basket in self._own_size

    def known(self, basket: BasketName) -> bool:
        """Return True where anything was ever drafted for this basket."""
        return basket in self._drafted

    def _one_of(self, idents: Iterable[ProposalId], basket: BasketName) -> ProposalEntry | None:
        for ident in idents:
            entry = self._entries[ident]
            if entry.proposal.basket == basket:
                return entry
        return None

    def _draft(self, fact: ProposalDrafted, proposal: Proposal) -> None:
        name = proposal.basket
        self._drafted[name] = self._drafted.get(name, 0) + 1
        before = self._entries.get(proposal.supersedes) if proposal.supersedes is not None else None
        if before is not None and before.open:
            over = ProposalEnded(
                at=fact.at,
                proposal=before.proposal.id,
                basket=name,
                state=ProposalState.SUPERSEDED,
                why=f"{proposal.id} has taken its place",
            )
            self._put(replace(before, state=ProposalState.SUPERSEDED, ended=over))
        self._held.pop(name, None)
        self._causes[name, proposal.cause] = proposal.id
        self._put(ProposalEntry(proposal=proposal, state=ProposalState.PENDING))
        self._forget()

    def _decide(self, fact: ProposalDecided) -> None:
        entry = self._entries.get(fact.proposal)
        if entry is None:
            return
        decided = replace(entry, state=_STATE_OF[fact.decision], decided=fact)
        self._put(decided)
        if fact.decision is Decision.HOLD:
            self._held[fact.basket] = decided
        elif fact.decision is Decision.SNOOZE and fact.until is not None:
            self._quiet_until[fact.basket] = fact.until

    def _end(self, fact: ProposalEnded) -> None:
        entry = self._entries.get(fact.proposal)
        if entry is None:
            return
        self._put(replace(entry, state=fact.state, ended=fact))
        if fact.state in (ProposalState.DONE, ProposalState.PARTIAL):
            if entry.proposal.kind is ProposalKind.CLOSE or entry.proposal.edited:
                self._own_size.add(fact.basket)
            else:
                self._own_size.discard(fact.basket)

    def _put(self, entry: ProposalEntry) -> None:
        ident = entry.proposal.id
        self._entries[ident] = entry
        for kept, belongs in ((self._open, entry.open), (self._executing, entry.state is ProposalState.EXECUTING)):
            if belongs:
                kept.setdefault(ident)
            else:
                kept.pop(ident, None)

    def _forget(self) -> None:
        """Drop the oldest that are over, once there are half as many again as are kept."""
        if len(self._entries) <= KEPT * 3 // 2:
            return
        over = [ident for ident, entry in self._entries.items() if not entry.open and entry.ended is not None]
        if len(over) > KEPT * 3 // 2:
            for ident in over[: len(over) - KEPT]:
                proposal = self._entries.pop(ident).proposal
                if self._causes.get((proposal.basket, proposal.cause)) == ident:
                    del self._causes[proposal.basket, proposal.cause]
