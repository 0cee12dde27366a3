"""Every number of a proposal, computed a second time by hand from closes, prices and config."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal

import numpy as np
import pytest

from engine.core.inputs import QuotesArrived
from engine.domain.basket import Basket, Leg, Side
from engine.domain.commands import OpenBasket, RebalanceBasket
from engine.domain.config import AccountConfig, Config, SizingConfig
from engine.domain.facts import Deposited, FillRecorded, FundingPaid
from engine.domain.market import Funding, Quote
from engine.domain.proposal import Proposal, ProposalKind, RiskSummary
from engine.domain.units import HOUR_MS, Asset, BasketName
from support.books import basket, small_config, symbol_of
from support.hand_figures import (
    Estimates,
    Floats,
    Risk,
    Sized,
    Trade,
    estimates,
    risk,
    sized,
    trade,
    two_factor_closes,
    values_of,
)
from support.trading_driver import FIRST, SLOTS, TradingDriver

EXACT = 1e-9
FEE_BPS, SLIPPAGE_BPS = 4.5, 3.0
LONGS, HEDGE = BasketName("longs"), BasketName("hedge")
SIDES = {"longs": {"AAA": 1, "BBB": 1, "CCC": 1}, "hedge": {"CCC": 1, "DDD": 1, "AAA": -1, "EEE": -1}}
WEIGHTS = {"longs": (0.5, 0.3, 0.2), "hedge": (0.25, 0.25, 0.25, 0.25)}
NOTIONAL = {"longs": 12_000.0, "hedge": 9_000.0}
SPREADS = {"AAA": "0.0002", "BBB": "0.001", "CCC": "0.0004", "DDD": "0.0006", "EEE": "0.0001"}
FUNDING_8H = {"AAA": 0.0001, "BBB": -0.0002, "CCC": 0.0003, "DDD": 0.00005, "EEE": -0.0001}
LOADINGS = np.array([[0.1, 0.6], [0.5, 0.5], [0.985, 0.0], [0.98, 0.1], [0.0, 0.55]])
HOURS = 9
ASSETS = ("AAA", "BBB", "CCC", "DDD", "EEE")


def book_of(name: str) -> Basket:
    sides = {asset: Side.LONG if sign > 0 else Side.SHORT for asset, sign in SIDES[name].items()}
    made = basket(name, sides, notional=int(NOTIONAL[name]))
    legs: tuple[Leg, ...] = tuple(replace(leg, weight=w) for leg, w in zip(made.legs, WEIGHTS[name], strict=True))
    return replace(made, legs=legs)


def config() -> Config:
    terms = AccountConfig(fee_bps=FEE_BPS, slippage_bps=SLIPPAGE_BPS)
    return replace(small_config(book_of("longs"), book_of("hedge")), account=terms, sizing=SizingConfig())


class Desk:
    """An engine, and the same closes and prices beside it."""

    def __init__(self) -> None:
        self.closes = two_factor_closes(11, SLOTS, LOADINGS)
        self.driver = TradingDriver(config(), self.closes)
        assert tuple(self.driver.config.symbols) == ASSETS
        self.requote()

    @property
    def prices(self) -> dict[str, Decimal]:
        return {asset: Decimal(f"{self.driver.prices[Asset(asset)]:.6f}") for asset in ASSETS}

    def requote(self) -> None:
        """Quote every asset with its own spread and funding; the last price is the bid, and values nothing."""
        quotes = []
        for asset, price in self.prices.items():
            half = price * Decimal(SPREADS[asset]) / 2
            quote = Quote(
                symbol=symbol_of(asset),
                last=price - half,
                bid=price - half,
                ask=price + half,
                change_24h=None,
                event_ms=self.driver.clock.now_ms,
                received=self.driver.clock.seconds,
                funding=Funding(rate=FUNDING_8H[asset], every_ms=8 * HOUR_MS),
            )
            quotes.append(quote)
        self.driver.put(QuotesArrived(quotes=tuple(quotes)))

    def hours_pass(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        for _ in range(HOURS):
            returns = dict(zip(ASSETS, rng.normal(0.0, 0.004, len(ASSETS)) + rng.normal(0.0, 0.003), strict=True))
            self.driver.close_hour(**returns)
            row = [self.driver.prices[Asset(asset)] for asset in ASSETS]
            self.closes = np.vstack([self.closes, row])
            self.requote()

    def held(self) -> dict[str, dict[str, Decimal]]:
        """Return what each basket holds, added up from the fills."""
        found: dict[str, dict[str, Decimal]] = {name: dict.fromkeys(ASSETS, Decimal(0)) for name in SIDES}
        for fill in self.driver.facts:
            if isinstance(fill, FillRecorded):
                found[fill.basket][fill.asset] += fill.side.sign * fill.quantity
        return found

    def equity(self) -> float:
        """Return what was paid in, what fills, fees and funding left of it, and what is held."""
        cash = Decimal(0)
        for fact in self.driver.facts:
            match fact:
                case Deposited(amount=amount):
                    cash += amount
                case FillRecorded():
                    cash -= fact.side.sign * fact.quantity * fact.price + fact.fee
                case FundingPaid(amount=amount):
                    cash -= amount
                case _:
                    pass
        books = self.held().values()
        return float(cash + sum((book[a] * self.prices[a] for book in books for a in ASSETS), Decimal(0)))

    def equity_at_venue(self) -> float:
        """Return the paper venue's wallet with the open profit of its net positions."""
        held = asyncio.run(self.driver.broker.positions())
        price = {symbol_of(asset): value for asset, value in self.prices.items()}
        profit = sum(
            (each.quantity * (price[each.symbol] - (each.entry or Decimal("nan"))) for each in held), Decimal(0)
        )
        return float(asyncio.run(self.driver.broker.wallet()) + profit)


@dataclass(frozen=True)
class Case:
    """A proposal with what it was made from."""

    name: str
    proposal: Proposal
    seen: Estimates
    sized: Sized
    prices: Mapping[str, Decimal]
    held: Mapping[str, Mapping[str, Decimal]]
    equity: float

    @property
    def trades(self) -> dict[str, Trade]:
        """Return the legs by hand."""
        found = {
            asset: trade(self.held[self.name][asset], float(target), self.prices[asset])
            for asset, target in zip(SIDES[self.name], self.sized.targets, strict=True)
        }
        return {asset: leg for asset, leg in found.items() if leg is not None}

    def book_values(self, *, traded: bool) -> Floats:
        held = {a: q + (self.moved(a) if traded else 0) for a, q in self.held[self.name].items()}
        return values_of(held, self.prices, ASSETS)

    def account_values(self, *, traded: bool) -> Floats:
        held = {a: sum(book[a] for book in self.held.values()) + (self.moved(a) if traded else 0) for a in ASSETS}
        return values_of(held, self.prices, ASSETS)  # type: ignore[arg-type]

    def moved(self, asset: str) -> Decimal:
        return self.trades[asset].quantity if asset in self.trades else Decimal(0)


def case(desk: Desk, name: str, command: OpenBasket | RebalanceBasket) -> Case:
    held, equity, prices = desk.held(), desk.equity(), desk.prices
    (ident,) = desk.driver.ask(command)
    seen = estimates(desk.closes, FIRST // HOUR_MS)
    base = NOTIONAL[name] * np.array(WEIGHTS[name]) * np.array(list(SIDES[name].values()), dtype=np.float64)
    rows = [ASSETS.index(asset) for asset in SIDES[name]]
    made = sized(seen, rows, base, 0.05)
    return Case(name, desk.driver.proposal(ident), seen, made, prices, held, equity)


def make_cases() -> dict[str, Case]:
    """Open both baskets, let prices move, and rebalance both; each proposal is approved before the next."""
    desk, found = Desk(), {}
    for name in SIDES:
        found[f"open {name}"] = case(desk, name, OpenBasket(basket=BasketName(name)))
        desk.driver.approve(found[f"open {name}"].proposal.id)
        desk.requote()
    desk.hours_pass(5)
    for name in SIDES:
        found[f"rebalance {name}"] = case(desk, name, RebalanceBasket(basket=BasketName(name), note="prices moved"))
        desk.driver.approve(found[f"rebalance {name}"].proposal.id)
        desk.requote()
    apart = desk.driver.disagreements()  # the venue realizes where the books of two baskets stand against each other
    assert [each for each in apart if not each.startswith("wallet")] == []
    assert desk.equity_at_venue() == pytest.approx(desk.equity(), rel=1e-12)
    return found


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    return make_cases()


EVERY = pytest.mark.parametrize("which", [f"{kind} {name}" for kind in ("open", "rebalance") for name in SIDES])


@EVERY
def test_the_legs_are_the_safely_rounded_way_to_the_sized_targets(cases: dict[str, Case], which: str) -> None:
    each = cases[which]
    legs = {leg.asset: leg for leg in each.proposal.legs}
    assert set(legs) == set(each.trades)
    assert legs
    for asset, hand in each.trades.items():
        leg, before = legs[Asset(asset)], each.held[each.name][asset]
        assert leg.side.sign * leg.quantity == hand.quantity
        assert (leg.held, leg.target, leg.reduces) == (before, before + hand.quantity, hand.reduces)
        assert leg.price == each.prices[asset]
        assert leg.notional == abs(hand.quantity) * leg.price
        assert float(leg.fee) == pytest.approx(float(leg.notional) * FEE_BPS * 1e-4, rel=EXACT)
    order = [(not leg.reduces, -leg.notional) for leg in each.proposal.legs]
    assert order == sorted(order)


@EVERY
def test_cost_is_fee_and_half_spread_and_slippage(cases: dict[str, Case], which: str) -> None:
    each = cases[which]
    notional = {asset: float(abs(hand.quantity) * each.prices[asset]) for asset, hand in each.trades.items()}
    cost = sum(m * ((FEE_BPS + SLIPPAGE_BPS) * 1e-4 + float(SPREADS[a]) / 2) for a, m in notional.items())
    traded = sum(notional.values())
    assert float(each.proposal.cost) == pytest.approx(cost, rel=EXACT)
    assert each.proposal.cost_bps == pytest.approx(cost / traded * 1e4, rel=EXACT)
    assert each.proposal.turnover == pytest.approx(traded / NOTIONAL[each.name], rel=EXACT)


@EVERY
def test_the_factors_are_those_of_the_sizing_rule(cases: dict[str, Case], which: str) -> None:
    each = cases[which]
    assert each.proposal.factor == pytest.approx(each.sized.factor, rel=EXACT)
    assert each.proposal.equal_risk_factor == pytest.approx(each.sized.equal_risk, rel=EXACT)


@EVERY
def test_the_risk_of_the_basket_is_by_the_formulas_before_and_after(cases: dict[str, Case], which: str) -> None:
    each, carry = cases[which], funding_day()
    before = risk(each.book_values(traded=False), NOTIONAL[each.name], each.seen, carry)
    after = risk(each.book_values(traded=True), NOTIONAL[each.name], each.seen, carry)
    assert not differences(each.proposal.before, before)
    assert not differences(each.proposal.after, after)
    assert each.proposal.carry_day == pytest.approx(after.carry_day, rel=EXACT)


@EVERY
def test_the_risk_of_the_account_is_netted_over_baskets_on_its_equity(cases: dict[str, Case], which: str) -> None:
    each, carry = cases[which], funding_day()
    before = risk(each.account_values(traded=False), each.equity, each.seen, carry)
    after = risk(each.account_values(traded=True), each.equity, each.seen, carry)
    assert not differences(each.proposal.account_before, before)
    assert not differences(each.proposal.account_after, after)


def test_the_cases_reach_what_they_are_for(cases: dict[str, Case]) -> None:
    kinds = [each.proposal.kind for each in cases.values()]
    assert kinds == [ProposalKind.OPEN, ProposalKind.OPEN, ProposalKind.REBALANCE, ProposalKind.REBALANCE]
    assert cases["open hedge"].sized.scaled  # its net target bites
    assert cases["open hedge"].account_values(traded=True)[0] != cases["open hedge"].book_values(traded=True)[0]
    rebalanced = [hand for which in ("rebalance longs", "rebalance hedge") for hand in cases[which].trades.values()]
    assert {hand.reduces for hand in rebalanced} == {True, False}
    larger = [np.abs(each.seen.now - each.seen.month) for each in cases.values()]
    assert all(np.triu(each.seen.month, 1).max() > 0.95 for each in cases.values())  # stays as it is at rho 0.95
    assert all(apart.max() > 0.02 for apart in larger)  # so that a mix-up of the two estimates would show


def funding_day() -> Floats:
    return np.array([3 * FUNDING_8H[asset] for asset in ASSETS])


def differences(got: RiskSummary, hand: Risk) -> list[str]:
    """Return the fields that differ by more than the tolerance."""
    return [
        f"{each.name}: {getattr(got, each.name)} is not {getattr(hand, each.name)}"
        for each in fields(hand)
        if getattr(got, each.name) != pytest.approx(getattr(hand, each.name), rel=EXACT, abs=1e-12, nan_ok=True)
    ]
