"""Owns the sections `proposals` and `blotter`: what waits for a decision, what became of it, orders, fills, positions.

Reads the state and changes nothing. Host times become seconds left at the moment the view is made.
"""

from engine.core.approval import why_refused
from engine.core.inputs import Stamp
from engine.core.state import EngineState
from engine.core.view_positions import position_views
from engine.domain.facts import FillRecorded
from engine.domain.proposal import ProposalKind
from engine.domain.trade_views import BlotterView, FillView, OrderView, ProposalsView, ProposalView
from engine.domain.views import NAN
from engine.execution.orders import OrderTrack
from engine.rebalance.proposal_board import ProposalEntry

RECENT = 20
ORDERS_SHOWN = 200
CURVE_SHOWN = 720


def proposals_view(state: EngineState, stamp: Stamp) -> ProposalsView:
    """Return what waits, the most urgent first (an alert's before the way back), and the last ones that do not."""
    board = state.trading.board
    waiting = sorted(board.open(), key=_urgency)
    return ProposalsView(
        pending=tuple(_proposal(state, stamp, entry) for entry in waiting),
        recent=tuple(_proposal(state, stamp, entry) for entry in board.recent()[:RECENT]),
    )


def blotter_view(state: EngineState) -> BlotterView:
    """Return orders and fills newest first, the open positions, and the equity curve."""
    return BlotterView(
        orders=tuple(_order(track) for track in state.trading.orders.newest(ORDERS_SHOWN)),
        fills=tuple(_fill(fact) for fact in reversed(state.trading.fills)),
        positions=position_views(state),
        equity=tuple((fact.at, float(fact.equity)) for fact in list(state.trading.curve)[-CURVE_SHOWN:]),
    )


def _urgency(entry: ProposalEntry) -> tuple[bool, bool, float]:
    proposal = entry.proposal
    way_back = proposal.kind is ProposalKind.RESTORE
    return way_back, not proposal.cause, -abs(proposal.before.gross - proposal.after.gross)


def _proposal(state: EngineState, stamp: Stamp, entry: ProposalEntry) -> ProposalView:
    proposal, decided, ended = entry.proposal, entry.decided, entry.ended
    waited = stamp.monotonic - state.attempt.seen.get(proposal.id, stamp.monotonic)
    return ProposalView(
        proposal=proposal,
        state=entry.state,
        left_s=max(0.0, proposal.valid_ms / 1000 - waited) if entry.open else NAN,
        refusal=why_refused(state, stamp, entry, proposal.hash) if entry.open else "",
        decided_by=f"{decided.actor.who} ({decided.actor.terminal})" if decided is not None else "",
        decided_ms=decided.at if decided is not None else None,
        note=decided.note if decided is not None else "",
        snoozed_until_ms=decided.until if decided is not None else None,
        ended_ms=ended.at if ended is not None else None,
        ended_why=ended.why if ended is not None else "",
        orders=tuple(_order(track) for track in state.trading.orders.of(proposal.id)),
    )


def _order(track: OrderTrack) -> OrderView:
    order = track.order
    return OrderView(
        client_order_id=order.client_order_id,
        venue_order_id=track.venue_order_id,
        proposals=tuple(part.proposal for part in order.allocations),
        baskets=tuple(part.basket for part in order.allocations),
        asset=order.asset,
        symbol=order.symbol,
        side=order.side,
        quantity=order.quantity,
        price=order.price,
        filled=track.filled,
        average_price=track.average_price,
        state=track.state,
        reduce_only=order.reduce_only,
        latency_ms=track.latency_ms,
        slippage_bps=track.slippage_bps,
        updated_ms=track.updated_at,
        note=track.note,
    )


def _fill(fact: FillRecorded) -> FillView:
    return FillView(
        at_ms=fact.at,
        fill_id=fact.fill_id,
        proposal=fact.proposal,
        basket=fact.basket,
        asset=fact.asset,
        side=fact.side,
        quantity=fact.quantity,
        price=fact.price,
        fee=fact.fee,
    )
