"""Owns the approval of a proposal: why it could not be given now, and what it writes down.

The decision and all order intents of it are one batch: all of it is durable, or nothing. Asked by `decisions` (a
person), by `automatic` (the engine, within limits) and by the views (a disabled key says why).
"""

from collections.abc import Set as AbstractSet

from engine.core.execution import begin
from engine.core.inputs import Stamp
from engine.core.outcome import Outcome
from engine.core.record import record
from engine.core.state import EngineState
from engine.core.trade_market import quotes_by_symbol
from engine.domain.facts import Actor, ProposalDecided
from engine.domain.portfolio import ZERO
from engine.domain.proposal import Decision, Proposal
from engine.domain.units import Ms, Symbol
from engine.rebalance.legs import plain
from engine.rebalance.proposal_board import ProposalEntry
from engine.rebalance.validity import why_not

LOADING = "history and markets are still loading: try again in a moment"


def why_unfit(state: EngineState, stamp: Stamp, entry: ProposalEntry, given_hash: str) -> str:
    """Return why this decision does not fit the proposal or its prices any more, or nothing: a fresh quote may help."""
    proposal = entry.proposal
    why = why_not(
        proposal,
        entry.state,
        given_hash,
        waited_ms=(stamp.monotonic - state.attempt.seen.get(proposal.id, stamp.monotonic)) * 1000,
        quotes=quotes_by_symbol(state),
        monotonic=stamp.monotonic,
        max_age_ms=state.config.limits.max_price_age_ms,
    )
    return why or _moved_on(state, proposal)


def _moved_on(state: EngineState, proposal: Proposal) -> str:
    """Return which leg was made for a book, or for a listing, that is not so any more, or nothing."""
    book = {each.symbol: each.quantity for each in state.trading.account.book(proposal.basket).positions}
    met: set[Symbol] = set()
    for leg in proposal.legs:
        if state.listed is not None and leg.symbol not in state.listed:
            return f"{leg.asset} is not listed at the venue"
        held = book.get(leg.symbol, ZERO)
        if leg.symbol not in met and held != leg.held:  # the second leg of a symbol begins where the first one ends
            made = f"{proposal.id} was made for {plain(leg.held)}"
            return f"{proposal.basket} holds {plain(held)} {leg.asset} now, {made}"
        met.add(leg.symbol)
    return ""


def why_later(state: EngineState, proposal: Proposal) -> str:
    """Return why nothing of this can be traded now, or nothing: the same numbers may be approved when that is over."""
    if not state.ready or state.listed is None:
        return LOADING
    if state.trading.halted is not None:
        return f"trading is halted: {state.trading.halted}"
    if state.attempt.journal_down:
        return f"nothing can be decided: {state.attempt.journal_down}"
    symbols = {leg.symbol for leg in proposal.legs}
    flying = next((t for t in state.trading.orders.unsettled() if t.order.symbol in symbols), None)
    if flying is not None:
        whose = flying.order.allocations[0].proposal
        return f"{flying.order.asset} is being traded by {whose}: approve again when that is over"
    return state.refused or _frozen(state, symbols)


def _frozen(state: EngineState, symbols: AbstractSet[Symbol]) -> str:
    frozen = next((each for symbol, each in state.trading.frozen.items() if symbol in symbols), None)
    if frozen is None:
        return ""
    books, venue = plain(frozen.books), plain(frozen.venue)
    return f"{frozen.asset} is frozen: the books hold {books}, the venue {venue}; 'driftdeck reconcile' settles it"


def why_refused(state: EngineState, stamp: Stamp, entry: ProposalEntry, given_hash: str) -> str:
    """Return why a proposal cannot be approved now, in one sentence, or nothing."""
    return why_unfit(state, stamp, entry, given_hash) or why_later(state, entry.proposal)


def approve(
    state: EngineState, stamp: Stamp, proposals: list[Proposal], actor: Actor, out: Outcome, note: str = ""
) -> None:
    """Write down the approval of these proposals and their orders, in one batch: all of it is durable or nothing."""
    at = stamp.market_ms
    record(state, out, *(decided(each, Decision.APPROVE, actor, at, note=note) for each in proposals))
    for each in proposals:
        answered(state, each)
    begin(state, stamp, proposals, out)


def answered(state: EngineState, proposal: Proposal) -> None:
    """Note that somebody answered: where its cause asks again, the time for an answer begins anew."""
    state.attempt.asked.pop((proposal.basket, proposal.cause), None)


def decided(
    proposal: Proposal, decision: Decision, actor: Actor, at: Ms, *, note: str = "", until: Ms | None = None
) -> ProposalDecided:
    """Return the fact of a decision on exactly these numbers."""
    return ProposalDecided(
        at=at,
        proposal=proposal.id,
        basket=proposal.basket,
        hash=proposal.hash,
        decision=decision,
        note=note,
        until=until,
        actor=actor,
    )
