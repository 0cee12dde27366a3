"""What a person answers to alerts, what the clock says of itself, and from when a venue is asked after a start."""

from engine.core.inputs import ClockMeasured
from engine.core.step import SKEW_SAID_MS
from engine.core.trading import Trading
from engine.core.view_alerts import alerts_view
from engine.domain.alerts import AlertKind
from engine.domain.commands import AcknowledgeAlert, CloseBasket, OpenBasket, SnoozeAlert
from engine.domain.events import AlertAcknowledged, AlertSnoozed, ClockSkewed
from engine.domain.units import HOUR_MS, Ms
from support.books import START
from support.trading_driver import TradingDriver
from support.trading_moves import LONGS, alarm, clear, driver, opened, refusal, worsen


def skews(d: TradingDriver) -> list[tuple[float, bool]]:
    return [(event.skew_ms, event.skewed) for event in d.events if isinstance(event, ClockSkewed)]


def test_a_clock_that_is_off_is_said_once_and_again_only_when_it_is_well_within() -> None:
    d = driver()
    for skew in (SKEW_SAID_MS, -SKEW_SAID_MS - 1, SKEW_SAID_MS + 5, SKEW_SAID_MS * 0.7, SKEW_SAID_MS / 2, 0.0):
        d.put(ClockMeasured(skew_ms=skew))
    assert skews(d) == [(-SKEW_SAID_MS - 1, True), (SKEW_SAID_MS / 2, False)]
    d.put(ClockMeasured(skew_ms=9_000.0, venue="kraken"))  # market time is the default venue's
    assert len(skews(d)) == 2
    assert d.state.skew_ms == 0.0


def test_an_alert_is_acknowledged_by_name_and_speaks_up_again_when_it_worsens() -> None:
    d = opened()
    ident = alarm(d)
    d.ask(AcknowledgeAlert(id=ident, note="seen"))
    fact = d.last(AlertAcknowledged)
    assert isinstance(fact, AlertAcknowledged)
    assert (fact.id, fact.who, fact.note) == (ident, "mira", "seen")
    assert [view.acknowledged_by for view in alerts_view(d.state).standing] == ["mira"]
    worsen(d, ident)
    assert [view.acknowledged_by for view in alerts_view(d.state).standing] == [""]
    assert refusal(d, AcknowledgeAlert(id="nothing", note="")) == (
        f"no alert 'nothing' stands: open alerts are {ident}"
    )


def test_a_snoozed_cause_is_silent_until_its_time_and_is_told_as_over_when_it_is() -> None:
    d = opened()
    ident = alarm(d)
    d.ask(SnoozeAlert(id=ident, for_ms=2 * HOUR_MS))
    event = d.last(AlertSnoozed)
    assert isinstance(event, AlertSnoozed)
    until = Ms(d.clock.now_ms + 2 * HOUR_MS)
    assert event.until == until
    cause = (AlertKind.BASKET, LONGS, None)
    board = d.state.signals.board
    assert [board.may_ring(cause, at) for at in (Ms(until - 1), until)] == [False, True]
    clear(d, ident)
    view = alerts_view(d.state)
    assert view.standing == ()
    assert [(each.id, each.snoozed_until_ms, each.cleared_ms) for each in view.recent] == [
        (ident, until, d.clock.now_ms)
    ]
    assert refusal(d, SnoozeAlert(id=ident, for_ms=HOUR_MS)).endswith("open alerts are none")


def test_a_venue_is_asked_from_the_newest_booking_on_or_from_the_oldest_order_that_is_not_settled() -> None:
    assert Trading().booked_until(Ms(START + 7)) == START + 7  # nothing was ever booked: what was before is not ours
    d = driver()
    assert d.trading.booked_until(d.clock.now_ms) == START
    d.close_hour()
    d.do(OpenBasket(basket=LONGS))
    filled = d.trading.fills[-1].at
    assert filled > START
    assert d.trading.booked_until(d.clock.now_ms) == filled
    for _ in range(5):  # over a check
        d.close_hour()
    newest = d.trading.booked_until(d.clock.now_ms)
    assert newest > filled  # the account was valued since, with all that was booked
    intended = d.clock.now_ms
    (closing,) = d.ask(CloseBasket(basket=LONGS))
    d.hold_effects = True  # its answer never comes
    d.approve(closing)
    for _ in range(5):  # a later check values the account, without what that order did
        d.close_hour()
    assert d.trading.orders.unsettled()
    assert d.trading.booked_until(d.clock.now_ms) == intended
    assert Trading(d.facts).booked_until(d.clock.now_ms) == intended  # and so does the next life
