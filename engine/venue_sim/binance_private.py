"""Owns the private REST dialect of Binance USD-M futures: which route takes what, and what it answers.

Parameters are read in `binance_parameters`, bodies built in `binance_account_bodies`. Signatures have been checked
before it is asked. Spot and the account's own routes are `binance_spot_private`.
"""

from engine.domain.units import Asset
from engine.venue_sim.account_margin import order_margin
from engine.venue_sim.accounts import Account
from engine.venue_sim.binance_account_bodies import (
    account_row,
    balance_rows,
    income_rows,
    order_row,
    position_row,
    trade_row,
)
from engine.venue_sim.binance_bodies import Segment
from engine.venue_sim.binance_lists import all_orders, listed_order, listed_orders, page
from engine.venue_sim.binance_parameters import (
    Parameters,
    asked,
    asset_of,
    found_order,
    order_of,
    span,
    whole,
)
from engine.venue_sim.binance_refusals import BinanceRefusalError
from engine.venue_sim.binance_settings import SETTINGS, Routes
from engine.venue_sim.exchange import Exchange
from engine.venue_sim.orders import ExecutionKind, Market

_FUTURES = Segment.FUTURES


def _create(account: Account, given: Parameters, exchange: Exchange) -> object:
    request = order_of(_FUTURES, given, account, exchange)
    order = asked(_FUTURES, lambda: exchange.place(account, request))
    return order_row(order, acknowledged=given.get("newOrderRespType", "ACK") == "ACK")


def _cancel(account: Account, given: Parameters, exchange: Exchange) -> object:
    order = found_order(_FUTURES, given, account, exchange)
    canceled = asked(_FUTURES, lambda: exchange.cancel(account, order))
    return order_row(canceled) | {"status": "CANCELED"}


def _cancel_all(account: Account, given: Parameters, exchange: Exchange) -> object:
    asset = asset_of(_FUTURES, given, exchange)
    for order in list(account.open.values()):
        if order.request.market is Market.SWAP and order.request.asset == asset:
            exchange.cancel(account, order)
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


def _order(account: Account, given: Parameters, exchange: Exchange) -> object:
    return order_row(listed_order(_FUTURES, account, given, exchange))


def _open_order(account: Account, given: Parameters, exchange: Exchange) -> object:
    order = listed_order(_FUTURES, account, given, exchange)
    if not order.status.open:
        raise BinanceRefusalError(-2013, "Order does not exist.")
    return order_row(order)


def _open_orders(account: Account, given: Parameters, exchange: Exchange) -> object:
    return [order_row(order) for order in listed_orders(_FUTURES, account, given, exchange) if order.status.open]


def _all_orders(account: Account, given: Parameters, exchange: Exchange) -> object:
    found = all_orders(_FUTURES, account, given, exchange, within=span(given, exchange))
    return [order_row(order) for order in found]


def _trades(account: Account, given: Parameters, exchange: Exchange) -> object:
    asset, (begin, end) = asset_of(_FUTURES, given, exchange), span(given, exchange)
    first, order_id = whole(given, "fromId", 0), whole(given, "orderId", 0)
    found = [
        each
        for each in account.executions
        if each.market is Market.SWAP
        and each.kind is not ExecutionKind.FUNDING
        and each.asset == asset
        and (each.number >= first if first else begin <= each.at_ms <= end)
        and (not order_id or (each.order is not None and each.order.number == order_id))
        and (each.order is None or exchange.listed(each.order))
    ]
    return [trade_row(each) for each in page(found, given, first=first)]


def _positions(account: Account, given: Parameters, exchange: Exchange) -> object:
    """Version 3: what is held or has open orders."""
    quotes = exchange.instant().quotes
    found = [account.position(asset) for asset in _wanted(account, given, exchange)]
    busy = [each for each in found if each.quantity or order_margin(account, each.asset)]
    return [position_row(account, each, quotes) for each in busy]


def _old_positions(account: Account, given: Parameters, exchange: Exchange) -> object:
    """Version 2: every symbol, with leverage and margin type; hedge mode has a row for each side."""
    quotes = exchange.instant().quotes
    found = [account.position(asset) for asset in _wanted(account, given, exchange)]
    rows = [position_row(account, each, quotes, old=True) for each in found]
    if not account.hedge:
        return rows
    return [row | {"positionSide": side} for row in rows for side in ("LONG", "SHORT")]


def _wanted(account: Account, given: Parameters, exchange: Exchange) -> list[Asset]:
    """Return the symbol that is asked for, or all that are listed or held: a delisted one keeps its position."""
    if given.get("symbol"):
        return [asset_of(_FUTURES, given, exchange)]
    return list(dict.fromkeys((*exchange.instant().quotes, *(each.asset for each in account.held()))))


def _account(account: Account, _given: Parameters, exchange: Exchange) -> object:
    return account_row(account, exchange.instant().quotes)


def _balance(account: Account, _given: Parameters, exchange: Exchange) -> object:
    return balance_rows(account, exchange.instant().quotes)


def _income(account: Account, given: Parameters, exchange: Exchange) -> object:
    (begin, end), symbol, kind = span(given, exchange), given.get("symbol", ""), given.get("incomeType", "")
    rows = [
        row
        for entry in account.log
        if entry.market is Market.SWAP and begin <= entry.at_ms <= end
        for row in income_rows(entry)
        if symbol in ("", row["symbol"]) and kind in ("", row["incomeType"])
    ]
    limit, page = min(whole(given, "limit", 100), 1000), whole(given, "page", 0)
    if page:
        return rows[(page - 1) * limit : page * limit]
    return rows[:limit] if given.get("startTime") else rows[-limit:]


# By method and path: what answers, and its weight.
ROUTES: Routes = {
    ("POST", "/fapi/v1/order"): (_create, 1),
    ("DELETE", "/fapi/v1/order"): (_cancel, 1),
    ("GET", "/fapi/v1/order"): (_order, 1),
    ("GET", "/fapi/v1/openOrder"): (_open_order, 1),
    ("GET", "/fapi/v1/openOrders"): (_open_orders, 1),
    ("GET", "/fapi/v1/allOrders"): (_all_orders, 5),
    ("DELETE", "/fapi/v1/allOpenOrders"): (_cancel_all, 1),
    ("GET", "/fapi/v1/userTrades"): (_trades, 5),
    ("GET", "/fapi/v3/positionRisk"): (_positions, 5),
    ("GET", "/fapi/v2/positionRisk"): (_old_positions, 5),
    ("GET", "/fapi/v3/account"): (_account, 5),
    ("GET", "/fapi/v2/account"): (_account, 5),
    ("GET", "/fapi/v3/balance"): (_balance, 5),
    ("GET", "/fapi/v2/balance"): (_balance, 5),
    ("GET", "/fapi/v1/income"): (_income, 30),
} | SETTINGS
