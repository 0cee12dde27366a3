"""An order of unknown outcome: how long it must stay absent to be believed gone, and how a person resolves it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.core.inputs import Executed, OrderLost, OrderNotFound, PositionsListed
from engine.core.lookups import ABSENT_FOR_S
from engine.core.outcome import PlaceOrder
from engine.domain.commands import OpenBasket, ResolveOrder
from engine.domain.config import Mode
from engine.domain.errors import RefusedError
from engine.domain.order import Fill, OrderState
from engine.domain.units import FillId
from engine.execution.orders import OrderTrack
from support.books import small_config
from support.trading_driver import TradingDriver
from support.trading_moves import LONG_BASKET, LONGS, driver, net

S = OrderState


def lost(*, mode: Mode = Mode.LIVE) -> tuple[TradingDriver, OrderTrack]:
    """Return an engine of which one order left and got lost."""
    config = small_config(LONG_BASKET)
    d = driver(config=replace(config, venue=replace(config.venue, mode=mode)))
    d.put(PositionsListed(positions=()))  # compared with the venue: it may trade
    d.hold_effects = True
    d.do(OpenBasket(basket=LONGS))
    d.tick()
    name = next(e.order.client_order_id for e in d.held_back if isinstance(e, PlaceOrder))
    d.put(OrderLost(client_order_id=name, why="the line went dead"))
    return d, now(d, name)


def now(d: TradingDriver, name: str) -> OrderTrack:
    return next(track for track in d.trading.orders.all() if track.order.client_order_id == name)


def test_one_answer_that_the_order_is_not_there_proves_nothing() -> None:
    d, track = lost()
    name = track.order.client_order_id
    d.put(OrderNotFound(client_order_id=name))
    d.clock.seconds += ABSENT_FOR_S - 1
    d.put(OrderNotFound(client_order_id=name))
    assert now(d, name).state is S.UNKNOWN
    d.clock.seconds += 1
    d.put(OrderNotFound(client_order_id=name))
    assert now(d, name).state is S.CANCELED


def test_absence_before_the_request_got_lost_does_not_count() -> None:
    d, track = lost()
    name = track.order.client_order_id
    d.put(OrderNotFound(client_order_id=name))
    d.clock.seconds += ABSENT_FOR_S
    d.state.attempt.lost[name] = d.clock.seconds - 1
    d.put(OrderNotFound(client_order_id=name))
    assert now(d, name).state is S.UNKNOWN


def test_on_paper_the_first_answer_is_exact() -> None:
    d, track = lost(mode=Mode.PAPER)
    d.put(OrderNotFound(client_order_id=track.order.client_order_id))
    assert now(d, track.order.client_order_id).state is S.CANCELED


def test_a_person_says_that_it_was_filled_and_the_venues_own_word_is_not_booked_twice() -> None:
    d, track = lost()
    order, name = track.order, track.order.client_order_id
    before = net(d, order.asset)
    d.ask(ResolveOrder(id=name, filled=order.quantity, price=order.price, note="seen on the website"))
    after = now(d, name)
    assert (after.state, after.settled, net(d, order.asset)) == (S.FILLED, True, before + order.quantity)
    assert "mira" in after.note
    assert "seen on the website" in after.note
    d.put(Executed(fills=(_fill(track, order.quantity),)))
    assert net(d, order.asset) == before + order.quantity


def test_a_person_says_that_nothing_was_filled_and_a_late_execution_is_booked_all_the_same() -> None:
    d, track = lost()
    order, name = track.order, track.order.client_order_id
    d.ask(ResolveOrder(id=name, filled=Decimal(0)))
    assert now(d, name).state is S.CANCELED
    d.put(Executed(fills=(_fill(track, order.quantity / 2),)))
    assert net(d, order.asset) == order.quantity / 2


def test_what_a_venue_fills_beyond_the_order_is_not_booked() -> None:
    d, track = lost()
    d.put(Executed(fills=(_fill(track, track.order.quantity * 2),)))
    assert net(d, track.order.asset) == track.order.quantity


@pytest.mark.parametrize(
    ("filled", "price", "said"),
    [("-1", "10", "cannot be filled"), ("999999", "10", "cannot be filled"), ("1", "", "--price")],
)
def test_an_impossible_word_is_refused(filled: str, price: str, said: str) -> None:
    d, track = lost()
    command = ResolveOrder(
        id=track.order.client_order_id, filled=Decimal(filled), price=Decimal(price) if price else None
    )
    with pytest.raises(RefusedError, match=said):
        d.ask(command)


def test_an_order_whose_outcome_is_known_cannot_be_resolved_by_hand() -> None:
    d, _ = lost()
    other = next(track for track in d.trading.orders.all() if track.state is not S.UNKNOWN)
    with pytest.raises(RefusedError, match="of unknown outcome:"):
        d.ask(ResolveOrder(id=other.order.client_order_id, filled=Decimal(0)))


def _fill(track: OrderTrack, quantity: Decimal) -> Fill:
    order = track.order
    return Fill(
        fill_id=FillId("venue-1"),
        client_order_id=order.client_order_id,
        symbol=order.symbol,
        side=order.side,
        quantity=quantity,
        price=order.price,
        fee=Decimal("0.1"),
        at=track.updated_at,
    )
