"""What the engine decides without a person: within its mode, its limits and its time, and under its own name."""

from dataclasses import replace

import pytest
from msgspec import structs

from engine.core.automatic import cuts_risk
from engine.domain.basket import DecisionMode
from engine.domain.commands import (
    CloseBasket,
    EditProposal,
    HaltTrading,
    HoldProposal,
    OpenBasket,
    RebalanceBasket,
    ResumeTrading,
    SnoozeProposal,
)
from engine.domain.config import Config, LimitsConfig
from engine.domain.facts import ProposalDecided, ProposalDrafted
from engine.domain.proposal import Proposal, ProposalState
from engine.domain.units import DAY_MS, HOUR_MS, MINUTE_MS, Asset, Ms, ProposalId
from support.books import small_config
from support.trading_driver import TradingDriver
from support.trading_moves import (
    HEDGE_BASKET,
    LONG_BASKET,
    LONGS,
    alarm,
    approval,
    asked,
    broaden,
    check,
    driver,
    opened,
    refusal,
    resize,
    state_of,
    unbalance,
    vol_alarm,
    worsen,
)


def mode(decision: DecisionMode, **limits: float) -> Config:
    """Return a config whose basket decides like this."""
    config = small_config(replace(LONG_BASKET, decision=decision))
    return replace(config, limits=replace(LimitsConfig(), **limits))  # type: ignore[arg-type]


def unanswered(minutes: int) -> TradingDriver:
    """Return an open basket that may reduce by itself when nobody answers."""
    patient = replace(LONG_BASKET, on_no_answer="auto_reduce", no_answer_after_ms=minutes * MINUTE_MS)
    return opened(patient)


def decider(d: TradingDriver) -> str:
    """Return who took the newest decision."""
    found = d.last(ProposalDecided)
    assert isinstance(found, ProposalDecided)
    return f"{found.actor.who} of {found.actor.terminal}"


def wait(d: TradingDriver, minutes: float) -> None:
    """Let host time pass while prices come in."""
    d.clock.seconds += minutes * 60
    d.quote()


# -- modes


def test_auto_decides_on_an_alert_at_once_under_its_own_name() -> None:
    d = opened(config=mode(DecisionMode.AUTO))
    unbalance(d)
    alarm(d)
    assert state_of(d, "longs-2") is ProposalState.DONE
    assert decider(d) == "auto of engine"
    assert d.disagreements() == []


def test_auto_takes_the_way_back() -> None:
    d = opened(config=mode(DecisionMode.AUTO))
    resize(d, LONGS, "0.7")
    check(d)
    assert state_of(d, "longs-2") is ProposalState.DONE
    assert d.disagreements() == []


def test_auto_reduce_cuts_risk_and_leaves_what_grows_to_a_person() -> None:
    d = opened(config=mode(DecisionMode.AUTO_REDUCE))
    unbalance(d)
    ident = alarm(d)
    assert state_of(d, "longs-2") is ProposalState.PENDING
    d.approve(asked(d).id)
    resize(d, LONGS, "1.5")
    worsen(d, ident)
    assert state_of(d, "longs-3") is ProposalState.DONE
    assert decider(d) == "auto_reduce of engine"
    assert d.disagreements() == []


def test_auto_reduce_leaves_the_way_up_to_a_person_and_takes_the_way_down() -> None:
    d = opened(config=mode(DecisionMode.AUTO_REDUCE))
    resize(d, LONGS, "0.7")
    check(d)
    assert state_of(d, "longs-2") is ProposalState.PENDING
    resize(d, LONGS, "2.5")
    vol_alarm(d)
    assert state_of(d, "longs-3") is ProposalState.DONE


def test_only_what_reduces_every_leg_and_the_loss_at_stress_cuts_risk() -> None:
    d = opened()
    resize(d, LONGS, "1.5")
    alarm(d)
    cut = asked(d)
    assert cuts_risk(cut)
    assert not cuts_risk(replace(cut, legs=()))
    assert not cuts_risk(replace(cut, legs=(*cut.legs, structs.replace(cut.legs[0], reduces=False))))
    assert not cuts_risk(replace(cut, after=replace(cut.after, es95_rho95=cut.before.es95_rho95 + 1)))
    assert not cuts_risk(replace(cut, after=replace(cut.after, es95_rho95=float("nan"))))


def test_the_traders_own_drafts_are_never_decided_for_him() -> None:
    d = driver(config=mode(DecisionMode.AUTO))
    d.ask(OpenBasket(basket=LONGS))
    wait(d, 20)
    assert state_of(d, "longs-1") is ProposalState.PENDING
    d.approve(ProposalId("longs-1"))
    d.ask(CloseBasket(basket=LONGS, fraction=0.5))
    wait(d, 20)
    assert state_of(d, "longs-2") is ProposalState.PENDING
    resize(d, LONGS, "1.5")
    d.ask(RebalanceBasket(basket=LONGS, note="mine"))
    wait(d, 20)
    assert state_of(d, "longs-3") is ProposalState.PENDING


def test_what_the_trader_has_edited_is_his_own() -> None:
    d = opened(config=mode(DecisionMode.AUTO, auto_max_orders_day=2))
    resize(d, LONGS, "1.5")
    alarm(d)
    d.ask(EditProposal(id=asked(d).id, drop=(Asset("AAA"),)))
    wait(d, 5)
    assert state_of(d, "longs-3") is ProposalState.PENDING


# -- limits


@pytest.mark.parametrize("limit", ["auto_max_turnover_day", "auto_max_orders_day"])
def test_the_limits_of_a_day_leave_the_rest_to_a_person_until_the_day_is_over(limit: str) -> None:
    d = opened(config=mode(DecisionMode.AUTO, **{limit: 0.05 if "turnover" in limit else 3}))
    resize(d, LONGS, "1.5")
    ident = alarm(d)
    assert state_of(d, "longs-2") is ProposalState.DONE
    resize(d, LONGS, "1.5")
    worsen(d, ident)
    assert state_of(d, "longs-3") is ProposalState.PENDING
    d.clock.now_ms = Ms(d.clock.now_ms + DAY_MS - 1)
    check(d)
    assert state_of(d, "longs-3") is ProposalState.PENDING
    d.clock.now_ms = Ms(d.clock.now_ms + 1)
    check(d)
    assert state_of(d, "longs-3") is ProposalState.DONE
    assert d.disagreements() == []


def test_what_a_person_approves_does_not_count_towards_the_limits_of_a_day() -> None:
    d = opened(config=mode(DecisionMode.AUTO, auto_max_orders_day=3))
    assert len(d.trading.orders.all()) == 3
    resize(d, LONGS, "1.5")
    alarm(d)
    assert state_of(d, "longs-2") is ProposalState.DONE


# -- nobody answers


def test_nobody_answering_reduces_after_its_time_on_the_host() -> None:
    d = unanswered(10)
    resize(d, LONGS, "1.5")
    alarm(d)
    d.clock.now_ms = Ms(d.clock.now_ms + 8 * HOUR_MS)
    wait(d, 9.9)
    assert state_of(d, "longs-2") is ProposalState.PENDING
    wait(d, 0.1)
    assert state_of(d, "longs-2") is ProposalState.DONE
    assert decider(d) == "auto_reduce of engine"
    assert d.disagreements() == []


def test_nobody_answering_never_grows_a_leg() -> None:
    d = unanswered(10)
    unbalance(d)
    alarm(d)
    wait(d, 25)
    assert state_of(d, "longs-2") is ProposalState.PENDING


def test_the_time_for_an_answer_goes_on_over_an_expiry_and_a_worsening() -> None:
    d = unanswered(40)
    resize(d, LONGS, "1.5")
    ident = alarm(d)
    wait(d, 31)
    check(d)
    worsen(d, ident)
    assert state_of(d, "longs-4") is ProposalState.PENDING
    wait(d, 9)
    assert state_of(d, "longs-4") is ProposalState.DONE


def test_after_an_answer_the_next_question_has_its_own_time() -> None:
    d = unanswered(10)
    resize(d, LONGS, "1.5")
    ident = alarm(d)
    wait(d, 5)
    d.ask(HoldProposal(id=asked(d).id))
    wait(d, 120)
    worsen(d, ident)
    assert state_of(d, "longs-3") is ProposalState.PENDING
    wait(d, 5)
    d.approve(asked(d).id)
    wait(d, 120)
    resize(d, LONGS, "1.5")
    worsen(d, ident)
    assert state_of(d, "longs-4") is ProposalState.PENDING
    wait(d, 10)
    assert state_of(d, "longs-4") is ProposalState.DONE


def test_a_snoozed_proposal_is_not_decided_for_the_trader() -> None:
    d = unanswered(10)
    resize(d, LONGS, "1.5")
    alarm(d)
    d.ask(SnoozeProposal(id=asked(d).id, for_ms=HOUR_MS))
    wait(d, 20)
    assert state_of(d, "longs-2") is ProposalState.SNOOZED
    wait(d, 20)
    d.clock.now_ms = Ms(d.clock.now_ms + HOUR_MS)
    check(d)
    assert state_of(d, "longs-3") is ProposalState.PENDING


def test_prices_that_left_their_band_are_quoted_anew_before_the_engine_decides() -> None:
    d = unanswered(10)
    resize(d, LONGS, "1.5")
    alarm(d)
    d.quote(AAA=d.prices[Asset("AAA")] * 1.01)
    wait(d, 10)
    wait(d, 0.1)
    assert (state_of(d, "longs-2"), state_of(d, "longs-3")) == (ProposalState.SUPERSEDED, ProposalState.DONE)
    assert d.disagreements() == []


# -- what stops it


def drafts(d: TradingDriver) -> list[Proposal]:
    """Return all that was ever drafted."""
    return [fact.proposal for fact in d.facts if isinstance(fact, ProposalDrafted)]


def test_a_halt_stops_it_without_quoting_over_and_over() -> None:
    d = opened(config=mode(DecisionMode.AUTO))
    d.ask(HaltTrading(note="lunch"))
    resize(d, LONGS, "1.5")
    alarm(d)
    for _ in range(5):
        wait(d, 1)
    assert refusal(d, approval(d, asked(d).id)) == "trading is halted: lunch"
    assert len(drafts(d)) == 2
    d.ask(ResumeTrading())
    assert state_of(d, "longs-2") is ProposalState.DONE


def test_the_demo_opens_its_baskets_once_and_says_so() -> None:
    config = small_config(LONG_BASKET, HEDGE_BASKET)
    demo = replace(config, simulation=replace(config.simulation, open_baskets=True))
    d = driver(config=demo)
    assert [each.basket for each in drafts(d)] == ["longs", "hedge"]
    assert decider(d) == "demo of engine"
    assert not d.trading.account.book(LONGS).flat
    assert d.disagreements() == []
    d.do(CloseBasket(basket=LONGS))
    d.tick()
    assert d.trading.account.book(LONGS).flat


def test_volatility_leaves_auto_nothing_to_grow() -> None:
    d = opened(config=mode(DecisionMode.AUTO, auto_max_orders_day=1))
    unbalance(d)
    alarm(d)
    before = d.held("longs", "BBB")
    broaden(d)
    check(d)
    assert state_of(d, "longs-3") is ProposalState.DONE
    assert d.held("longs", "BBB") == before
