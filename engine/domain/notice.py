"""Owns the words of a notice: what is told to a person who does not look at the screen, and how urgent it is.

Carries no amounts of money: it passes through servers of others. Made by the core, sent by the runtime.
"""

from dataclasses import dataclass
from enum import StrEnum

from engine.domain.units import BasketName


class Level(StrEnum):
    """How urgent a notice is, the least first."""

    INFO = "info"
    WARNING = "warning"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        """Return 0 for the least urgent."""
        return list(Level).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing to tell; without a `basket` it is about all of them."""

    level: Level
    title: str
    body: str = ""
    basket: BasketName | None = None
