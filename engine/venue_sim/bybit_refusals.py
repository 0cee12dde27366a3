"""Owns Bybit's codes and words for what the exchange refuses; spot has numbers of its own."""

from engine.venue_sim.orders import Market
from engine.venue_sim.refusals import Why

PARAMETER_ERROR = 10001
_LINEAR = {
    Why.SYMBOL: (PARAMETER_ERROR, "params error: symbol invalid"),
    Why.QUANTITY: (PARAMETER_ERROR, "Qty invalid"),
    Why.PRICE: (PARAMETER_ERROR, "price invalid"),
    Why.TOO_SMALL: (110094, "Order does not meet minimum order value 5USDT"),
    Why.FUNDS: (110007, "ab not enough for new order"),
    Why.DUPLICATE: (110072, "OrderLinkedID is duplicate"),
    Why.REDUCE_ONLY: (110017, "current position is zero, cannot fix reduce-only order qty"),
    Why.POSITION_MODE: (PARAMETER_ERROR, "position idx not match position mode"),
    Why.NO_ORDER: (110001, "order not exists or too late to cancel"),
    Why.ORDER_OVER: (110001, "order not exists or too late to cancel"),
}
_SPOT = {
    Why.SYMBOL: (170121, "Invalid symbol."),
    Why.QUANTITY: (170137, "Order quantity has too many decimals."),
    Why.PRICE: (170134, "Order price has too many decimals."),
    Why.TOO_SMALL: (170140, "Order value exceeded lower limit."),
    Why.FUNDS: (170131, "Insufficient balance."),
    Why.DUPLICATE: (170141, "Duplicate clientOrderId."),
    Why.NO_ORDER: (170213, "Order does not exist."),
    Why.ORDER_OVER: (170213, "Order does not exist."),
}


class BybitRefusalError(Exception):
    """A request the venue refuses: its retCode and retMsg."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def bybit_code(why: Why, market: Market) -> BybitRefusalError:
    """Return the refusal for a reason."""
    code, words = (_SPOT if market is Market.SPOT else _LINEAR)[why]
    return BybitRefusalError(code, words)
