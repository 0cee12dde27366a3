"""Owns Bybit v5's private stream: one connection's authentication and topics, and the messages that changes become.

Pure but for what a connection has said so far; `private_stream` owns the socket. Rows are those of the private REST
answers with the few names the stream adds. Authentication is judged on real time, like signatures.
"""

import json
from collections.abc import Iterable, Mapping

from engine.domain.units import Ms
from engine.venue_sim.account_margin import Quotes
from engine.venue_sim.accounts import Account, VenueName
from engine.venue_sim.bybit_private_bodies import Row, category_of, execution_row, order_row, position_row, text
from engine.venue_sim.bybit_wallet_bodies import wallet_row
from engine.venue_sim.exchange import Exchange
from engine.venue_sim.orders import QUOTE, Change, Execution, Market, VenueOrder
from engine.venue_sim.signing import signature

PATH = "/v5/private"
_RENAMED = {"avgPrice": "entryPrice", "mmrSysUpdateTime": "mmrSysUpdatedTime"}
_CATEGORIES = ("linear", "spot", "inverse", "option")
_KINDS = ("order", "execution", "position")
_TOPICS = {"wallet", *_KINDS, *(f"{kind}.{category}" for kind in _KINDS for category in _CATEGORIES)}


class BybitPrivateTalk:
    """One connection: whose it is, and what it follows."""

    def __init__(self, connection: str, exchange: Exchange) -> None:
        self._connection = connection
        self._exchange = exchange
        self._topics: set[str] = set()
        self.account: Account | None = None

    def hear(self, message: str) -> Row:
        """Answer one request of the client; nothing it sends raises."""
        try:
            request = json.loads(message)
        except ValueError:
            request = None
        if not isinstance(request, Mapping):
            return self._reply("", "", "error:invalid request")
        op, args, request_id = str(request.get("op", "")), request.get("args"), str(request.get("req_id", ""))
        if op == "ping":
            clock = str(self._exchange.venue_clock_ms())
            return {"req_id": request_id, "op": "pong", "args": [clock], "conn_id": self._connection}
        if op == "auth":
            return self._reply(op, request_id, self._authenticate(args))
        return self._reply(op, request_id, self._follow(op, args))

    def messages(self, changes: Iterable[Change], quotes: Quotes, now: Ms) -> list[Row]:
        """Return what the topics say of `changes`: orders, executions, then positions and the wallet as they are."""
        account = self.account
        if account is None:
            return []
        found: list[Row] = []
        assets, moved = {}, False
        for change in changes:
            if change.execution is not None:
                moved = True
                found += self._of("execution", change.execution.market, [_execution(change.execution)], now)
                if change.execution.market is Market.SWAP:
                    assets[change.execution.asset] = True
            if change.order is not None:
                found += self._of("order", change.order.request.market, [_order(change.order)], now)
        rows = [_position(account, position_row(account, account.position(asset), quotes)) for asset in assets]
        if rows:
            found += self._of("position", Market.SWAP, rows, now)
        if moved and "wallet" in self._topics:
            found.append(self._message("wallet", [wallet_row(account, quotes)], now))
        return found

    def _of(self, kind: str, market: Market, rows: list[Row], now: Ms) -> list[Row]:
        """Return the message of a kind, under the topic that was asked for."""
        named = f"{kind}.{category_of(market)}"
        topic = next((name for name in (kind, named) if name in self._topics), None)
        return [] if topic is None else [self._message(topic, rows, now)]

    def _message(self, topic: str, rows: list[Row], now: Ms) -> Row:
        return {"id": f"{self._connection}{now}", "topic": topic, "creationTime": now, "data": rows}

    def _follow(self, op: str, args: object) -> str:
        """Begin or end topics; return why not, or an empty text."""
        if op not in ("subscribe", "unsubscribe") or not isinstance(args, list):
            return "error:invalid op"
        if self.account is None:
            return "Request not authorized"
        wrong = next((str(topic) for topic in args if topic not in _TOPICS), "")
        if wrong:
            return f"error:handler not found,topic:{wrong}"
        self._topics = self._topics | set(args) if op == "subscribe" else self._topics - set(args)
        return ""

    def _authenticate(self, args: object) -> str:
        """Take whose connection this is; return why not, or an empty text."""
        if not isinstance(args, list) or len(args) != 3:
            return "Params Error"
        key, expires, sign = (str(each) for each in args)
        account = self._exchange.account(key, VenueName.BYBIT)
        if account is None:
            return "API key is invalid."
        if not expires.isdigit() or int(expires) <= self._exchange.venue_clock_ms():
            return "Params Error"
        if signature(f"GET/realtime{expires}", account.key.secret) != sign.lower():
            return "error:USVC1111"
        self.account = account
        return ""

    def _reply(self, op: str, request_id: str, refusal: str) -> Row:
        reply: Row = {"success": not refusal, "ret_msg": refusal, "op": op, "conn_id": self._connection}
        return reply | {"req_id": request_id} if request_id else reply


def _order(order: VenueOrder) -> Row:
    category = category_of(order.request.market)
    row = {name: value for name, value in order_row(order).items() if name != "isLeverage"}
    return row | {"category": category, "feeCurrency": "", "closedPnl": "0"}


def _execution(execution: Execution) -> Row:
    return execution_row(execution) | {
        "category": category_of(execution.market),
        "execPnl": text(execution.realized),
        "isLeverage": "0",
        "marketUnit": "",
        "createType": "CreateByUser" if execution.order is not None else "",
        "feeCurrency": execution.fee_coin if execution.order is not None else QUOTE,
    }


def _position(account: Account, row: Row) -> Row:
    """Return a position as the stream names it: its entry and the time of a margin rate have other names there."""
    renamed = {_RENAMED.get(name, name): value for name, value in row.items()}
    value = row["positionValue"] or "0"
    return renamed | {"category": "linear", "positionValue": value, "seq": account.changed}
