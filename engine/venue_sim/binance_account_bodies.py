"""Owns the bodies of Binance USD-M's private answers: orders, trades, positions, account, income.

It maps what the exchange keeps; numbers go out as text, times are market times. It decides and refuses nothing; the
private stream sends figures of the same kind.
"""

from collections.abc import Mapping
from decimal import Decimal

from engine.domain.units import Ms
from engine.venue_sim.account_margin import (
    Quotes,
    initial_margin,
    liquidation_of,
    margins,
    mark_of,
    order_margin,
    profit_of,
    swap_of,
)
from engine.venue_sim.accounts import Account, MarginMode, Position
from engine.venue_sim.orders import (
    QUOTE,
    ZERO,
    Ending,
    Execution,
    ExecutionKind,
    LogEntry,
    OrderKind,
    OrderStatus,
    TimeInForce,
    VenueOrder,
)

Row = dict[str, object]
TIMES = {TimeInForce.GTC: "GTC", TimeInForce.IOC: "IOC", TimeInForce.FOK: "FOK", TimeInForce.POST_ONLY: "GTX"}
_STATUSES = {
    OrderStatus.NEW: "NEW",
    OrderStatus.PARTIAL: "PARTIALLY_FILLED",
    OrderStatus.FILLED: "FILLED",
    OrderStatus.REJECTED: "REJECTED",
}
_MODES = {MarginMode.CROSS: "cross", MarginMode.ISOLATED: "isolated"}


def text(value: Decimal, places: int = 8) -> str:
    """Return a number with the places the venue writes."""
    return f"{value:.{places}f}"


def status_of(order: VenueOrder) -> str:
    """Return the status: what the trader ended is CANCELED, what the matching ended EXPIRED."""
    if order.status is OrderStatus.CANCELED:
        return "CANCELED" if order.ending is Ending.BY_USER else "EXPIRED"
    return _STATUSES[order.status]


def order_row(order: VenueOrder, *, acknowledged: bool = False) -> Row:
    """Return one order; `acknowledged` as the venue confirms it before it has matched it."""
    request = order.request
    kind = request.kind.value.upper()
    filled, cost = (ZERO, ZERO) if acknowledged else (order.filled, order.cost)
    return {
        "orderId": order.number,
        "symbol": f"{request.asset}{QUOTE}",
        "status": "NEW" if acknowledged else status_of(order),
        "clientOrderId": request.client_id,
        "price": text(request.price or ZERO, 5),
        "avgPrice": text(cost / filled, 5) if filled else "0.00",
        "origQty": format(order.quantity, "f"),
        "executedQty": format(filled, "f"),
        "cumQty": format(filled, "f"),
        "cumQuote": text(cost, 5),
        "timeInForce": "GTC" if request.kind is OrderKind.MARKET else TIMES[request.time_in_force],
        "type": kind,
        "reduceOnly": request.reduce_only,
        "closePosition": False,
        "side": request.side.value.upper(),
        "positionSide": "BOTH",
        "stopPrice": "0.00",
        "workingType": "CONTRACT_PRICE",
        "priceProtect": False,
        "origType": kind,
        "priceMatch": "NONE",
        "selfTradePreventionMode": "EXPIRE_MAKER",
        "goodTillDate": 0,
        "time": order.created_ms,
        "updateTime": order.updated_ms,
    }


def trade_row(execution: Execution) -> Row:
    """Return one fill."""
    return {
        "symbol": f"{execution.asset}{QUOTE}",
        "id": execution.number,
        "orderId": execution.order.number if execution.order is not None else 0,
        "side": execution.side.value.upper(),
        "price": text(execution.price, 5),
        "qty": format(execution.quantity, "f"),
        "realizedPnl": text(execution.realized),
        "quoteQty": text(execution.quantity * execution.price, 5),
        "commission": text(execution.fee),
        "commissionAsset": execution.fee_coin,
        "time": execution.at_ms,
        "positionSide": "BOTH",
        "buyer": execution.side.sign > 0,
        "maker": execution.maker,
    }


def position_row(account: Account, position: Position, quotes: Quotes, *, old: bool = False) -> Row:
    """Return one position; the `old` form (v2) also says leverage and margin type."""
    held = position.quantity
    isolated = account.mode(position.asset) is MarginMode.ISOLATED
    initial = initial_margin(account, position, quotes)
    profit = profit_of(position, quotes)
    liquidation = liquidation_of(account, position, quotes) if held else None
    mark = quotes[position.asset].mark if position.asset in quotes else mark_of(position, quotes)
    waiting = order_margin(account, position.asset)
    row: Row = {
        "symbol": f"{position.asset}{QUOTE}",
        "positionSide": "BOTH",
        "positionAmt": format(held, "f"),
        "entryPrice": format(position.entry, "f") if held else "0.0",
        "breakEvenPrice": format(position.entry, "f") if held else "0.0",
        "markPrice": text(mark),
        "unRealizedProfit": text(profit),
        "liquidationPrice": text(liquidation) if liquidation is not None else "0",
        "isolatedMargin": text(initial + profit) if isolated else "0",
        "notional": text(held * mark),
        "marginAsset": QUOTE,
        "isolatedWallet": text(initial) if isolated else "0",
        "initialMargin": text(initial + waiting),
        "maintMargin": text(Decimal(f"{swap_of(account, position, quotes).maintenance:.8f}")),
        "positionInitialMargin": text(initial),
        "openOrderInitialMargin": text(waiting),
        "adl": 2 if held else 0,
        "bidNotional": "0",
        "askNotional": "0",
        "updateTime": position.updated_ms,
    }
    if not old:
        return row
    more = {"marginType": _MODES[account.mode(position.asset)], "isAutoAddMargin": "false"}
    return row | more | {"leverage": format(account.leverage(position.asset), "f"), "maxNotionalValue": "2000000"}


def account_row(account: Account, quotes: Quotes) -> Row:
    """Return the futures account."""
    figures = margins(account, quotes)
    held = account.held()
    cross = [each for each in held if account.mode(each.asset) is MarginMode.CROSS]
    cross_profit = sum((profit_of(each, quotes) for each in cross), ZERO)
    own = sum((initial_margin(account, each, quotes) for each in held if each not in cross), ZERO)
    free = text(max(ZERO, figures.free))
    parts: Mapping[str, Decimal] = {
        "walletBalance": figures.wallet,
        "unrealizedProfit": figures.profit,
        "marginBalance": figures.balance,
        "maintMargin": figures.maintenance,
        "initialMargin": figures.initial + figures.orders,
        "positionInitialMargin": figures.initial,
        "openOrderInitialMargin": figures.orders,
        "crossWalletBalance": figures.wallet - own,
        "crossUnPnl": cross_profit,
    }
    asset = {name: text(value) for name, value in parts.items()}
    asset |= {"asset": QUOTE, "availableBalance": free, "maxWithdrawAmount": free}
    totals = {f"total{name[0].upper()}{name[1:]}": text(value) for name, value in parts.items()}
    return {
        "feeTier": 0,
        "canTrade": account.key.may_trade and not account.key.read_only,
        "canDeposit": True,
        "canWithdraw": account.key.may_withdraw,
        **totals,
        "availableBalance": free,
        "maxWithdrawAmount": free,
        "multiAssetsMargin": False,
        "assets": [asset | {"updateTime": _changed_ms(account), "marginAvailable": True}],
        "positions": [_account_position(account, each, quotes) for each in held],
    }


def balance_rows(account: Account, quotes: Quotes) -> list[Row]:
    """Return the balances."""
    row = account_row(account, quotes)
    names = {"balance": "totalWalletBalance", "crossWalletBalance": "totalCrossWalletBalance"}
    names |= {"crossUnPnl": "totalCrossUnPnl"}
    names |= {name: name for name in ("availableBalance", "maxWithdrawAmount")}
    common: Row = {"accountAlias": "SgsR", "asset": QUOTE, "marginAvailable": True}
    common["updateTime"] = _changed_ms(account)
    return [common | {name: row[source] for name, source in names.items()}]


def income_rows(entry: LogEntry) -> list[Row]:
    """Return what a movement of the wallet is called in the income history; a fill is profit and commission apart."""
    execution = entry.execution
    at: Ms = entry.at_ms
    taken = execution is not None and execution.kind is ExecutionKind.LIQUIDATION
    parts = {
        "TRANSFER": entry.cash if entry.kind in ("deposit", "withdrawal") else ZERO,
        "FUNDING_FEE": entry.funding,
        "COMMISSION": ZERO if taken else -entry.fee,
        "INSURANCE_CLEAR": -entry.fee if taken else entry.cash if entry.kind == "insurance" else ZERO,
        "REALIZED_PNL": entry.cash if execution is not None else ZERO,
    }
    return [
        {
            "symbol": f"{execution.asset}{QUOTE}" if execution is not None else "",
            "incomeType": kind,
            "income": text(amount),
            "asset": entry.coin,
            "time": at,
            "info": kind,
            "tranId": entry.number * 10 + place,
            "tradeId": str(execution.number) if execution is not None and not entry.funding else "",
        }
        for place, (kind, amount) in enumerate(parts.items())
        if amount
    ]


def _changed_ms(account: Account) -> int:
    """Return when the wallet last moved; clients take 0 for a balance that was never set."""
    return account.log[-1].at_ms if account.log else 0


def _account_position(account: Account, position: Position, quotes: Quotes) -> Row:
    row = position_row(account, position, quotes)
    names = ("symbol", "positionSide", "positionAmt", "isolatedMargin", "notional", "isolatedWallet")
    more = ("initialMargin", "maintMargin", "updateTime", "entryPrice")
    return {name: row[name] for name in (*names, *more)} | {
        "unrealizedProfit": row["unRealizedProfit"],
        "leverage": format(account.leverage(position.asset), "f"),
        "isolated": account.mode(position.asset) is MarginMode.ISOLATED,
    }
