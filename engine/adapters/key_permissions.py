"""Owns what a key may do here: trade, or only read. A key that may withdraw is refused before it comes to that."""

from dataclasses import dataclass
from enum import StrEnum

ONE_WAY = "Driftdeck keeps one net position per symbol; set the account to one-way mode at the venue"


class Access(StrEnum):
    """What a key may do."""

    TRADE = "trade"
    READ_ONLY = "read_only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What the venue said of a key; `notes` are sentences for the log."""

    access: Access
    notes: tuple[str, ...] = ()
