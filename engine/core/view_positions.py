"""Owns how near the venue's liquidation is to each net position, and the positions as the blotter lists them."""

from collections.abc import Set as AbstractSet

from engine.core.reconcile import asset_of
from engine.core.state import EngineState
from engine.core.trade_market import account_value, marks
from engine.domain.portfolio import ZERO, PositionValue
from engine.domain.trade_views import PositionView
from engine.domain.units import Symbol
from engine.domain.views import NAN
from engine.rebalance.legs import plain


def distances(state: EngineState) -> dict[Symbol, float]:
    """Return |P - P_liq| / P of each position that the venue could take; infinite ones are left out."""
    prices = marks(state)
    return {
        each.symbol: float(abs(prices[each.symbol] - each.liquidation) / prices[each.symbol])
        for each in state.attempt.positions
        if each.liquidation is not None and each.symbol in prices
    }


def position_views(state: EngineState) -> tuple[PositionView, ...]:
    """Return the net positions, the largest first, each with the baskets that share it."""
    far = distances(state)
    found = sorted(account_value(state).positions, key=lambda each: -abs(each.value))
    mine = [_position(state, each, far.get(each.symbol, NAN)) for each in found]
    return (*mine, *_strangers(state, {each.symbol for each in found}))


def _position(state: EngineState, each: PositionValue, distance: float) -> PositionView:
    return PositionView(
        asset=each.asset,
        symbol=each.symbol,
        quantity=each.quantity,
        average_price=each.average_price,
        mark=each.mark,
        value=each.value,
        unrealized=each.unrealized,
        liquidation_distance=distance,
        baskets=tuple(
            (book.basket, position.quantity)
            for book in state.trading.account.books
            for position in book.positions
            if position.symbol == each.symbol and position.quantity
        ),
        foreign=state.trading.foreign.get(each.symbol, ZERO),
        frozen=why_frozen(state, each.symbol),
    )


def _strangers(state: EngineState, known: AbstractSet[Symbol]) -> list[PositionView]:
    """Return what the account holds, or is frozen for, and no basket does."""
    symbols = {symbol for symbol, quantity in state.trading.foreign.items() if quantity} | state.trading.frozen.keys()
    prices = marks(state)
    entries = {each.symbol: each.entry for each in state.attempt.positions}
    found = []
    for symbol in sorted(symbols - known):
        quantity, mark = state.trading.foreign.get(symbol, ZERO), prices.get(symbol)
        entry = entries.get(symbol) or mark or ZERO
        value = quantity * (mark or entry)
        found.append(
            PositionView(
                asset=asset_of(state, symbol),
                symbol=symbol,
                quantity=quantity,
                average_price=entry,
                mark=mark,
                value=value,
                unrealized=value - quantity * entry,
                liquidation_distance=NAN,
                baskets=(),
                foreign=quantity,
                frozen=why_frozen(state, symbol),
            )
        )
    return found


def why_frozen(state: EngineState, symbol: Symbol) -> str:
    """Return what differs on a frozen symbol, in words; nothing where it is not frozen."""
    frozen = state.trading.frozen.get(symbol)
    if frozen is None:
        return ""
    foreign = f" and {plain(frozen.foreign)} beside them" if frozen.foreign else ""
    return f"the books hold {plain(frozen.books)}{foreign}, the venue {plain(frozen.venue)}"
