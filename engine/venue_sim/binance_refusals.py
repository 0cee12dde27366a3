"""Owns Binance's codes and words for what the exchange refuses; spot and futures speak differently of the same."""

from engine.venue_sim.binance_bodies import Segment
from engine.venue_sim.refusals import Why

MANDATORY = -1102
_UNKNOWN_ORDER = (-2011, "Unknown order sent.")
_SYMBOL = (-1121, "Invalid symbol.")
_FUTURES = {
    Why.SYMBOL: _SYMBOL,
    Why.QUANTITY: (-1111, "Precision is over the maximum defined for this asset."),
    Why.PRICE: (-4014, "Price not increased by tick size."),
    Why.TOO_SMALL: (-4164, "Order's notional must be no smaller than 5 (unless you choose reduce only)."),
    Why.FUNDS: (-2019, "Margin is insufficient."),
    Why.DUPLICATE: (-4116, "ClientOrderId is duplicated."),
    Why.REDUCE_ONLY: (-2022, "ReduceOnly Order is rejected."),
    Why.POST_ONLY: (-5022, "Due to the order could not be executed as maker, the Post Only order will be rejected."),
    Why.POSITION_MODE: (-4061, "Order's position side does not match user's setting."),
    Why.NO_ORDER: _UNKNOWN_ORDER,
    Why.ORDER_OVER: _UNKNOWN_ORDER,
}
_SPOT = {
    Why.SYMBOL: _SYMBOL,
    Why.QUANTITY: (-1013, "Filter failure: LOT_SIZE"),
    Why.PRICE: (-1013, "Filter failure: PRICE_FILTER"),
    Why.TOO_SMALL: (-1013, "Filter failure: NOTIONAL"),
    Why.FUNDS: (-2010, "Account has insufficient balance for requested action."),
    Why.DUPLICATE: (-2010, "Duplicate order sent."),
    Why.POST_ONLY: (-2010, "Order would immediately match and take."),
    Why.NO_ORDER: _UNKNOWN_ORDER,
    Why.ORDER_OVER: _UNKNOWN_ORDER,
}
_UNAUTHORIZED = (-2014, -2015)


class BinanceRefusalError(Exception):
    """A request the venue refuses: its code and msg, and the HTTP status that goes with it."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.status = 401 if code in _UNAUTHORIZED else 400


def binance_code(why: Why, segment: Segment) -> BinanceRefusalError:
    """Return the refusal for a reason."""
    code, words = (_SPOT if segment is Segment.SPOT else _FUTURES)[why]
    return BinanceRefusalError(code, words)


def missing(name: str) -> BinanceRefusalError:
    """Return the refusal of a request without a parameter it needs."""
    return BinanceRefusalError(MANDATORY, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")
