"""Owns the one assumption about the order book: a bid and an ask around the last price, and how much stands there.

Pure; every dialect writes the same book in its own names.
"""

import math
from dataclasses import dataclass

from engine.venue_sim.prices import Ticker

_SPREAD = 1e-4  # of the price, at least one step


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The best bid and ask, and the quantity at each of them."""

    bid: float
    ask: float
    size: float


def book_around(ticker: Ticker) -> Book:
    """Return the book of a ticker, on its price steps."""
    step = 10.0**-ticker.listing.decimals
    half = max(step, ticker.last * _SPREAD) / 2.0
    bid = math.floor((ticker.last - half) / step + 0.5) * step
    ask = max(math.floor((ticker.last + half) / step + 0.5) * step, bid + step)
    return Book(bid=bid, ask=ask, size=ticker.turnover_24h / ticker.last / 2e4)
