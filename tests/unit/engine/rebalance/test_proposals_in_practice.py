"""Proposals in practice: ten in a row on a hedge, a small account, what is unknown, and nothing to do."""

import math
import re
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.domain.basket import Side
from engine.domain.market import MarketKind
from engine.domain.order import OrderSide
from engine.domain.proposal import ProposalKind, SkippedLeg
from engine.domain.units import Asset
from engine.portfolio.ledger import Ledger
from engine.quant.correlation import signed
from engine.rebalance.proposer import held_values
from support.books import basket
from support.pictures import equicorrelated, picture
from support.proposals import DEPOSIT, HEDGED, HEDGED_PRICES, LAYER_1, PRICES, execute, held_ledger, propose
from support.some_facts import fill

Floats = NDArray[np.float64]


def test_a_hedged_basket_stays_neutral_through_ten_proposals() -> None:
    rng = np.random.default_rng(11)
    ledger, prices = Ledger([DEPOSIT]), {asset: float(price) for asset, price in HEDGED_PRICES.items()}
    plain_off = []
    for number in range(10):
        sides = np.repeat(rng.standard_normal((60, 2)) * rng.uniform(0.1, 2, 2), 2, axis=1)  # each side for itself
        returns = sides + rng.standard_normal((60, 4))
        rho: Floats = np.corrcoef(returns.T).reshape(4, 4)
        market = picture({asset: f"{price:.6f}" for asset, price in prices.items()}, step="0.0001")
        proposal = propose(HEDGED, ledger, market, rho=rho)
        execute(ledger, proposal, 1000 * number)
        values = held_values(HEDGED, ledger.account().book(HEDGED.name), market)
        assert abs(values.sum()) / np.abs(values).sum() <= 0.05
        assert not [warning for warning in proposal.warnings if "hedge" in warning]
        sizes = np.clip(1 - (signed(rho, np.array([1.0, 1, -1, -1])).sum(axis=1) - 1) / 3, 0, 1) * [1, 1, -1, -1]
        plain_off.append(abs(sizes.sum()) / np.abs(sizes).sum())
        prices = {asset: price * math.exp(rng.normal(0, 0.03)) for asset, price in prices.items()}
    assert max(plain_off) > 0.05  # without the net target it would not


def test_a_falling_correlation_is_what_cuts_a_hedge() -> None:
    market, ledger = picture(HEDGED_PRICES, step="0.0001"), Ledger([DEPOSIT])
    execute(ledger, propose(HEDGED, ledger, market, rho=0.85, kind=ProposalKind.OPEN), 1)
    rho = equicorrelated(4, 0.9)
    rho[:2, 2:] = rho[2:, :2] = 0.1
    proposal = propose(HEDGED, ledger, market, rho=rho)
    assert proposal.factor < 0.8
    assert len(proposal.legs) == 4
    assert all(leg.reduces for leg in proposal.legs)
    assert proposal.after.es95_hedge_break < proposal.before.es95_hedge_break


def test_coarse_steps_that_leave_a_hedge_off_its_target_are_told() -> None:
    market = picture(HEDGED_PRICES, step="0.04")
    proposal = propose(HEDGED, Ledger([DEPOSIT]), market, rho=0.85, kind=ProposalKind.OPEN)
    assert any("the hedge ends at net" in warning for warning in proposal.warnings)


def test_an_account_of_800_dollars_is_warned_with_measures_and_lists_what_is_too_small() -> None:
    small = replace(LAYER_1, notional=Decimal(800))
    market = picture(PRICES, step="0.02", minimum="5")
    proposal = propose(small, Ledger([DEPOSIT]), market, rho=0.74, kind=ProposalKind.OPEN, equity="800")
    assert proposal.skipped == (SkippedLeg(asset=Asset("ETH"), why="$52.00 is less than the step of 0.02 ETH"),)
    missed = (208 - float(sum(leg.notional for leg in proposal.legs))) / 208
    assert proposal.warnings == (
        f"the account is below $10,000: rounding and smallest orders miss {missed:.1%} of the target, "
        f"the trade costs {float(proposal.cost) / 800:.2%} of the account",
    )


def test_a_market_without_bid_and_ask_is_told_and_spot_has_no_carry_and_no_liquidation() -> None:
    market = picture(PRICES, spread=None, kind=MarketKind.SPOT, funding_day=None)
    proposal = propose(LAYER_1, held_ledger(), market, rho=0.9)
    (warning,) = proposal.warnings
    assert re.fullmatch(r"no bid and ask for (\w+, ){3}\w+: the cost leaves their spread out", warning)
    assert proposal.cost_bps == pytest.approx(7.5)
    assert proposal.carry_day == 0.0
    assert math.isnan(proposal.before.liquidation_distance)


def test_an_unknown_funding_rate_is_unknown() -> None:
    assert math.isnan(propose(LAYER_1, held_ledger(), picture(PRICES, funding_day=None), rho=0.9).carry_day)


def test_a_leg_without_correlation_is_kept_and_named() -> None:
    rho = equicorrelated(4, 0.9)
    rho[3, :] = rho[:, 3] = np.nan
    proposal = propose(LAYER_1, held_ledger(), picture(PRICES, rho=rho), rho=rho)
    assert [leg.asset for leg in proposal.legs if leg.asset == "NEAR"] == []
    assert proposal.warnings == ("NEAR has no defined correlation: kept as held, and nothing here grows",)
    assert math.isnan(proposal.before.vol_ann)


def test_a_held_asset_without_price_makes_figures_undefined_and_is_not_traded() -> None:
    whole = picture(PRICES)
    quotes = {symbol: quote for symbol, quote in whole.quotes.items() if not symbol.startswith("NEAR")}
    proposal = propose(LAYER_1, held_ledger(), replace(whole, quotes=quotes), rho=0.9)
    assert [each.why for each in proposal.skipped] == ["it has no price"]
    assert all(leg.reduces for leg in proposal.legs)
    assert math.isnan(proposal.before.gross)
    assert math.isnan(proposal.after.es95_1d)


def test_what_is_held_but_no_leg_any_more_is_closed() -> None:
    market = picture({**PRICES, "DOGE": "0.2"}, rho=equicorrelated(5, 0.75))
    ledger = held_ledger()
    ledger.apply(fill(77, "1000", "0.19", asset="DOGE"))
    proposal = propose(LAYER_1, ledger, market, rho=0.9)
    (leg,) = [leg for leg in proposal.legs if leg.asset == "DOGE"]
    assert (leg.side, leg.quantity, leg.target) == (OrderSide.SELL, Decimal(1000), Decimal(0))


def test_the_account_nets_what_other_baskets_hold() -> None:
    market, ledger = picture(PRICES), held_ledger()
    ledger.apply(fill(88, "3", "3000", basket="majors", side=OrderSide.SELL))
    proposal = propose(LAYER_1, ledger, market, rho=0.9)
    assert proposal.before.gross == pytest.approx(12_000)
    assert proposal.account_before.gross == pytest.approx(2 * 3000 + 9000)
    assert proposal.account_before.net == pytest.approx(12_000 - 9000)


@settings(deadline=None, max_examples=60)
@given(
    rhos=st.lists(st.floats(0, 1), min_size=2, max_size=4),
    sides=st.lists(st.sampled_from(Side), min_size=4, max_size=4),
    step=st.sampled_from(["0.0001", "0.01", "1"]),
)
def test_no_proposal_trades_when_nothing_is_to_do(rhos: list[float], sides: list[Side], step: str) -> None:
    owner = basket("any", dict(zip(PRICES, sides, strict=True)))
    market, ledger = picture(PRICES, step=step), Ledger([DEPOSIT])
    for number, rho in enumerate(rhos):
        execute(ledger, propose(owner, ledger, market, rho=rho), 10 * number)
        assert propose(owner, ledger, market, rho=rho).legs == ()
        book = ledger.account().book(owner.name)
        assert sum(abs(v) for v in held_values(owner, book, market)) <= 12_000 * (1 + 1e-9)
