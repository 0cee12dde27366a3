"""Owns the trader's idea: a thematic basket of legs with sides and base weights.

Weights are absolute fractions of the basket's notional and sum to 1; the side carries the sign. Sizing and prices
live elsewhere.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from engine.domain.units import Asset, BasketName, Symbol


class Side(StrEnum):
    """Direction of a leg."""

    LONG = "long"
    SHORT = "short"

    @property
    def sign(self) -> int:
        """Return +1 for long, -1 for short."""
        return 1 if self is Side.LONG else -1


class DecisionMode(StrEnum):
    """Who decides on a proposal of this basket."""

    ASK = "ask"
    AUTO_REDUCE = "auto_reduce"
    AUTO = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One asset of a basket; `weight` is a positive fraction of the basket's base notional.

    `formerly` is the market under its former name, whose bars count as its own before the rename. `venue` is the name
    of a venue beside the default one.
    """

    asset: Asset
    symbol: Symbol
    side: Side
    weight: float
    formerly: Symbol | None = None
    venue: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """A theme with two or more legs; `notional` is the base exposure at factor 1, in the account's currency."""

    name: BasketName
    thesis: str
    legs: tuple[Leg, ...]
    notional: Decimal
    leverage: float
    decision: DecisionMode
    on_no_answer: str
    no_answer_after_ms: int
    share: float | None = None  # of equity, where the notional was given so; the notional follows it

    @property
    def assets(self) -> tuple[Asset, ...]:
        """Return the assets in configured order."""
        return tuple(leg.asset for leg in self.legs)

    @property
    def hedged(self) -> bool:
        """Return True where the basket holds both sides."""
        return len({leg.side for leg in self.legs}) > 1
