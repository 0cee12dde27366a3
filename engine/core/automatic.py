"""Owns what the engine decides without a person: `auto_reduce`, `auto`, no answer in time, the demo's opening.

Within the limits per day, journaled under its own name, and never a draft that the trader made himself.
"""

from decimal import Decimal

from engine.core.approval import approve, why_later, why_unfit
from engine.core.drafting import Draftsman, is_flat, put_forward
from engine.core.inputs import Stamp
from engine.core.outcome import Outcome
from engine.core.quoting import quote_again
from engine.core.state import EngineState
from engine.core.trade_market import account_value, unpriced
from engine.domain.basket import DecisionMode
from engine.domain.facts import Actor
from engine.domain.portfolio import exact_sum
from engine.domain.proposal import Proposal, ProposalKind, ProposalState
from engine.domain.units import DAY_MS, Ms
from engine.rebalance.proposal_board import ProposalEntry

QUOTE_AGAIN_AFTER_S = 10.0  # an automatic decision whose prices left their band takes a fresh quote, not oftener
DEMO = Actor(who="demo", terminal="engine")


def cuts_risk(proposal: Proposal) -> bool:
    """Return True where every leg reduces, and neither gross nor the loss at rho 0.95 grows."""
    before, after = proposal.before, proposal.after
    smaller = after.gross <= before.gross and after.es95_rho95 <= before.es95_rho95
    return bool(proposal.legs) and all(leg.reduces for leg in proposal.legs) and smaller


def decide(state: EngineState, stamp: Stamp, out: Outcome) -> None:
    """Approve what may be approved without a person."""
    for entry in state.trading.board.open():
        name = _who_decides(state, stamp, entry)
        if not name or not _within_limits(state, entry.proposal, stamp.market_ms):
            continue
        if why_later(state, entry.proposal):
            continue
        if not why_unfit(state, stamp, entry, entry.proposal.hash):
            approve(state, stamp, [entry.proposal], Actor(who=name, terminal="engine"), out)
        elif stamp.monotonic - state.attempt.seen.get(entry.proposal.id, stamp.monotonic) > QUOTE_AGAIN_AFTER_S:
            quote_again(state, stamp, entry, out)


def open_demo(state: EngineState, stamp: Stamp, out: Outcome) -> bool:
    """Open every basket of a demo that nobody has touched yet, together; False while prices are missing."""
    if not state.config.simulation.open_baskets:
        return True
    if any(unpriced(state, track.basket, stamp.monotonic) for track in state.baskets.values()):
        return False
    desk = Draftsman(state, stamp.market_ms)
    fresh = []
    for name, track in state.baskets.items():
        if is_flat(state, name) and not state.trading.board.known(name):
            proposal = desk.of_kind(track, ProposalKind.OPEN, cause="", reason="the demo opens its baskets by itself")
            if proposal.legs:
                put_forward(state, out, stamp.market_ms, proposal)
                fresh.append(proposal)
    if fresh:
        approve(state, stamp, fresh, DEMO, out)
    return True


def _who_decides(state: EngineState, stamp: Stamp, entry: ProposalEntry) -> str:
    """Return under which name the engine may approve this now, empty where a person has to."""
    proposal = entry.proposal
    by_engine = (bool(proposal.cause) or proposal.kind is ProposalKind.RESTORE) and not proposal.edited
    track = state.baskets.get(proposal.basket)
    if not by_engine or track is None or entry.state is not ProposalState.PENDING:
        return ""
    basket = track.basket
    if basket.decision is DecisionMode.AUTO:
        return "auto"
    asked = state.attempt.asked.get((proposal.basket, proposal.cause), stamp.monotonic)
    unanswered = (
        basket.on_no_answer == "auto_reduce"
        and bool(proposal.cause)
        and (stamp.monotonic - asked) * 1000 >= basket.no_answer_after_ms
    )
    may = basket.decision is DecisionMode.AUTO_REDUCE or unanswered
    return "auto_reduce" if may and cuts_risk(proposal) else ""


def _within_limits(state: EngineState, proposal: Proposal, at: Ms) -> bool:
    limits, past = state.config.limits, state.trading.automatic
    today = [(traded, orders) for when, traded, orders in past if when > at - DAY_MS]
    traded = exact_sum([*(each for each, _ in today), *(leg.notional for leg in proposal.legs)])
    orders = sum(each for _, each in today) + len(proposal.legs)
    most = max(account_value(state).equity, Decimal(0)) * Decimal(str(limits.auto_max_turnover_day))
    return traded <= most and orders <= limits.auto_max_orders_day
