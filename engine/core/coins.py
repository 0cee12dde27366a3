"""Owns what is different in the books where a venue holds coins instead of positions (spot, with real orders).

There the balance is what is left of the money that coins were bought with; a coin that a basket gets or loses without
an order brings its worth into the books or takes it out; and what is too little to be sold is let go. Never sends.
"""

from decimal import Decimal

from engine.core.outcome import Outcome
from engine.core.record import record
from engine.core.state import EngineState
from engine.core.trade_market import marks
from engine.domain.config import Mode
from engine.domain.facts import Actor, Deposited, ForeignCounted, PositionAdopted, Withdrawn
from engine.domain.market import MarketKind
from engine.domain.order import OrderSide
from engine.domain.portfolio import EXACT, ZERO, exact_sum
from engine.domain.proposal import Proposal
from engine.domain.units import Ms, Symbol

ENGINE = Actor(who="engine", terminal="dust")
LEAST_COIN = Decimal("1E-8")  # of coins: venues round fees and balances further than anybody can trade


def holds_coins(state: EngineState) -> bool:
    """Return True where what is held are coins at a venue."""
    venue = state.config.venue
    return venue.market is MarketKind.SPOT and venue.mode is not Mode.PAPER


def tolerance(state: EngineState) -> Decimal:
    """Return by how little of a symbol books and venue may differ."""
    return LEAST_COIN if holds_coins(state) else ZERO


def balance_in_books(state: EngineState) -> Decimal:
    """Return the balance of the quote coin that the venue should show: of swaps what was paid for them is in it."""
    account = state.trading.account
    return account.cash if holds_coins(state) else account.wallet


def missing_money(state: EngineState) -> Decimal:
    """Return what the venue's balance lacks beside the books', once that stood still: coins cannot be paid with it."""
    return max(ZERO, -state.attempt.balance_gap) if holds_coins(state) else ZERO


def on_hand(state: EngineState) -> dict[Symbol, Decimal] | None:
    """Return what the venue said last of each coin that the books hold; None where nothing is held as coins."""
    if not holds_coins(state):
        return None
    listed = {each.symbol: each.quantity for each in state.attempt.positions}
    return {symbol: listed.get(symbol, ZERO) for symbol in state.trading.account.symbols}


def handed_over(state: EngineState, fact: PositionAdopted, out: Outcome) -> None:
    """Record what a basket gets or loses without an order; coins bring their worth with them, as no money moves."""
    worth = EXACT.multiply(fact.quantity, fact.price)
    if holds_coins(state) and worth:
        kind = Deposited if worth > 0 else Withdrawn
        note = f"{abs(fact.quantity).normalize():f} {fact.asset}: {fact.note or 'adopted'}"
        record(state, out, kind(at=fact.at, amount=abs(worth), note=note, actor=fact.actor))
    record(state, out, fact)


def let_dust_go(state: EngineState, at: Ms, proposal: Proposal, out: Outcome) -> None:
    """Take what a sale left below the venue's step out of the book: fees in coins leave it, and it cannot be sold."""
    if not holds_coins(state):
        return
    sold = {leg.symbol for leg in proposal.legs if leg.side is OrderSide.SELL}
    prices, listed = marks(state), state.listed or {}
    for position in state.trading.account.book(proposal.basket).positions:
        instrument, price = listed.get(position.symbol), prices.get(position.symbol)
        if position.symbol not in sold or instrument is None or price is None:
            continue
        if not 0 < position.quantity < instrument.quantity_step:
            continue
        fact = PositionAdopted(
            at=at,
            basket=proposal.basket,
            asset=position.asset,
            symbol=position.symbol,
            quantity=-position.quantity,
            price=price,
            note="too little to be sold",
            actor=ENGINE,
        )
        handed_over(state, fact, out)
        beside = exact_sum((state.trading.foreign.get(position.symbol, ZERO), position.quantity))
        counted = ForeignCounted(
            at=at, symbol=position.symbol, quantity=beside, why="too little to be sold", actor=ENGINE
        )
        record(state, out, counted)
