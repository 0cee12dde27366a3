"""Owns short ways to proposals in tests: a ledger with something in it, a draft from it, its execution."""

from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from engine.domain.basket import Basket, Side
from engine.domain.config import SizingConfig
from engine.domain.facts import BookFact, Deposited
from engine.domain.proposal import Proposal, ProposalKind
from engine.portfolio.ledger import Ledger
from engine.quant.correlation import signed
from engine.rebalance.figures import Picture
from engine.rebalance.proposer import Standing, draft, held_values
from engine.rebalance.targets import sized_targets
from support.books import START, basket, long_basket
from support.pictures import TERMS, equicorrelated, occasion
from support.some_facts import ACTOR, fill

DEPOSIT = Deposited(at=START, amount=Decimal(50_000), note="", actor=ACTOR)
PRICES = {"ETH": "3000", "SOL": "150", "AVAX": "30", "NEAR": "5"}
LAYER_1 = long_basket("layer-1", *PRICES)
HEDGED_PRICES = {"BTC": "60000", "ETH": "3000", "SOL": "150", "DOGE": "0.2"}
HEDGED = basket("majors", {"BTC": Side.LONG, "ETH": Side.LONG, "SOL": Side.SHORT, "DOGE": Side.SHORT})
HELD = [("1.000", "2900"), ("20.000", "140"), ("100.00", "31"), ("600.00", "5.1")]


def standing(ledger: Ledger, owner: Basket, equity: str = "50000", cost_year: str = "0") -> Standing:
    """Return what the ledger holds."""
    account = ledger.account()
    return Standing(
        book=account.book(owner.name), account=account.netted, equity=Decimal(equity), cost_year=Decimal(cost_year)
    )


def propose(
    owner: Basket,
    ledger: Ledger,
    market: Picture,
    *,
    rho: float | NDArray[np.float64],
    kind: ProposalKind = ProposalKind.REBALANCE,
    equity: str = "50000",
    cost_year: str = "0",
) -> Proposal:
    """Draft a proposal; `rho` is one correlation for all pairs, or the unsigned matrix of the legs."""
    here = standing(ledger, owner, equity, cost_year)
    signs = np.array([leg.side.sign for leg in owner.legs], dtype=np.float64)
    unsigned = equicorrelated(len(signs), rho) if isinstance(rho, float) else rho
    targets = sized_targets(
        owner,
        float(owner.notional),
        SizingConfig(),
        rho_eff=signed(unsigned, signs),
        sigma=market.sigma[: len(signs)],
        held=held_values(owner, here.book, market),
        only_reduce=kind is ProposalKind.REDUCE,
    )
    return draft(owner, owner.notional, targets, occasion(kind), here, market, TERMS)


def execute(ledger: Ledger, proposal: Proposal, start: int) -> None:
    """Fill all legs at their prices."""
    for number, leg in enumerate(proposal.legs, start=start):
        ledger.apply(
            fill(
                number,
                str(leg.quantity),
                str(leg.price),
                basket=proposal.basket,
                asset=leg.asset,
                side=leg.side,
                fee=str(leg.fee),
            )
        )


def held_ledger() -> Ledger:
    """Return a ledger in which layer-1 holds 12,000 at today's prices."""
    facts: list[BookFact] = [DEPOSIT]
    facts += [fill(n, q, p, asset=asset) for n, (asset, (q, p)) in enumerate(zip(PRICES, HELD, strict=True))]
    return Ledger(facts)
