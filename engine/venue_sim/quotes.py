"""Owns the exact numbers the desk trades on: the book of an asset in Decimal, its steps, its mark and funding rate.

Made from a price source's tickers at one market instant, on the same book that the public dialects show. Walking the
book is here too: what a taker gets, level by level. It changes nothing.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from engine.domain.order import OrderSide
from engine.domain.units import HOUR_MS, Asset, Ms
from engine.venue_sim.book import book_around
from engine.venue_sim.prices import PriceSource, Ticker

FUNDING_MS = 8 * HOUR_MS
LEVELS = 50  # a market order reaches no further than this into the book
_USUAL_FUNDING = 1e-4
_MOST_FUNDING = 7.5e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """One asset now: best prices, what stands at each level, and the venue's steps."""

    asset: Asset
    bid: Decimal
    ask: Decimal
    depth: Decimal
    mark: Decimal
    funding: Decimal
    tick: Decimal
    lot: Decimal

    def levels(self, side: OrderSide) -> Iterator[tuple[Decimal, Decimal]]:
        """Give price and quantity of each level a taker on `side` meets, best first, a spread apart."""
        gap = max(self.tick, self.ask - self.bid)
        best = self.ask if side is OrderSide.BUY else self.bid
        for number in range(LEVELS):
            price = best + side.sign * gap * number
            if price <= 0:
                return
            yield price, self.depth

    def crosses(self, side: OrderSide, price: Decimal) -> bool:
        """Say whether a limit at `price` would trade at once."""
        return price >= self.ask if side is OrderSide.BUY else price <= self.bid

    def round_lot(self, quantity: Decimal, *, up: bool = False) -> Decimal:
        """Return `quantity` on the lot step."""
        return (quantity / self.lot).to_integral_value(ROUND_CEILING if up else ROUND_FLOOR) * self.lot


def quotes_at(source: PriceSource, now: Ms) -> dict[Asset, Quote]:
    """Return the quotes of everything listed at `now`."""
    return {ticker.listing.asset: _quote(ticker) for ticker in source.tickers(now)}


def funding_rate(ticker: Ticker) -> float:
    """Return the funding rate of the running interval: it leans to the side of the day's move."""
    change = ticker.last / ticker.ago_24h - 1.0
    leaning = _USUAL_FUNDING + change / 200.0
    return _USUAL_FUNDING if math.isnan(change) else max(-_MOST_FUNDING, min(_MOST_FUNDING, leaning))


def taken(quote: Quote, side: OrderSide, quantity: Decimal, limit: Decimal | None) -> list[tuple[Decimal, Decimal]]:
    """Return price and quantity of each level that an order takes, up to its limit."""
    found = []
    for price, depth in quote.levels(side):
        if quantity <= 0 or (limit is not None and side.sign * (price - limit) > 0):
            break
        part = min(quantity, depth)
        found.append((price, part))
        quantity -= part
    return found


def _quote(ticker: Ticker) -> Quote:
    decimals = ticker.listing.decimals
    book = book_around(ticker)
    tick, lot = Decimal(1).scaleb(-decimals), Decimal(ticker.listing.lot)
    depth = (Decimal(repr(book.size)) / lot).to_integral_value(ROUND_FLOOR) * lot
    return Quote(
        asset=ticker.listing.asset,
        bid=Decimal(f"{book.bid:.{decimals}f}"),
        ask=Decimal(f"{book.ask:.{decimals}f}"),
        depth=max(lot, depth),
        mark=Decimal(f"{ticker.last:.{decimals}f}"),
        funding=Decimal(f"{funding_rate(ticker):.8f}"),
        tick=tick,
        lot=lot,
    )
