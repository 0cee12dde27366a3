"""Owns whether a decision still fits its proposal: same numbers, in time, fresh prices inside their band.

Answers with a sentence for the trader or with nothing. Never changes a proposal: the core re-quotes on a refusal.
"""

from collections.abc import Mapping

from engine.domain.market import Quote
from engine.domain.proposal import Proposal, ProposalLeg, ProposalState
from engine.domain.units import Symbol
from engine.rebalance.legs import plain, reference_price

_STATES = {
    ProposalState.EXPIRED: "it has expired",
    ProposalState.SUPERSEDED: "a newer proposal has taken its place",
    ProposalState.APPROVED: "it was approved already",
    ProposalState.EXECUTING: "it is being executed already",
    ProposalState.HELD: "it was held",
    ProposalState.DONE: "it is done",
    ProposalState.PARTIAL: "it is done in part",
    ProposalState.FAILED: "it has failed",
}


def why_not(
    proposal: Proposal,
    state: ProposalState,
    given_hash: str,
    *,
    waited_ms: float,
    quotes: Mapping[Symbol, Quote],
    monotonic: float,
    max_age_ms: int,
) -> str:
    """Return why this proposal cannot be approved now, in one sentence, or nothing.

    `waited_ms` and `monotonic` (seconds) are host time. A snoozed proposal may still be approved.
    """
    if state in _STATES:
        return f"proposal {proposal.id} cannot be approved: {_STATES[state]}"
    if given_hash != proposal.hash:
        return f"proposal {proposal.id} has changed since it was shown: look at it again"
    if waited_ms > proposal.valid_ms:
        return f"proposal {proposal.id} cannot be approved: {_STATES[ProposalState.EXPIRED]}"
    if not proposal.legs:
        return f"proposal {proposal.id} trades nothing"
    reasons = (_bad_price(leg, quotes.get(leg.symbol), monotonic, max_age_ms) for leg in proposal.legs)
    return next((why for why in reasons if why), "")


def _bad_price(leg: ProposalLeg, quote: Quote | None, monotonic: float, max_age_ms: int) -> str:
    """Return why this leg's price does not allow the trade, or nothing."""
    if quote is None:
        return f"{leg.asset} has no price"
    age = monotonic - quote.received
    if age * 1000 > max_age_ms:
        return f"{leg.asset} price is {age:.0f} s old"
    price = reference_price(quote)
    if not leg.low <= price <= leg.high:
        allowed = f"{plain(leg.low)} to {plain(leg.high)}"
        return f"{leg.asset} is at {plain(price)}, outside of {allowed} that the proposal allows"
    return ""
