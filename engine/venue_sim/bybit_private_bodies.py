"""Owns the bodies of Bybit v5's private answers: orders, executions and positions, as the venue names them.

It maps what the exchange keeps; numbers go out as text, times are market times. It decides and refuses nothing; the
private streams send the same rows.
"""

from decimal import Decimal

from engine.domain.order import OrderSide
from engine.venue_sim.account_margin import (
    Quotes,
    initial_margin,
    liquidation_of,
    mark_of,
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
    Market,
    OrderKind,
    OrderStatus,
    TimeInForce,
    VenueOrder,
)

Row = dict[str, object]
SIDES = {OrderSide.BUY: "Buy", OrderSide.SELL: "Sell"}
TIMES = {TimeInForce.GTC: "GTC", TimeInForce.IOC: "IOC", TimeInForce.FOK: "FOK", TimeInForce.POST_ONLY: "PostOnly"}
KINDS = {OrderKind.MARKET: "Market", OrderKind.LIMIT: "Limit"}
MODES = {MarginMode.CROSS: "REGULAR_MARGIN", MarginMode.ISOLATED: "ISOLATED_MARGIN"}
_STATUSES = {
    OrderStatus.NEW: "New",
    OrderStatus.PARTIAL: "PartiallyFilled",
    OrderStatus.FILLED: "Filled",
    OrderStatus.CANCELED: "Cancelled",
    OrderStatus.REJECTED: "Rejected",
}
_CANCEL_TYPES = {
    Ending.BY_USER: "CancelByUser",
    Ending.REDUCE_ONLY: "CancelByReduceOnly",
    Ending.LIQUIDATION: "CancelAllBeforeLiq",
}
_REJECTIONS = {Ending.POST_ONLY: "EC_PostOnlyWillTakeLiquidity", Ending.BY_USER: "EC_PerCancelRequest"}
_EXECUTIONS = {
    ExecutionKind.TRADE: "Trade",
    ExecutionKind.FUNDING: "Funding",
    ExecutionKind.LIQUIDATION: "BustTrade",
}


def text(value: Decimal) -> str:
    """Return a number as the venue writes it: no exponent, no needless zeros."""
    whole = format(value.quantize(Decimal("0.000000000001")).normalize(), "f")
    return "0" if whole in ("-0", "") else whole


def category_of(market: Market) -> str:
    """Return the venue's word for a market."""
    return "linear" if market is Market.SWAP else "spot"


def order_status(order: VenueOrder) -> str:
    """Return the status; only spot has a word of its own for orders that were canceled half filled."""
    if order.status is OrderStatus.CANCELED and order.filled and order.request.market is Market.SPOT:
        return "PartiallyFilledCanceled"
    return _STATUSES[order.status]


def order_row(order: VenueOrder) -> Row:
    """Return one order."""
    request, spot = order.request, order.request.market is Market.SPOT
    over = not order.status.open
    row: Row = {
        "orderId": order.order_id,
        "orderLinkId": request.client_id,
        "blockTradeId": "",
        "symbol": f"{request.asset}{QUOTE}",
        "price": text(request.price or ZERO),
        "qty": text(order.quantity),
        "side": SIDES[request.side],
        "isLeverage": "0" if spot else "",
        "positionIdx": 0,
        "orderStatus": order_status(order),
        "cancelType": _CANCEL_TYPES.get(order.ending, "UNKNOWN"),
        "rejectReason": _REJECTIONS.get(order.ending, "EC_NoError"),
        "avgPrice": text(order.cost / order.filled) if order.filled else ("0" if spot else ""),
        "leavesQty": "0" if over else text(order.left),
        "leavesValue": "0" if over else text(order.left * (request.price or ZERO)),
        "cumExecQty": text(order.filled),
        "cumExecValue": text(order.cost),
        "cumExecFee": text(order.fee),
        "timeInForce": "IOC" if request.kind is OrderKind.MARKET else TIMES[request.time_in_force],
        "orderType": KINDS[request.kind],
        "stopOrderType": "" if spot else "UNKNOWN",
        "orderIv": "",
        "triggerPrice": "0.00",
        "takeProfit": "",
        "stopLoss": "",
        "tpTriggerBy": "",
        "slTriggerBy": "",
        "triggerDirection": 0,
        "triggerBy": "",
        "lastPriceOnCreated": "",
        "reduceOnly": request.reduce_only,
        "closeOnTrigger": False,
        "smpType": "None",
        "smpGroup": 0,
        "smpOrderId": "",
        "tpLimitPrice": "",
        "slLimitPrice": "",
        "placeType": "",
        "createdTime": str(order.created_ms),
        "updatedTime": str(order.updated_ms),
        "cumFeeDetail": {_fee_coin(order): text(order.fee)} if order.filled else {},
    }
    return row if spot else row | {"tpslMode": ""}


def execution_row(execution: Execution) -> Row:
    """Return one execution; funding and liquidations have no order of the client's."""
    order = execution.order
    spot = execution.market is Market.SPOT
    kind = KINDS[order.request.kind] if order is not None else "UNKNOWN"
    return {
        "symbol": f"{execution.asset}{QUOTE}",
        "orderType": kind,
        "underlyingPrice": "",
        "orderLinkId": order.request.client_id if order is not None else "",
        "side": SIDES[execution.side],
        "indexPrice": "",
        "orderId": order.order_id if order is not None else execution.execution_id,
        "stopOrderType": "" if spot else "UNKNOWN",
        "leavesQty": text(execution.left_after),
        "execTime": str(execution.at_ms),
        "feeCurrency": execution.fee_coin if spot else "",
        "isMaker": execution.maker,
        "execFee": text(execution.fee),
        "feeRate": text(execution.fee_rate),
        "execId": execution.execution_id,
        "tradeIv": "",
        "blockTradeId": "",
        "markPrice": text(execution.mark),
        "execPrice": text(execution.price),
        "markIv": "",
        "orderQty": text(order.quantity if order is not None else execution.quantity),
        "orderPrice": text(order.request.price or execution.price) if order is not None else text(execution.price),
        "execValue": text(execution.quantity * execution.price),
        "execType": _EXECUTIONS[execution.kind],
        "execQty": text(execution.quantity),
        "closedSize": "" if spot else text(execution.closed),
        "extraFees": "",
        "seq": execution.number,
    }


def position_row(account: Account, position: Position, quotes: Quotes) -> Row:
    """Return one position; a flat one has size 0 and no side."""
    held = position.quantity
    initial = initial_margin(account, position, quotes)
    liquidation = liquidation_of(account, position, quotes) if held else None
    maintenance = Decimal(f"{swap_of(account, position, quotes).maintenance:.8f}")
    return {
        "positionIdx": 0,
        "riskId": 1,
        "riskLimitValue": "2000000",
        "symbol": f"{position.asset}{QUOTE}",
        "side": ("Buy" if held > 0 else "Sell") if held else "",
        "size": text(abs(held)),
        "avgPrice": text(position.entry),
        "positionValue": text(abs(held) * position.entry) if held else "",
        "tradeMode": 0,
        "positionStatus": "Normal",
        "autoAddMargin": 0,
        "adlRankIndicator": 2 if held else 0,
        "leverage": text(account.leverage(position.asset)),
        "breakEvenPrice": text(position.entry) if held else "",
        "positionBalance": text(initial) if held else "0",
        "markPrice": text(quotes[position.asset].mark if position.asset in quotes else mark_of(position, quotes)),
        "liqPrice": text(liquidation) if liquidation is not None else "",
        "bustPrice": "",
        "positionMM": text(maintenance) if held else "0",
        "positionMMByMp": text(maintenance) if held else "0",
        "positionIM": text(initial) if held else "0",
        "positionIMByMp": text(initial) if held else "0",
        "tpslMode": "Full",
        "takeProfit": "",
        "stopLoss": "",
        "trailingStop": "0",
        "unrealisedPnl": text(profit_of(position, quotes)) if held else "",
        "curRealisedPnl": text(position.realized),
        "cumRealisedPnl": text(position.realized),
        "seq": len(account.executions),
        "isReduceOnly": False,
        "mmrSysUpdateTime": "",
        "leverageSysUpdatedTime": "",
        "sessionAvgPrice": "",
        "createdTime": str(position.created_ms),
        "updatedTime": str(position.updated_ms),
    }


def _fee_coin(order: VenueOrder) -> str:
    request = order.request
    return request.asset if request.market is Market.SPOT and request.side is OrderSide.BUY else QUOTE
