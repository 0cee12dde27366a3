"""An account of $800: it works, says what its size costs, and names what is too small to trade."""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache

import numpy as np
import pytest

from engine.core.inputs import InstrumentsListed
from engine.core.outcome import PlaceOrder
from engine.domain.basket import Side
from engine.domain.commands import CloseBasket, FlattenAccount, OpenBasket, RebalanceBasket
from engine.domain.config import AccountConfig
from engine.domain.errors import RefusedError
from engine.domain.proposal import Proposal, ProposalState
from engine.domain.units import Asset, BasketName
from support.books import basket, correlated_closes, small_config, symbol_of
from support.hand_figures import estimates, sized
from support.pictures import instrument
from support.trading_driver import FIRST, SLOTS, TradingDriver
from support.trading_moves import LONG_BASKET, driver
from support.trading_play import twin_of

EQUITY = Decimal(800)
CALM, WILD = 1, 5  # histories that end with volatility off and on
LONGS, HEDGE = BasketName("longs"), BasketName("hedge")
LONG_ASSETS = ("AAA", "BBB", "CCC", "DDD")
HEDGED = {"EEE": Side.LONG, "FFF": Side.LONG, "GGG": Side.SHORT, "HHH": Side.SHORT}
FINE = ("0.001", "1")  # quantity step and smallest order of a market that is kind to small accounts


@cache
def warm(seed: int) -> tuple[TradingDriver, np.ndarray]:
    """Return an engine on $800 with two baskets and its closes; only ever copied."""
    longs = basket(LONGS, dict.fromkeys(LONG_ASSETS, Side.LONG), notional=400)
    config = small_config(longs, basket(HEDGE, HEDGED, notional=400))
    config = replace(config, account=AccountConfig(equity=EQUITY))
    closes = correlated_closes(seed, SLOTS, len(config.symbols))
    return TradingDriver(config, closes), closes


def small_account(markets: Mapping[str, tuple[str, str]], *, seed: int = CALM) -> tuple[TradingDriver, np.ndarray]:
    """Return such an engine on markets of its own: quantity step and smallest order per asset."""
    driver, closes = twin_of(warm(seed)[0]), warm(seed)[1]
    listed = {}
    for asset, symbol in driver.config.symbols.items():
        step, minimum = markets.get(asset, FINE)
        listed[symbol] = instrument(asset, step=step, minimum=minimum)
    driver.put(InstrumentsListed(listed=listed))
    return driver, closes


def opening(driver: TradingDriver, name: BasketName) -> Proposal:
    (ident,) = driver.ask(OpenBasket(basket=name))
    return driver.proposal(ident)


def warning_of(proposal: Proposal) -> str:
    (found,) = [sentence for sentence in proposal.warnings if "below $10,000" in sentence]
    return found


def targets_by_hand(driver: TradingDriver, closes: np.ndarray, name: BasketName) -> dict[str, float]:
    """Return the signed money that the sizing rule wants per leg."""
    (found,) = [each for each in driver.config.baskets if each.name == name]
    base = np.array([float(found.notional) * leg.weight * leg.side.sign for leg in found.legs])
    rows = [list(driver.config.symbols).index(asset) for asset in found.assets]
    seen = estimates(closes, FIRST // 3_600_000)
    return dict(zip(found.assets, sized(seen, rows, base, 0.05).targets.tolist(), strict=True))


def missed_by_hand(driver: TradingDriver, proposal: Proposal, targets: Mapping[str, float]) -> float:
    """Return sum |after - target| as a share of the target's gross."""
    after = dict.fromkeys(targets, 0.0)
    after |= {leg.asset: float(leg.target * leg.price) for leg in proposal.legs}
    off = sum(abs(after[asset] - target) for asset, target in targets.items())
    return off / sum(abs(target) for target in targets.values())


@pytest.mark.parametrize("name", [LONGS, HEDGE])
@pytest.mark.parametrize(
    "markets", [{}, {"AAA": ("0.1", "5"), "CCC": ("1", "5"), "EEE": ("0.5", "5"), "HHH": ("0.2", "20")}]
)
def test_the_warning_carries_the_measured_cost_and_rounding_error(
    name: BasketName, markets: dict[str, tuple[str, str]]
) -> None:
    driver, closes = small_account(markets)
    proposal = opening(driver, name)
    error = missed_by_hand(driver, proposal, targets_by_hand(driver, closes, name))
    share = float(proposal.cost) / float(EQUITY)
    assert warning_of(proposal) == (
        "the account is below $10,000: rounding and smallest orders miss "
        f"{error:.1%} of the target, the trade costs {share:.2%} of the account"
    )
    assert share > 0
    assert error < 0.01 or markets


def test_a_leg_below_the_smallest_order_and_one_below_the_step_are_listed_with_the_reason_and_the_money() -> None:
    driver, closes = small_account({"AAA": ("0.001", "100"), "CCC": ("5", "5")})
    proposal = opening(driver, LONGS)
    wanted = targets_by_hand(driver, closes, LONGS)
    reasons = {skipped.asset: skipped.why for skipped in proposal.skipped}
    assert set(reasons) == {"AAA", "CCC"}
    assert reasons[Asset("AAA")] == f"${wanted['AAA']:,.2f} is less than the smallest order of $100.00"
    assert reasons[Asset("CCC")] == f"${wanted['CCC']:,.2f} is less than the step of 5 CCC"
    assert {leg.asset for leg in proposal.legs} == {"BBB", "DDD"}
    missed = float(re.findall(r"miss ([\d.]+)%", warning_of(proposal))[0])
    assert missed > 40  # half of the basket is not there, and that is said


def test_what_can_be_traded_is_traded_and_the_books_stay_exact() -> None:
    driver, _ = small_account({"AAA": ("0.001", "100"), "CCC": ("0.1", "5")})
    for name in (LONGS, HEDGE):
        ident = driver.do(OpenBasket(basket=name))
        assert driver.entry(ident).state is ProposalState.DONE
        assert all(driver.held(name, leg.asset) == leg.target for leg in driver.proposal(ident).legs)
    assert driver.held("longs", "AAA") == 0
    assert driver.held("longs", "BBB") > 0
    assert driver.disagreements() == []


def test_a_hedge_whose_one_side_is_too_small_to_trade_says_where_its_net_ends() -> None:
    driver, _ = small_account({"GGG": ("0.001", "300"), "HHH": ("0.001", "300")})
    proposal = opening(driver, HEDGE)
    assert {skipped.asset for skipped in proposal.skipped} == {"GGG", "HHH"}
    assert any(sentence.startswith("the hedge ends at net +100.0%") for sentence in proposal.warnings)


def test_a_basket_of_which_nothing_can_be_traded_is_refused_with_every_reason() -> None:
    driver, _ = small_account(dict.fromkeys(LONG_ASSETS, ("0.001", "500")))
    with pytest.raises(RefusedError, match="nothing to do for longs") as refused:
        driver.ask(OpenBasket(basket=LONGS))
    assert all(f"{asset} $" in str(refused.value) for asset in LONG_ASSETS)
    assert str(refused.value).count("is less than the smallest order of $500.00") == len(LONG_ASSETS)
    assert driver.waiting("longs") is None


def test_a_small_account_can_always_be_closed_whole() -> None:
    driver, _ = small_account({"BBB": ("0.001", "20")})
    for name in (LONGS, HEDGE):
        driver.do(OpenBasket(basket=name))
    driver.quote(BBB=driver.prices[Asset("BBB")] * 0.3)  # what is left of it is less than its smallest order
    assert driver.held("longs", "BBB") * Decimal(str(driver.prices[Asset("BBB")])) < 20
    driver.approve(*driver.ask(FlattenAccount()))
    symbols = map(symbol_of, driver.config.symbols)
    assert [symbol for symbol in symbols if driver.trading.account.net(symbol)] == []
    assert driver.disagreements() == []


def test_half_of_a_leg_that_is_below_the_smallest_order_is_skipped_and_the_rest_is_closed() -> None:
    driver, _ = small_account({"BBB": ("0.001", "20")})
    driver.do(OpenBasket(basket=LONGS))
    held = driver.held("longs", "BBB")
    ident = driver.do(CloseBasket(basket=LONGS, fraction=0.3))
    proposal = driver.proposal(ident)
    (skipped,) = proposal.skipped
    assert skipped.asset == "BBB"
    assert skipped.why.endswith("is less than the smallest order of $20.00")
    assert driver.held("longs", "BBB") == held
    assert {leg.asset for leg in proposal.legs} == {"AAA", "CCC", "DDD"}


def test_asking_again_at_the_same_prices_finds_nothing_but_what_is_too_small() -> None:
    driver, _ = small_account({"AAA": ("0.001", "100"), "CCC": ("0.1", "5")})
    driver.do(OpenBasket(basket=LONGS))
    with pytest.raises(RefusedError, match=r"nothing to do for longs.*AAA \$"):
        driver.ask(RebalanceBasket(basket=LONGS, note="once more"))


def test_asking_again_while_volatility_is_on_says_that_nothing_grows() -> None:
    driver, _ = small_account({"AAA": ("0.001", "100")}, seed=WILD)
    driver.do(OpenBasket(basket=LONGS))
    with pytest.raises(RefusedError, match=r"nothing to do for longs: .* volatility is on, so nothing grows"):
        driver.ask(RebalanceBasket(basket=LONGS, note="once more"))


def test_an_account_at_the_floor_carries_no_such_warning() -> None:
    longs = basket(LONGS, dict.fromkeys(LONG_ASSETS, Side.LONG), notional=400)
    config = replace(small_config(longs), account=AccountConfig(equity=Decimal(10_000)))
    driver = TradingDriver(config, correlated_closes(CALM, SLOTS, len(LONG_ASSETS)))
    assert opening(driver, LONGS).warnings == ()


def test_an_increase_that_free_margin_does_not_cover_stays_and_names_both_numbers() -> None:
    config = small_config(LONG_BASKET)
    d = driver(config=replace(config, account=replace(config.account, equity=LONG_BASKET.notional / 5)))
    d.hold_effects = True
    d.do(OpenBasket(basket=LONGS))
    placed = [effect for effect in d.held_back if isinstance(effect, PlaceOrder)]
    kept = [track.note for track in d.trading.orders.all() if "of margin without leverage and $" in track.note]
    assert (len(placed) + len(kept), bool(kept)) == (3, True)
