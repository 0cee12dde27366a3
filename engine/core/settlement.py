"""Owns what executions mean for the books: fills shared by baskets, funding and liquidation shared by what is held.

Makes facts and records none. Also judges when an executed proposal is over, and what it became.
"""

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal

from engine.core.state import EngineState
from engine.domain.facts import BookFact, FillRecorded, FundingPaid, ProposalEnded
from engine.domain.order import Fill, FundingCharge
from engine.domain.portfolio import exact_sum
from engine.domain.proposal import ProposalState
from engine.domain.units import Asset, BasketName, Ms, ProposalId, Symbol
from engine.execution.allocation import allocate_fill
from engine.execution.orders import OrderTrack
from engine.rebalance.proposal_board import ProposalEntry

_MONEY_STEP = Decimal("1E-12")


def booked(state: EngineState, fill: Fill) -> tuple[FillRecorded, ...]:
    """Return one fact per basket of a fill of ours that is not in the books; nothing for a stranger's."""
    track = state.trading.orders.get(fill.client_order_id)
    if track is None or any(known.fill_id == fill.fill_id for known in track.fills):
        return ()
    instrument = (state.listed or {}).get(fill.symbol)
    step = instrument.quantity_step if instrument is not None else fill.quantity
    return allocate_fill(track.order, fill, track.given, step)


def liquidated(state: EngineState, fill: Fill) -> tuple[BookFact, ...]:
    """Return what a liquidation does to the books: each that holds this way loses its share of the net position."""
    shared = _shares(state, fill.symbol, -fill.side.sign * fill.quantity)
    facts: list[BookFact] = []
    left = fill.fee
    for place, (basket, asset, part) in enumerate(shared):
        last = place == len(shared) - 1
        fee = left if last else (fill.fee * abs(part) / fill.quantity).quantize(_MONEY_STEP)
        left -= fee
        if state.trading.ledger.knows(fill.symbol, fill.fill_id, basket):
            continue
        facts.append(
            FillRecorded(
                at=fill.at,
                fill_id=fill.fill_id,
                client_order_id=fill.client_order_id,
                proposal=ProposalId(""),
                basket=basket,
                asset=asset,
                symbol=fill.symbol,
                side=fill.side,
                quantity=abs(part),
                price=fill.price,
                fee=fee,
            )
        )
    return tuple(facts)


def charged(state: EngineState, charge: FundingCharge) -> tuple[FundingPaid, ...]:
    """Return one fact per basket that holds the symbol: a short receives what a long pays, exact in the sum.

    A symbol is charged once at an instant: what is booked already gives nothing.
    """
    if state.trading.ledger.charged(charge.symbol, charge.at):
        return ()
    net = state.trading.account.net(charge.symbol)
    holders = _holders(state, charge.symbol)
    facts: list[FundingPaid] = []
    left = charge.amount
    for place, (basket, asset, quantity) in enumerate(holders):
        last = place == len(holders) - 1
        part = left if last or not net else (charge.amount * quantity / net).quantize(_MONEY_STEP)
        left -= part
        facts.append(
            FundingPaid(at=charge.at, basket=basket, asset=asset, symbol=charge.symbol, amount=part, rate=charge.rate)
        )
    return tuple(facts)


def over(state: EngineState, entry: ProposalEntry, at: Ms) -> ProposalEnded | None:
    """Return the end of an executed proposal, once nothing more can happen to its orders."""
    tracks = state.trading.orders.of(entry.proposal.id)
    if not all(track.settled for track in tracks):
        return None
    failed = [track for track in tracks if track.filled < track.order.quantity]
    sent = exact_sum(
        part.quantity for t in tracks for part in t.order.allocations if part.proposal == entry.proposal.id
    )
    crossed = exact_sum(leg.quantity for leg in entry.proposal.legs) > sent
    became = ProposalState.DONE
    if failed:
        filled = crossed or any(track.filled for track in tracks)
        became = ProposalState.PARTIAL if filled else ProposalState.FAILED
    why = "; ".join(_short(track) for track in failed)
    return ProposalEnded(at=at, proposal=entry.proposal.id, basket=entry.proposal.basket, state=became, why=why)


def _short(track: OrderTrack) -> str:
    order = track.order
    missing = order.quantity - track.filled
    return f"{order.side} {missing.normalize():f} {order.asset}: {track.note or track.state}"


def _holders(state: EngineState, symbol: Symbol) -> list[tuple[BasketName, Asset, Decimal]]:
    return [
        (book.basket, position.asset, position.quantity)
        for book in state.trading.account.books
        for position in book.positions
        if position.symbol == symbol and position.quantity
    ]


def _shares(state: EngineState, symbol: Symbol, lost: Decimal) -> Sequence[tuple[BasketName, Asset, Decimal]]:
    """Share a lost signed quantity among the books that hold this way, in proportion, exact in the sum."""
    holders = [each for each in _holders(state, symbol) if each[2] * lost > 0]
    total = exact_sum(quantity for _, _, quantity in holders)
    instrument = (state.listed or {}).get(symbol)
    step = instrument.quantity_step if instrument is not None else _MONEY_STEP
    found = []
    left = lost
    for place, (basket, asset, quantity) in enumerate(holders):
        last = place == len(holders) - 1
        part = left if last else (lost * quantity / total / step).to_integral_value(ROUND_DOWN) * step
        if lost == total:
            part = quantity  # all of it, dust below the step too
        left -= part
        if part:
            found.append((basket, asset, part))
    return found
