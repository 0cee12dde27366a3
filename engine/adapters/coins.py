"""Owns what is alike at all venues where coins are held, not positions: the coin of a market, and what a fee took.

Pure words for the spot accounts; asks nobody.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from engine.domain.order import Fill
from engine.domain.portfolio import ZERO
from engine.domain.units import Symbol


def coin_of(exchange: Any, symbol: Symbol) -> str:
    """Return the venue's name of the coin that a market trades; of one that is not listed any more, our name."""
    market = (exchange.markets or {}).get(symbol) or {}
    return str(market.get("baseId") or symbol.partition("/")[0])


def with_fee_in(coin: str, amount: Decimal, fill: Fill, market: tuple[str, str]) -> Fill:
    """Return a fill with its fee, which `coin` paid; `market` is the traded coin and the one that is paid with.

    What the traded coin pays is not held any more and is worth its price; what a third one pays is in no book.
    """
    traded, quote = market
    if coin == traded:
        return replace(fill, fee=amount * fill.price, fee_in_kind=amount)
    if coin == quote or not amount:
        return replace(fill, fee=amount)
    return replace(fill, fee=ZERO, elsewhere=f"{amount.normalize():f} {coin}")
