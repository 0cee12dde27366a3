"""Owns the exchange's own truth for tests: what it really accepted, filled and holds, read past every fault.

A crash test compares an engine's books with it. It opens accounts on request and changes what a trader cannot: money
from outside, position mode.
"""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from engine.domain.errors import RefusedError
from engine.venue_sim.account_margin import margins
from engine.venue_sim.accounts import Account, ApiKey, VenueName
from engine.venue_sim.exchange import Exchange
from engine.venue_sim.orders import Execution, Market, VenueOrder

_USUAL_MONEY = "100000"
_FLAGS = {"read_only": False, "may_trade": True, "may_withdraw": False}


def open_account(exchange: Exchange, order: Mapping[str, object]) -> Account:
    """Open the account that `order` describes; raises RefusedError with one sentence."""
    for name in order.keys() - {"key", "secret", "venue", "money", "spot_money", *_FLAGS}:
        raise RefusedError(f"an account takes key, secret, venue, money, spot_money, {', '.join(_FLAGS)}; not {name!r}")
    key, secret = str(order.get("key", "")), str(order.get("secret", ""))
    flags = {name: bool(order.get(name, usual)) for name, usual in _FLAGS.items()}
    if not key or not secret:
        raise RefusedError("an account needs a key and a secret")
    if exchange.account(key) is not None:
        raise RefusedError(f"the key {key!r} has an account already")
    try:
        venue = VenueName(str(order.get("venue", VenueName.BYBIT)))
        money = Decimal(str(order.get("money", _USUAL_MONEY)))
        spot_money = Decimal(str(order.get("spot_money", "0")))
    except (ValueError, InvalidOperation):
        raise RefusedError(f"venue is one of {', '.join(VenueName)}; money is a number") from None
    account = exchange.open_account(ApiKey(key=key, secret=secret, venue=venue, **flags), money)
    if spot_money:
        exchange.deposit(account, spot_money, market=Market.SPOT)
    return account


def truth_of(exchange: Exchange, account: Account) -> dict[str, object]:
    """Return everything the exchange knows of an account, as of now."""
    at = exchange.advance()
    accepted = Counter(order.request.client_id for order in account.orders.values() if order.request.client_id)
    return {
        "market_ms": at.market_ms,
        "accepted": dict(accepted),
        "orders": [_order(order) for order in account.orders.values()],
        "executions": [_execution(execution) for execution in account.executions],
        "positions": {
            each.asset: {"quantity": str(each.quantity), "entry": str(each.entry), "realized": str(each.realized)}
            for each in account.held()
        },
        "wallet": {coin: str(amount) for coin, amount in account.coins.items()},
        "spot_wallet": {coin: str(amount) for coin, amount in account.spot_coins.items()},
        "free": str(margins(account, at.quotes).free),
        "hedge": account.hedge,
        "margin_mode": account.margin_mode.value,
        "leverages": {asset: str(leverage) for asset, leverage in account.leverages.items()},
    }


def _order(order: VenueOrder) -> dict[str, object]:
    request = order.request
    return {
        "order_id": order.order_id,
        "client_id": request.client_id,
        "market": request.market.value,
        "asset": request.asset,
        "side": request.side.value,
        "kind": request.kind.value,
        "quantity": str(order.quantity),
        "price": None if request.price is None else str(request.price),
        "reduce_only": request.reduce_only,
        "filled": str(order.filled),
        "cost": str(order.cost),
        "fee": str(order.fee),
        "status": order.status.value,
        "ending": order.ending.value,
        "created_ms": order.created_ms,
    }


def _execution(execution: Execution) -> dict[str, object]:
    return {
        "execution_id": execution.execution_id,
        "kind": execution.kind.value,
        "market": execution.market.value,
        "asset": execution.asset,
        "side": execution.side.value,
        "quantity": str(execution.quantity),
        "price": str(execution.price),
        "fee": str(execution.fee),
        "fee_coin": execution.fee_coin,
        "realized": str(execution.realized),
        "client_id": execution.order.request.client_id if execution.order is not None else "",
        "at_ms": execution.at_ms,
    }
