"""Owns the private REST dialect of Binance spot, and the account's own routes: orders, coins, trades, key restrictions.

Bodies are small and built here. Signatures have been checked before it is asked.
"""

from decimal import Decimal

from engine.domain.units import Ms
from engine.venue_sim.accounts import Account, VenueName
from engine.venue_sim.binance_account_bodies import Row, status_of, text
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
from engine.venue_sim.binance_settings import Routes
from engine.venue_sim.exchange import Exchange
from engine.venue_sim.order_desk import FEES
from engine.venue_sim.orders import QUOTE, ZERO, Execution, Market, OrderKind, TimeInForce, VenueOrder

_SPOT = Segment.SPOT
_TIMES = {TimeInForce.IOC: "IOC", TimeInForce.FOK: "FOK"}
_CREATED_MS = 1_795_000_000_000


def _create(account: Account, given: Parameters, exchange: Exchange) -> object:
    request = order_of(_SPOT, given, account, exchange)
    order = asked(_SPOT, lambda: exchange.place(account, request))
    kind = given.get("newOrderRespType", "FULL")
    short: Row = {
        "symbol": f"{request.asset}{QUOTE}",
        "orderId": order.number,
        "orderListId": -1,
        "clientOrderId": request.client_id,
        "transactTime": order.created_ms,
    }
    if kind == "ACK":
        return short
    row = {name: value for name, value in _row(order).items() if name not in _ONLY_LISTED} | short
    if kind == "RESULT":
        return row
    fills = [each for each in account.executions if each.order is order]
    return row | {"fills": [_fill(each) for each in fills]}


def _cancel(account: Account, given: Parameters, exchange: Exchange) -> object:
    order = found_order(_SPOT, given, account, exchange)
    canceled = asked(_SPOT, lambda: exchange.cancel(account, order))
    return _canceled(canceled, given)


def _cancel_all(account: Account, given: Parameters, exchange: Exchange) -> object:
    asset = asset_of(_SPOT, given, exchange)
    orders = [each for each in account.open.values() if each.request.market is Market.SPOT]
    orders = [each for each in orders if each.request.asset == asset]
    if not orders:
        raise BinanceRefusalError(-2011, "Unknown order sent.")
    return [_canceled(exchange.cancel(account, each), given) for each in orders]


def _order(account: Account, given: Parameters, exchange: Exchange) -> object:
    return _row(listed_order(_SPOT, account, given, exchange))


def _open_orders(account: Account, given: Parameters, exchange: Exchange) -> object:
    return [_row(order) for order in listed_orders(_SPOT, account, given, exchange) if order.status.open]


def _all_orders(account: Account, given: Parameters, exchange: Exchange) -> object:
    within = Ms(whole(given, "startTime", 0)), Ms(whole(given, "endTime", 2**53))
    return [_row(order) for order in all_orders(_SPOT, account, given, exchange, within=within)]


def _trades(account: Account, given: Parameters, exchange: Exchange) -> object:
    asset, first, order_id = asset_of(_SPOT, given, exchange), whole(given, "fromId", 0), whole(given, "orderId", 0)
    timed = given.get("startTime") or given.get("endTime")
    begin, end = span(given, exchange, spot=True) if timed else (0, 2**53)
    found = [
        each
        for each in account.executions
        if each.market is Market.SPOT
        and each.asset == asset
        and each.order is not None
        and (not order_id or each.order.number == order_id)
        and each.number >= first
        and begin <= each.at_ms <= end
        and exchange.listed(each.order)
    ]
    return [_trade(each) for each in page(found, given, first=first)]


def _account(account: Account, _given: Parameters, _exchange: Exchange) -> object:
    taker, maker = FEES[VenueName.BINANCE, Market.SPOT]
    rates = {"maker": text(maker), "taker": text(taker), "buyer": text(ZERO), "seller": text(ZERO)}
    return {
        "makerCommission": int(maker * 10_000),
        "takerCommission": int(taker * 10_000),
        "buyerCommission": 0,
        "sellerCommission": 0,
        "commissionRates": rates,
        "canTrade": account.key.may_trade and not account.key.read_only,
        "canWithdraw": account.key.may_withdraw,
        "canDeposit": True,
        "brokered": False,
        "requireSelfTradePrevention": False,
        "preventSor": False,
        "updateTime": account.log[-1].at_ms if account.log else 0,
        "accountType": "SPOT",
        "balances": [
            {"asset": coin, "free": text(amount - account.locked(coin)), "locked": text(account.locked(coin))}
            for coin, amount in account.spot_coins.items()
        ],
        "permissions": ["SPOT"],
        "uid": 354_937_000 + account.number,
    }


def _restrictions(account: Account, _given: Parameters, _exchange: Exchange) -> object:
    trades = account.key.may_trade and not account.key.read_only
    return {
        "ipRestrict": False,
        "createTime": _CREATED_MS,
        "enableReading": True,
        "enableWithdrawals": account.key.may_withdraw,
        "enableInternalTransfer": False,
        "enableMargin": False,
        "enableFutures": trades,
        "permitsUniversalTransfer": False,
        "enableVanillaOptions": False,
        "enableFixApiTrade": False,
        "enableFixReadOnly": False,
        "enableSpotAndMarginTrading": trades,
        "enablePortfolioMarginTrading": False,
    }


def _burn(_account: Account, _given: Parameters, _exchange: Exchange) -> object:
    """Every fee is paid in the coin that is traded."""
    return {"spotBNBBurn": False, "interestBNBBurn": False}


def _coins(account: Account, _given: Parameters, exchange: Exchange) -> object:
    common: Row = {"depositAllEnable": True, "withdrawAllEnable": True, "trading": True, "isLegalMoney": False}
    common |= dict.fromkeys(("freeze", "withdrawing", "ipoing", "ipoable", "storage"), "0")
    found = []
    for coin in (QUOTE, *exchange.instant().quotes):
        locked = account.locked(coin)
        free = account.spot_coins.get(coin, ZERO) - locked
        row: Row = {"coin": coin, "name": coin, "free": text(free), "locked": text(locked), "networkList": []}
        found.append(common | row)
    return found


def _no_margin_pairs(_account: Account, _given: Parameters, _exchange: Exchange) -> object:
    """Margin trading is not simulated: no pair is listed."""
    return []


_ONLY_LISTED = ("stopPrice", "icebergQty", "time", "updateTime", "isWorking")


def _row(order: VenueOrder) -> Row:
    request = order.request
    kind = request.kind.value.upper()
    if request.kind is OrderKind.LIMIT and request.time_in_force is TimeInForce.POST_ONLY:
        kind = "LIMIT_MAKER"
    return {
        "symbol": f"{request.asset}{QUOTE}",
        "orderId": order.number,
        "orderListId": -1,
        "clientOrderId": request.client_id,
        "price": text(request.price or ZERO),
        "origQty": text(order.quantity),
        "executedQty": text(order.filled),
        "cummulativeQuoteQty": text(order.cost),
        "status": status_of(order),
        "timeInForce": _TIMES.get(request.time_in_force, "GTC"),
        "type": kind,
        "side": request.side.value.upper(),
        "stopPrice": text(ZERO),
        "icebergQty": text(ZERO),
        "time": order.created_ms,
        "updateTime": order.updated_ms,
        "isWorking": True,
        "workingTime": order.created_ms,
        "origQuoteOrderQty": text(ZERO),
        "selfTradePreventionMode": "EXPIRE_MAKER",
    }


def _canceled(order: VenueOrder, given: Parameters) -> Row:
    row = {name: value for name, value in _row(order).items() if name not in _ONLY_LISTED}
    own = given.get("newClientOrderId") or f"cancel{order.number}"
    more: Row = {"origClientOrderId": order.request.client_id, "clientOrderId": own, "status": "CANCELED"}
    return row | more | {"transactTime": order.updated_ms}


def _fill(execution: Execution) -> Row:
    return {
        "price": text(execution.price),
        "qty": text(execution.quantity),
        "commission": text(execution.fee),
        "commissionAsset": execution.fee_coin,
        "tradeId": execution.number,
    }


def _trade(execution: Execution) -> Row:
    quote: Decimal = execution.quantity * execution.price
    fill = {name: value for name, value in _fill(execution).items() if name != "tradeId"}
    return fill | {
        "symbol": f"{execution.asset}{QUOTE}",
        "id": execution.number,
        "orderId": execution.order.number if execution.order is not None else 0,
        "orderListId": -1,
        "quoteQty": text(quote),
        "time": execution.at_ms,
        "isBuyer": execution.side.sign > 0,
        "isMaker": execution.maker,
        "isBestMatch": True,
    }


# By method and path: what answers, and its weight.
SPOT_ROUTES: Routes = {
    ("POST", "/api/v3/order"): (_create, 1),
    ("DELETE", "/api/v3/order"): (_cancel, 1),
    ("GET", "/api/v3/order"): (_order, 4),
    ("GET", "/api/v3/openOrders"): (_open_orders, 6),
    ("DELETE", "/api/v3/openOrders"): (_cancel_all, 1),
    ("GET", "/api/v3/allOrders"): (_all_orders, 20),
    ("GET", "/api/v3/myTrades"): (_trades, 20),
    ("GET", "/api/v3/account"): (_account, 20),
    ("GET", "/sapi/v1/account/apiRestrictions"): (_restrictions, 1),
    ("GET", "/sapi/v1/bnbBurn"): (_burn, 1),
    ("GET", "/sapi/v1/capital/config/getall"): (_coins, 10),
    ("GET", "/sapi/v1/margin/allPairs"): (_no_margin_pairs, 1),
    ("GET", "/sapi/v1/margin/isolated/allPairs"): (_no_margin_pairs, 10),
}
