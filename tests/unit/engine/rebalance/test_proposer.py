"""The numbers of a proposal, every one recomputed by hand from prices and config with plain arithmetic."""

import math
from collections.abc import Sequence
from dataclasses import fields, replace
from decimal import Decimal

import pytest

from engine.domain.order import OrderSide
from engine.domain.proposal import Proposal, ProposalKind, RiskSummary, SkippedLeg
from engine.domain.units import Asset, Ms
from engine.portfolio.ledger import Ledger
from engine.rebalance.proposer import content_hash, draft, held_values
from engine.rebalance.targets import closed_targets
from support.pictures import TERMS, equicorrelated, occasion, picture
from support.proposals import DEPOSIT, LAYER_1, PRICES, execute, held_ledger, propose, standing


def test_every_number_of_a_proposal_by_hand() -> None:
    """Sizes, legs, cost, hidden leverage and stress recomputed from prices and config with plain arithmetic."""
    rho, sigma, now = 0.75, [0.6, 0.8, 0.9, 1.0], 0.91
    market = picture(PRICES, rho=equicorrelated(4, rho), sigma=sigma)
    proposal = propose(LAYER_1, held_ledger(), market, rho=now, cost_year="50")
    price = [3000.0, 150.0, 30.0, 5.0]
    before = [1.0, 20.0, 100.0, 600.0]
    target = [math.floor(12_000 / 4 * (1 - now) / p * 1000 + 1e-9) / 1000 for p in price]  # down to the step of 0.001
    assert all(leg.side is OrderSide.SELL and leg.reduces for leg in proposal.legs)
    traded = {str(leg.asset): float(leg.quantity) for leg in proposal.legs}
    assert traded == pytest.approx({a: b - t for a, b, t in zip(PRICES, before, target, strict=True)}, rel=1e-12)
    notional = sum((b - t) * p for b, t, p in zip(before, target, price, strict=True))
    assert float(proposal.cost) == pytest.approx(notional * (5.5 + 2.0 + 1.0) / 10_000, rel=1e-9)  # half of 2 bps
    assert proposal.cost_bps == pytest.approx(8.5, rel=1e-9)
    assert proposal.turnover == pytest.approx(notional / 12_000, rel=1e-9)
    assert proposal.cost_share_year == pytest.approx(float(proposal.cost) / 50, rel=1e-9)
    assert proposal.factor == pytest.approx(1 - now, rel=1e-9)
    for summary, quantities in ((proposal.before, before), (proposal.after, target)):
        check_risk(summary, [q * p for q, p in zip(quantities, price, strict=True)], sigma, rho, 12_000.0)
    for summary, quantities in ((proposal.account_before, before), (proposal.account_after, target)):
        check_risk(summary, [q * p for q, p in zip(quantities, price, strict=True)], sigma, rho, 50_000.0)
    assert proposal.carry_day == pytest.approx(
        -0.0003 * sum(t * p for t, p in zip(target, price, strict=True)), rel=1e-9
    )
    variance = sum(sigma[i] * sigma[j] * (1.0 if i == j else now) for i in range(4) for j in range(4))
    assert proposal.equal_risk_factor == pytest.approx(math.sqrt(sum(s * s for s in sigma) / variance), rel=1e-9)
    assert (proposal.warnings, proposal.skipped, proposal.supersedes) == ((), (), None)


def check_risk(summary: RiskSummary, values: Sequence[float], sigma: Sequence[float], rho: float, base: float) -> None:
    """Compare with the contract's formulas, term by term."""

    def variance(level: float) -> float:
        e = [v / base * s for v, s in zip(values, sigma, strict=True)]
        return sum(e[i] * e[j] * (1.0 if i == j else level) for i in range(4) for j in range(4))

    alone = sum((v / base * s) ** 2 for v, s in zip(values, sigma, strict=True))
    risky = sum(abs(v / base) * s for v, s in zip(values, sigma, strict=True))
    vol = math.sqrt(variance(rho))
    day = 2.0627 / math.sqrt(365) * base
    assert summary.gross == pytest.approx(sum(map(abs, values)), rel=1e-9)
    assert summary.net == pytest.approx(sum(values), rel=1e-9)
    assert summary.vol_ann == pytest.approx(vol, rel=1e-9)
    assert summary.hidden_leverage == pytest.approx(vol / math.sqrt(alone), rel=1e-9)
    assert summary.effective_bets == pytest.approx(risky**2 / variance(rho), rel=1e-9)
    assert summary.es95_1d == pytest.approx(vol * day, rel=1e-9)
    assert summary.es95_rho95 == pytest.approx(math.sqrt(variance(0.95)) * day, rel=1e-9)
    assert summary.es95_hedge_break == pytest.approx(math.sqrt(variance(0.95)) * day, rel=1e-9)  # all on one side


def test_an_opening_buys_from_nothing_and_nothing_is_left_to_do_after_it() -> None:
    market, ledger = picture(PRICES), Ledger([DEPOSIT])
    opening = propose(LAYER_1, ledger, market, rho=0.74, kind=ProposalKind.OPEN)
    assert [leg.side for leg in opening.legs] == [OrderSide.BUY] * 4
    assert opening.before.gross == 0.0
    assert opening.before.es95_rho95 == 0.0
    assert math.isnan(opening.before.hidden_leverage)
    assert opening.after.gross == pytest.approx(12_000 * 0.26, rel=1e-3)
    execute(ledger, opening, 100)
    again = propose(LAYER_1, ledger, market, rho=0.74)
    assert (again.legs, again.skipped) == ((), ())
    closing = draft(
        LAYER_1,
        LAYER_1.notional,
        closed_targets(LAYER_1, 12_000.0, held_values(LAYER_1, standing(ledger, LAYER_1).book, market), 1.0),
        occasion(ProposalKind.CLOSE),
        standing(ledger, LAYER_1),
        market,
        TERMS,
    )
    assert all(leg.target == 0 for leg in closing.legs)
    execute(ledger, closing, 200)
    assert ledger.account().book(LAYER_1.name).flat


def test_margin_stays_so_less_notional_moves_the_liquidation_price_away() -> None:
    leveraged = replace(LAYER_1, leverage=5.0)
    market, ledger = picture(PRICES), Ledger([DEPOSIT])
    opening = propose(leveraged, ledger, market, rho=0.5, kind=ProposalKind.OPEN)
    execute(ledger, opening, 100)
    cut = propose(leveraged, ledger, market, rho=0.9)
    # each leg: value 1,500, margin 3,000 / 5 = 600, 1 % maintenance: P (1 - 0.01) = 1 - 600 / 1,500
    assert cut.before.liquidation_distance == pytest.approx(1 - (1 - 600 / 1500) / 0.99, rel=1e-3)
    assert math.isnan(cut.after.liquidation_distance)  # 300 on a margin of 600 cannot be liquidated
    assert math.isnan(cut.account_after.liquidation_distance)


def test_the_hash_changes_with_every_field_and_with_nothing_else() -> None:
    proposal = propose(LAYER_1, held_ledger(), picture(PRICES), rho=0.9)
    assert proposal.hash == content_hash(proposal) == content_hash(replace(proposal, hash="other"))
    others = {
        "id": "p2",
        "basket": "x",
        "kind": ProposalKind.CLOSE,
        "cause": "",
        "reason": "",
        "created_at": Ms(1),
        "valid_ms": 1,
        "legs": proposal.legs[1:],
        "skipped": (SkippedLeg(asset=Asset("X"), why=""),),
        "cost": proposal.cost + Decimal("1E-12"),
        "cost_bps": 1.0,
        "cost_share_year": 1.0,
        "turnover": 1.0,
        "factor": 1.0,
        "equal_risk_factor": 0.0,
        "carry_day": 0.0,
        "before": proposal.after,
        "after": proposal.before,
        "account_before": proposal.after,
        "account_after": proposal.before,
        "warnings": ("x",),
        "supersedes": "p0",
        "edited": True,
    }
    assert set(others) == {each.name for each in fields(Proposal)} - {"hash"}
    changed = [content_hash(replace(proposal, **{name: value})) for name, value in others.items()]  # type: ignore[arg-type]
    assert len({proposal.hash, *changed}) == len(others) + 1
