"""Owns how Binance's parameters are read: order requests, symbols, ids and spans, each refused in the venue's words."""

import re
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation

from engine.domain.order import OrderSide
from engine.domain.units import DAY_MS, Asset, Ms
from engine.venue_sim.accounts import Account
from engine.venue_sim.binance_bodies import Segment
from engine.venue_sim.binance_refusals import BinanceRefusalError, binance_code, missing
from engine.venue_sim.exchange import Exchange
from engine.venue_sim.orders import QUOTE, Market, OrderKind, OrderRequest, TimeInForce, VenueOrder
from engine.venue_sim.refusals import RefusalError, Why

Parameters = Mapping[str, str]
MARKETS = {Segment.SPOT: Market.SPOT, Segment.FUTURES: Market.SWAP}
_CLIENT_ID = re.compile(r"[.A-Z:/a-z0-9_-]{1,36}")
_SIDES = {"BUY": OrderSide.BUY, "SELL": OrderSide.SELL}
_KINDS = {"MARKET": OrderKind.MARKET, "LIMIT": OrderKind.LIMIT, "LIMIT_MAKER": OrderKind.LIMIT}
_TIMES = {
    "GTC": TimeInForce.GTC,
    "IOC": TimeInForce.IOC,
    "FOK": TimeInForce.FOK,
    "GTX": TimeInForce.POST_ONLY,
}
_WEEK_MS = 7 * DAY_MS


def asked(segment: Segment, act: Callable[[], VenueOrder]) -> VenueOrder:
    """Do it, with a refusal in the venue's code."""
    try:
        return act()
    except RefusalError as refusal:
        raise binance_code(refusal.why, segment) from None


def order_of(segment: Segment, given: Parameters, account: Account, exchange: Exchange) -> OrderRequest:
    """Read an order; raises BinanceRefusalError where it is not one."""
    asset = asset_of(segment, given, exchange)
    side, kind = _SIDES.get(needed(given, "side")), _KINDS.get(needed(given, "type"))
    if side is None:
        raise BinanceRefusalError(-1117, "Invalid side.")
    if kind is None:
        raise BinanceRefusalError(-1116, "Invalid orderType.")
    if segment is Segment.FUTURES and (given.get("positionSide", "BOTH") == "BOTH") is account.hedge:
        raise binance_code(Why.POSITION_MODE, segment)
    client_id = given.get("newClientOrderId") or uuid.uuid4().hex[:22]
    if not _CLIENT_ID.fullmatch(client_id):
        raise BinanceRefusalError(-4015 if segment is Segment.FUTURES else -1100, "Client order id is not valid.")
    in_time = TimeInForce.GTC
    if given.get("type") == "LIMIT_MAKER":
        in_time = TimeInForce.POST_ONLY
    elif kind is OrderKind.LIMIT:
        in_time = _TIMES.get(needed(given, "timeInForce"), TimeInForce.GTC)
    return OrderRequest(
        market=MARKETS[segment],
        asset=asset,
        side=side,
        kind=kind,
        quantity=_quantity(given, kind, asset, exchange),
        price=number(given, "price") if kind is OrderKind.LIMIT else None,
        time_in_force=in_time,
        reduce_only=given.get("reduceOnly", "").lower() == "true",
        client_id=client_id,
    )


def found_order(segment: Segment, given: Parameters, account: Account, exchange: Exchange) -> VenueOrder | None:
    """Return the order that orderId or origClientOrderId name, on the symbol that is given."""
    asset = asset_of(segment, given, exchange)
    order_id, client_id = given.get("orderId", ""), given.get("origClientOrderId", "")
    if not order_id and not client_id:
        raise BinanceRefusalError(
            -1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"
        )
    order = exchange.find(account, MARKETS[segment], order_id=order_id, client_id=client_id, asset=asset)
    return order if order is not None and order.request.asset == asset else None


def asset_of(segment: Segment, given: Parameters, exchange: Exchange) -> Asset:
    """Return the asset of the symbol that is given."""
    symbol = needed(given, "symbol").upper()
    asset = Asset(symbol.removesuffix(QUOTE))
    if not symbol.endswith(QUOTE) or asset not in exchange.instant().quotes:
        raise binance_code(Why.SYMBOL, segment)
    return asset


def span(given: Parameters, exchange: Exchange, *, spot: bool = False) -> tuple[Ms, Ms]:
    """Return the span asked for, at most a week (on spot a day): what follows `startTime`, or the newest one."""
    now, longest = exchange.instant().market_ms, DAY_MS if spot else _WEEK_MS
    begin, end = whole(given, "startTime", 0), whole(given, "endTime", 0)
    if begin and end and not 0 <= end - begin <= longest:
        if spot:
            raise BinanceRefusalError(-1127, "More than 24 hours between startTime and endTime.")
        raise BinanceRefusalError(-4166, "Search window is restricted to recent 7 days.")
    if begin:
        return Ms(begin), Ms(end or begin + longest)
    return Ms((end or now) - longest), Ms(end or now)


def needed(given: Parameters, name: str) -> str:
    """Return a parameter that must be there."""
    found = given.get(name, "")
    if not found:
        raise missing(name)
    return found


def number(given: Parameters, name: str) -> Decimal:
    """Return a number that must be there."""
    try:
        value = Decimal(needed(given, name))
    except InvalidOperation:
        raise BinanceRefusalError(-1100, f"Illegal characters found in parameter '{name}'.") from None
    if not value.is_finite():
        raise BinanceRefusalError(-1100, f"Illegal characters found in parameter '{name}'.")
    return value


def whole(given: Parameters, name: str, usual: int) -> int:
    """Return a whole number, or `usual` where it is not given."""
    found = given.get(name, "")
    if not found:
        return usual
    if not (found.isascii() and found.isdigit() and len(found) <= 18):
        raise BinanceRefusalError(
            -1100, f"Illegal characters found in parameter '{name}'; legal range is '^[0-9]{{1,20}}$'."
        )
    return int(found)


def _quantity(given: Parameters, kind: OrderKind, asset: Asset, exchange: Exchange) -> Decimal:
    """Return the quantity; a market order on spot may give it in quote currency."""
    if kind is OrderKind.MARKET and given.get("quoteOrderQty") and not given.get("quantity"):
        quote = exchange.instant().quotes[asset]
        return quote.round_lot(number(given, "quoteOrderQty") / quote.ask)
    return number(given, "quantity")
