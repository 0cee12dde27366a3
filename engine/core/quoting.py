"""Owns a fresh quote of a proposal: the same trades at the prices of now, in the place of the old one.

Asked when a decision did not fit any more. Where nothing is left to trade the old one ends.
"""

from engine.core.drafting import Draftsman, put_forward
from engine.core.inputs import Stamp
from engine.core.outcome import Outcome
from engine.core.record import record
from engine.core.state import EngineState
from engine.core.trade_market import unpriced
from engine.domain.facts import ProposalEnded
from engine.domain.proposal import ProposalState
from engine.domain.units import ProposalId
from engine.rebalance.proposal_board import ProposalEntry


def quote_again(state: EngineState, stamp: Stamp, entry: ProposalEntry, out: Outcome) -> ProposalId | None:
    """Draft the same trades anew; return the fresh id, None where nothing is left to do.

    While a leg has no fresh price, or nothing is loaded yet, there is nothing to quote: the old one stays, and its id
    is returned.
    """
    before = entry.proposal
    track = state.baskets.get(before.basket)
    if track is None:
        return None
    if not state.ready or state.listed is None:
        return before.id
    if unpriced(state, track.basket, stamp.monotonic) or state.trading.board.busy(before.basket) is not None:
        return before.id
    fresh = Draftsman(state, stamp.market_ms).edited(track, before, (), 1.0)
    if fresh.legs:
        put_forward(state, out, stamp.market_ms, fresh)
        return fresh.id
    over = ProposalEnded(
        at=stamp.market_ms,
        proposal=before.id,
        basket=before.basket,
        state=ProposalState.EXPIRED,
        why="nothing is left to do",
    )
    record(state, out, over)
    return None
