"""Owns why the exchange refuses: reasons that both dialects share; each dialect has its own code and words for them."""

from enum import StrEnum


class Why(StrEnum):
    """The reason of a refusal."""

    SYMBOL = "symbol"
    QUANTITY = "quantity"
    PRICE = "price"
    TOO_SMALL = "too small"
    FUNDS = "funds"
    DUPLICATE = "duplicate client id"
    REDUCE_ONLY = "would not reduce"
    POST_ONLY = "would take liquidity"
    POSITION_MODE = "position mode"
    NO_ORDER = "no such order"
    ORDER_OVER = "order is over"
    UNCHANGED = "unchanged"
    POSITION_OPEN = "position open"
    LEVERAGE = "leverage"


class RefusalError(Exception):
    """What was asked is refused; nothing happened."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why
