"""Owns what a proposal warns of, in words: a small account, legs that keep their size, a hedge off its target.

Sentences for the screen, measured where something can be measured. Never stops a proposal: the risk gate does.
"""

import math
from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from engine.domain.basket import Basket
from engine.domain.proposal import ProposalLeg
from engine.quant.arrays import Floats
from engine.quant.costs import TradingCost
from engine.quant.sizing import net_target
from engine.rebalance.targets import Targets

PORTFOLIO_FLOOR = Decimal(10_000)


def warnings_of(
    basket: Basket,
    targets: Targets,
    legs: Sequence[ProposalLeg],
    after: Floats,
    *,
    cost: TradingCost,
    equity: Decimal,
    spreads_known: Floats,
    net_tolerance: float,
) -> tuple[str, ...]:
    """Return one sentence per warning; `after` [N] is signed money per leg when all legs are filled."""
    found = [
        _small_account(targets, after, cost, equity),
        _kept(targets),
        _no_spread(legs, spreads_known),
        _off_neutral(basket, targets, after, net_tolerance),
    ]
    return tuple(sentence for sentence in found if sentence)


def rounding_error(target: Floats, after: Floats) -> float:
    """Return sum |after - target| as a share of the target's gross; NaN where there is no target."""
    gross = float(np.abs(target).sum())
    return float(np.abs(after - target).sum()) / gross if gross > 0 else float("nan")


def _small_account(targets: Targets, after: Floats, cost: TradingCost, equity: Decimal) -> str:
    if equity >= PORTFOLIO_FLOOR:
        return ""
    error = rounding_error(targets.values, after)
    missed = "nothing is to be held"
    if not math.isnan(error):
        missed = f"rounding and smallest orders miss {error:.1%} of the target"
    paid = f", the trade costs {cost.total / float(equity):.2%} of the account" if equity > 0 else ""
    return f"the account is below ${PORTFOLIO_FLOOR:,}: {missed}{paid}"


def _kept(targets: Targets) -> str:
    if not targets.kept:
        return ""
    several = len(targets.kept) > 1
    names = ", ".join(targets.kept)
    return f"{names} {'have' if several else 'has'} no defined correlation: kept as held, and nothing here grows"


def _no_spread(legs: Sequence[ProposalLeg], spreads: Floats) -> str:
    names = ", ".join([leg.asset for leg, absent in zip(legs, np.isnan(spreads).tolist(), strict=True) if absent])
    return f"no bid and ask for {names}: the cost leaves their spread out" if names else ""


def _off_neutral(basket: Basket, targets: Targets, after: Floats, tolerance: float) -> str:
    """Say where rounding, smallest orders or missing prices leave a hedged basket off its net target."""
    if not basket.hedged:
        return ""
    wanted = net_target(np.abs(targets.base), np.sign(targets.base))
    ratio = net_target(np.abs(after), np.sign(after))
    if not abs(ratio - wanted) > tolerance or not np.abs(after).sum() > 0:
        return ""
    return f"the hedge ends at net {ratio:+.1%} of gross, its target is {wanted:+.1%}"
