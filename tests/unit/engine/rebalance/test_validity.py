"""Whether a decision still fits: same numbers, in time, fresh prices inside the band; else one sentence why."""

from dataclasses import replace

import pytest

from engine.domain.proposal import ProposalState
from engine.rebalance.validity import why_not
from support.books import symbol_of
from support.pictures import quote
from support.some_facts import proposal

PROPOSAL = proposal()  # sells 0.10 ETH at 3012.35, band 2982.2265 to 3042.4735, valid for 30 minutes
QUOTES = {symbol_of("ETH"): quote("ETH", "3010", received=100.0)}


def why(
    state: ProposalState = ProposalState.PENDING,
    *,
    given: str = PROPOSAL.hash,
    waited_ms: float = 1000.0,
    price: str | None = "3010",
    monotonic: float = 105.0,
) -> str:
    quotes = {} if price is None else {symbol_of("ETH"): quote("ETH", price, received=100.0)}
    return why_not(PROPOSAL, state, given, waited_ms=waited_ms, quotes=quotes, monotonic=monotonic, max_age_ms=15_000)


def test_a_fitting_decision_is_not_refused_snoozed_or_not() -> None:
    assert why() == ""
    assert why(ProposalState.SNOOZED) == ""


@pytest.mark.parametrize(
    ("refusal", "sentence"),
    [
        (why(ProposalState.SUPERSEDED), "proposal p1 cannot be approved: a newer proposal has taken its place"),
        (why(ProposalState.EXECUTING), "proposal p1 cannot be approved: it is being executed already"),
        (why(given="other"), "proposal p1 has changed since it was shown: look at it again"),
        (why(waited_ms=1_800_001), "proposal p1 cannot be approved: it has expired"),
        (why(price=None), "ETH has no price"),
        (why(monotonic=142.0), "ETH price is 42 s old"),
        (why(price="3050"), "ETH is at 3050, outside of 2982.2265 to 3042.4735 that the proposal allows"),
    ],
)
def test_a_refusal_says_why(refusal: str, sentence: str) -> None:
    assert refusal == sentence


def test_every_state_but_waiting_ones_refuses() -> None:
    open_states = {ProposalState.PENDING, ProposalState.SNOOZED}
    assert {state for state in ProposalState if not why(state)} == open_states


def test_a_proposal_without_legs_cannot_be_approved() -> None:
    bare = replace(PROPOSAL, legs=())
    refusal = why_not(
        bare, ProposalState.PENDING, bare.hash, waited_ms=0.0, quotes=QUOTES, monotonic=100.0, max_age_ms=15_000
    )
    assert refusal == "proposal p1 trades nothing"
