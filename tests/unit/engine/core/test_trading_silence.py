"""When the engine drafts the way back to the rule, when it keeps silent, and when it asks again."""

import pytest

from engine.domain.commands import (
    CloseBasket,
    EditProposal,
    HoldProposal,
    OpenBasket,
    RebalanceBasket,
    SnoozeProposal,
)
from engine.domain.proposal import ProposalKind, ProposalState
from engine.domain.units import HOUR_MS, Asset, Ms, ProposalId
from support.trading_driver import TradingDriver
from support.trading_moves import (
    LONGS,
    alarm,
    asked,
    broaden,
    calm,
    check,
    clear,
    driver,
    opened,
    resize,
    vol_alarm,
    worsen,
)


@pytest.fixture
def d() -> TradingDriver:
    """Return a driver with one basket that is open and holds what its rule wants."""
    return opened()


# -- the way back


@pytest.mark.parametrize(("size", "drafted"), [("0.9", False), ("0.8", True), ("1.15", False), ("1.2", True)])
def test_the_way_back_is_drafted_from_fifteen_percent_away(d: TradingDriver, size: str, drafted: bool) -> None:
    resize(d, LONGS, size)
    check(d)
    found = d.waiting("longs")
    assert (found is not None) is drafted
    if found is not None:
        assert (found.kind, found.cause) == (ProposalKind.RESTORE, "")
        assert found.reason.startswith("no alert stands and volatility is off: the target lies ")


def test_there_is_no_way_back_while_volatility_is_on(d: TradingDriver) -> None:
    resize(d, LONGS, "0.5")
    broaden(d)
    check(d)
    assert d.waiting("longs") is None
    calm(d)
    check(d)
    assert asked(d).kind is ProposalKind.RESTORE


def test_there_is_no_way_back_while_an_alert_stands(d: TradingDriver) -> None:
    ident = alarm(d)
    resize(d, LONGS, "0.5")
    check(d)
    assert asked(d).kind is ProposalKind.REBALANCE
    d.approve(asked(d).id)
    resize(d, LONGS, "0.5")
    check(d)
    assert d.waiting("longs") is None
    clear(d, ident)
    check(d)
    assert asked(d).kind is ProposalKind.RESTORE


def test_a_way_back_that_waits_ends_when_volatility_starts(d: TradingDriver) -> None:
    resize(d, LONGS, "0.8")
    check(d)
    broaden(d)
    ended = d.entry(ProposalId("longs-2")).ended
    assert ended is not None
    assert (ended.state, ended.why) == (ProposalState.EXPIRED, "volatility is on: nothing grows")


def test_a_way_back_that_was_held_is_asked_again_only_when_it_has_become_longer(d: TradingDriver) -> None:
    resize(d, LONGS, "0.8")
    check(d)
    d.ask(HoldProposal(id=asked(d).id))
    check(d)
    assert d.waiting("longs") is None
    resize(d, LONGS, "0.4")
    check(d)
    assert asked(d).kind is ProposalKind.RESTORE


def test_there_is_no_way_back_from_a_size_that_the_trader_chose(d: TradingDriver) -> None:
    d.do(CloseBasket(basket=LONGS, fraction=0.5))
    check(d)
    assert d.waiting("longs") is None
    d.do(RebalanceBasket(basket=LONGS, note="back"))
    resize(d, LONGS, "0.5")
    check(d)
    assert asked(d).kind is ProposalKind.RESTORE


def test_there_is_no_way_back_to_a_leg_that_the_trader_dropped() -> None:
    d = driver()
    d.ask(OpenBasket(basket=LONGS))
    d.do(EditProposal(id=ProposalId("longs-1"), drop=(Asset("CCC"),)))
    check(d)
    assert d.waiting("longs") is None
    assert d.trading.board.own_size(LONGS)


# -- silence


def test_what_nobody_decides_on_expires_in_host_time_and_is_asked_again_at_the_next_check(d: TradingDriver) -> None:
    resize(d, LONGS, "1.5")
    ident = alarm(d)
    d.clock.now_ms = Ms(d.clock.now_ms + 8 * HOUR_MS)
    check(d)
    assert asked(d).id == "longs-2"
    d.clock.seconds += 1801
    d.quote()
    ended = d.entry(ProposalId("longs-2")).ended
    assert ended is not None
    assert (ended.state, ended.why) == (ProposalState.EXPIRED, "nobody decided within 30 min")
    assert d.waiting("longs") is None
    check(d)
    assert (asked(d).id, asked(d).cause) == ("longs-3", ident)


@pytest.mark.parametrize("answered", [False, True])
def test_an_alert_whose_proposal_made_room_for_the_traders_own_is_asked_again_unless_he_traded(
    d: TradingDriver, answered: bool
) -> None:
    resize(d, LONGS, "1.5")
    ident = alarm(d)
    (mine,) = d.ask(RebalanceBasket(basket=LONGS, note="mine"))
    if answered:
        d.approve(mine)
        resize(d, LONGS, "1.5")
    d.tick(1801)
    assert d.waiting("longs") is None
    check(d)
    found = d.waiting("longs")
    assert (found is None) is answered
    if found is not None:
        assert (found.id, found.cause) == ("longs-4", ident)


def test_a_hold_silences_its_cause_until_it_worsens(d: TradingDriver) -> None:
    resize(d, LONGS, "1.5")
    ident = alarm(d)
    d.ask(HoldProposal(id=asked(d).id, note="the unlock is known"))
    check(d)
    assert d.waiting("longs") is None
    worsen(d, ident)
    assert asked(d).cause == ident


def test_a_snooze_silences_the_basket_for_market_time(d: TradingDriver) -> None:
    resize(d, LONGS, "1.5")
    ident = alarm(d)
    d.ask(SnoozeProposal(id=asked(d).id, for_ms=8 * HOUR_MS))
    d.clock.seconds += 1801
    d.quote()
    assert d.waiting("longs") is None
    d.clock.now_ms = Ms(d.clock.now_ms + 7 * HOUR_MS)
    check(d)
    worsen(d, ident)
    vol_alarm(d)
    assert d.waiting("longs") is None
    d.clock.now_ms = Ms(d.clock.now_ms + HOUR_MS)
    check(d)
    assert asked(d).cause == ident
