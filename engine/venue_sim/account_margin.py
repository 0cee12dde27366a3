"""Owns the margin of an account: what positions and open orders hold, what is free, and where the venue steps in.

Formulas are `engine.quant.margin`; money comes in as Decimal and figures for bodies go out as Decimal. It books
nothing: `market_tick` acts on what `liquidated` returns.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from engine.domain.units import Asset
from engine.quant.margin import (
    SwapPosition,
    account_is_gone,
    bankruptcy_price,
    cross_price,
    isolated_price,
    position_is_gone,
)
from engine.venue_sim.accounts import Account, MarginMode, Position
from engine.venue_sim.orders import QUOTE, ZERO, Market
from engine.venue_sim.quotes import Quote

Quotes = Mapping[Asset, Quote]


@dataclass(frozen=True, slots=True, kw_only=True)
class Margins:
    """The account in money: what it is worth, what is held, what is free for new positions."""

    wallet: Decimal
    profit: Decimal
    initial: Decimal
    orders: Decimal
    maintenance: Decimal
    free: Decimal

    @property
    def balance(self) -> Decimal:
        """Return wallet and open profit."""
        return self.wallet + self.profit


def mark_of(position: Position, quotes: Quotes) -> Decimal:
    """Return the mark price; what is not listed any more stands at its entry."""
    quote = quotes.get(position.asset)
    return position.entry if quote is None else quote.mark


def profit_of(position: Position, quotes: Quotes) -> Decimal:
    """Return the open profit."""
    return position.quantity * (mark_of(position, quotes) - position.entry)


def initial_margin(account: Account, position: Position, quotes: Quotes) -> Decimal:
    """Return what a position holds: at its entry where it is isolated, at the mark where margins are cross."""
    isolated = account.mode(position.asset) is MarginMode.ISOLATED
    price = position.entry if isolated else mark_of(position, quotes)
    return abs(position.quantity) * price / account.leverage(position.asset)


def order_margin(account: Account, asset: Asset | None = None) -> Decimal:
    """Return what open swap orders hold, of one asset or of all; orders that reduce hold nothing."""
    held = ZERO
    for order in account.open.values():
        request = order.request
        if request.market is not Market.SWAP or request.reduce_only or asset not in (None, request.asset):
            continue
        quantity = account.position(request.asset).quantity
        reduces = abs(quantity) if quantity * request.side.sign < 0 else ZERO
        more = max(ZERO, order.left - reduces)
        held += more * (request.price or ZERO) / account.leverage(request.asset)
    return held


def margins(account: Account, quotes: Quotes) -> Margins:
    """Return the account's figures; open profit of isolated positions is not free for others."""
    wallet = account.coins.get(QUOTE, ZERO)
    held = account.held()
    initial = sum((initial_margin(account, each, quotes) for each in held), ZERO)
    profit = sum((profit_of(each, quotes) for each in held), ZERO)
    cross = sum((profit_of(each, quotes) for each in held if account.mode(each.asset) is MarginMode.CROSS), ZERO)
    orders = order_margin(account)
    spot = account.locked(QUOTE) if account.coins is account.spot_coins else ZERO
    return Margins(
        wallet=wallet,
        profit=profit,
        initial=initial,
        orders=orders,
        maintenance=sum((exact(swap_of(account, each, quotes).maintenance) for each in held), ZERO),
        free=wallet + cross - initial - orders - spot,
    )


def swap_of(account: Account, position: Position, quotes: Quotes) -> SwapPosition:
    """Return a position as the margin formulas take it."""
    own = initial_margin(account, position, quotes) if account.mode(position.asset) is MarginMode.ISOLATED else ZERO
    return SwapPosition(
        quantity=float(position.quantity),
        entry=float(position.entry),
        mark=float(mark_of(position, quotes)),
        margin=float(own),
    )


def liquidation_of(account: Account, position: Position, quotes: Quotes) -> Decimal | None:
    """Return the price at which the venue takes a position; None where there is none."""
    if account.mode(position.asset) is MarginMode.ISOLATED:
        price = isolated_price(swap_of(account, position, quotes))
    else:
        held = [each for each in account.held() if account.mode(each.asset) is MarginMode.CROSS]
        swaps = [swap_of(account, each, quotes) for each in held]
        place = next(number for number, each in enumerate(held) if each is position)
        price = cross_price(swaps, place, float(_behind_cross(account, quotes)))
    return None if math.isnan(price) else exact(price)


def liquidated(account: Account, quotes: Quotes) -> list[tuple[Position, Decimal]]:
    """Return the positions the venue takes now, each with its price.

    An isolated one goes at its bankruptcy price, so that its margin is lost and nothing else; a cross account goes
    whole, at the marks.
    """
    found: list[tuple[Position, Decimal]] = []
    cross = [each for each in account.held() if account.mode(each.asset) is MarginMode.CROSS]
    if account_is_gone([swap_of(account, each, quotes) for each in cross], float(_behind_cross(account, quotes))):
        found += [(each, mark_of(each, quotes)) for each in cross]
    for each in account.held():
        swap = swap_of(account, each, quotes)
        if account.mode(each.asset) is MarginMode.ISOLATED and position_is_gone(swap):
            found.append((each, exact(bankruptcy_price(swap.quantity, swap.entry, swap.margin))))
    return found


def exact(value: float) -> Decimal:
    """Return a figure as Decimal, with as many digits as a venue shows."""
    return Decimal(f"{value:.8f}")


def _behind_cross(account: Account, quotes: Quotes) -> Decimal:
    """Return the wallet less what isolated positions keep for themselves."""
    isolated = [each for each in account.held() if account.mode(each.asset) is MarginMode.ISOLATED]
    own = sum((initial_margin(account, each, quotes) for each in isolated), ZERO)
    return account.coins.get(QUOTE, ZERO) - own
