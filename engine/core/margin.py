"""Owns the money that no position needs: what is free for a new one, and what one needs, at the config's leverage.

The venue's own word is asked by the broker; this is what the books say before anything leaves. Read by the gate's view
and by withdrawals; changes nothing.
"""

from collections.abc import Iterable
from decimal import Decimal

from engine.domain.config import Config
from engine.domain.portfolio import ZERO, AccountValue, PositionValue, exact_sum
from engine.domain.units import Symbol

ONE = Decimal(1)


def free_for_orders(config: Config, value: AccountValue, on_their_way: Iterable[tuple[Symbol, Decimal]]) -> Decimal:
    """Return the money that neither positions nor increases on their way (symbol, notional) need.

    Cross margins count open profit and loss; isolated ones do not, and stand at what was paid. What has no price
    stands at its cost.
    """
    leverage = config.leverage
    isolated = config.account.margin == "isolated"

    def behind(each: PositionValue) -> Decimal:
        size = each.quantity * each.average_price if isolated else each.value
        return abs(size) / leverage.get(each.symbol, ONE)

    held = sum(map(behind, value.positions), ZERO)
    flying = sum((notional / leverage.get(symbol, ONE) for symbol, notional in on_their_way), ZERO)
    return exact_sum((value.wallet if isolated else value.equity, -held, -flying))
