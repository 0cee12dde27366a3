"""Owns how near the venue's liquidation is to each net position, and the positions as the blotter lists them."""

from engine.core.state import EngineState
from engine.core.trade_market import account_value, marks
from engine.domain.portfolio import PositionValue
from engine.domain.trade_views import PositionView
from engine.domain.units import Symbol
from engine.domain.views import NAN


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
    return tuple(_position(state, each, far.get(each.symbol, NAN)) for each in found)


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
    )
