"""Whatever a trader does on spot, the books are the venue's to the last digit, and nothing is ever short."""

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.reconcile import CONFIRM_S
from engine.core.trading import Trading
from engine.domain.commands import AdoptPosition, CloseBasket, CoreCommand, FlattenAccount, OpenBasket, RebalanceBasket
from engine.domain.errors import RefusedError
from engine.domain.units import Asset, BasketName
from support.books import long_basket, symbol_of
from support.coin_venue import CoinVenue, coin_driver
from support.sameness import same
from support.trading_driver import TradingDriver

BASKETS = (long_basket("longs", "AAA", "BBB", "CCC"), long_basket("more", "AAA", "DDD"))
ASSETS = ("AAA", "BBB", "CCC", "DDD")
NAMES = st.sampled_from([each.name for each in BASKETS])
MOVES = st.one_of(
    st.builds(lambda name: OpenBasket(basket=name), NAMES),
    st.builds(lambda name, part: CloseBasket(basket=name, fraction=part / 10), NAMES, st.integers(1, 10)),
    st.builds(lambda name: RebalanceBasket(basket=name, note="again"), NAMES),
    st.just(FlattenAccount()),
    st.tuples(st.just("price"), st.sampled_from(ASSETS), st.integers(-20, 20)),
    st.tuples(st.just("coins"), st.sampled_from(ASSETS), st.integers(1, 50)),
    st.tuples(st.just("adopt"), NAMES, st.integers(1, 100)),
)


def ask(d: TradingDriver, command: CoreCommand) -> None:
    """Ask and approve; a refusal is an answer."""
    try:
        d.approve(*d.ask(command))
    except RefusedError:
        return


def act(d: TradingDriver, venue: CoinVenue, move: Any) -> None:
    """Do one thing."""
    match move:
        case ("price", asset, per_cent):
            d.quote(**{asset: d.prices[asset] * (1 + per_cent / 100)})
        case ("coins", asset, amount):  # somebody sends coins to the account
            symbol = symbol_of(asset)
            if not d.trading.account.net(symbol):  # with a basket in it, it would freeze until it is accepted
                venue.coins[symbol] = venue.coins.get(symbol, Decimal(0)) + Decimal(amount) / 8
        case ("adopt", name, per_cent):
            for asset in next(each for each in BASKETS if each.name == name).assets:
                foreign = d.trading.foreign.get(symbol_of(asset), Decimal(0))
                if foreign:
                    part = (foreign * per_cent / 100).quantize(Decimal("1E-12"))
                    adopt = AdoptPosition(basket=BasketName(name), asset=Asset(asset), quantity=min(part, foreign))
                    _tell(d, adopt)
        case _:
            ask(d, move)
    d.tick()
    d.tick(CONFIRM_S)


def _tell(d: TradingDriver, command: CoreCommand) -> None:
    try:
        d.ask(command)
    except RefusedError:
        return


@settings(deadline=None, max_examples=25)
@given(moves=st.lists(MOVES, min_size=1, max_size=12))
def test_the_books_are_the_venues_whatever_is_done(moves: list[Any]) -> None:
    d, venue = coin_driver(*BASKETS)
    for move in moves:
        act(d, venue, move)
        account, foreign = d.trading.account, d.trading.foreign
        for symbol, quantity in venue.coins.items():
            assert quantity >= 0
            assert account.net(symbol) >= 0
            assert quantity == account.net(symbol) + foreign.get(symbol, Decimal(0)), (symbol, move)
        assert account.cash == venue.money >= 0
        assert d.trading.frozen == {}
        assert d.state.attempt.balance_gap == 0
    assert same(Trading(d.facts).account, d.trading.account)
