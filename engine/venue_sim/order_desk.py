"""Owns what happens to an order at the moment it arrives or is canceled: checks, acceptance, the first match.

It refuses with `RefusalError` and then nothing has happened. What happens later, tick by tick, is `market_tick`; money
is booked by `accounts`.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from engine.domain.order import OrderSide
from engine.domain.units import Asset, Ms
from engine.venue_sim.account_margin import margins
from engine.venue_sim.accounts import Account, VenueName
from engine.venue_sim.orders import (
    QUOTE,
    ZERO,
    Ending,
    Execution,
    ExecutionKind,
    Market,
    OrderKind,
    OrderRequest,
    OrderStatus,
    TimeInForce,
    VenueOrder,
)
from engine.venue_sim.quotes import Quote, taken
from engine.venue_sim.refusals import RefusalError, Why

LEAST_NOTIONAL = Decimal(5)
_ID_SPACE = uuid.UUID("6f1d2c7e-52b2-4a0e-9d0e-3f4f6d1b8a55")
_FIRST_NUMBER = 8_389_765_000_000
# (taker, maker) by venue and market: the venues' rates for accounts without a discount.
FEES: Mapping[tuple[VenueName, Market], tuple[Decimal, Decimal]] = {
    (VenueName.BYBIT, Market.SWAP): (Decimal("0.00055"), Decimal("0.0002")),
    (VenueName.BYBIT, Market.SPOT): (Decimal("0.001"), Decimal("0.001")),
    (VenueName.BINANCE, Market.SWAP): (Decimal("0.0005"), Decimal("0.0002")),
    (VenueName.BINANCE, Market.SPOT): (Decimal("0.001"), Decimal("0.001")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Instant:
    """Now, on both clocks, with the quotes of it."""

    market_ms: Ms
    host_s: float
    quotes: Mapping[Asset, Quote]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """How the matching behaves: what of an order fills at once, when it may, and when it is listed."""

    share: Decimal = Decimal(1)
    fills_after_s: float = 0.0
    listed_after_s: float = 0.0


def accept(account: Account, request: OrderRequest, number: int, at: Instant, conduct: Conduct) -> VenueOrder:
    """Take an order and match what can be matched at once; raises RefusalError."""
    quote = at.quotes.get(request.asset)
    if quote is None:
        raise RefusalError(Why.SYMBOL)
    _check_steps(request, quote)
    _check_id(account, request)
    if account.key.venue is VenueName.BINANCE:
        _check_post_only(request, quote)
    quantity = _reducing(account, request)
    _check_funds(account, request, quantity, at)
    order = VenueOrder(
        number=_FIRST_NUMBER + number,
        order_id=_order_id(account, request, number),
        request=request,
        created_ms=at.market_ms,
        updated_ms=at.market_ms,
        quantity=quantity,
        trades_from=at.host_s + conduct.fills_after_s,
        listed_from=at.host_s + conduct.listed_after_s,
    )
    account.orders[order.order_id] = order
    account.open[order.order_id] = order
    account.note(order)
    if not conduct.fills_after_s:
        arrive(account, order, at, conduct)
    return order


def arrive(account: Account, order: VenueOrder, at: Instant, conduct: Conduct) -> None:
    """Match an order that meets the book for the first time; what may not wait is canceled."""
    request = order.request
    quote = at.quotes.get(request.asset)
    if quote is None:
        return
    order.rested = True
    if request.time_in_force is TimeInForce.POST_ONLY and request.price is not None:
        if quote.crosses(request.side, request.price):
            end(account, order, Ending.POST_ONLY, at.market_ms)
        return
    wanted = _still_reducing(account, order)
    found = taken(quote, request.side, share_of(wanted, conduct, quote), request.price) if wanted else []
    if request.time_in_force is TimeInForce.FOK and sum((size for _, size in found), ZERO) < order.quantity:
        found = []
    for price, size in found:
        execute(account, order, price, size, at, maker=False)
    if order.left and (request.kind is OrderKind.MARKET or request.time_in_force is not TimeInForce.GTC):
        end(account, order, Ending.NOT_FILLED, at.market_ms)


def cancel(account: Account, order: VenueOrder | None, at: Instant) -> VenueOrder:
    """Cancel an order; raises RefusalError where there is none or it is over."""
    if order is None:
        raise RefusalError(Why.NO_ORDER)
    if not order.status.open:
        raise RefusalError(Why.ORDER_OVER)
    end(account, order, Ending.BY_USER, at.market_ms)
    return order


def end(account: Account, order: VenueOrder, ending: Ending, now: Ms) -> None:
    """End an order that is not filled."""
    order.status, order.ending, order.updated_ms = OrderStatus.CANCELED, ending, now
    account.close_order(order)
    account.note(order)


def execute(
    account: Account, order: VenueOrder, price: Decimal, size: Decimal, at: Instant, *, maker: bool
) -> Execution:
    """Fill a part of an order: position or coins, fee, and the books."""
    request = order.request
    rate = FEES[account.key.venue, request.market][maker]
    realized = closed = position = ZERO
    if request.market is Market.SWAP:
        held = account.position(request.asset)
        if not held.quantity:
            held.created_ms = at.market_ms
        realized, closed = held.trade(request.side.sign * size, price)
        held.updated_ms, position = at.market_ms, held.quantity
    in_coins = request.market is Market.SPOT and request.side is OrderSide.BUY
    execution = Execution(
        number=len(account.executions) + 1,
        execution_id=str(uuid.uuid5(_ID_SPACE, f"{account.number}/{len(account.executions) + 1}")),
        kind=ExecutionKind.TRADE,
        market=request.market,
        asset=request.asset,
        side=request.side,
        quantity=size,
        price=price,
        fee=size * rate * (Decimal(1) if in_coins else price),
        fee_rate=rate,
        fee_coin=request.asset if in_coins else QUOTE,
        maker=maker,
        at_ms=at.market_ms,
        realized=realized,
        closed=closed,
        mark=at.quotes[request.asset].mark,
        position=position,
        order=order,
        left_after=order.left - size,
    )
    account.book_fill(execution)
    if order.status is OrderStatus.FILLED:
        account.close_order(order)
    return execution


def share_of(quantity: Decimal, conduct: Conduct, quote: Quote) -> Decimal:
    """Return what of a quantity fills: all of it, or the share a fault leaves, at least one lot."""
    if conduct.share >= 1:
        return quantity
    return min(quantity, max(quote.lot, quote.round_lot(quantity * conduct.share)))


def _check_steps(request: OrderRequest, quote: Quote) -> None:
    if request.quantity <= 0 or request.quantity % quote.lot:
        raise RefusalError(Why.QUANTITY)
    if request.kind is OrderKind.LIMIT and (not request.price or request.price <= 0 or request.price % quote.tick):
        raise RefusalError(Why.PRICE)
    if not request.reduce_only and request.quantity * (request.price or quote.mark) < LEAST_NOTIONAL:
        raise RefusalError(Why.TOO_SMALL)


def _check_post_only(request: OrderRequest, quote: Quote) -> None:
    """Refuse what would take: Binance records no such order, Bybit accepts it and cancels it."""
    post_only = request.time_in_force is TimeInForce.POST_ONLY
    if post_only and request.price is not None and quote.crosses(request.side, request.price):
        raise RefusalError(Why.POST_ONLY)


def _check_id(account: Account, request: OrderRequest) -> None:
    """Hold each venue's own rule: Bybit takes a client id once for ever, Binance once among the open orders."""
    if not request.client_id:
        return
    known = account.open if account.key.venue is VenueName.BINANCE else account.orders
    for order in known.values():
        if order.request.client_id != request.client_id or order.request.market is not request.market:
            continue
        if account.key.venue is VenueName.BYBIT or order.request.asset == request.asset:
            raise RefusalError(Why.DUPLICATE)


def _reducing(account: Account, request: OrderRequest) -> Decimal:
    """Return the quantity that is taken: Bybit cuts a reduce-only order to the position, Binance does as it fills."""
    if request.market is not Market.SWAP:
        return request.quantity
    if account.hedge:
        raise RefusalError(Why.POSITION_MODE)
    if not request.reduce_only:
        return request.quantity
    held = account.position(request.asset).quantity
    if held * request.side.sign >= 0:
        raise RefusalError(Why.REDUCE_ONLY)
    return request.quantity if account.key.venue is VenueName.BINANCE else min(request.quantity, abs(held))


def _still_reducing(account: Account, order: VenueOrder) -> Decimal:
    if not order.request.reduce_only or order.request.market is not Market.SWAP:
        return order.left
    held = account.position(order.request.asset).quantity
    return min(order.left, abs(held)) if held * order.request.side.sign < 0 else ZERO


def _check_funds(account: Account, request: OrderRequest, quantity: Decimal, at: Instant) -> None:
    price = request.price or at.quotes[request.asset].mark
    if request.market is Market.SPOT:
        coin, needed = (QUOTE, quantity * price) if request.side is OrderSide.BUY else (request.asset, quantity)
        free = account.spot_coins.get(coin, ZERO) - account.locked(coin)
        if coin == QUOTE and account.coins is account.spot_coins:
            free = min(free, margins(account, at.quotes).free)
        if needed > free:
            raise RefusalError(Why.FUNDS)
        return
    held = account.position(request.asset).quantity
    reduces = abs(held) if held * request.side.sign < 0 else ZERO
    more = max(ZERO, quantity - reduces) * price
    if not more or request.reduce_only:
        return
    fee = more * FEES[account.key.venue, Market.SWAP][0]
    released = reduces * price / account.leverage(request.asset)
    if more / account.leverage(request.asset) + fee > margins(account, at.quotes).free + released:
        raise RefusalError(Why.FUNDS)


def _order_id(account: Account, request: OrderRequest, number: int) -> str:
    """Return an id as the venue makes them: numbers, but for Bybit's derivatives."""
    if account.key.venue is VenueName.BYBIT and request.market is Market.SWAP:
        return str(uuid.uuid5(_ID_SPACE, f"order {account.number}/{number}"))
    return str(_FIRST_NUMBER + number)
