"""A kill at any moment: what was intended is sent once, what was sent is not sent again, and the books agree."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from msgspec import structs

from engine.core.inputs import Executed, JournalFailed, OrderLost, OrderNotFound
from engine.core.outcome import LookUpOrder, PlaceOrder
from engine.core.trading import Trading
from engine.domain.commands import (
    ApproveProposals,
    CloseBasket,
    FlattenAccount,
    HoldProposal,
    OpenBasket,
    SnoozeProposal,
)
from engine.domain.events import AlertRaised
from engine.domain.facts import AccountValued, OrderIntended
from engine.domain.order import Fill, OrderState
from engine.domain.portfolio import ZERO
from engine.domain.proposal import ProposalState
from engine.domain.units import HOUR_MS, FillId, Ms, ProposalId
from support.books import START, long_basket, small_config
from support.trading_driver import TradingDriver
from support.trading_moves import (
    LONG_BASKET,
    LONGS,
    alarm,
    approval,
    asked,
    check,
    driver,
    next_life,
    opened,
    refusal,
    resize,
    state_of,
)

OPEN = OpenBasket(basket=LONGS)
P1 = ProposalId("longs-1")
OTHERS = long_basket("others", "BBB", "CCC", "DDD")


def whole() -> TradingDriver:
    """Return a basket opened in one go."""
    return opened()


def in_parts() -> TradingDriver:
    """Return a basket whose orders take several quotes to fill."""
    config = small_config(LONG_BASKET)
    d = opened(config=replace(config, account=replace(config.account, paper_depth=Decimal(500))))
    for _ in range(4):
        d.tick()
    return d


def flattened() -> TradingDriver:
    """Return two baskets that share symbols, opened and closed together."""
    d = opened(LONG_BASKET, OTHERS)
    d.approve(*d.ask(FlattenAccount()))
    return d


def killed(d: TradingDriver, kept: int) -> TradingDriver:
    """Return the next life of an engine of which so many facts were kept."""
    again = TradingDriver(d.config, d.closes, money=d.facts[:kept], clock=d.clock)
    again.quote(**d.prices)
    return again


@pytest.mark.parametrize("life", [whole, in_parts, flattened])
def test_a_kill_after_any_step_sends_everything_once_and_the_books_agree(life: Callable[[], TradingDriver]) -> None:
    d = life()
    for kept in sorted({moment for moment in d.moments if moment > 1}):
        again = killed(d, kept)
        for _ in range(6):
            again.tick()
        assert again.disagreements() == [], kept
        assert not again.trading.orders.unsettled(), kept
        assert not again.trading.board.executing(), kept
        for track in again.trading.orders.all():
            assert track.booked == track.order.quantity, (kept, track)


def test_intents_are_looked_up_before_they_are_sent_and_then_sent_once() -> None:
    d = driver()
    d.hold_effects = True
    d.do(OPEN)
    again = TradingDriver(d.config, d.closes, money=d.facts, clock=d.clock, hold=True)
    again.quote(**d.prices)
    names = [track.order.client_order_id for track in d.trading.orders.all()]
    assert [each.client_order_id for each in again.held_back if isinstance(each, LookUpOrder)] == names
    assert not any(isinstance(each, PlaceOrder) for each in again.held_back)
    again.put(OrderNotFound(client_order_id=names[0]))
    assert [each.order.client_order_id for each in again.held_back if isinstance(each, PlaceOrder)] == names[:1]
    again.release()
    again.tick()
    assert state_of(again, "longs-1") is ProposalState.DONE
    assert [fact.order.client_order_id for fact in again.facts if isinstance(fact, OrderIntended)] == names
    assert again.disagreements() == []


def test_a_fill_that_was_kept_without_its_report_is_not_traded_again() -> None:
    d = driver()
    d.hold_effects = True
    d.do(OPEN)
    order = d.trading.orders.all()[0].order
    fill = Fill(
        fill_id=FillId("v1"),
        client_order_id=order.client_order_id,
        symbol=order.symbol,
        side=order.side,
        quantity=order.quantity,
        price=order.price,
        fee=Decimal(0),
        at=d.clock.now_ms,
    )
    d.put(Executed(fills=(fill,)))
    d.put(OrderNotFound(client_order_id=order.client_order_id))
    track = d.trading.orders.get(order.client_order_id)
    assert track is not None
    assert (track.state, track.booked) == (OrderState.FILLED, order.quantity)


def test_an_order_of_unknown_outcome_is_looked_up_at_the_start_and_is_not_sent_again() -> None:
    d = driver()
    d.hold_effects = True
    d.do(OPEN)
    lost = d.trading.orders.all()[0].order.client_order_id
    d.put(OrderLost(client_order_id=lost, why="the line went dead"))
    again = next_life(d)
    again.tick()
    track = again.trading.orders.get(lost)
    assert track is not None
    assert (track.state, track.note, track.booked) == (OrderState.CANCELED, "the venue does not know it", Decimal(0))
    assert state_of(again, "longs-1") is not ProposalState.EXECUTING
    assert again.disagreements() == []


def test_a_proposal_that_waited_can_be_approved_after_a_restart_with_the_same_hash() -> None:
    d = driver()
    d.ask(OPEN)
    shown: ApproveProposals = approval(d, P1)
    again = next_life(d)
    again.ask(shown)
    assert state_of(again, "longs-1") is ProposalState.DONE
    assert again.disagreements() == []


@pytest.mark.parametrize("answer", ["hold", "snooze"])
def test_a_hold_and_a_snooze_survive_a_restart(answer: str) -> None:
    d = opened()
    resize(d, LONGS, "1.5")
    alarm(d)
    ident = asked(d).id
    d.ask(HoldProposal(id=ident) if answer == "hold" else SnoozeProposal(id=ident, for_ms=8 * HOUR_MS))
    again = killed_with_signals(d)
    again.tick(1801)
    assert check(again).made == ()
    again.clock.now_ms = Ms(again.clock.now_ms + 8 * HOUR_MS)
    check(again)
    assert (again.waiting("longs") is None) is (answer == "hold")


def killed_with_signals(d: TradingDriver) -> TradingDriver:
    """Return the next life, with the alerts that were said in this one."""
    return TradingDriver(d.config, d.closes, past=d.events, money=d.facts, clock=d.clock)


def test_an_alert_that_stands_unanswered_is_asked_again_at_the_start() -> None:
    d = opened()
    resize(d, LONGS, "1.5")
    ident = alarm(d)
    d.clock.seconds += 1801
    d.quote()
    assert d.waiting("longs") is None
    again = killed_with_signals(d)
    again.tick()
    assert asked(again).cause == ident
    assert any(isinstance(event, AlertRaised) for event in d.events)


def test_the_costs_the_curve_and_the_days_limits_survive_a_restart() -> None:
    d = opened()
    check(d)
    d.do(CloseBasket(basket=LONGS, fraction=0.5))
    again = next_life(d)
    now = d.clock.now_ms
    assert again.trading.cost_of_year(LONGS, now) == d.trading.cost_of_year(LONGS, now) > 0
    assert list(again.trading.curve) == list(d.trading.curve)
    assert again.trading.day == d.trading.day
    assert list(again.trading.fills) == list(d.trading.fills)


def test_the_curve_begins_with_the_first_balance_and_not_with_nothing() -> None:
    worth = AccountValued(at=START, equity=ZERO, paid_in=ZERO, gross=ZERO, net=ZERO, partial=False)
    known = structs.replace(worth, at=Ms(START + 1), equity=Decimal(50), paid_in=Decimal(50))
    lost = structs.replace(known, at=Ms(START + 2), equity=ZERO)
    assert list(Trading([worth, known, lost]).curve) == [known, lost]


# -- the journal fails


def test_what_was_not_kept_did_not_happen_and_nothing_is_decided_or_sent_from_then_on() -> None:
    d = driver()
    d.ask(OPEN)
    kept = tuple(d.facts)
    d.hold_effects = True
    d.approve(P1)
    assert d.trading.orders.all()
    d.held_back.clear()
    d.put(JournalFailed(why="the disk is full", kept=kept))
    assert state_of(d, "longs-1") is ProposalState.PENDING
    assert not d.trading.orders.all()
    assert refusal(d, approval(d, P1)) == "nothing can be decided: the disk is full"
    assert refusal(d, OPEN) == "nothing can be decided: the disk is full"
    before = len(d.facts)
    alarm(d)
    check(d)
    d.tick(4000)
    assert len(d.facts) == before
    assert not d.held_back


def test_nothing_that_a_venue_says_enters_the_books_once_facts_cannot_be_kept() -> None:
    d = driver()
    d.hold_effects = True
    d.do(OPEN)
    order = d.trading.orders.all()[0].order
    d.put(JournalFailed(why="the disk is full", kept=None))
    fill = Fill(
        fill_id=FillId("v1"),
        client_order_id=order.client_order_id,
        symbol=order.symbol,
        side=order.side,
        quantity=order.quantity,
        price=order.price,
        fee=Decimal(0),
        at=d.clock.now_ms,
    )
    result = d.put(Executed(fills=(fill,)))
    assert (result.events, result.effects) == ((), ())
    assert d.trading.account.book(LONGS).flat
