"""Owns the bodies of Bybit v5 about money: the unified wallet and the transaction log.

It maps what the exchange keeps; numbers go out as text, times are market times. Decides and refuses nothing; the
private streams send the same wallet.
"""

from collections.abc import Mapping
from decimal import Decimal

from engine.domain.units import Asset
from engine.venue_sim.account_margin import Quotes, margins
from engine.venue_sim.accounts import Account, MarginMode
from engine.venue_sim.bybit_private_bodies import SIDES, Row, category_of, text
from engine.venue_sim.orders import QUOTE, ZERO, LogEntry

_LOG_KINDS = {
    "trade": "TRADE",
    "funding": "SETTLEMENT",
    "liquidation": "LIQUIDATION",
    "insurance": "LIQUIDATION",
    "deposit": "TRANSFER_IN",
    "withdrawal": "TRANSFER_OUT",
}


def wallet_row(account: Account, quotes: Quotes) -> Row:
    """Return the unified account in USD; figures of the whole account are empty where margin is isolated."""
    figures = margins(account, quotes)
    coins = [_coin(account, coin, amount, quotes) for coin, amount in account.coins.items() if amount or coin == QUOTE]
    spot = sum((amount * quotes[coin].mark for coin, amount in account.coins.items() if coin in quotes), ZERO)
    whole = {
        "totalMarginBalance": text(figures.balance),
        "totalInitialMargin": text(figures.initial + figures.orders),
        "totalInitialMarginByMp": text(figures.initial + figures.orders),
        "totalAvailableBalance": text(max(ZERO, figures.free)),
        "totalMaintenanceMargin": text(figures.maintenance),
        "totalMaintenanceMarginByMp": text(figures.maintenance),
        "accountIMRate": _rate(figures.initial + figures.orders, figures.balance),
        "accountIMRateByMp": _rate(figures.initial + figures.orders, figures.balance),
        "accountMMRate": _rate(figures.maintenance, figures.balance),
        "accountMMRateByMp": _rate(figures.maintenance, figures.balance),
    }
    if account.margin_mode is MarginMode.ISOLATED:
        whole = dict.fromkeys(whole, "")
    return {
        "totalEquity": text(figures.balance + spot),
        "accountType": "UNIFIED",
        "totalPerpUPL": text(figures.profit),
        "totalWalletBalance": text(figures.wallet + spot),
        "accountLTV": "0",
        **whole,
        "coin": coins,
    }


def log_row(account: Account, entry: LogEntry) -> Row:
    """Return one line of the transaction log; `size` is the position after it."""
    execution = entry.execution
    order = execution.order if execution is not None else None
    trade = execution is not None
    return {
        "id": f"{account.number}_{execution.asset if execution is not None else entry.coin}{QUOTE}_{entry.number}",
        "symbol": f"{execution.asset}{QUOTE}" if execution is not None else "",
        "side": SIDES[execution.side] if execution is not None else "None",
        "funding": text(entry.funding) if entry.kind == "funding" else "",
        "orderLinkId": order.request.client_id if order is not None else "",
        "orderId": order.order_id if order is not None else "",
        "fee": text(entry.fee),
        "change": text(entry.change),
        "cashFlow": text(entry.cash),
        "transactionTime": str(entry.at_ms),
        "type": _LOG_KINDS[entry.kind],
        "feeRate": text(execution.fee_rate) if execution is not None else "",
        "bonusChange": "",
        "size": text(execution.position) if execution is not None else "0",
        "qty": text(execution.quantity) if execution is not None else text(abs(entry.cash)),
        "cashBalance": text(entry.balance),
        "currency": entry.coin,
        "category": category_of(entry.market) if trade else "",
        "tradePrice": text(execution.price) if execution is not None else "",
        "tradeId": execution.execution_id if execution is not None else "",
        "extraFees": "",
    }


def _coin(account: Account, coin: Asset, amount: Decimal, quotes: Quotes) -> Row:
    figures = margins(account, quotes)
    is_quote = coin == QUOTE
    price = Decimal(1) if is_quote else quotes[coin].mark if coin in quotes else ZERO
    equity = amount + (figures.profit if is_quote else ZERO)
    swap: Mapping[str, Decimal] = {
        "totalOrderIM": figures.orders,
        "totalPositionIM": figures.initial,
        "totalPositionMM": figures.maintenance,
        "unrealisedPnl": figures.profit,
        "cumRealisedPnl": sum((each.realized for each in account.positions.values()), ZERO),
    }
    return {
        "coin": coin,
        "equity": text(equity),
        "usdValue": text(equity * price),
        "walletBalance": text(amount),
        "locked": text(account.locked(coin)),
        "availableToWithdraw": "",
        "availableToBorrow": "",
        "borrowAmount": "0",
        "accruedInterest": "0",
        "bonus": "0",
        "spotHedgingQty": "0",
        "spotBorrow": "0",
        "collateralSwitch": True,
        "marginCollateral": True,
        **{name: text(value if is_quote else ZERO) for name, value in swap.items()},
    }


def _rate(part: Decimal, whole: Decimal) -> str:
    return f"{part / whole:.4f}" if whole > 0 else "0"
