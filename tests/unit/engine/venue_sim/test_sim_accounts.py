"""The exchange's own books: whatever is traded, wallet, positions and orders are sums of what was executed."""

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.order import OrderSide
from engine.domain.units import HOUR_MS, MINUTE_MS, Asset
from engine.venue_sim.account_margin import liquidation_of, margins
from engine.venue_sim.accounts import Account, MarginMode, VenueName
from engine.venue_sim.orders import QUOTE, Ending, ExecutionKind, Market, OrderStatus, TimeInForce
from engine.venue_sim.refusals import RefusalError, Why
from support.sim_accounts import ETH, Hall

BUY, SELL = OrderSide.BUY, OrderSide.SELL
SOL = Asset("SOL")
ZERO = Decimal(0)

move = st.tuples(
    st.sampled_from([ETH, SOL]),
    st.sampled_from([BUY, SELL]),
    st.integers(1, 400),  # tenths of a coin
    st.sampled_from([None, -30, -2, 0, 2, 30]),  # basis points from the mark; None is a market order
    st.booleans(),  # reduce-only
    st.sampled_from([Market.SWAP, Market.SWAP, Market.SPOT]),
    st.integers(0, 180),  # minutes that pass
)


def play(
    hall: Hall, account: Account, moves: list[tuple[Asset, OrderSide, int, int | None, bool, Market, int]]
) -> None:
    for asset, side, tenths, points, reduce_only, market, minutes in moves:
        quote = hall.quote(asset)
        price = None
        if points is not None:
            price = (quote.mark * (10_000 + points) / 10_000 // quote.tick) * quote.tick
        quantity = str(Decimal(tenths) / 10)
        try:
            hall.place(
                account,
                side,
                quantity,
                price=price,
                asset=asset,
                market=market,
                reduce_only=reduce_only and market is Market.SWAP,
            )
        except RefusalError as refusal:
            assert refusal.why in (Why.FUNDS, Why.REDUCE_ONLY, Why.TOO_SMALL)
        hall.wait(minutes * MINUTE_MS, 0.1)


def assert_books_balance(account: Account) -> None:
    """Money is the sum of the log, positions the sum of fills, and every order of what was executed for it."""
    for market in Market:
        for coin, amount in account.wallet(market).items():
            wallets = [market] if account.coins is not account.spot_coins else list(Market)
            changes = [entry.change for entry in account.log if entry.coin == coin and entry.market in wallets]
            assert amount == sum(changes, ZERO), coin
    traded: Counter[Asset] = Counter()
    for each in account.executions:
        if each.market is Market.SWAP and each.kind is not ExecutionKind.FUNDING:
            traded[each.asset] += each.side.sign * each.quantity  # type: ignore[assignment]
    for asset, position in account.positions.items():
        assert position.quantity == traded[asset]
    for order in account.orders.values():
        fills = [each for each in account.executions if each.order is order]
        assert order.filled == sum((each.quantity for each in fills), ZERO)
        assert order.cost == sum((each.quantity * each.price for each in fills), ZERO)
        assert order.filled <= order.quantity
        assert order.status.open is (order.order_id in account.open)


@settings(max_examples=25, deadline=None)
@given(venue=st.sampled_from(list(VenueName)), moves=st.lists(move, max_size=25))
def test_whatever_is_traded_the_books_balance(
    venue: VenueName, moves: list[tuple[Asset, OrderSide, int, int | None, bool, Market, int]]
) -> None:
    hall = Hall()
    account = hall.account(venue)
    hall.exchange.deposit(account, Decimal(20_000), market=Market.SPOT)
    play(hall, account, moves)
    assert_books_balance(account)


@settings(max_examples=15, deadline=None)
@given(moves=st.lists(move, max_size=20), share=st.sampled_from([0.1, 0.5]), late=st.booleans())
def test_the_books_balance_under_partial_and_late_fills_too(
    moves: list[tuple[Asset, OrderSide, int, int | None, bool, Market, int]], share: float, late: bool
) -> None:
    hall = Hall()
    account = hall.account()
    hall.board.begin({"kind": "partial-fills", "share": share, "duration_s": 1000}, hall.now, {ETH, SOL})
    if late:
        hall.board.begin({"kind": "late-fills", "delay_s": 0.15, "duration_s": 1000}, hall.now, {ETH, SOL})
    play(hall, account, moves)
    assert_books_balance(account)


def test_a_position_that_crosses_zero_realizes_what_it_closed_and_opens_at_the_new_price() -> None:
    hall = Hall()
    account = hall.account()
    hall.place(account, BUY, "2")
    first = account.position(ETH).entry
    hall.place(account, SELL, "5")
    (sale,) = [each for each in account.executions if each.side is SELL]
    assert sale.closed == 2
    assert sale.realized == 2 * (sale.price - first)
    assert account.position(ETH).quantity == -3
    assert account.position(ETH).entry == sale.price


def test_a_large_market_order_walks_the_book_and_what_finds_nothing_is_canceled() -> None:
    hall = Hall()
    account = hall.account(money="100000000")
    quote = hall.quote()
    order = hall.place(account, BUY, str(quote.depth * 60))
    prices = [each.price for each in account.executions]
    assert (order.status, order.ending) == (OrderStatus.CANCELED, Ending.NOT_FILLED)
    assert order.filled == quote.depth * 50
    assert prices == sorted(prices)
    assert prices[0] == quote.ask


def test_funding_is_charged_once_at_each_instant_to_what_was_held_before_it() -> None:
    hall = Hall()
    account = hall.account()
    hall.place(account, BUY, "3")
    hall.wait(6 * HOUR_MS)
    assert [each.kind for each in account.executions] == [ExecutionKind.TRADE]
    hall.wait(HOUR_MS)
    hall.wait(HOUR_MS)
    hall.wait(8 * HOUR_MS)
    paid = [each for each in account.executions if each.kind is ExecutionKind.FUNDING]
    assert [each.at_ms % (8 * HOUR_MS) for each in paid] == [0, 0]
    assert paid[0].fee == 3 * paid[0].mark * paid[0].fee_rate


@pytest.mark.parametrize("side", [BUY, SELL])
def test_an_isolated_position_loses_its_margin_and_nothing_else(side: OrderSide) -> None:
    hall = Hall()
    account = hall.account(money="10000000")
    account.margin_mode = MarginMode.ISOLATED
    margins_of = {}
    for asset in map(Asset, ("ETH", "SOL", "BTC", "XRP", "PAXG", "LTC")):
        account.leverages[asset] = Decimal(50)
        hall.place(account, side, str(hall.quote(asset).round_lot(100_000 / hall.quote(asset).mark)), asset=asset)
        position = account.position(asset)
        margins_of[asset] = abs(position.quantity) * position.entry / 50
        limit = liquidation_of(account, position, hall.exchange.instant().quotes)
        assert limit is not None
        assert (limit < position.entry) is (side is BUY)
    for _ in range(24 * 14):
        hall.wait(HOUR_MS)
    taken = [each for each in account.executions if each.kind is ExecutionKind.LIQUIDATION]
    assert taken, "two weeks moved none of six by a hundredth against it"
    for each in taken:
        assert -each.realized == pytest.approx(margins_of[each.asset])
    assert_books_balance(account)


def test_a_cross_account_that_owes_ends_at_zero_and_not_below() -> None:
    hall = Hall()
    account = hall.account(money="10000")
    hall.place(account, BUY, "30")
    hall.exchange.deposit(account, Decimal(-9_500))
    hall.wait(HOUR_MS)
    assert not account.held()
    assert account.coins[QUOTE] >= 0
    assert_books_balance(account)


def test_free_margin_is_what_neither_positions_nor_open_orders_hold() -> None:
    hall = Hall()
    account = hall.account()
    quote = hall.quote()
    hall.place(account, BUY, "10")
    low = quote.mark * 8 // 10 // quote.tick * quote.tick
    hall.place(account, BUY, "5", price=low)
    hall.place(account, SELL, "4", price=quote.mark * 2 // quote.tick * quote.tick)  # closes: holds nothing
    figures = margins(account, hall.exchange.instant().quotes)
    assert figures.orders == 5 * low / 10
    assert figures.free == figures.balance - figures.initial - figures.orders


def test_post_only_is_canceled_on_bybit_and_refused_on_binance() -> None:
    hall = Hall()
    bybit, binance = hall.account(), hall.account(VenueName.BINANCE)
    high = hall.quote().ask * 2
    order = hall.place(bybit, BUY, "1", price=high, in_time=TimeInForce.POST_ONLY)
    assert (order.status, order.ending) == (OrderStatus.CANCELED, Ending.POST_ONLY)
    assert order.filled == 0
    with pytest.raises(RefusalError, match="take liquidity"):
        hall.place(binance, BUY, "1", price=high, in_time=TimeInForce.POST_ONLY)
    assert not binance.orders


def test_a_client_id_is_taken_for_ever_on_bybit_and_while_it_is_open_on_binance() -> None:
    hall = Hall()
    bybit, binance = hall.account(), hall.account(VenueName.BINANCE)
    hall.place(bybit, BUY, "1", client_id="one")
    hall.place(binance, BUY, "1", client_id="one")
    hall.place(binance, BUY, "1", client_id="one")
    with pytest.raises(RefusalError, match="duplicate"):
        hall.place(bybit, BUY, "1", client_id="one")
    with pytest.raises(RefusalError, match="duplicate"):
        hall.place(bybit, BUY, "1", client_id="one", asset=SOL)
