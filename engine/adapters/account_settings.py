"""Owns how an account is set at the venue against what the config assumes: leverage and margin mode, symbol by symbol.

Compares only; `driftdeck doctor` shows it and `driftdeck setup-venue` changes it after a yes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from engine.domain.config import Config
from engine.domain.units import Symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolSettings:
    """How the venue trades a symbol for this account."""

    leverage: Decimal
    isolated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """A symbol that is set otherwise than the config assumes, in words; `leverage` is what to set, None where fine."""

    symbol: Symbol
    words: str
    leverage: Decimal | None


def deviations_from(config: Config, there: Mapping[Symbol, SymbolSettings]) -> tuple[Deviation, ...]:
    """Return where the venue is set otherwise than the config assumes."""
    isolated = config.account.margin == "isolated"
    found = []
    for symbol, leverage in config.leverage.items():
        settings = there.get(symbol)
        if settings is None:
            continue
        words = []
        if settings.leverage != leverage:
            words.append(f"leverage {settings.leverage.normalize():f}, the config assumes {leverage.normalize():f}")
        if settings.isolated is not isolated:
            mode = {True: "isolated", False: "cross"}
            words.append(f"{mode[settings.isolated]} margin, the config assumes {mode[isolated]}")
        if words:
            wrong = settings.leverage != leverage
            found.append(Deviation(symbol=symbol, words="; ".join(words), leverage=leverage if wrong else None))
    return tuple(found)
