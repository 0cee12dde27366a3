"""A hedged basket through a moving market: it stays neutral, is cut at once, and grows back slowly."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.domain.basket import Side
from engine.domain.commands import OpenBasket, RebalanceBasket
from engine.domain.config import Config
from engine.domain.errors import RefusedError
from engine.domain.events import AlertRaised
from engine.domain.proposal import Proposal, ProposalKind, ProposalState
from engine.domain.units import Asset, BasketName
from engine.rebalance.targets import sized_targets
from support.books import basket, small_config
from support.hand_figures import two_factor_closes
from support.trading_driver import SLOTS, TradingDriver

HEDGE = BasketName("hedge")
SIDES = {"AAA": 1, "BBB": 1, "XXX": -1, "YYY": -1}
LONG_SIDE, SHORT_SIDE = slice(0, 2), slice(2, 4)
TOLERANCE = 0.05
TOGETHER = np.array([[0.84, 0.0]] * 4)  # one factor for both sides
APART = np.array([[0.93, 0.0]] * 2 + [[0.0, 0.5]] * 2)  # one factor a side, and the longs hang together more
AGAINST = np.array([[0.84, 0.0]] * 2 + [[-0.84, 0.0]] * 2)  # what one side gains the other loses: no hedge at all


def hedge_config() -> Config:
    sides = {asset: Side.LONG if sign > 0 else Side.SHORT for asset, sign in SIDES.items()}
    return small_config(basket(HEDGE, sides))


def opened(seed: int = 3) -> TradingDriver:
    """Return an engine that holds the hedge, after months in which the two sides moved together."""
    driver = TradingDriver(hedge_config(), two_factor_closes(seed, SLOTS, TOGETHER))
    driver.do(OpenBasket(basket=HEDGE))
    return driver


def hours(seed: int, loadings: NDArray[np.float64], *, drift: float = 0.0) -> Iterator[dict[str, float]]:
    """Return hour after hour of a market; `drift` lifts the longs and presses the shorts by so much an hour."""
    rng = np.random.default_rng(seed)
    rest = np.sqrt(1.0 - (loadings**2).sum(axis=1))
    lift = drift * np.array(list(SIDES.values()))
    while True:
        moves = 0.004 * (loadings @ rng.normal(size=2) + rest * rng.normal(size=4)) + lift
        yield dict(zip(SIDES, moves.tolist(), strict=True))


def pass_hours(driver: TradingDriver, market: Iterator[Mapping[str, float]], count: int) -> None:
    for _ in range(count):
        driver.close_hour(**next(market))


def values(driver: TradingDriver) -> NDArray[np.float64]:
    """Return signed money per leg at the present prices."""
    return np.array([float(driver.held(HEDGE, asset)) * driver.prices[Asset(asset)] for asset in SIDES])


def off_neutral(driver: TradingDriver) -> float:
    held = values(driver)
    return abs(float(held.sum())) / float(np.abs(held).sum())


def gross(driver: TradingDriver) -> float:
    return float(np.abs(values(driver)).sum())


def rebalanced(driver: TradingDriver, note: str) -> Proposal | None:
    """Ask for a rebalance and approve it; None where there was nothing to do."""
    try:
        return driver.proposal(driver.do(RebalanceBasket(basket=HEDGE, note=note)))
    except RefusedError as error:
        assert "nothing to do" in str(error)
        return None


@dataclass(frozen=True)
class Round:
    """One approved proposal: how far off neutral the book was before it and after it, and the correlation then."""

    before: float
    after: float
    across: float
    proposal: Proposal


def ten_rounds() -> tuple[TradingDriver, list[Round]]:
    driver, found = opened(), []
    stretches = [(TOGETHER, 0.0), (APART, 0.002), (APART, -0.003), (TOGETHER, 0.003), (APART, -0.001)] * 2
    for number, (loadings, drift) in enumerate(stretches):
        pass_hours(driver, hours(100 + number, loadings, drift=drift), 20)
        before = off_neutral(driver)
        proposal = rebalanced(driver, f"round {number}: the market moved")
        assert proposal is not None
        across = float(driver.state.correlation.now(driver.config.sizing.estimator).rho[0, 2])
        found.append(Round(before, off_neutral(driver), across, proposal))
    return driver, found


@pytest.fixture(scope="module")
def rounds() -> tuple[TradingDriver, list[Round]]:
    return ten_rounds()


def test_ten_proposals_in_a_row_each_bring_the_hedge_back_within_its_net_tolerance(
    rounds: tuple[TradingDriver, list[Round]],
) -> None:
    driver, found = rounds
    assert len(found) == 10
    assert max(each.before for each in found) > TOLERANCE  # the market had carried it out
    assert [each.after for each in found if each.after > TOLERANCE] == []
    assert driver.disagreements() == []


def test_prices_and_correlations_both_move_between_the_ten_proposals(
    rounds: tuple[TradingDriver, list[Round]],
) -> None:
    _, found = rounds
    assert all(each.proposal.legs for each in found)
    assert max(each.across for each in found) - min(each.across for each in found) > 0.2
    states = [rounds[0].entry(each.proposal.id).state for each in found]
    assert states == [ProposalState.DONE] * 10


def test_what_each_of_the_ten_proposals_promised_of_the_net_is_what_came_of_it(
    rounds: tuple[TradingDriver, list[Round]],
) -> None:
    _, found = rounds
    promised = [abs(each.proposal.after.net) / each.proposal.after.gross for each in found]
    assert [each.after for each in found] == pytest.approx(promised, abs=1e-7)


def test_sides_that_come_apart_raise_an_alert_whose_proposal_cuts_gross() -> None:
    driver, market = opened(), hours(7, APART)
    held, waiting = gross(driver), None
    for _ in range(96):
        driver.close_hour(**next(market))
        waiting = driver.waiting(HEDGE)
        if waiting is not None and waiting.cause:
            break
    assert waiting is not None
    assert waiting.kind is ProposalKind.REBALANCE
    alert = driver.last(AlertRaised)
    assert isinstance(alert, AlertRaised)
    assert (alert.id, alert.basket) == (waiting.cause, HEDGE)
    assert all(leg.reduces for leg in waiting.legs)
    assert waiting.after.gross < 0.9 * waiting.before.gross
    driver.approve(waiting.id)
    assert gross(driver) < 0.9 * held
    assert off_neutral(driver) <= TOLERANCE
    assert driver.disagreements() == []


def test_a_falling_correlation_cuts_a_hedge_at_once_and_a_rising_one_restores_it_slowly() -> None:
    driver, market, day = opened(), hours(7, AGAINST), 24
    full = gross(driver)
    pass_hours(driver, market, 4 * day)
    rebalanced(driver, "the sides go against each other")
    soon = gross(driver)
    assert soon < 0.5 * full
    pass_hours(driver, market, 21 * day)
    rebalanced(driver, "they still do")
    cut = gross(driver)
    pass_hours(driver, hours(8, TOGETHER), 4 * day)
    rebalanced(driver, "the sides move together again")
    back = gross(driver)
    assert cut <= back < cut + 0.4 * (full - soon)  # four days gave back less than half of what four days took
    pass_hours(driver, hours(9, TOGETHER), 27 * day)
    rebalanced(driver, "a month later")
    assert gross(driver) > 0.9 * full
    assert off_neutral(driver) <= TOLERANCE
    assert driver.disagreements() == []


def test_a_hedge_that_drifted_off_neutral_is_mended_by_cutting_its_heavier_side_first() -> None:
    driver = opened()
    pass_hours(driver, hours(12, TOGETHER, drift=0.006), 24)
    before = values(driver)
    assert before[LONG_SIDE].sum() > 1.2 * -before[SHORT_SIDE].sum()
    proposal = rebalanced(driver, "the longs ran away")
    assert proposal is not None
    first = proposal.legs[0]
    assert (first.reduces, SIDES[first.asset]) == (True, 1)
    assert sum((leg.notional for leg in proposal.legs), Decimal(0)) > 0
    assert off_neutral(driver) <= TOLERANCE


@pytest.mark.parametrize(("shorts", "stays"), [(1.08, True), (1.12, False)])
def test_while_volatility_is_on_a_hedge_is_trimmed_only_where_it_left_its_whole_tolerance(
    shorts: float, stays: bool
) -> None:
    config = hedge_config()
    held = np.array([1_000.0, 1_000.0, -1_000.0 * shorts, -1_000.0 * shorts])  # 3.8 % or 5.7 % off neutral
    made = sized_targets(
        config.baskets[0],
        12_000.0,
        config.sizing,
        rho_eff=np.eye(4),  # sizes above what is held: nothing is to be cut for its risk
        sigma=np.full(4, 0.6),
        held=held,
        only_reduce=True,
    )
    assert (made.values.tolist() == pytest.approx(held.tolist())) is stays
    assert abs(made.values.sum()) / np.abs(made.values).sum() <= TOLERANCE
