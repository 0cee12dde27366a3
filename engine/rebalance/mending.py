"""Owns what is wrong with a hedge as it is held, in one sentence with the trade that mends it.

A leg that failed leaves a hedged basket off its net target; this names the smallest single trade that brings it back
by cutting, never by adding. Shown until it is mended; drafts nothing.
"""

from decimal import ROUND_DOWN, Decimal

import numpy as np

from engine.domain.basket import Basket
from engine.quant.arrays import Floats
from engine.quant.sizing import net_target
from engine.rebalance.figures import Picture
from engine.rebalance.legs import plain
from engine.rebalance.targets import base_values


def mend(basket: Basket, held: Floats, picture: Picture, tolerance: float) -> str:
    """Return the sentence for signed money held per leg [N], empty while net / gross is within `tolerance`.

    NaN rule: with a leg at an unknown price nothing is said. The leg named is the largest of the heavier side.
    """
    gross = float(np.abs(held).sum())
    if not basket.hedged or not gross > 0:
        return ""
    base = base_values(basket, 1.0)
    wanted = net_target(np.abs(base), np.sign(base))
    ratio = float(held.sum()) / gross
    if not abs(ratio - wanted) > tolerance:
        return ""
    heavy = 1.0 if ratio > wanted else -1.0
    place = int(np.argmax(held * heavy))
    surplus = (float(held.sum()) - wanted * gross) * heavy
    money = min(surplus / (1 - wanted * heavy) if wanted * heavy < 1 else surplus, abs(float(held[place])))
    trade = _quantity(basket, place, money, picture)
    verb = "sell" if held[place] > 0 else "buy"
    return f"net {ratio:+.0%} of gross, target {wanted:+.0%}: {verb} {trade} mends it"


def _quantity(basket: Basket, place: int, money: float, picture: Picture) -> str:
    leg = basket.legs[place]
    price, instrument = picture.price(leg.symbol), picture.instruments.get(leg.symbol)
    if price is None or instrument is None:
        return f"${money:,.0f} of {leg.asset}"
    steps = (Decimal(money) / price / instrument.quantity_step).to_integral_value(ROUND_DOWN)
    return f"{plain(steps * instrument.quantity_step)} {leg.asset}"
