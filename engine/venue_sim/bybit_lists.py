"""Owns the paged lists of Bybit v5's private part: which rows, in what order, how many, and the cursor to the next.

Newest first, as on the venue. A cursor names the last row that was given, so that new rows never shift a page. Times
are market times; the default spans are the venue's (7 days of orders and executions, 24 h of the log).
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar
from urllib.parse import quote, unquote

from engine.domain.units import DAY_MS, Asset, Ms
from engine.venue_sim.accounts import Account
from engine.venue_sim.bybit_private_bodies import (
    Row,
    category_of,
    execution_row,
    order_row,
    order_status,
    position_row,
)
from engine.venue_sim.bybit_refusals import PARAMETER_ERROR, BybitRefusalError
from engine.venue_sim.bybit_wallet_bodies import log_row
from engine.venue_sim.exchange import Exchange
from engine.venue_sim.orders import QUOTE, Market, VenueOrder

Parameters = Mapping[str, object]
_WEEK_MS = 7 * DAY_MS
_CLOSED_KEPT = 500  # closed orders that the realtime list still knows
_CURSOR = "page_token={number}&"
_T = TypeVar("_T")


def open_page(account: Account, market: Market, given: Parameters, exchange: Exchange) -> Row:
    """Return open orders, or with openOnly=1 the newest closed ones."""
    if market is Market.SWAP and not any(given.get(name) for name in ("symbol", "settleCoin", "baseCoin")):
        raise BybitRefusalError(PARAMETER_ERROR, "Missing some parameters that must be filled in, symbol or settleCoin")
    closed = str(given.get("openOnly", "0")) == "1"
    orders = [order for order in reversed(account.orders.values()) if order.status.open is not closed]
    found = _matching(orders[:_CLOSED_KEPT], market, given, exchange)
    return _page(found, given, 20, 50, lambda order: order.number, order_row) | {"category": category_of(market)}


def history_page(account: Account, market: Market, given: Parameters, exchange: Exchange) -> Row:
    """Return orders that are over; an order asked for by its id is found however old it is."""
    begin, end = _span(given, exchange, _WEEK_MS)
    named = given.get("orderId") or given.get("orderLinkId")
    found = [
        order
        for order in _matching(reversed(account.orders.values()), market, given, exchange)
        if not order.status.open
        and (named or begin <= order.created_ms <= end)
        and given.get("orderStatus", order_status(order)) == order_status(order)
    ]
    return _page(found, given, 20, 50, lambda order: order.number, order_row) | {"category": category_of(market)}


def execution_page(account: Account, market: Market, given: Parameters, exchange: Exchange) -> Row:
    """Return executions: trades, funding and liquidations."""
    begin, end = _span(given, exchange, _WEEK_MS)
    wanted = []
    for execution in reversed(account.executions):
        order = execution.order
        row = execution_row(execution)
        if execution.market is not market or not begin <= execution.at_ms <= end:
            continue
        if order is not None and not exchange.listed(order):
            continue
        if all(given.get(name, row[name]) in ("", row[name]) for name in _EXECUTION_FILTERS):
            wanted.append(execution)
    page = _page(wanted, given, 50, 100, lambda execution: execution.number, execution_row)
    return page | {"category": category_of(market)}


def position_page(account: Account, asset: Asset | None, given: Parameters, exchange: Exchange) -> Row:
    """Return one symbol's position, also a flat one, or all that are not flat; hedge mode has a row for each side."""
    quotes = exchange.instant().quotes
    positions = account.held() if asset is None else [account.position(asset)]
    if account.hedge and asset is not None:
        rows = [position_row(account, positions[0], quotes) | {"positionIdx": index} for index in (1, 2)]
        return {"list": rows, "nextPageCursor": "", "category": "linear"}
    ordered = list(enumerate(positions))[::-1]
    page = _page(ordered, given, 20, 200, lambda each: each[0] + 1, lambda each: position_row(account, each[1], quotes))
    return page | {"category": "linear"}


def log_page(account: Account, given: Parameters, exchange: Exchange) -> Row:
    """Return the transaction log."""
    begin, end = _span(given, exchange, DAY_MS)
    wanted = []
    for entry in reversed(account.log):
        row = log_row(account, entry)
        if begin <= entry.at_ms <= end and all(
            given.get(name, row[name]) in ("", row[name]) for name in ("type", "currency", "category")
        ):
            wanted.append(entry)
    return _page(wanted, given, 20, 50, lambda entry: entry.number, lambda entry: log_row(account, entry))


_EXECUTION_FILTERS = ("symbol", "orderId", "orderLinkId", "execType")


def _matching(orders: Iterable[VenueOrder], market: Market, given: Parameters, exchange: Exchange) -> list[VenueOrder]:
    """Return the orders that a query means; the venue's id wins over the client's."""
    order_id, client_id, symbol = given.get("orderId"), given.get("orderLinkId"), given.get("symbol")
    found = []
    for order in orders:
        request = order.request
        if request.market is not market or not exchange.listed(order):
            continue
        if symbol and symbol != f"{request.asset}{QUOTE}":
            continue
        if order_id and order_id != order.order_id:
            continue
        if client_id and not order_id and client_id != request.client_id:
            continue
        found.append(order)
    return found


def _page(
    items: list[_T], given: Parameters, usual: int, most: int, number: Callable[[_T], int], row: Callable[[_T], Row]
) -> Row:
    """Return one page, newest first, and where the next one begins."""
    limit = min(_whole(given, "limit", usual), most)
    if limit < 1:
        raise BybitRefusalError(PARAMETER_ERROR, "params error: limit invalid")
    after = _after(given)
    left = [item for item in items if after is None or number(item) < after]
    shown = left[:limit]
    cursor = quote(_CURSOR.format(number=number(shown[-1])), safe="") if len(left) > limit else ""
    return {"list": [row(item) for item in shown], "nextPageCursor": cursor}


def _after(given: Parameters) -> int | None:
    """Return the row that the cursor names; clients send it encoded once or twice."""
    found = given.get("cursor")
    if not found:
        return None
    number = unquote(unquote(str(found))).removeprefix("page_token=").removesuffix("&")
    if not (number.isascii() and number.isdigit()):
        raise BybitRefusalError(PARAMETER_ERROR, "params error: cursor invalid")
    return int(number)


def _span(given: Parameters, exchange: Exchange, usual_ms: int) -> tuple[Ms, Ms]:
    """Return the span asked for: the venue gives at most seven days at once."""
    now = exchange.instant().market_ms
    begin, end = _whole(given, "startTime", 0), _whole(given, "endTime", 0)
    if begin and end:
        if not 0 <= end - begin <= _WEEK_MS:
            raise BybitRefusalError(
                PARAMETER_ERROR, "The time range between startTime and endTime cannot exceed 7 days"
            )
        return Ms(begin), Ms(end)
    if begin:
        return Ms(begin), Ms(begin + usual_ms)
    return Ms((end or now) - usual_ms), Ms(end or now)


def _whole(given: Parameters, name: str, usual: int) -> int:
    found = str(given.get(name) or "")
    if not found:
        return usual
    if not (found.isascii() and found.isdigit() and len(found) <= 16):
        raise BybitRefusalError(PARAMETER_ERROR, f"params error: {name} invalid")
    return int(found)
