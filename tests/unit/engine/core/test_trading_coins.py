"""Coins at a venue instead of positions: fees leave the bought coin, the books stay the venue's to the last digit."""

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.core.inputs import PositionsListed
from engine.core.reconcile import CONFIRM_S
from engine.core.trading import Trading
from engine.core.view_positions import position_views
from engine.domain.commands import AcceptVenue, AdoptPosition, CloseBasket, FlattenAccount, OpenBasket, RebalanceBasket
from engine.domain.errors import RefusedError
from engine.domain.facts import Deposited, FillRecorded, PositionAdopted, Withdrawn
from engine.domain.order import OrderSide, OrderState
from engine.domain.proposal import ProposalState
from engine.domain.units import Asset
from support.books import long_basket, symbol_of
from support.coin_venue import RATE, CoinVenue, coin_driver
from support.sameness import same
from support.trading_driver import TradingDriver
from support.trading_moves import LONGS, driver, net

AAA = symbol_of("AAA")
STEP = Decimal("0.001")


def apart(d: TradingDriver, venue: CoinVenue) -> list[str]:
    """Return where the books and the venue do not say the same."""
    account = d.trading.account
    found = [
        f"{symbol}: books {account.net(symbol)} and {d.trading.foreign.get(symbol, 0)} beside, venue {quantity}"
        for symbol, quantity in venue.coins.items()
        if quantity != account.net(symbol) + d.trading.foreign.get(symbol, Decimal(0))
    ]
    if account.cash != venue.money:
        found.append(f"money: books {account.cash}, venue {venue.money}")
    if not same(Trading(d.facts).account, account):
        found.append("the facts do not fold into the state")
    return found


def settle(d: TradingDriver) -> None:
    """Let the venue say the same until it is believed."""
    d.tick()
    d.tick(CONFIRM_S)


def test_what_a_fee_took_of_a_coin_is_not_in_the_books() -> None:
    d, venue = coin_driver()
    d.do(OpenBasket(basket=LONGS))
    bought = [fact for fact in d.facts if isinstance(fact, FillRecorded)]
    assert {fact.side for fact in bought} == {OrderSide.BUY}
    for fact in bought:
        assert net(d, fact.asset) == fact.quantity * (1 - RATE)
        assert fact.fee == fact.fee_in_kind * fact.price
    assert d.trading.account.book(LONGS).fees == sum(fact.fee for fact in bought)
    settle(d)
    assert apart(d, venue) == []
    assert d.trading.frozen == {}
    assert d.state.attempt.balance_gap == 0


def test_a_book_that_turns_over_agrees_with_the_venue_to_the_last_digit() -> None:
    d, venue = coin_driver(long_basket("longs", "AAA", "BBB", "CCC"), long_basket("more", "AAA", "DDD"))
    first, second = d.ask(OpenBasket(basket=LONGS)), d.ask(OpenBasket(basket=d.config.baskets[1].name))
    d.approve(*first, *second)  # they share orders in AAA
    assert apart(d, venue) == []
    for fraction in (0.3, 0.5):
        d.do(CloseBasket(basket=LONGS, fraction=fraction))
        assert apart(d, venue) == []
        d.do(RebalanceBasket(basket=LONGS, note="again"))
        assert apart(d, venue) == []
    d.approve(*d.ask(FlattenAccount()))
    settle(d)
    assert apart(d, venue) == []
    assert d.trading.frozen == {}
    assert all(track.state is OrderState.FILLED for track in d.trading.orders.all())


def test_what_is_too_little_to_be_sold_leaves_a_closed_basket_and_belongs_to_nobody() -> None:
    d, venue = coin_driver()
    d.do(OpenBasket(basket=LONGS))
    made = d.do(CloseBasket(basket=LONGS))
    assert d.entry(made).state is ProposalState.DONE
    assert d.trading.account.book(LONGS).flat
    left = {symbol: quantity for symbol, quantity in venue.coins.items() if quantity}
    assert left
    assert all(0 < quantity < STEP for quantity in left.values())
    assert d.trading.foreign == left
    assert apart(d, venue) == []
    d.do(OpenBasket(basket=LONGS))  # flat is flat: it can be opened again
    settle(d)
    assert apart(d, venue) == []
    assert d.trading.frozen == {}


def test_coins_that_were_there_are_foreign_and_bring_their_worth_when_they_are_adopted() -> None:
    d, venue = coin_driver()
    venue.coins[AAA] = Decimal("7.5")
    settle(d)
    assert d.trading.foreign == {AAA: Decimal("7.5")}
    before, price = d.trading.account, Decimal(f"{d.prices[Asset('AAA')]:.6f}")
    (stranger,) = position_views(d.state)
    assert (stranger.quantity, stranger.foreign, stranger.unrealized) == (Decimal("7.5"), Decimal("7.5"), Decimal(0))
    d.ask(AdoptPosition(basket=LONGS, asset=Asset("AAA"), quantity=Decimal(6), price=price))
    after = d.trading.account
    assert after.cash == before.cash == venue.money  # no money moved
    assert after.paid_in == before.paid_in + 6 * price
    assert apart(d, venue) == []
    d.do(CloseBasket(basket=LONGS))
    assert venue.coins[AAA] == Decimal("1.5")
    assert apart(d, venue) == []


def test_coins_that_left_the_venue_freeze_and_are_taken_out_with_their_worth() -> None:
    d, venue = coin_driver()
    d.do(OpenBasket(basket=LONGS))
    held = net(d, "AAA")
    venue.coins[AAA] = held / 4
    settle(d)
    assert d.trading.frozen.keys() == {AAA}
    assert "the venue" in next(each.frozen for each in position_views(d.state) if each.symbol == AAA)
    d.ask(AcceptVenue(symbol=AAA))
    settle(d)
    assert net(d, "AAA") == held / 4
    assert isinstance(d.last(Withdrawn), Withdrawn)
    assert apart(d, venue) == []
    assert d.trading.frozen == {}


def test_a_difference_below_what_venues_count_is_none() -> None:
    d, venue = coin_driver()
    d.do(OpenBasket(basket=LONGS))
    venue.coins[AAA] += Decimal("0.000000004")
    settle(d)
    assert d.trading.frozen == {}
    venue.coins[AAA] += Decimal("0.0001")
    settle(d)
    assert d.trading.frozen.keys() == {AAA}


def test_a_sale_waits_until_the_venue_shows_the_coins_and_never_sells_more() -> None:
    d, venue = coin_driver()
    d.do(OpenBasket(basket=LONGS))
    d.hold_effects = True
    made = d.do(CloseBasket(basket=LONGS))
    listed = d.state.attempt.positions
    assert len(d.held_back) == 3
    d.held_back.clear()
    d.state.attempt.sent.clear()
    less = tuple(replace(each, quantity=each.quantity / 2) if each.symbol == AAA else each for each in listed)
    d.put(PositionsListed(positions=less, balance=venue.money))
    d.tick()
    assert {effect.order.symbol for effect in d.held_back if hasattr(effect, "order")} == {
        symbol_of("BBB"),
        symbol_of("CCC"),
    }
    d.put(PositionsListed(positions=listed, balance=venue.money))
    d.tick()
    d.release()
    assert d.entry(made).state is ProposalState.DONE
    assert apart(d, venue) == []


def test_only_money_that_is_there_buys_coins() -> None:
    d, venue = coin_driver()
    venue.money -= Decimal(49_000)  # somebody bought something else with it
    settle(d)
    assert d.state.attempt.balance_gap == Decimal(-49_000)
    made = d.do(OpenBasket(basket=LONGS))
    assert d.entry(made).state is ProposalState.FAILED
    notes = [track.note for track in d.trading.orders.all()]
    assert any("and $1,000.00 are free" in note for note in notes), notes
    assert venue.coins == {}
    d.ask(AcceptVenue())
    settle(d)
    assert apart(d, venue) == []


def test_swaps_keep_their_wallet_and_adoption_moves_no_money() -> None:
    d = driver()
    d.do(OpenBasket(basket=LONGS))
    deposits = [fact for fact in d.facts if isinstance(fact, Deposited)]
    d.ask(AdoptPosition(basket=LONGS, asset=Asset("AAA"), quantity=Decimal(1)))
    assert [fact for fact in d.facts if isinstance(fact, Deposited)] == deposits
    assert isinstance(d.last(PositionAdopted), PositionAdopted)
    with pytest.raises(RefusedError, match="not frozen"):
        d.ask(AcceptVenue(symbol=AAA))
