"""Owns which dialect speaks for an account: what the broker asks of each of them, and where there is none.

The port behind the broker. Names the dialects of single venues and markets; asks and decides nothing itself.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Protocol

from engine.adapters.account_settings import SymbolSettings
from engine.adapters.binance_account import BinanceAccount
from engine.adapters.binance_spot_account import BinanceSpotAccount
from engine.adapters.bybit_account import BybitAccount
from engine.adapters.bybit_spot_account import BybitSpotAccount
from engine.adapters.key_permissions import Admission
from engine.domain.config import VenueConfig
from engine.domain.errors import RefusedError
from engine.domain.market import MarketKind
from engine.domain.order import CashMovement, Fill, FundingCharge, Order, OrderAnswer, VenuePosition
from engine.domain.units import ClientOrderId, Ms, Symbol

SPOKEN = {
    ("bybit", MarketKind.SWAP): "swaps of bybit",
    ("binance", MarketKind.SWAP): "swaps of binance",
    ("bybit", MarketKind.SPOT): "spot of bybit",
    ("binance", MarketKind.SPOT): "spot of binance",
}


class VenueAccount(Protocol):
    """An account in the words of its venue. Raises what ccxt raises, and BadVenueAnswerError."""

    async def place(self, order: Order) -> OrderAnswer:
        """Send an order, once."""

    async def cancel(self, name: ClientOrderId, symbol: Symbol) -> None:
        """Ask for the end of an order."""

    async def find(self, name: ClientOrderId, symbol: Symbol) -> OrderAnswer | None:
        """Look an order up by its client id; None where the venue has none."""

    async def fills(self, since: Ms, until: Ms) -> list[Fill]:
        """Return the executions."""

    async def funding(self, since: Ms, until: Ms) -> list[FundingCharge]:
        """Return the funding payments."""

    async def movements(self, since: Ms, until: Ms) -> list[CashMovement]:
        """Return the money that moved otherwise."""

    async def positions(self) -> list[VenuePosition]:
        """Return what is held."""

    async def wallet(self) -> Decimal:
        """Return the balance of the quote coin without open profit."""

    async def admit(self) -> Admission:
        """Return what the key may do."""

    async def settings(self) -> dict[Symbol, SymbolSettings]:
        """Return how each symbol is traded."""

    async def set_leverage(self, symbol: Symbol, leverage: Decimal) -> None:
        """Set the leverage of a symbol."""


def refuse_untold(venue: VenueConfig, symbols: Sequence[Symbol]) -> None:
    """Raise RefusedError where no dialect places orders of this venue's market, or of one of the symbols."""
    if (venue.id, venue.market) not in SPOKEN:
        raise RefusedError(
            f"venue.mode: orders go to {', '.join(SPOKEN.values())} so far, not to {venue.id} {venue.market}; use "
            "paper money there"
        )
    strange = [each for each in symbols if each.partition("/")[2].partition(":")[0] != venue.quote]
    if strange:
        raise RefusedError(
            f"{strange[0]} is not paid in {venue.quote}: real orders go to markets of venue.quote alone, as the books "
            "hold no other money"
        )


def account_of(venue: VenueConfig, exchange: Any, symbols: Sequence[Symbol]) -> VenueAccount:
    """Return the account behind a ccxt object that has its key."""
    spot = venue.market is MarketKind.SPOT
    if venue.id == "bybit":
        return (BybitSpotAccount if spot else BybitAccount)(exchange, venue.quote, symbols)
    return (BinanceSpotAccount if spot else BinanceAccount)(exchange, venue.quote, symbols, venue.mode)
