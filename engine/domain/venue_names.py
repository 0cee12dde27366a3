"""Owns how one book names the markets of several venues: those of the default venue plainly, of others with `@`.

"ETH@okx" is ETH as [venues.okx] trades it, "ETH/USDT:USDT@okx" its market. The asset carries the trader's name of the
venue, the market its id: a table that is renamed still means the same bars. Everything that keys by asset or symbol
keeps them apart without knowing of venues; only the feeds, which ask, look behind the `@`.
"""

from engine.domain.units import Asset, Symbol

AT = "@"


def asset_at(asset: str, name: str) -> Asset:
    """Return the asset as the venue called `name` trades it."""
    return Asset(f"{asset}{AT}{name}")


def symbol_at(symbol: str, venue_id: str) -> Symbol:
    """Return the market `symbol` of the venue with this ccxt id."""
    return Symbol(f"{symbol}{AT}{venue_id}")


def bare_symbol(symbol: Symbol) -> Symbol:
    """Return the market as its own venue calls it."""
    return Symbol(symbol.partition(AT)[0])


def bare_asset(asset: Asset) -> Asset:
    """Return the asset without its venue: what price files call it."""
    return Asset(asset.partition(AT)[0])
