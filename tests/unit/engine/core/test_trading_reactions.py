"""What drafts a proposal by itself: alerts, volatility, the way back, an expiry; and what keeps it silent."""

from decimal import Decimal

import pytest

from engine.domain.alerts import AlertKind
from engine.domain.commands import (
    AdoptPosition,
    CloseBasket,
    EditProposal,
    OpenBasket,
    RebalanceBasket,
)
from engine.domain.proposal import ProposalKind, ProposalState
from engine.domain.units import Asset, BasketName, ProposalId
from support.trading_driver import TradingDriver
from support.trading_moves import (
    HEDGE,
    HEDGE_BASKET,
    LONGS,
    alarm,
    asked,
    broaden,
    calm,
    check,
    clear,
    driver,
    opened,
    price_of,
    resize,
    state_of,
    unbalance,
    vol_alarm,
    worsen,
)


@pytest.fixture
def d() -> TradingDriver:
    """Return a driver with one basket that is open and holds what its rule wants."""
    return opened()


# -- alerts


def test_an_alert_drafts_a_rebalance_with_its_cause_and_its_reason(d: TradingDriver) -> None:
    resize(d, LONGS, "1.5")
    ident = alarm(d)
    found = asked(d)
    assert (found.kind, found.cause) == (ProposalKind.REBALANCE, ident)
    assert found.reason == "moving together: mean rho 0.70 to 0.90, ETH·SOL 0.71 to 0.89"
    assert len(found.legs) == 3
    assert all(leg.reduces for leg in found.legs)


def test_an_alert_of_a_basket_at_its_target_drafts_nothing(d: TradingDriver) -> None:
    alarm(d)
    assert d.waiting("longs") is None


def test_an_alert_that_worsens_takes_the_place_of_its_first_proposal(d: TradingDriver) -> None:
    resize(d, LONGS, "1.5")
    ident = alarm(d)
    worsen(d, ident)
    found = asked(d)
    assert (found.id, found.cause, found.supersedes) == ("longs-3", ident, "longs-2")
    assert found.reason == "moving together still more"
    assert state_of(d, "longs-2") is ProposalState.SUPERSEDED


def test_an_alert_that_is_over_ends_its_proposal(d: TradingDriver) -> None:
    resize(d, LONGS, "1.1")
    clear(d, alarm(d))
    ended = d.entry(ProposalId("longs-2")).ended
    assert ended is not None
    assert (ended.state, ended.why) == (ProposalState.EXPIRED, "its alert is over")
    assert d.waiting("longs") is None


@pytest.mark.parametrize("name", ["portfolio", "gone"])
def test_an_alert_of_no_basket_of_the_config_drafts_nothing(d: TradingDriver, name: str) -> None:
    resize(d, LONGS, "1.5")
    worsen(d, alarm(d, BasketName(name)))
    assert not d.trading.board.open()


def test_an_asset_that_leaves_drafts_nothing(d: TradingDriver) -> None:
    resize(d, LONGS, "1.5")
    worsen(d, alarm(d, LONGS, kind=AlertKind.ASSET))
    assert not d.trading.board.open()


def test_a_flat_basket_drafts_nothing() -> None:
    d = driver()
    alarm(d)
    vol_alarm(d)
    check(d)
    assert not d.trading.board.known(LONGS)


def test_a_draft_waits_for_the_price_of_its_last_leg_and_at_most_half_a_minute(d: TradingDriver) -> None:
    resize(d, LONGS, "1.5")
    d.tick(16, fresh=False)
    alarm(d)
    assert d.waiting("longs") is None
    del d.prices[Asset("AAA")]
    d.tick(5)
    assert d.waiting("longs") is None
    d.tick(26)
    assert len(asked(d).legs) == 3


def test_an_alert_while_a_proposal_is_executed_is_heard_when_that_is_over(d: TradingDriver) -> None:
    resize(d, LONGS, "1.5")
    d.ask(RebalanceBasket(basket=LONGS, note="too large"))
    d.hold_effects = True
    d.do(EditProposal(id=asked(d).id, scale=0.5))
    ident = alarm(d)
    assert d.waiting("longs") is None
    d.release()
    d.tick()
    assert asked(d).cause == ident
    assert d.disagreements() == []


@pytest.mark.parametrize("fraction", [1.0, 0.5])
def test_what_a_check_asks_for_while_a_basket_is_closed_is_answered_by_the_closing(
    d: TradingDriver, fraction: float
) -> None:
    d.ask(CloseBasket(basket=LONGS, fraction=fraction))
    d.hold_effects = True
    d.approve(asked(d).id)
    check(d)
    assert d.trading.board.busy(LONGS) is not None
    d.release()
    d.tick()
    assert (state_of(d, "longs-2"), d.waiting("longs")) == (ProposalState.DONE, None)
    assert d.opened_by_itself() == []


def test_an_alert_while_a_basket_is_closed_does_not_open_it_again(d: TradingDriver) -> None:
    d.ask(CloseBasket(basket=LONGS))
    d.hold_effects = True
    d.approve(asked(d).id)
    alarm(d)
    d.release()
    d.tick()
    assert (state_of(d, "longs-2"), d.waiting("longs")) == (ProposalState.DONE, None)
    assert d.opened_by_itself() == []


def test_what_the_trader_drafts_while_a_reduction_waits_for_prices_is_left_to_him(d: TradingDriver) -> None:
    resize(d, LONGS, "1.5")
    d.tick(16, fresh=False)
    vol_alarm(d)
    del d.prices[Asset("AAA")]
    d.tick(5)
    assert d.waiting("longs") is None
    (own,) = d.ask(CloseBasket(basket=LONGS))
    d.tick(26)
    assert asked(d).id == own


# -- volatility


@pytest.mark.parametrize(("size", "drafted"), [("1.04", False), ("1.07", True)])
def test_broad_volatility_reduces_only_what_lies_more_than_a_twentieth_above(
    d: TradingDriver, size: str, drafted: bool
) -> None:
    resize(d, LONGS, size)
    ident = vol_alarm(d)
    found = d.waiting("longs")
    assert (found is not None) is drafted
    if found is not None:
        assert (found.kind, found.cause, found.reason) == (ProposalKind.REDUCE, ident, "4 of 6 assets broke out")
        assert all(leg.reduces for leg in found.legs)


def test_broad_volatility_does_not_replace_what_an_alert_or_the_trader_asked(d: TradingDriver) -> None:
    resize(d, LONGS, "1.5")
    ident = alarm(d)
    vol_alarm(d)
    assert (asked(d).kind, asked(d).cause) == (ProposalKind.REBALANCE, ident)


def test_a_restore_that_waits_makes_room_for_broad_volatility(d: TradingDriver) -> None:
    resize(d, LONGS, "1.3")
    check(d)
    assert asked(d).kind is ProposalKind.RESTORE
    vol_alarm(d)
    assert asked(d).kind is ProposalKind.REDUCE


def test_nothing_grows_while_volatility_is_on(d: TradingDriver) -> None:
    unbalance(d)
    broaden(d)
    alarm(d)
    assert [leg.asset for leg in asked(d).legs] == ["AAA"]
    assert asked(d).reason.endswith("(volatility is on, so nothing grows)")
    d.ask(RebalanceBasket(basket=LONGS, note="mine"))
    assert [leg.asset for leg in asked(d).legs] == ["AAA"]
    calm(d)
    d.ask(RebalanceBasket(basket=LONGS, note="mine"))
    assert {leg.asset: leg.reduces for leg in asked(d).legs} == {"AAA": True, "BBB": False}


def test_no_leg_of_a_hedge_grows_while_volatility_is_on() -> None:
    d = opened(HEDGE_BASKET)
    price = price_of(d, d.config.symbols[Asset("AAA")])
    more = (d.held("hedge", "AAA") / 2).quantize(Decimal("0.001"))
    d.ask(AdoptPosition(basket=HEDGE, asset=Asset("AAA"), quantity=more, price=price))
    broaden(d)
    alarm(d, HEDGE)
    found = d.waiting("hedge")
    assert found is not None
    assert all(leg.reduces for leg in found.legs)
    assert abs(found.after.net) <= 0.05 * found.after.gross


def test_a_draft_that_grows_ends_when_volatility_starts_and_comes_back_without_its_growth(d: TradingDriver) -> None:
    unbalance(d)
    ident = alarm(d)
    assert {leg.reduces for leg in asked(d).legs} == {True, False}
    broaden(d)
    assert state_of(d, "longs-2") is ProposalState.EXPIRED
    check(d)
    assert (asked(d).cause, [leg.asset for leg in asked(d).legs]) == (ident, ["AAA"])


def test_an_opening_and_a_reduction_go_on_when_volatility_starts() -> None:
    d = driver(HEDGE_BASKET)
    d.ask(OpenBasket(basket=HEDGE))
    broaden(d)
    assert state_of(d, "hedge-1") is ProposalState.PENDING
    e = opened()
    resize(e, LONGS, "1.5")
    alarm(e)
    broaden(e)
    assert state_of(e, "longs-2") is ProposalState.PENDING
