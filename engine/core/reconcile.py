"""Owns the comparison of the books with the venue: what is foreign, what differs, which symbols are frozen for it.

The venue's net position of a symbol is the sum of the books and of what belongs to no basket. Anything else freezes
the symbol until the trader takes the venue's word. Reads listings that the broker's desk brings; never sends anything.
"""

from collections.abc import Mapping
from decimal import Decimal

from engine.core.attempt import Difference
from engine.core.coins import balance_in_books, handed_over, tolerance
from engine.core.inputs import PositionsListed, Stamp
from engine.core.outcome import Outcome
from engine.core.record import record
from engine.core.settlement import shared_loss
from engine.core.state import EngineState
from engine.core.trade_market import marks
from engine.domain.commands import AcceptVenue
from engine.domain.errors import RefusedError
from engine.domain.facts import (
    Actor,
    Deposited,
    ForeignCounted,
    PositionAdopted,
    SymbolFrozen,
    SymbolReleased,
    Withdrawn,
)
from engine.domain.portfolio import ZERO
from engine.domain.units import Asset, Ms, Symbol

CONFIRM_S = 6.0  # a listing may be older than an execution that is booked already, and the other way round
ENGINE = Actor(who="engine", terminal="reconciliation")
CENT = Decimal("0.01")


def take_positions(state: EngineState, stamp: Stamp, item: PositionsListed, out: Outcome) -> None:
    """Take in all positions of the venue, and its balance where it was asked."""
    state.attempt.positions = item.positions
    if not state.attempt.looked_up:
        return  # what was open when the last life ended is not known yet
    held = {each.symbol: each.quantity for each in item.positions}
    for symbol in sorted({*held, *state.trading.foreign, *state.trading.account.symbols}):
        _compare(state, stamp, symbol, held.get(symbol, ZERO), out)
    if item.balance is not None:
        _compare_balance(state, stamp, item.balance, out)
    state.attempt.reconciled = True


def difference(state: EngineState, symbol: Symbol, venue: Decimal) -> Decimal:
    """Return what the venue holds beyond the books and what is known to be foreign."""
    return venue - state.trading.account.net(symbol) - state.trading.foreign.get(symbol, ZERO)


def accept(state: EngineState, at: Ms, command: AcceptVenue, actor: Actor, out: Outcome) -> None:
    """Take the venue's word, on a frozen symbol or on the balance. Raises RefusedError."""
    if command.symbol is None:
        _accept_balance(state, at, actor, out)
    else:
        _accept_position(state, at, command.symbol, actor, out)


def _accept_position(state: EngineState, at: Ms, symbol: Symbol, actor: Actor, out: Outcome) -> None:
    """Let the books shrink to what the venue holds; what they never had is foreign."""
    frozen = state.trading.frozen.get(symbol)
    if frozen is None:
        named = ", ".join(each.asset for each in state.trading.frozen.values()) or "none"
        raise RefusedError(f"{symbol} is not frozen: frozen are {named}")
    venue = next((each.quantity for each in state.attempt.positions if each.symbol == symbol), ZERO)
    left = difference(state, symbol, venue)
    net = state.trading.account.net(symbol)
    if left * net < 0:
        left = _shrink(state, at, symbol, left, actor, out)
    if left:
        foreign = state.trading.foreign.get(symbol, ZERO) + left
        record(state, out, _foreign(at, symbol, foreign, "taken from the venue", actor))
    why = "the venue's position was taken"
    record(state, out, SymbolReleased(at=at, asset=frozen.asset, symbol=symbol, why=why, actor=actor))
    state.attempt.differs.pop(symbol, None)


def _accept_balance(state: EngineState, at: Ms, actor: Actor, out: Outcome) -> None:
    """Book what the balance differs by as a deposit or a withdrawal."""
    gap = state.attempt.balance_gap
    if not gap:
        raise RefusedError("the balance agrees with the venue: there is nothing to take")
    note = "the venue's balance was taken"
    if gap > 0:
        record(state, out, Deposited(at=at, amount=gap, note=note, actor=actor))
    else:
        record(state, out, Withdrawn(at=at, amount=-gap, note=note, actor=actor))
    state.attempt.balance_gap = ZERO


def claim_foreign(state: EngineState, at: Ms, symbol: Symbol, quantity: Decimal, actor: Actor, out: Outcome) -> None:
    """Take a quantity that goes to a basket out of what is foreign. Raises RefusedError where there is less."""
    foreign = state.trading.foreign.get(symbol, ZERO)
    if foreign * quantity <= 0 or abs(quantity) > abs(foreign):
        raise RefusedError(f"{foreign.normalize():f} of {symbol} belongs to no basket: adopt no more than that")
    record(state, out, _foreign(at, symbol, foreign - quantity, "adopted", actor))


def _compare(state: EngineState, stamp: Stamp, symbol: Symbol, venue: Decimal, out: Outcome) -> None:
    trading, differs, at = state.trading, state.attempt.differs, stamp.market_ms
    gap = difference(state, symbol, venue)
    frozen = trading.frozen.get(symbol)
    if abs(gap) <= tolerance(state):
        differs.pop(symbol, None)
        if frozen is not None:
            why = "books and venue agree again"
            record(state, out, SymbolReleased(at=at, asset=frozen.asset, symbol=symbol, why=why, actor=ENGINE))
        return
    if frozen is not None or any(track.order.symbol == symbol for track in trading.orders.unsettled()):
        return  # its executions are still on their way
    seen = differs.get(symbol)
    if seen is None or seen.gap != gap:
        differs[symbol] = seen = Difference(gap=gap, since=stamp.monotonic)
    if stamp.monotonic - seen.since < CONFIRM_S:
        return
    if not trading.account.net(symbol):  # no basket is concerned
        quantity = trading.foreign.get(symbol, ZERO) + gap
        record(state, out, _foreign(at, symbol, quantity, "found at the venue", ENGINE))
        differs.pop(symbol, None)
        return
    foreign = trading.foreign.get(symbol, ZERO)
    record(
        state,
        out,
        SymbolFrozen(
            at=at,
            asset=asset_of(state, symbol),
            symbol=symbol,
            venue=venue,
            books=trading.account.net(symbol),
            foreign=foreign,
        ),
    )


def _compare_balance(state: EngineState, stamp: Stamp, balance: Decimal, out: Outcome) -> None:
    """Begin with the venue's balance; later say by how much it differs, once that stood still."""
    attempt, trading = state.attempt, state.trading
    if trading.opened_at is None:
        if balance <= 0:
            return
        record(state, out, Deposited(at=stamp.market_ms, amount=balance, note="balance of the venue", actor=ENGINE))
        return
    gap = balance - balance_in_books(state)
    if trading.orders.unsettled():
        attempt.balance_seen = None  # fills move both: what was known before them stands
        return
    if abs(gap) < CENT:
        attempt.balance_seen, attempt.balance_gap = None, ZERO
        return
    seen = attempt.balance_seen
    if seen is None or abs(seen.gap - gap) >= CENT:
        attempt.balance_seen = seen = Difference(gap=gap, since=stamp.monotonic)
    if stamp.monotonic - seen.since >= CONFIRM_S:
        attempt.balance_gap = gap


def _shrink(state: EngineState, at: Ms, symbol: Symbol, gap: Decimal, actor: Actor, out: Outcome) -> Decimal:
    """Take from the books what the venue does not hold any more, in proportion; return what they never had."""
    price = marks(state).get(symbol)
    if price is None:
        raise RefusedError(f"{symbol} has no price now: try again when it has")
    net = state.trading.account.net(symbol)
    lost = max(abs(gap) - abs(net), ZERO)  # beyond what the books hold
    taken = (abs(gap) - lost).copy_sign(gap)
    for basket, asset, part in shared_loss(state, symbol, -taken):
        fact = PositionAdopted(
            at=at,
            basket=basket,
            asset=asset,
            symbol=symbol,
            quantity=part.copy_sign(gap),
            price=price,
            note="the venue does not hold it any more",
            actor=actor,
        )
        handed_over(state, fact, out)
    return lost.copy_sign(gap) if lost else ZERO


def asset_of(state: EngineState, symbol: Symbol) -> Asset:
    """Return what a symbol is called here; a stranger's by its symbol."""
    known: Mapping[Symbol, Asset] = state.asset_of
    return known.get(symbol, Asset(symbol))


def _foreign(at: Ms, symbol: Symbol, quantity: Decimal, why: str, actor: Actor) -> ForeignCounted:
    return ForeignCounted(at=at, symbol=symbol, quantity=quantity, why=why, actor=actor)
