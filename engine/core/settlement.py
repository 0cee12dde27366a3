"""Owns what executions mean for the books: fills shared by baskets, funding and liquidation shared by what is held.

Makes facts and records none. Also judges when an executed proposal is over, and what it became.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from engine.core.state import EngineState
from engine.domain.facts import Actor, BookFact, Deposited, FillRecorded, FundingPaid, ProposalEnded, Withdrawn
from engine.domain.order import Allocation, CashMovement, Fill, FundingCharge
from engine.domain.portfolio import ZERO, exact_sum
from engine.domain.proposal import ProposalState
from engine.domain.units import Asset, BasketName, Ms, ProposalId, Symbol
from engine.execution.allocation import allocate_fill, shares
from engine.execution.orders import OrderTrack
from engine.rebalance.proposal_board import ProposalEntry

VENUE = Actor(who="venue", terminal="")
_MONEY_STEP = Decimal("1E-12")


def booked(state: EngineState, fill: Fill) -> tuple[FillRecorded, ...]:
    """Return one fact per basket of a fill of ours that is not in the books; nothing for a stranger's.

    What a venue fills beyond an order's quantity belongs to nobody: it shows as a difference of the positions.
    """
    track = state.trading.orders.get(fill.client_order_id)
    if track is None or any(known.fill_id == fill.fill_id for known in track.fills):
        return ()
    room = track.order.quantity - track.booked
    if room <= 0:
        return ()
    if fill.quantity > room:
        fee, kind = (each * room / fill.quantity for each in (fill.fee, fill.fee_in_kind))
        fill = replace(fill, quantity=room, fee=fee, fee_in_kind=kind)
    instrument = (state.listed or {}).get(fill.symbol)
    step = instrument.quantity_step if instrument is not None else fill.quantity
    return allocate_fill(track.order, fill, track.given, step)


def liquidated(state: EngineState, fill: Fill) -> tuple[BookFact, ...]:
    """Return what a liquidation does to the books: each that holds this way loses its share of the net position."""
    trading = state.trading
    if any(trading.ledger.knows(fill.symbol, fill.fill_id, book.basket) for book in trading.account.books):
        return ()  # its parts were booked together
    shared = shared_loss(state, fill.symbol, -fill.side.sign * fill.quantity)
    facts: list[BookFact] = []
    left = fill.fee
    for place, (basket, asset, part) in enumerate(shared):
        last = place == len(shared) - 1
        fee = left if last else (fill.fee * part / fill.quantity).quantize(_MONEY_STEP)
        left -= fee
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
                quantity=part,
                price=fill.price,
                fee=fee,
            )
        )
    return tuple(facts)


def charged(state: EngineState, charge: FundingCharge) -> tuple[FundingPaid, ...]:
    """Return one fact per basket that holds the symbol: a short receives what a long pays, exact in the sum.

    A symbol is charged once at an instant: what is booked already gives nothing. What is charged on a position of no
    basket is not the books'.
    """
    if state.trading.ledger.charged(charge.symbol, charge.at):
        return ()
    net = state.trading.account.net(charge.symbol)
    whole = net + state.trading.foreign.get(charge.symbol, ZERO)
    ours = charge.amount * net / whole if net and whole else charge.amount
    holders = _holders(state, charge.symbol) or _held_last(state, charge.symbol)
    facts: list[FundingPaid] = []
    left = ours
    for place, (basket, asset, quantity) in enumerate(holders):
        last = place == len(holders) - 1
        part = left if last or not net else (ours * quantity / net).quantize(_MONEY_STEP)
        left -= part
        facts.append(
            FundingPaid(at=charge.at, basket=basket, asset=asset, symbol=charge.symbol, amount=part, rate=charge.rate)
        )
    return tuple(facts)


def moved(state: EngineState, movements: Sequence[CashMovement]) -> tuple[Deposited | Withdrawn, ...]:
    """Return money that came or went at the venue, once each; what was there at the first start is booked with it."""
    trading = state.trading
    facts: list[Deposited | Withdrawn] = []
    for each in movements:
        if each.id in trading.moved or trading.opened_at is None or each.at < trading.opened_at or not each.amount:
            continue
        kind = Deposited if each.amount > 0 else Withdrawn
        facts.append(kind(at=each.at, amount=abs(each.amount), note=each.what, actor=VENUE, venue_id=each.id))
    return tuple(facts)


def over(state: EngineState, entry: ProposalEntry, at: Ms) -> ProposalEnded | None:
    """Return the end of an executed proposal, once nothing more can happen to its orders."""
    tracks = state.trading.orders.of(entry.proposal.id)
    if not all(track.settled for track in tracks):
        return None
    parts = [(t, part) for t in tracks for part in t.order.allocations if part.proposal == entry.proposal.id]
    mine = [(t, _asked(state, t, part)) for t, part in parts]
    got = [track.given.get(part.basket, ZERO) for track, part in mine]
    short = [(track, part.quantity - had) for (track, part), had in zip(mine, got, strict=True) if had < part.quantity]
    crossed = exact_sum(leg.quantity for leg in entry.proposal.legs) > exact_sum(part.quantity for _, part in mine)
    became = ProposalState.DONE
    if short:
        became = ProposalState.PARTIAL if crossed or any(got) else ProposalState.FAILED
    why = "; ".join(_short(track, missing) for track, missing in short)
    return ProposalEnded(at=at, proposal=entry.proposal.id, basket=entry.proposal.basket, state=became, why=why)


def _asked(state: EngineState, track: OrderTrack, part: Allocation) -> Allocation:
    """Return what an order had to bring a basket: of one that another order continues, what it brought."""
    if not state.trading.orders.continued(track):
        return part
    return replace(part, quantity=track.given.get(part.basket, ZERO))


def _short(track: OrderTrack, missing: Decimal) -> str:
    order = track.order
    return f"{order.side} {missing.normalize():f} {order.asset}: {track.note or track.state}"


def _holders(state: EngineState, symbol: Symbol) -> list[tuple[BasketName, Asset, Decimal]]:
    return [
        (book.basket, position.asset, position.quantity)
        for book in state.trading.account.books
        for position in book.positions
        if position.symbol == symbol and position.quantity
    ]


def _held_last(state: EngineState, symbol: Symbol) -> list[tuple[BasketName, Asset, Decimal]]:
    """Return the book that traded a symbol last, where none holds it: what is charged late is paid all the same."""
    found = (fill for fill in reversed(state.trading.fills) if fill.symbol == symbol)
    return [(fill.basket, fill.asset, ZERO) for fill in found][:1]


def shared_loss(state: EngineState, symbol: Symbol, lost: Decimal) -> Sequence[tuple[BasketName, Asset, Decimal]]:
    """Share a lost signed quantity among the books that hold this way, in proportion; none loses more than it holds."""
    holders = {each[0]: each for each in _holders(state, symbol) if each[2] * lost > 0}
    parts = [Allocation(basket=b, proposal=ProposalId(""), quantity=abs(held)) for b, _, held in holders.values()]
    total, taken = exact_sum(part.quantity for part in parts), abs(lost)
    if not parts:
        return ()
    if taken >= total:  # all of it, dust below the step too; what the books never had goes where the last one stands
        parts[-1] = replace(parts[-1], quantity=exact_sum((parts[-1].quantity, taken, -total)))
        return [(part.basket, holders[part.basket][1], part.quantity) for part in parts]
    instrument = (state.listed or {}).get(symbol)
    step = instrument.quantity_step if instrument is not None else taken
    return [(part.basket, holders[part.basket][1], part.quantity) for part in shares(parts, {}, taken, step)]
