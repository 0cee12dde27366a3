"""What happens where the venue holds something else than the books: frozen, foreign, settled by the trader's word."""

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.core.inputs import (
    AccountAdmitted,
    AccountStreamReported,
    BrokerReported,
    ClockMeasured,
    Executed,
    PositionsListed,
)
from engine.core.reconcile import CONFIRM_S
from engine.core.trading import Trading
from engine.core.view_health import health_view
from engine.core.view_positions import position_views
from engine.domain.commands import AcceptVenue, AdoptPosition, CloseBasket, OpenBasket
from engine.domain.config import Config, Mode
from engine.domain.errors import RefusedError
from engine.domain.facts import Deposited, ForeignCounted, SymbolFrozen, SymbolReleased, Withdrawn
from engine.domain.order import CashMovement, FundingCharge, VenuePosition
from engine.domain.units import Asset, FillId, Ms, Symbol
from support.books import small_config, symbol_of
from support.sameness import same
from support.trading_driver import TradingDriver
from support.trading_moves import LONG_BASKET, LONGS, driver, net, opened, refusal

AAA, ZZZ = symbol_of("AAA"), Symbol("ZZZ/USDT:USDT")


def live(*, config: Config | None = None) -> Config:
    base = config or small_config(LONG_BASKET)
    return replace(base, venue=replace(base.venue, mode=Mode.LIVE))


def listing(d: TradingDriver, **quantities: str) -> PositionsListed:
    """Return what the venue would list: the books, but for the assets that are named."""
    held = {symbol_of(asset): d.trading.account.net(symbol_of(asset)) for asset in d.config.symbols}
    held |= {Symbol(name) if "/" in name else symbol_of(name): Decimal(text) for name, text in quantities.items()}
    return PositionsListed(
        positions=tuple(
            VenuePosition(symbol=symbol, quantity=quantity, entry=Decimal(100), margin=None, liquidation=None)
            for symbol, quantity in held.items()
            if quantity
        )
    )


def seen(d: TradingDriver, item: PositionsListed) -> None:
    """Let the venue say the same until it is believed."""
    d.put(item)
    d.clock.seconds += CONFIRM_S
    d.put(item)


def test_a_difference_freezes_the_symbol_only_once_it_stood_still() -> None:
    d = opened()
    less = listing(d, AAA=str(net(d, "AAA") - 3))
    d.put(less)
    assert d.trading.frozen == {}
    d.clock.seconds += CONFIRM_S / 2
    d.put(listing(d))  # the listing was only late
    d.clock.seconds += CONFIRM_S / 2
    d.put(less)
    assert d.trading.frozen == {}
    seen(d, less)
    frozen = d.trading.frozen[AAA]
    assert (frozen.venue, frozen.books) == (net(d, "AAA") - 3, net(d, "AAA"))
    (closing,) = d.ask(CloseBasket(basket=LONGS))
    with pytest.raises(RefusedError, match="frozen"):
        d.approve(closing)


def test_a_frozen_symbol_is_released_when_the_venue_agrees_again() -> None:
    d = opened()
    seen(d, listing(d, AAA="0"))
    assert AAA in d.trading.frozen
    d.put(listing(d))
    assert d.trading.frozen == {}
    assert isinstance(d.last(SymbolReleased), SymbolReleased)


def test_the_venues_word_shrinks_the_books_and_frees_the_symbol() -> None:
    d = opened()
    held = net(d, "AAA")
    seen(d, listing(d, AAA=str(held / 4)))
    d.ask(AcceptVenue(symbol=AAA))
    assert net(d, "AAA") == held / 4
    assert d.trading.frozen == {}
    assert d.trading.foreign.get(AAA, Decimal(0)) == 0
    assert same(Trading(d.facts).account, d.trading.account)


def test_what_the_venue_holds_beyond_the_books_becomes_foreign_when_it_is_taken() -> None:
    d = opened()
    held = net(d, "AAA")
    seen(d, listing(d, AAA=str(held + 7)))
    d.ask(AcceptVenue(symbol=AAA))
    assert (net(d, "AAA"), d.trading.foreign[AAA]) == (held, Decimal(7))
    d.put(listing(d, AAA=str(held + 7)))
    assert d.trading.frozen == {}


def test_a_position_turned_round_at_the_venue_empties_the_books_and_is_foreign() -> None:
    d = opened()
    seen(d, listing(d, AAA="-2"))
    d.ask(AcceptVenue(symbol=AAA))
    assert (net(d, "AAA"), d.trading.foreign[AAA]) == (Decimal(0), Decimal(-2))


def test_only_a_frozen_symbol_can_be_settled() -> None:
    assert "not frozen" in refusal(opened(), AcceptVenue(symbol=AAA))
    assert "agrees" in refusal(opened(), AcceptVenue())


def test_what_no_basket_holds_is_foreign_and_shown_and_not_frozen() -> None:
    d = opened()
    seen(d, listing(d, **{ZZZ: "5"}))
    assert d.trading.foreign == {ZZZ: Decimal(5)}
    assert d.trading.frozen == {}
    (stranger,) = (view for view in position_views(d.state) if view.symbol == ZZZ)
    assert (stranger.quantity, stranger.foreign, stranger.baskets) == (Decimal(5), Decimal(5), ())


def test_an_order_that_would_eat_into_a_foreign_position_is_held_back() -> None:
    d = driver(config=live())
    d.put(PositionsListed(positions=()))
    seen(d, PositionsListed(positions=(_position("-1000"),)))
    assert d.trading.foreign == {AAA: Decimal(-1000)}
    d.hold_effects = True
    d.do(OpenBasket(basket=LONGS))
    (track,) = (each for each in d.trading.orders.all() if each.order.symbol == AAA)
    assert "belong to no basket" in track.note


def _position(quantity: str) -> VenuePosition:
    return VenuePosition(symbol=AAA, quantity=Decimal(quantity), entry=Decimal(90), margin=None, liquidation=None)


def test_at_a_venue_a_basket_adopts_what_is_foreign_and_no_more() -> None:
    d = driver(config=live())
    seen(d, PositionsListed(positions=(_position("8"),)))
    assert "no more than that" in refusal(d, AdoptPosition(basket=LONGS, asset=Asset("AAA"), quantity=Decimal(9)))
    d.ask(AdoptPosition(basket=LONGS, asset=Asset("AAA"), quantity=Decimal(6)))
    assert (d.held(LONGS, "AAA"), d.trading.foreign[AAA]) == (Decimal(6), Decimal(2))
    seen(d, PositionsListed(positions=(_position("8"),)))
    assert d.trading.frozen == {}


def test_a_venues_balance_is_the_first_money_and_later_differences_are_told() -> None:
    d = driver(config=live())
    d = TradingDriver(d.config, d.closes, money=[])
    d.put(PositionsListed(positions=(), balance=Decimal("812.5")))
    first = d.last(Deposited)
    assert isinstance(first, Deposited)
    assert (first.amount, d.trading.account.wallet) == (Decimal("812.5"), Decimal("812.5"))
    other = PositionsListed(positions=(), balance=Decimal(800))
    seen(d, other)
    assert d.state.attempt.balance_gap == Decimal("-12.5")
    d.ask(AcceptVenue())
    assert d.trading.account.wallet == Decimal(800)
    assert d.state.attempt.balance_gap == 0


def test_nothing_is_sent_to_a_venue_before_its_positions_are_known_or_while_it_is_silent() -> None:
    d = driver(config=live())
    d.state.attempt.reconciled = False
    d.hold_effects = True
    d.do(OpenBasket(basket=LONGS))
    assert d.held_back == []
    d.put(BrokerReported(why="timeout"))
    d.put(PositionsListed(positions=()))
    d.tick()
    assert d.held_back == []
    d.put(BrokerReported(why=""))
    d.tick()
    assert d.held_back


def test_how_the_account_is_followed_is_shown_and_keeps_nothing_from_being_sent() -> None:
    d = driver(config=live())
    for said in (AccountStreamReported(up=True, why=""), AccountStreamReported(up=False, why="it is silent")):
        d.put(said)
        shown = health_view(d.state, market_ms=d.clock.now_ms, monotonic=d.clock.seconds, uptime_s=0.0, pid=1, seq=0)
        assert (shown.account_streaming, shown.account_stream_why) == (said.up, said.why)
    d.hold_effects = True
    d.do(OpenBasket(basket=LONGS))
    d.put(PositionsListed(positions=()))
    d.tick()
    assert d.held_back


def test_differences_survive_a_restart() -> None:
    d = opened()
    seen(d, listing(d, AAA="1", **{ZZZ: "5"}))
    again = Trading(d.facts)
    assert again.frozen.keys() == {AAA}
    assert again.foreign == {ZZZ: Decimal(5)}
    assert isinstance(d.last(ForeignCounted), ForeignCounted)
    assert isinstance(d.last(SymbolFrozen), SymbolFrozen)


def test_money_that_moves_at_the_venue_is_booked_once_and_not_what_was_there_before() -> None:
    d = driver(config=live())
    at = d.clock.now_ms
    came = CashMovement(id="t1", amount=Decimal(100), what="transfer", at=Ms(at + 1))
    went = CashMovement(id="t2", amount=Decimal("-0.5"), what="interest", at=Ms(at + 2))
    before = CashMovement(id="t0", amount=Decimal(7), what="transfer", at=Ms(at - 1))
    wallet = d.trading.account.wallet
    d.put(Executed(movements=(before, came, went)))
    d.put(Executed(movements=(before, came, went)))
    assert d.trading.account.wallet == wallet + Decimal("99.5")
    assert Trading(d.facts).moved == d.trading.moved
    last = d.last(Withdrawn)
    assert isinstance(last, Withdrawn)
    assert (last.venue_id, last.note) == ("t2", "interest")


def test_funding_on_what_belongs_to_no_basket_is_not_charged_to_the_books() -> None:
    d = opened()
    held = net(d, "AAA")
    seen(d, listing(d, AAA=str(held * 2)))
    d.ask(AcceptVenue(symbol=AAA))
    charge = FundingCharge(id=FillId("f1"), symbol=AAA, amount=Decimal(8), rate=0.0001, at=d.clock.now_ms)
    d.put(Executed(funding=(charge,)))
    assert d.trading.account.book(LONGS).funding == Decimal(4)


def test_a_key_that_only_reads_and_a_wrong_clock_send_nothing() -> None:
    d = driver(config=live())
    d.put(PositionsListed(positions=()))
    d.put(AccountAdmitted(refused="the key only reads"))
    (made,) = d.ask(OpenBasket(basket=LONGS))
    with pytest.raises(RefusedError, match="only reads"):
        d.approve(made)
    d.put(AccountAdmitted(refused=""))
    d.put(ClockMeasured(skew_ms=2_500.0))
    d.hold_effects = True
    d.approve(made)
    assert d.held_back == []
    d.put(ClockMeasured(skew_ms=40.0))
    d.tick()
    assert d.held_back
