"""How approved proposals are traded: what goes first, what waits, what stops, and how an order ends."""

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.core.inputs import OrderLost, OrderNotFound, OrderRefused
from engine.core.outcome import CancelOrder, PlaceOrder
from engine.core.view_books import books_view
from engine.domain.commands import FlattenAccount, HaltTrading, OpenBasket, RebalanceBasket
from engine.domain.config import Config, LimitsConfig
from engine.domain.order import OrderState
from engine.domain.proposal import ProposalState
from engine.domain.units import Asset, BasketName, ProposalId
from engine.execution.orders import OrderTrack
from support.books import long_basket, small_config
from support.trading_driver import TradingDriver
from support.trading_moves import (
    HEDGE,
    HEDGE_BASKET,
    LONG_BASKET,
    LONGS,
    approval,
    driver,
    opened,
    refusal,
    resize,
    state_of,
    unbalance,
)

P1, P2 = ProposalId("longs-1"), ProposalId("longs-2")
MINE = RebalanceBasket(basket=LONGS, note="mine")


def deep(money: int) -> Config:
    """Return a config whose paper venue fills this much with one quote of a symbol."""
    config = small_config(LONG_BASKET, long_basket("others", "BBB", "CCC", "DDD"))
    return replace(config, account=replace(config.account, paper_depth=Decimal(money)))


def order_of(d: TradingDriver, asset: str, proposal: ProposalId = P2) -> OrderTrack:
    """Return the order of a proposal in an asset."""
    return next(track for track in d.trading.orders.of(proposal) if track.order.asset == asset)


def placed(d: TradingDriver) -> list[Asset]:
    """Return the assets of the orders that would leave now."""
    return [effect.order.asset for effect in d.held_back if isinstance(effect, PlaceOrder)]


def reducing_two(d: TradingDriver) -> None:
    """Leave AAA and CCC too large and BBB too small, and approve the rebalance with its effects held back."""
    resize(d, LONGS, "1.3")
    unbalance(d)
    d.hold_effects = True
    d.do(MINE)


def flag(d: TradingDriver) -> str:
    """Return what is said of the hedge."""
    return next(view.flag for view in books_view(d.state, d.clock.now_ms).baskets if view.name == HEDGE)


# -- what goes first


def test_reductions_leave_first_and_increases_when_they_are_filled() -> None:
    d = opened()
    reducing_two(d)
    assert placed(d) == ["AAA", "CCC"]
    d.release()
    assert {track.state for track in d.trading.orders.of(P2)} == {OrderState.FILLED}
    assert state_of(d, "longs-2") is ProposalState.DONE
    assert d.disagreements() == []


def test_where_a_reduction_is_refused_the_others_go_on_and_increases_stop() -> None:
    d = opened()
    reducing_two(d)
    refused = order_of(d, "AAA").order
    d.held_back = [each for each in d.held_back if not (isinstance(each, PlaceOrder) and each.order == refused)]
    d.put(OrderRefused(client_order_id=refused.client_order_id, why="risk limit"))
    d.release()
    assert order_of(d, "CCC").state is OrderState.FILLED
    stopped = order_of(d, "BBB")
    assert (stopped.state, stopped.note) == (OrderState.CANCELED, "not sent: sell AAA failed before (risk limit)")
    ended = d.entry(P2).ended
    assert ended is not None
    assert ended.state is ProposalState.PARTIAL
    assert ended.why.startswith(f"sell {refused.quantity.normalize():f} AAA: risk limit; buy ")
    assert d.disagreements() == []


def test_a_proposal_of_which_nothing_was_traded_has_failed() -> None:
    d = driver()
    d.hold_effects = True
    d.do(OpenBasket(basket=LONGS))
    d.held_back.clear()
    for track in d.trading.orders.all():
        d.put(OrderRefused(client_order_id=track.order.client_order_id, why="closed for the night"))
    assert state_of(d, "longs-1") is ProposalState.FAILED
    assert d.trading.account.book(LONGS).flat
    assert d.disagreements() == []


def test_a_hedge_that_a_refusal_left_off_neutral_says_which_leg_mends_it() -> None:
    d = driver(HEDGE_BASKET)
    d.hold_effects = True
    d.do(OpenBasket(basket=HEDGE))
    short = order_of(d, "CCC", ProposalId("hedge-1")).order
    d.held_back = [each for each in d.held_back if not (isinstance(each, PlaceOrder) and each.order == short)]
    assert flag(d) == ""
    d.put(OrderRefused(client_order_id=short.client_order_id, why="no borrow"))
    assert flag(d) == ""
    d.release()
    assert state_of(d, "hedge-1") is ProposalState.PARTIAL
    assert "of gross, target +0%: sell " in flag(d)
    assert d.disagreements() == []
    d.do(RebalanceBasket(basket=HEDGE, note="mend it"))
    assert flag(d) == ""


def test_opposite_legs_of_two_baskets_cross_and_only_the_rest_is_sent() -> None:
    d = opened(LONG_BASKET, long_basket("others", "BBB", "CCC", "DDD"))
    resize(d, LONGS, "1.2")
    resize(d, BasketName("others"), "0.5")
    idents = (*d.ask(MINE), *d.ask(RebalanceBasket(basket=BasketName("others"), note="mine")))
    d.approve(*idents)
    first, second = (d.proposal(ident) for ident in idents)
    sold = next(leg.quantity for leg in first.legs if leg.asset == "CCC")
    bought = next(leg.quantity for leg in second.legs if leg.asset == "CCC")
    assert order_of(d, "CCC", idents[1]).order.quantity == bought - sold
    assert all(state_of(d, ident) is ProposalState.DONE for ident in idents)
    assert d.disagreements() == []


def test_what_crossed_was_traded_although_every_order_was_refused() -> None:
    d = opened(long_basket("a", "AAA", "BBB"), long_basket("b", "AAA", "CCC"))
    c = replace(long_basket("c", "AAA", "DDD"), notional=Decimal(3_000))
    later = small_config(*d.config.baskets, c)
    closes = driver(config=later).closes
    again = TradingDriver(later, closes, money=d.facts, clock=d.clock)
    again.quote(**d.prices)
    idents = (*again.ask(FlattenAccount()), *again.ask(OpenBasket(basket=BasketName("c"))))
    again.hold_effects = True
    again.approve(*idents)
    again.held_back.clear()
    for track in again.trading.orders.unsettled():
        again.put(OrderRefused(client_order_id=track.order.client_order_id, why="closed"))
    assert [state_of(again, ident) for ident in idents] == [
        ProposalState.PARTIAL,
        ProposalState.FAILED,
        ProposalState.PARTIAL,
    ]
    assert again.disagreements() == []


# -- in parts


def test_what_a_quote_cannot_take_fills_on_the_next_ones_and_the_books_agree_all_the_way() -> None:
    d = driver(config=deep(500))
    d.do(OpenBasket(basket=LONGS))
    held = [d.held("longs", "AAA")]
    while d.trading.board.executing():
        assert len(held) < 10
        assert d.disagreements() == []
        d.tick()
        held.append(d.held("longs", "AAA"))
    assert held == sorted(held)
    assert held[0] < held[1] < held[-1] == order_of(d, "AAA", P1).order.quantity
    assert state_of(d, "longs-1") is ProposalState.DONE
    assert d.disagreements() == []


def test_a_fill_in_parts_is_shared_by_the_baskets_of_its_order() -> None:
    d = driver(config=deep(500))
    for each in d.config.baskets:
        d.do(OpenBasket(basket=each.name))
        while d.trading.board.executing():
            d.tick()
    others = BasketName("others")
    before = d.held("longs", "BBB") / d.held("others", "BBB")
    d.approve(*d.ask(FlattenAccount()))
    d.tick()
    assert d.disagreements() == []
    assert not d.trading.account.book(others).flat
    assert abs(d.held("longs", "BBB") / d.held("others", "BBB") - before) < Decimal("0.01")
    for _ in range(10):
        d.tick()
    assert all(book.flat for book in d.trading.account.books)
    assert d.disagreements() == []


# -- what waits, and for how long


def waiting_for_a_price() -> TradingDriver:
    """Return an engine whose increase waits: its price went stale while the reductions were on their way."""
    d = opened()
    reducing_two(d)
    d.tick(16, fresh=False)
    d.release()
    assert order_of(d, "BBB").state is OrderState.INTENT
    return d


def test_an_order_waits_a_minute_for_a_fresh_price_and_is_then_not_sent() -> None:
    d = waiting_for_a_price()
    d.tick(59, fresh=False)
    assert order_of(d, "BBB").state is OrderState.INTENT
    d.tick(2, fresh=False)
    given_up = order_of(d, "BBB")
    assert given_up.state is OrderState.CANCELED
    assert given_up.note == "not sent: BBB price is 77 s old"
    assert state_of(d, "longs-2") is ProposalState.PARTIAL
    assert d.disagreements() == []


def test_an_order_that_waits_is_sent_as_soon_as_its_price_is_fresh() -> None:
    d = waiting_for_a_price()
    d.tick(30)
    assert state_of(d, "longs-2") is ProposalState.DONE
    assert d.disagreements() == []


def test_an_order_waits_while_its_price_has_run_away_and_a_better_one_is_taken() -> None:
    d = waiting_for_a_price()
    price = d.prices[Asset("BBB")]
    d.quote(BBB=price * 1.008)
    assert order_of(d, "BBB").state is OrderState.INTENT
    d.quote(BBB=price * 0.98)
    assert order_of(d, "BBB").state is OrderState.FILLED
    assert d.disagreements() == []


def test_what_stays_open_for_two_minutes_is_canceled_and_the_proposal_is_done_in_part() -> None:
    d = driver(config=deep(500))
    d.do(OpenBasket(basket=LONGS))
    d.tick(120, fresh=False)
    assert state_of(d, "longs-1") is ProposalState.EXECUTING
    d.tick(1, fresh=False)
    assert {track.state for track in d.trading.orders.all()} == {OrderState.CANCELED}
    ended = d.entry(P1).ended
    assert ended is not None
    assert ended.state is ProposalState.PARTIAL
    assert ended.why.count("canceled") == 3
    d.tick()
    assert d.disagreements() == []


def test_a_halt_before_an_order_left_ends_it_unsent() -> None:
    d = waiting_for_a_price()
    d.ask(HaltTrading(note="stop"))
    stopped = order_of(d, "BBB")
    assert (stopped.state, stopped.note) == (OrderState.CANCELED, "not sent: trading is halted: stop")
    assert d.disagreements() == []


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        (replace(LimitsConfig(), max_gross=0.05), "above 0.05 times equity"),
        (replace(LimitsConfig(), max_orders_per_hour=2), "2 orders in the last hour: the limit is 2"),
    ],
)
def test_the_gate_counts_what_is_on_its_way(limits: LimitsConfig, why: str) -> None:
    d = driver(config=replace(small_config(LONG_BASKET), limits=limits))
    d.hold_effects = True
    d.do(OpenBasket(basket=LONGS))
    assert len(placed(d)) < 3
    assert any(why in track.note for track in d.trading.orders.all())


def lost(d: TradingDriver) -> OrderTrack:
    """Approve an opening of which the order in AAA got lost on its way; return that."""
    d.hold_effects = True
    d.do(OpenBasket(basket=LONGS))
    track = order_of(d, "AAA", P1)
    d.held_back = [each for each in d.held_back if not (isinstance(each, PlaceOrder) and each.order == track.order)]
    d.put(OrderLost(client_order_id=track.order.client_order_id, why="the line went dead"))
    return track


def test_an_order_of_unknown_outcome_blocks_its_symbol_and_is_never_sent_again() -> None:
    d = driver(LONG_BASKET, long_basket("others", "AAA", "DDD"))
    track = lost(d)
    d.ask(OpenBasket(basket=BasketName("others")))
    assert refusal(d, approval(d, "others-1")).startswith("AAA is being traded by longs-1")
    for _ in range(20):
        d.tick(30)
    assert "AAA" not in placed(d)
    assert not any(isinstance(effect, CancelOrder) for effect in d.held_back)
    assert order_of(d, "AAA", P1).state is OrderState.UNKNOWN
    d.put(OrderNotFound(client_order_id=track.order.client_order_id))
    d.release()
    assert (order_of(d, "AAA", P1).state, state_of(d, "longs-1")) == (OrderState.CANCELED, ProposalState.PARTIAL)
    assert d.disagreements() == []
