"""Owns what time does to accounts: late matches, resting limits that are crossed, funding every 8 h, liquidation.

Called for an instant with its quotes; the order is fixed: orders, then funding, then liquidation. At most what stands
at the best price fills of a resting order in one tick. Money is booked by `accounts`.
"""

import uuid
from collections.abc import Callable
from decimal import Decimal

from engine.domain.order import OrderSide
from engine.domain.units import Asset, Ms
from engine.venue_sim.account_margin import liquidated, mark_of
from engine.venue_sim.accounts import Account, Position
from engine.venue_sim.order_desk import FEES, Conduct, Instant, arrive, end, execute, share_of
from engine.venue_sim.orders import QUOTE, ZERO, Ending, Execution, ExecutionKind, Market, VenueOrder
from engine.venue_sim.quotes import FUNDING_MS

_ID_SPACE = uuid.UUID("0b9f3c50-8a2e-4b44-8f0d-4b8c7c1c2f11")


def tick(account: Account, at: Instant, conduct: Callable[[Asset], Conduct], funded_ms: Ms) -> None:
    """Bring an account to `at`; funding instants after `funded_ms` are due."""
    for order in list(account.open.values()):
        if at.host_s >= order.trades_from:
            _match(account, order, at, conduct(order.request.asset))
    boundary = funded_ms + FUNDING_MS
    while boundary <= at.market_ms:
        for position in account.held():
            if position.created_ms < boundary:
                _fund(account, position, at, Ms(boundary))
        boundary += FUNDING_MS
    gone = liquidated(account, at.quotes)
    for position, price in gone:
        _liquidate(account, position, price, at)
    if gone and not account.held():
        account.forgive(at.market_ms)


def _match(account: Account, order: VenueOrder, at: Instant, conduct: Conduct) -> None:
    request = order.request
    quote = at.quotes.get(request.asset)
    if quote is None:
        return
    if order.forced:
        price = request.price or (quote.ask if request.side is OrderSide.BUY else quote.bid)
        execute(account, order, price, order.left, at, maker=request.price is not None)
        return
    if not order.rested:
        arrive(account, order, at, conduct)
        return
    if request.price is None or not quote.crosses(request.side, request.price):
        return
    wanted = min(order.left, quote.depth)
    if request.reduce_only and request.market is Market.SWAP:
        held = account.position(request.asset).quantity
        if held * request.side.sign >= 0:
            end(account, order, Ending.REDUCE_ONLY, at.market_ms)
            return
        wanted = min(wanted, abs(held))
    execute(account, order, request.price, share_of(wanted, conduct, quote), at, maker=True)


def _fund(account: Account, position: Position, at: Instant, due: Ms) -> None:
    """Charge one funding instant: longs pay where the rate is positive."""
    quote = at.quotes.get(position.asset)
    if quote is None:
        return
    account.book_funding(
        _execution(
            account,
            position,
            ExecutionKind.FUNDING,
            price=quote.mark,
            fee=position.quantity * quote.mark * quote.funding,
            rate=quote.funding,
            at_ms=due,
            mark=quote.mark,
        )
    )


def _liquidate(account: Account, position: Position, price: Decimal, at: Instant) -> None:
    """Cancel the symbol's orders and take the position at `price`."""
    for order in list(account.open.values()):
        if order.request.market is Market.SWAP and order.request.asset == position.asset:
            end(account, order, Ending.LIQUIDATION, at.market_ms)
    rate = FEES[account.key.venue, Market.SWAP][0]
    fee = abs(position.quantity) * price * rate
    profit = position.quantity * (price - position.entry)
    left = account.coins.get(QUOTE, ZERO) + profit  # what the wallet cannot pay the insurance fund does
    account.book_fill(
        _execution(
            account,
            position,
            ExecutionKind.LIQUIDATION,
            price=price,
            fee=max(ZERO, min(fee, left)),
            rate=rate,
            at_ms=at.market_ms,
            mark=mark_of(position, at.quotes),
        )
    )


def _execution(
    account: Account,
    position: Position,
    kind: ExecutionKind,
    *,
    price: Decimal,
    fee: Decimal,
    rate: Decimal,
    at_ms: Ms,
    mark: Decimal,
) -> Execution:
    """Return the venue's own execution on a whole position; a liquidation closes it."""
    quantity = position.quantity
    side = OrderSide.BUY if quantity > 0 else OrderSide.SELL  # funding names the side of the position
    realized = closed = ZERO
    if kind is ExecutionKind.LIQUIDATION:
        side = OrderSide.SELL if quantity > 0 else OrderSide.BUY
        realized, closed = position.trade(-quantity, price)
        position.updated_ms = at_ms
    number = len(account.executions) + 1
    return Execution(
        number=number,
        execution_id=str(uuid.uuid5(_ID_SPACE, f"{account.number}/{number}")),
        kind=kind,
        market=Market.SWAP,
        asset=position.asset,
        side=side,
        quantity=abs(quantity),
        price=price,
        fee=fee,
        fee_rate=rate,
        fee_coin=QUOTE,
        maker=False,
        at_ms=at_ms,
        realized=realized,
        closed=closed,
        mark=mark,
        position=position.quantity,
    )
