"""Owns what Binance's two order books ask alike of an account: the one order that is meant, its orders, a page of rows.

Rows are built by each dialect: `binance_private` for futures, `binance_spot_private` for spot.
"""

from collections.abc import Sequence
from typing import TypeVar

from engine.domain.units import Ms
from engine.venue_sim.accounts import Account
from engine.venue_sim.binance_bodies import Segment
from engine.venue_sim.binance_parameters import Parameters, asset_of, found_order, needed, whole
from engine.venue_sim.binance_refusals import BinanceRefusalError
from engine.venue_sim.exchange import Exchange
from engine.venue_sim.orders import Market, VenueOrder

T = TypeVar("T")
_MARKETS = {Segment.FUTURES: Market.SWAP, Segment.SPOT: Market.SPOT}
_MOST_ROWS = 1000


def listed_order(segment: Segment, account: Account, given: Parameters, exchange: Exchange) -> VenueOrder:
    """Return the order that is asked for. Raises BinanceRefusalError where it is none, or no longer listed."""
    order = found_order(segment, given, account, exchange)
    if order is None or not exchange.listed(order):
        raise BinanceRefusalError(-2013, "Order does not exist.")
    return order


def listed_orders(segment: Segment, account: Account, given: Parameters, exchange: Exchange) -> list[VenueOrder]:
    """Return the listed orders of a symbol or of all, oldest first."""
    asset = asset_of(segment, given, exchange) if given.get("symbol") else None
    return [
        order
        for order in account.orders.values()
        if order.request.market is _MARKETS[segment] and asset in (None, order.request.asset) and exchange.listed(order)
    ]


def all_orders(
    segment: Segment, account: Account, given: Parameters, exchange: Exchange, *, within: tuple[Ms, Ms]
) -> list[VenueOrder]:
    """Return a page of a symbol's orders: from an order's number on, or the newest of those created `within`."""
    needed(given, "symbol")
    first, (begin, end) = whole(given, "orderId", 0), within
    found = [
        order
        for order in listed_orders(segment, account, given, exchange)
        if (order.number >= first if first else begin <= order.created_ms <= end)
    ]
    return page(found, given, first=first)


def page(found: Sequence[T], given: Parameters, *, first: int) -> list[T]:
    """Return so many rows as `limit` says: the first ones where a number to begin with was given, else the newest."""
    limit = min(whole(given, "limit", 500), _MOST_ROWS)
    return list(found[:limit] if first else found[-limit:])
