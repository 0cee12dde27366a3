"""What changed between a draft and its approval: the book, the listing, the money. Nothing is traded on old ground."""

import math
from dataclasses import replace
from decimal import Decimal

import pytest

from engine.core.inputs import Executed, InstrumentsListed, OrderLost, OrderNotFound
from engine.core.outcome import PlaceOrder
from engine.core.trade_market import account_value
from engine.core.view_books import books_view
from engine.domain.commands import AdoptPosition, CloseBasket, OpenBasket, RebalanceBasket, WithdrawMoney
from engine.domain.errors import RefusedError
from engine.domain.order import Fill, OrderSide
from engine.domain.proposal import ProposalState
from engine.domain.units import Asset, ClientOrderId, FillId
from support.books import small_config, symbol_of
from support.trading_driver import TradingDriver
from support.trading_moves import LONG_BASKET, LONGS, approval, driver, opened, price_of, refusal, state_of

AAA = Asset("AAA")
MINE = RebalanceBasket(basket=LONGS, note="mine")


def liquidate(d: TradingDriver, asset: str, quantity: Decimal) -> None:
    """Let the venue take a signed part of a net position, as it tells it."""
    symbol, side = symbol_of(asset), OrderSide.SELL if quantity > 0 else OrderSide.BUY
    d.broker._account.trade(symbol, -quantity, price_of(d, symbol), Decimal(0))
    fill = Fill(
        fill_id=FillId(f"liq-{asset}"),
        client_order_id=ClientOrderId("liquidation"),
        symbol=symbol,
        side=side,
        quantity=abs(quantity),
        price=price_of(d, symbol),
        fee=Decimal(0),
        at=d.clock.now_ms,
    )
    d.put(Executed(fills=(fill,)))


# -- the book


@pytest.mark.parametrize("fraction", [1.0, 0.5])
def test_a_closing_never_opens_the_other_way_after_the_venue_took_the_position(fraction: float) -> None:
    d = opened()
    (ident,) = d.ask(CloseBasket(basket=LONGS, fraction=fraction))
    liquidate(d, "AAA", d.held("longs", "AAA"))
    said = refusal(d, approval(d, ident))
    assert said.startswith(f"longs holds 0 AAA now, {ident} was made for ")
    assert said.endswith("; a fresh quote is there: longs-3")
    fresh = d.waiting("longs")
    assert fresh is not None
    assert AAA not in {leg.asset for leg in fresh.legs}
    d.approve(fresh.id)
    assert d.held("longs", "AAA") == 0
    assert state_of(d, fresh.id) is ProposalState.DONE
    assert d.disagreements() == []


def test_what_was_adopted_in_the_meantime_is_not_bought_again() -> None:
    d = opened()
    liquidate(d, "AAA", d.held("longs", "AAA") / 2)
    (ident,) = d.ask(MINE)
    leg = next(leg for leg in d.proposal(ident).legs if leg.asset == AAA)
    assert leg.side is OrderSide.BUY
    d.ask(AdoptPosition(basket=LONGS, asset=AAA, quantity=leg.quantity / 2))
    assert "longs holds" in refusal(d, approval(d, ident))
    fresh = d.waiting("longs")
    assert fresh is not None
    again = next(each for each in fresh.legs if each.asset == AAA)
    assert again.target == pytest.approx(leg.target, abs=Decimal("0.001"))
    assert again.quantity < leg.quantity * Decimal("0.51")


def test_a_fill_that_comes_late_is_not_traded_a_second_time() -> None:
    d = driver()
    d.hold_effects = True
    d.do(OpenBasket(basket=LONGS))
    sent = [each.order for each in d.held_back if isinstance(each, PlaceOrder)]
    d.held_back = []
    for order in sent:
        d.put(OrderLost(client_order_id=order.client_order_id, why="timeout"))
        d.put(OrderNotFound(client_order_id=order.client_order_id))
    d.hold_effects = False
    assert state_of(d, "longs-1") is ProposalState.FAILED
    (ident,) = d.ask(OpenBasket(basket=LONGS))
    first = sent[0]
    d.broker._execute(first.client_order_id, first.symbol, first.side, first.quantity, first.price)
    d.tick()
    assert d.held("longs", first.asset) == first.quantity
    assert f"longs holds {first.quantity.normalize():f} {first.asset} now" in refusal(d, approval(d, ident))
    fresh = d.waiting("longs")
    assert fresh is not None
    d.approve(fresh.id)
    assert d.held("longs", first.asset) == first.quantity
    assert d.disagreements() == []


# -- the listing


def test_what_the_venue_does_not_list_any_more_cannot_be_approved() -> None:
    d = driver()
    (ident,) = d.ask(OpenBasket(basket=LONGS))
    listed = dict(d.state.listed or {})
    del listed[symbol_of("BBB")]
    d.put(InstrumentsListed(listed=listed))
    assert refusal(d, approval(d, ident)).startswith("BBB is not listed at the venue")


def test_a_proposal_of_another_life_waits_for_markets_and_history() -> None:
    d = driver()
    (ident,) = d.ask(OpenBasket(basket=LONGS))
    again = driver()
    again.facts[:] = d.facts
    again.state.trading = d.state.trading
    again.state.listed = None
    shown = approval(again, ident)
    assert refusal(again, shown) == "history and markets are still loading: try again in a moment"
    assert state_of(again, ident) is ProposalState.PENDING


# -- the money


def test_an_account_without_money_drafts_without_figures_and_trades_nothing() -> None:
    d = driver()
    d.ask(WithdrawMoney(amount=d.config.account.equity))
    (ident,) = d.ask(OpenBasket(basket=LONGS))
    assert math.isnan(d.proposal(ident).account_after.vol_ann)
    d.approve(ident)
    d.tick()
    assert state_of(d, ident) is ProposalState.FAILED
    ended = d.entry(ident).ended
    assert ended is not None
    assert "above 3 times equity" in ended.why


def test_a_basket_that_is_a_share_of_no_equity_wants_nothing() -> None:
    d = driver(config=small_config(replace(LONG_BASKET, share=0.25)))
    d.ask(WithdrawMoney(amount=d.config.account.equity))
    with pytest.raises(RefusedError, match="nothing to do for longs"):
        d.ask(OpenBasket(basket=LONGS))
    (view,) = books_view(d.state, d.clock.now_ms).baskets
    assert view.notional == 0


def test_open_profit_does_not_leave_the_account() -> None:
    d = opened(config=small_config(replace(LONG_BASKET, leverage=10.0)))
    d.quote(**{asset: price * 3 for asset, price in d.prices.items()})
    wallet, equity = d.trading.account.wallet, account_value(d.state).equity
    assert equity > wallet + 6_000
    assert "is free" in refusal(d, WithdrawMoney(amount=wallet))
    assert d.trading.account.wallet == wallet
