"""Rare states that cost money when they are wrong: no journal, nothing left to do, no price, nothing to cross."""

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.core.approval import LOADING
from engine.core.inputs import JournalFailed, OrderAnswered, PositionsListed, Stamp
from engine.core.outcome import Outcome, PlaceOrder
from engine.core.quoting import quote_again
from engine.core.reconcile import CONFIRM_S
from engine.core.settlement import shared_loss
from engine.domain.commands import (
    AcceptVenue,
    ApproveProposals,
    CloseBasket,
    FlattenAccount,
    HaltTrading,
    OpenBasket,
    ResumeTrading,
    Shown,
    WithdrawMoney,
)
from engine.domain.events import Event
from engine.domain.facts import OrderIntended, OrderReported
from engine.domain.order import Order, OrderAnswer, OrderState, VenuePosition
from engine.domain.proposal import ProposalState
from engine.domain.units import Symbol, VenueOrderId
from engine.execution.resting import LIMIT_THEN_CROSS, REST_S
from support.books import small_config, symbol_of
from support.trading_driver import TradingDriver
from support.trading_moves import LONG_BASKET, LONGS, approval, driver, opened, refusal, resize, state_of


def stamp(d: TradingDriver) -> Stamp:
    return Stamp(market_ms=d.clock.now_ms, monotonic=d.clock.seconds)


def intents(d: TradingDriver) -> list[Event]:
    return [event for event in d.events if isinstance(event, OrderIntended)]


def taken(order: Order) -> OrderAnswer:
    return OrderAnswer(
        client_order_id=order.client_order_id,
        venue_order_id=VenueOrderId("v-1"),
        state=OrderState.OPEN,
        filled=Decimal(0),
        average_price=None,
    )


def test_once_facts_cannot_be_kept_nothing_is_decided_sent_or_booked() -> None:
    d = driver()
    (ident,) = d.ask(OpenBasket(basket=LONGS))
    d.hold_effects = True
    d.approve(ident)
    sent = [effect.order for effect in d.held_back if isinstance(effect, PlaceOrder)]
    assert sent
    d.put(JournalFailed(why="the disk is full", kept=None))
    facts = len(d.facts)
    for order in sent:  # the venue's answers come in all the same: they are looked up after the next start
        d.put(OrderAnswered(answer=taken(order)))
    d.tick()
    d.close_hour()
    assert len([f for f in d.facts[facts:] if isinstance(f, OrderIntended | OrderReported)]) == 0
    assert refusal(d, CloseBasket(basket=LONGS)) == "nothing can be decided: the disk is full"
    assert refusal(d, approval(d, ident)) == "nothing can be decided: the disk is full"


def test_a_quote_anew_that_finds_nothing_left_ends_its_proposal_and_says_so() -> None:
    d = opened()
    (ident,) = d.ask(CloseBasket(basket=LONGS))
    shown = Shown(id=ident, hash="what was on the screen before")
    resize(d, LONGS, "0")  # the books are emptied by hand meanwhile
    assert "there is nothing to do any more" in refusal(d, ApproveProposals(shown=(shown,)))
    entry = d.entry(ident)
    assert entry.state is ProposalState.EXPIRED
    assert entry.ended is not None
    assert entry.ended.why == "nothing is left to do"


def test_what_cannot_be_quoted_yet_stays_as_it_is_and_what_left_the_config_has_no_quote() -> None:
    d = driver()
    (ident,) = d.ask(OpenBasket(basket=LONGS))
    entry, out = d.entry(ident), Outcome()
    d.state.ready = False
    assert quote_again(d.state, stamp(d), entry, out) == ident
    d.state.ready = True
    d.state.baskets.clear()
    assert quote_again(d.state, stamp(d), entry, out) is None
    assert (out.events, out.made) == ([], [])


@pytest.mark.parametrize("halted", [False, True])
def test_nothing_crosses_while_trading_is_halted(halted: bool) -> None:
    config = small_config(LONG_BASKET)
    d = driver(config=replace(config, limits=replace(config.limits, style=LIMIT_THEN_CROSS)))
    d.do(OpenBasket(basket=LONGS))
    before = len(intents(d))
    d.tick(REST_S - 1)
    d.hold_effects = True  # the cancels are asked for, and their answers wait
    for _ in range(3):
        d.tick()
    assert d.state.attempt.crossing
    if halted:
        d.ask(HaltTrading(note="lunch"))
    d.hold_effects = False
    d.release()
    d.tick()
    assert not d.state.attempt.crossing
    assert (len(intents(d)) > before) is not halted
    if halted:
        assert all(track.state is OrderState.CANCELED for track in d.trading.orders.all())
        d.ask(ResumeTrading())
        d.tick()
        assert len(intents(d)) == before  # the proposal is over: what is missing is drafted anew
        assert state_of(d, "longs-1") in (ProposalState.PARTIAL, ProposalState.FAILED)


def test_a_request_while_the_basket_trades_or_has_no_fresh_price_is_refused_with_the_reason() -> None:
    d = opened()
    (ident,) = d.ask(CloseBasket(basket=LONGS))
    d.hold_effects = True
    d.approve(ident)
    assert refusal(d, CloseBasket(basket=LONGS)) == f"{ident} is still being executed: try again when it is over"
    d = opened()
    d.tick(600, fresh=False)
    assert refusal(d, CloseBasket(basket=LONGS)) == "no leg of longs has a fresh price: nothing can be sized"
    d.state.listed = None
    assert refusal(d, FlattenAccount()) == LOADING


def test_money_leaves_only_where_what_is_free_is_known() -> None:
    d = opened()
    symbol = d.config.symbols[LONG_BASKET.assets[0]]
    del d.state.quotes[d.state.asset_of[symbol]]
    assert "has no price: what is free cannot be known" in refusal(d, WithdrawMoney(amount=Decimal(10)))


def seen(d: TradingDriver, listed: PositionsListed) -> None:
    """Let the venue say the same until it is believed."""
    d.put(listed)
    d.clock.seconds += CONFIRM_S
    d.put(listed)


def test_a_loss_is_not_taken_from_the_books_at_a_price_that_is_not_known() -> None:
    d = opened()
    symbols = [d.config.symbols[asset] for asset in LONG_BASKET.assets]
    gone, kept = symbols[0], symbols[1:]
    seen(d, PositionsListed(positions=tuple(position(each, d.trading.account.net(each)) for each in kept)))
    assert list(d.trading.frozen) == [gone]
    del d.state.quotes[d.state.asset_of[gone]]
    before = list(d.facts)
    assert refusal(d, AcceptVenue(symbol=gone)) == f"{gone} has no price now: try again when it has"
    assert d.facts == before
    assert shared_loss(d.state, symbol_of("ZZZ"), Decimal(1)) == ()  # nobody holds it: nobody loses it


def position(symbol: Symbol, quantity: Decimal) -> VenuePosition:
    return VenuePosition(symbol=symbol, quantity=quantity, entry=Decimal(100), margin=None, liquidation=None)
