"""What a step tells a person who does not look: alerts, proposals, orders in doubt; nothing that was just asked for."""

from decimal import Decimal

import msgspec

from engine.core.inputs import OrderLost
from engine.core.notices import notices
from engine.core.outcome import PlaceOrder
from engine.domain.commands import OpenBasket
from engine.domain.events import AlertRaised, AlertWorsened
from engine.domain.facts import ProposalDrafted, SymbolFrozen
from engine.domain.notice import Level, Notice
from engine.domain.units import Asset, Symbol
from support.trading_driver import TradingDriver
from support.trading_moves import LONG_BASKET, LONGS, alarm, asked, clear, driver, opened, unbalance, vol_alarm, worsen


def told(d: TradingDriver) -> list[Notice]:
    """Return what all of its steps had to tell."""
    return list(notices(d.state, d.events, ()))


def test_an_alert_and_the_proposal_it_drafts_are_told_with_their_basket_and_without_an_amount() -> None:
    d = opened(LONG_BASKET)
    unbalance(d)
    before = len(d.events)
    alarm(d)
    alert, proposal = notices(d.state, d.events[before:], ())
    assert (alert.level, alert.basket) == (Level.URGENT, LONGS)
    assert alert.title.startswith("ALERT longs: ")
    waiting = asked(d)
    assert (proposal.level, proposal.basket) == (Level.WARNING, LONGS)
    assert f"driftdeck approve {waiting.id}" in proposal.body
    assert f"{waiting.legs[0].notional:.0f}" not in alert.title + alert.body + proposal.body
    assert "$" not in proposal.title + proposal.body


def test_broad_volatility_is_urgent_and_belongs_to_no_basket() -> None:
    d = opened(LONG_BASKET)
    vol_alarm(d)
    found = [notice for notice in told(d) if notice.title.startswith("ALERT the market")]
    assert [(notice.level, notice.basket) for notice in found] == [(Level.URGENT, None)]
    assert "66%" in found[0].body


def test_a_snoozed_alert_is_not_told_and_its_end_is_a_footnote() -> None:
    d = opened(LONG_BASKET)
    ident = alarm(d)
    worsen(d, ident)
    clear(d, ident)
    raised = next(event for event in d.events if isinstance(event, AlertRaised))
    assert notices(d.state, [msgspec.structs.replace(raised, rings=False)], ()) == ()
    worse = [event for event in d.events if isinstance(event, AlertWorsened)]
    (again,) = notices(d.state, worse, ())
    assert again.title == "ALERT longs: worse: moving together still more"
    assert told(d)[-1].level is Level.INFO


def test_a_draft_that_a_person_asked_for_is_not_told_to_that_person() -> None:
    d = driver(LONG_BASKET)
    ids = d.ask(OpenBasket(basket=LONGS))
    drafted = [event for event in d.events if isinstance(event, ProposalDrafted)]
    assert notices(d.state, drafted, ids) == ()
    assert len(notices(d.state, drafted, ())) == 1


def test_an_order_of_unknown_outcome_is_urgent_in_the_step_that_learns_of_it() -> None:
    d = driver(LONG_BASKET)
    d.hold_effects = True
    d.do(OpenBasket(basket=LONGS))
    d.tick()
    name = next(e.order.client_order_id for e in d.held_back if isinstance(e, PlaceOrder))
    result = d.put(OrderLost(client_order_id=name, why="the line went dead"))
    (notice,) = result.notices
    assert notice.level is Level.URGENT
    assert notice.title.startswith("it is not known what became of an order of ")


def test_a_frozen_symbol_is_urgent() -> None:
    d = driver(LONG_BASKET)
    frozen = SymbolFrozen(
        at=d.clock.now_ms,
        asset=Asset("AAA"),
        symbol=Symbol("AAA/USDT:USDT"),
        venue=Decimal(3),
        books=Decimal(2),
        foreign=Decimal(0),
    )
    (notice,) = notices(d.state, [frozen], ())
    assert (notice.level, notice.title) == (Level.URGENT, "AAA is frozen: venue and books differ")
