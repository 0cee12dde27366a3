"""Owns Binance's private streams: futures behind a listen key, spot by subscription over its WebSocket API.

Pure but for what a connection has said so far; `private_stream` owns the socket. A fill is one event that carries the
order's new state; wallet and position follow in an event of their own, before it on futures, as on the venue.
"""

import json
from collections.abc import Iterable, Mapping

from engine.domain.units import Asset, Ms
from engine.venue_sim.account_margin import Quotes, profit_of
from engine.venue_sim.accounts import Account, MarginMode, VenueName
from engine.venue_sim.binance_account_bodies import TIMES, Row, status_of, text
from engine.venue_sim.exchange import Exchange
from engine.venue_sim.orders import (
    QUOTE,
    ZERO,
    Change,
    Execution,
    ExecutionKind,
    Market,
    OrderKind,
    OrderStatus,
    TimeInForce,
    VenueOrder,
)
from engine.venue_sim.signing import binance_refusal

SPOT_HOSTS = ("ws-api.binance.com", "demo-ws-api.binance.com")
SPOT_PATH = "/ws-api/v3"
_SUBSCRIBE = "userDataStream.subscribe.signature"


class FuturesTalk:
    """One connection to the futures stream; the address names the account by its listen key."""

    def __init__(self, account: Account) -> None:
        self.account: Account | None = account
        self._account = account

    def hear(self, message: str) -> Row:
        """Answer a request: the stream tells everything anyway."""
        request = _json(message)
        return {"result": None, "id": request.get("id")}

    def messages(self, changes: Iterable[Change], quotes: Quotes, now: Ms) -> list[Row]:
        """Return the events of `changes`."""
        found: list[Row] = []
        for change in changes:
            execution, order = change.execution, change.order
            if execution is not None and execution.market is Market.SWAP:
                found.append(self._account_update(execution, quotes, now))
            if execution is not None and execution.kind is ExecutionKind.FUNDING:
                continue
            if (order.request.market if order is not None else Market.SWAP) is Market.SWAP:
                body = _order_update(order, execution)
                found.append({"e": "ORDER_TRADE_UPDATE", "E": now, "T": now, "o": body})
        return found

    def _account_update(self, execution: Execution, quotes: Quotes, now: Ms) -> Row:
        account, position = self._account, self._account.position(execution.asset)
        wallet = account.coins.get(QUOTE, ZERO)
        funding = execution.kind is ExecutionKind.FUNDING
        row: Row = {
            "s": f"{execution.asset}{QUOTE}",
            "pa": format(position.quantity, "f"),
            "ep": format(position.entry, "f"),
            "bep": format(position.entry, "f"),
            "cr": text(position.realized),
            "up": text(profit_of(position, quotes)),
            "mt": "isolated" if account.mode(execution.asset) is MarginMode.ISOLATED else "cross",
            "iw": "0",
            "ps": "BOTH",
        }
        change = text(-execution.fee) if funding else "0"
        balance: Row = {"a": QUOTE, "wb": text(wallet), "cw": text(wallet), "bc": change}
        body: Row = {"m": "FUNDING_FEE" if funding else "ORDER", "B": [balance], "P": [] if funding else [row]}
        return {"e": "ACCOUNT_UPDATE", "E": now, "T": execution.at_ms, "a": body}


class SpotTalk:
    """One connection to spot's WebSocket API; it has an account once it has subscribed."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.account: Account | None = None

    def hear(self, message: str) -> Row:
        """Answer one request of the client; nothing it sends raises."""
        request = _json(message)
        base: Row = {"id": request.get("id"), "rateLimits": []}
        if request.get("method") == "ping":
            return base | {"status": 200, "result": {}}
        given = request.get("params")
        if request.get("method") != _SUBSCRIBE or not isinstance(given, Mapping):
            return base | {"status": 400, "error": {"code": -1020, "msg": "This operation is not supported."}}
        texts = {str(name): str(value) for name, value in given.items()}
        key = texts.get("apiKey", "")
        account = self._exchange.account(key, VenueName.BINANCE)
        secret = account.key.secret if account is not None else None
        signed = "&".join(f"{name}={texts[name]}" for name in sorted(texts) if name != "signature")
        wrong = binance_refusal(key, texts, signed, secret, self._exchange.venue_clock_ms())
        if wrong is not None:
            return base | {"status": 401, "error": {"code": wrong.code, "msg": wrong.words}}
        self.account = account
        return base | {"status": 200, "result": {"subscriptionId": 0}}

    def messages(self, changes: Iterable[Change], _quotes: Quotes, now: Ms) -> list[Row]:
        """Return the events of `changes`."""
        found: list[Row] = []
        for change in changes:
            if change.order is None or change.order.request.market is not Market.SPOT or self.account is None:
                continue
            found.append(_execution_report(change.order, change.execution, now))
            coins = [_coin(self.account, coin) for coin in (QUOTE, change.order.request.asset)]
            found.append({"e": "outboundAccountPosition", "E": now, "u": now, "B": coins})
        return [{"subscriptionId": 0, "event": event} for event in found]


def _order_update(order: VenueOrder | None, execution: Execution | None) -> Row:
    """Return the futures order of an event; a liquidation is an order of the venue's own."""
    if order is None:
        assert execution is not None, "a change is an order, an execution, or both"
        return _liquidation(execution)
    request = order.request
    kind = request.kind.value.upper()
    return {
        "s": f"{request.asset}{QUOTE}",
        "c": request.client_id,
        "S": request.side.value.upper(),
        "o": kind,
        "f": "GTC" if request.kind is OrderKind.MARKET else TIMES[request.time_in_force],
        "q": format(order.quantity, "f"),
        "p": text(request.price or ZERO, 5),
        "ap": text(order.cost / order.filled, 5) if order.filled else "0",
        "sp": "0",
        "x": _happened(order, execution),
        "X": status_of(order),
        "i": order.number,
        "z": format(order.filled, "f"),
        "R": request.reduce_only,
        "ot": kind,
    } | _fill(execution, order.updated_ms)


def _liquidation(execution: Execution) -> Row:
    return {
        "s": f"{execution.asset}{QUOTE}",
        "c": f"autoclose-{execution.number}",
        "S": execution.side.value.upper(),
        "o": "LIQUIDATION",
        "f": "IOC",
        "q": format(execution.quantity, "f"),
        "p": text(execution.price, 5),
        "ap": text(execution.price, 5),
        "sp": "0",
        "x": "TRADE",
        "X": "FILLED",
        "i": 0,
        "z": format(execution.quantity, "f"),
        "R": True,
        "ot": "LIQUIDATION",
    } | _fill(execution, execution.at_ms)


def _fill(execution: Execution | None, at: Ms) -> Row:
    """Return the part of a futures event that is about its fill."""
    fill: Row = {"l": "0", "L": "0", "N": QUOTE, "n": "0", "T": at, "t": 0, "m": False, "rp": "0"}
    if execution is not None:
        fill = {
            "l": format(execution.quantity, "f"),
            "L": text(execution.price, 5),
            "N": execution.fee_coin,
            "n": text(execution.fee),
            "T": execution.at_ms,
            "t": execution.number,
            "m": execution.maker,
            "rp": text(execution.realized),
        }
    return fill | {"b": "0", "a": "0", "wt": "CONTRACT_PRICE", "ps": "BOTH", "cp": False, "pP": False, "si": 0, "ss": 0}


def _execution_report(order: VenueOrder, execution: Execution | None, now: Ms) -> Row:
    """Return spot's event of an order."""
    request = order.request
    post_only = request.time_in_force is TimeInForce.POST_ONLY
    canceled = order.status is OrderStatus.CANCELED
    return {
        "e": "executionReport",
        "E": now,
        "s": f"{request.asset}{QUOTE}",
        "c": f"cancel{order.number}" if canceled else request.client_id,
        "S": request.side.value.upper(),
        "o": "LIMIT_MAKER" if post_only else request.kind.value.upper(),
        "f": "GTC" if post_only else TIMES[request.time_in_force],
        "q": text(order.quantity),
        "p": text(request.price or ZERO),
        "P": text(ZERO),
        "F": text(ZERO),
        "g": -1,
        "C": request.client_id if canceled else "",
        "x": _happened(order, execution),
        "X": status_of(order),
        "r": "NONE",
        "i": order.number,
        "l": text(execution.quantity if execution is not None else ZERO),
        "z": text(order.filled),
        "L": text(execution.price if execution is not None else ZERO),
        "n": text(execution.fee if execution is not None else ZERO),
        "N": execution.fee_coin if execution is not None else None,
        "T": order.updated_ms,
        "t": execution.number if execution is not None else -1,
        "w": order.status.open,
        "m": execution.maker if execution is not None else False,
        "O": order.created_ms,
        "Z": text(order.cost),
        "Y": text(execution.quantity * execution.price if execution is not None else ZERO),
        "Q": text(ZERO),
        "V": "EXPIRE_MAKER",
    }


def _happened(order: VenueOrder, execution: Execution | None) -> str:
    return "TRADE" if execution is not None else "NEW" if order.status is OrderStatus.NEW else status_of(order)


def _coin(account: Account, coin: Asset) -> Row:
    locked = account.locked(coin)
    held = account.spot_coins.get(coin, ZERO)
    return {"a": coin, "f": text(held - locked), "l": text(locked)}


def _json(message: str) -> Mapping[str, object]:
    try:
        found = json.loads(message)
    except ValueError:
        found = None
    return found if isinstance(found, Mapping) else {}
