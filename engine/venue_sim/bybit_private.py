"""Owns the private REST dialect of Bybit v5: which route takes what, and the retCode of each refusal.

Orders are read from JSON bodies into `OrderRequest`, everything else is looked up; answers are built in
`bybit_private_bodies`. Signatures have been checked and accounts brought to now before it is asked.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation

from engine.domain.order import OrderSide
from engine.domain.units import Asset
from engine.venue_sim import bybit_key_bodies as keys
from engine.venue_sim.accounts import Account, MarginMode
from engine.venue_sim.bybit_lists import execution_page, history_page, log_page, open_page, position_page
from engine.venue_sim.bybit_private_bodies import MODES, Row
from engine.venue_sim.bybit_refusals import PARAMETER_ERROR, BybitRefusalError, bybit_code
from engine.venue_sim.bybit_wallet_bodies import wallet_row
from engine.venue_sim.exchange import Exchange
from engine.venue_sim.orders import QUOTE, Market, OrderKind, OrderRequest, TimeInForce, VenueOrder
from engine.venue_sim.refusals import RefusalError, Why

Parameters = Mapping[str, object]
_EMPTY_CATEGORIES = ("inverse", "option")
MARKETS = {"linear": Market.SWAP, "spot": Market.SPOT}
_SIDES = {"Buy": OrderSide.BUY, "Sell": OrderSide.SELL}
_KINDS = {"Market": OrderKind.MARKET, "Limit": OrderKind.LIMIT}
_TIMES = {
    "GTC": TimeInForce.GTC,
    "IOC": TimeInForce.IOC,
    "FOK": TimeInForce.FOK,
    "PostOnly": TimeInForce.POST_ONLY,
}
_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{0,36}")
_MOST_LEVERAGE = Decimal(50)
_ONE_WAY, _HEDGE = 0, 3


def _create(account: Account, given: Parameters, exchange: Exchange) -> Row:
    request = _order(given, exchange)
    if given.get("positionIdx", 0) not in (0, "0") and not account.hedge:
        raise BybitRefusalError(PARAMETER_ERROR, "params error: position idx not match position mode")
    order = _asked(request.market, lambda: exchange.place(account, request))
    return {"orderId": order.order_id, "orderLinkId": request.client_id}


def _cancel(account: Account, given: Parameters, exchange: Exchange) -> Row:
    market = market_of(given)
    order_id, client_id = _text(given, "orderId"), _text(given, "orderLinkId")
    if not order_id and not client_id:
        raise BybitRefusalError(PARAMETER_ERROR, "params error: orderId or orderLinkId is required")
    order = exchange.find(account, market, order_id=order_id, client_id=client_id)
    canceled = _asked(market, lambda: exchange.cancel(account, order))
    return {"orderId": canceled.order_id, "orderLinkId": canceled.request.client_id}


def _cancel_all(account: Account, given: Parameters, exchange: Exchange) -> Row:
    market = market_of(given)
    symbol = _text(given, "symbol")
    if market is Market.SWAP and not (symbol or _text(given, "settleCoin") or _text(given, "baseCoin")):
        raise BybitRefusalError(PARAMETER_ERROR, "params error: symbol, settleCoin or baseCoin is required")
    ended = []
    for order in list(account.open.values()):
        if order.request.market is market and symbol in ("", f"{order.request.asset}{QUOTE}"):
            exchange.cancel(account, order)
            ended.append({"orderId": order.order_id, "orderLinkId": order.request.client_id})
    return {"list": ended, "success": "1"}


def _set_leverage(account: Account, given: Parameters, exchange: Exchange) -> Row:
    asset = _asset(given, exchange)
    leverage, other = _number(given, "buyLeverage"), _number(given, "sellLeverage")
    if leverage != other or leverage < 1:
        raise BybitRefusalError(PARAMETER_ERROR, "params error: buy leverage not equal sell leverage")
    if leverage > _MOST_LEVERAGE:
        raise BybitRefusalError(110013, "cannot set leverage gt maxLeverage by risk limit")
    if leverage == account.leverage(asset):
        raise BybitRefusalError(110043, "leverage not modified")
    account.leverages[asset] = leverage
    return {}


def _switch_mode(account: Account, given: Parameters, _exchange: Exchange) -> Row:
    mode = given.get("mode")
    if mode not in (_ONE_WAY, _HEDGE) or not (_text(given, "symbol") or _text(given, "coin")):
        raise BybitRefusalError(PARAMETER_ERROR, "params error: mode, and symbol or coin, are required")
    if account.hedge is (mode == _HEDGE):
        raise BybitRefusalError(110025, "Position mode is not modified")
    if account.held():
        raise BybitRefusalError(110024, "You have an existing position, so position mode cannot be switched")
    if account.open:
        raise BybitRefusalError(110028, "You have existing open orders, so position mode cannot be switched")
    account.hedge = mode == _HEDGE
    return {}


def _switch_isolated(_account: Account, _given: Parameters, _exchange: Exchange) -> Row:
    raise BybitRefusalError(100028, "unified account is forbidden")


def _set_margin_mode(account: Account, given: Parameters, _exchange: Exchange) -> Row:
    wanted = next((mode for mode, name in MODES.items() if name == given.get("setMarginMode")), None)
    if wanted is None:
        raise BybitRefusalError(PARAMETER_ERROR, "params error: setMarginMode invalid")
    account.margin_mode = MarginMode(wanted)
    return {"reasons": []}


def _open_orders(account: Account, given: Parameters, exchange: Exchange) -> Row:
    return open_page(account, market_of(given), given, exchange)


def _history(account: Account, given: Parameters, exchange: Exchange) -> Row:
    return history_page(account, market_of(given), given, exchange)


def _executions(account: Account, given: Parameters, exchange: Exchange) -> Row:
    return execution_page(account, market_of(given), given, exchange)


def _positions(account: Account, given: Parameters, exchange: Exchange) -> Row:
    if market_of(given) is Market.SPOT:
        raise BybitRefusalError(PARAMETER_ERROR, "Illegal category")
    asset = _asset(given, exchange) if _text(given, "symbol") else None
    if asset is None and not _text(given, "settleCoin"):
        raise BybitRefusalError(PARAMETER_ERROR, "Missing some parameters that must be filled in, symbol or settleCoin")
    return position_page(account, asset, given, exchange)


def _log(account: Account, given: Parameters, exchange: Exchange) -> Row:
    return log_page(account, given, exchange)


def _wallet(account: Account, given: Parameters, exchange: Exchange) -> Row:
    if given.get("accountType") != "UNIFIED":
        raise BybitRefusalError(PARAMETER_ERROR, "accountType only support UNIFIED.")
    return {"list": [wallet_row(account, exchange.advance().quotes)]}


def _account_info(account: Account, _given: Parameters, _exchange: Exchange) -> Row:
    return keys.account_result(account)


def _key(account: Account, _given: Parameters, _exchange: Exchange) -> Row:
    return keys.key_result(account)


def _fees(_account: Account, given: Parameters, exchange: Exchange) -> Row:
    symbol = _text(given, "symbol")
    symbols = [symbol] if symbol else [f"{asset}{QUOTE}" for asset in exchange.instant().quotes]
    return {"category": _text(given, "category"), "list": keys.fee_rows(market_of(given), symbols)}


def _coins(_account: Account, _given: Parameters, exchange: Exchange) -> Row:
    return {"rows": keys.coin_rows(exchange.instant().quotes)}


Handler = Callable[[Account, Parameters, Exchange], Row]
# By method and path: what answers, and how many requests a second each account may make.
ROUTES: Mapping[tuple[str, str], tuple[Handler, int]] = {
    ("POST", "/v5/order/create"): (_create, 10),
    ("POST", "/v5/order/cancel"): (_cancel, 10),
    ("POST", "/v5/order/cancel-all"): (_cancel_all, 10),
    ("POST", "/v5/position/set-leverage"): (_set_leverage, 10),
    ("POST", "/v5/position/switch-mode"): (_switch_mode, 10),
    ("POST", "/v5/position/switch-isolated"): (_switch_isolated, 10),
    ("POST", "/v5/account/set-margin-mode"): (_set_margin_mode, 10),
    ("GET", "/v5/order/realtime"): (_open_orders, 50),
    ("GET", "/v5/order/history"): (_history, 50),
    ("GET", "/v5/execution/list"): (_executions, 50),
    ("GET", "/v5/position/list"): (_positions, 50),
    ("GET", "/v5/account/transaction-log"): (_log, 30),
    ("GET", "/v5/account/wallet-balance"): (_wallet, 50),
    ("GET", "/v5/account/info"): (_account_info, 50),
    ("GET", "/v5/account/fee-rate"): (_fees, 10),
    ("GET", "/v5/user/query-api"): (_key, 10),
    ("GET", "/v5/asset/coin/query-info"): (_coins, 5),
}


def private_result(method: str, path: str, account: Account, given: Parameters, exchange: Exchange) -> Row:
    """Return the result of a private route; raises BybitRefusalError with the venue's code."""
    if method == "POST" and (account.key.read_only or not account.key.may_trade):
        raise BybitRefusalError(10005, "Permission denied, please check your API key permissions.")
    exchange.advance()
    if method == "GET" and given.get("category") in _EMPTY_CATEGORIES:  # nothing of it is listed, as in public
        return {"list": [], "nextPageCursor": "", "category": given["category"]}
    handler, _ = ROUTES[method, path]
    return handler(account, given, exchange)


def market_of(given: Parameters) -> Market:
    """Return the market that `category` names."""
    found = MARKETS.get(_text(given, "category"))
    if found is None:
        raise BybitRefusalError(PARAMETER_ERROR, "params error: category invalid")
    return found


def _asked(market: Market, act: Callable[[], VenueOrder]) -> VenueOrder:
    """Do it, with a refusal in the venue's code."""
    try:
        return act()
    except RefusalError as refusal:
        raise bybit_code(refusal.why, market) from None


def _order(given: Parameters, exchange: Exchange) -> OrderRequest:
    """Read an order; raises BybitRefusalError where it is not one."""
    market = market_of(given)
    side, kind = _SIDES.get(_text(given, "side")), _KINDS.get(_text(given, "orderType"))
    if side is None or kind is None:
        raise BybitRefusalError(PARAMETER_ERROR, "params error: side or orderType invalid")
    client_id = _text(given, "orderLinkId")
    if not _CLIENT_ID.fullmatch(client_id):
        raise BybitRefusalError(PARAMETER_ERROR, "params error: orderLinkId invalid")
    asset, quantity = _asset(given, exchange), _number(given, "qty")
    in_quote = _text(given, "marketUnit") != "baseCoin"
    if market is Market.SPOT and kind is OrderKind.MARKET and side is OrderSide.BUY and in_quote:
        quote = exchange.instant().quotes[asset]
        quantity = quote.round_lot(quantity / quote.ask)
    return OrderRequest(
        market=market,
        asset=asset,
        side=side,
        kind=kind,
        quantity=quantity,
        price=_number(given, "price") if kind is OrderKind.LIMIT else None,
        time_in_force=_TIMES.get(_text(given, "timeInForce"), TimeInForce.GTC),
        reduce_only=given.get("reduceOnly") in (True, "true"),
        client_id=client_id,
    )


def _asset(given: Parameters, exchange: Exchange) -> Asset:
    symbol = _text(given, "symbol")
    asset = Asset(symbol.removesuffix(QUOTE))
    if not symbol.endswith(QUOTE) or asset not in exchange.instant().quotes:
        raise bybit_code(Why.SYMBOL, market_of(given))
    return asset


def _text(given: Parameters, name: str) -> str:
    found = given.get(name, "")
    return found if isinstance(found, str) else ""


def _number(given: Parameters, name: str) -> Decimal:
    """Return a number, which the venue takes as text only."""
    try:
        value = Decimal(_text(given, name))
    except InvalidOperation:
        raise BybitRefusalError(PARAMETER_ERROR, f"params error: {name} invalid") from None
    if not value.is_finite():
        raise BybitRefusalError(PARAMETER_ERROR, f"params error: {name} invalid")
    return value
