"""Owns a market of a few assets whose prices a test sets: the simulated exchange's price source, without a path."""

from decimal import Decimal

from engine.domain.market import Instrument, MarketKind, Quote
from engine.domain.units import Asset, Ms, Symbol
from engine.venue_sim.catalog import CATALOG
from engine.venue_sim.prices import Candles, Listing, Ticker, empty_candles
from engine.venue_sim.quotes import Quote as VenueQuote
from engine.venue_sim.quotes import quotes_at
from support.books import symbol_of

LEAST_NOTIONAL = Decimal(5)


class HandMarket:
    """Prices that stand still until `move`."""

    def __init__(self, *assets: str) -> None:
        rows = {row.asset: row for row in CATALOG if row.asset in assets}
        self.prices = {asset: rows[Asset(asset)].price for asset in assets}
        self._turnover = {asset: rows[Asset(asset)].turnover for asset in assets}
        self._listings = tuple(
            Listing(asset=Asset(each), decimals=rows[Asset(each)].decimals, lot=rows[Asset(each)].lot, launch_ms=Ms(0))
            for each in assets
        )

    def move(self, asset: str, by: float) -> None:
        """Let a price move by a share of itself."""
        self.prices[asset] *= 1.0 + by

    def listings(self, _now: Ms) -> tuple[Listing, ...]:
        """Return what is listed."""
        return self._listings

    def tickers(self, _now: Ms) -> tuple[Ticker, ...]:
        """Return the tickers of now."""
        found = []
        for listing in self._listings:
            last, turnover = self.prices[listing.asset], self._turnover[listing.asset]
            found.append(
                Ticker(
                    listing=listing,
                    last=last,
                    high_24h=last,
                    low_24h=last,
                    ago_24h=last,
                    ago_1h=last,
                    volume_24h=turnover / last,
                    turnover_24h=turnover,
                )
            )
        return tuple(found)

    def candles(self, _asset: Asset, _step_ms: int, _first: Ms, _last: Ms, _now: Ms) -> Candles:
        """Return none: nobody asks here."""
        return empty_candles()

    # -- the same in the engine's words

    def instruments(self) -> dict[Symbol, Instrument]:
        """Return what is listed."""
        return {
            symbol_of(each.asset): Instrument(
                asset=each.asset,
                symbol=symbol_of(each.asset),
                kind=MarketKind.SWAP,
                price_step=Decimal(1).scaleb(-each.decimals),
                quantity_step=Decimal(each.lot),
                min_notional=LEAST_NOTIONAL,
            )
            for each in self._listings
        }

    def quotes(self, now: Ms, received: float) -> tuple[Quote, ...]:
        """Return the quotes of now."""
        return tuple(_told(each, now, received) for each in quotes_at(self, now).values())


def _told(quote: VenueQuote, now: Ms, received: float) -> Quote:
    return Quote(
        symbol=symbol_of(quote.asset),
        last=quote.mark,
        bid=quote.bid,
        ask=quote.ask,
        change_24h=0.0,
        event_ms=now,
        received=received,
    )
