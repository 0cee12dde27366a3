"""Whatever a trader and a market do, in any order: fills, books, orders and the paper venue say the same."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from engine.domain.basket import Side
from engine.domain.commands import (
    CloseBasket,
    CoreCommand,
    DepositMoney,
    FlattenAccount,
    OpenBasket,
    RebalanceBasket,
    WithdrawMoney,
)
from engine.domain.config import AccountConfig
from engine.domain.facts import FundingPaid
from engine.domain.proposal import Proposal, ProposalKind, ProposalState
from engine.domain.units import BasketName
from support.books import basket, correlated_closes, long_basket, small_config
from support.pictures import instrument
from support.trading_driver import SLOTS, TradingDriver
from support.trading_play import Play, twin_of

HEDGE = {"CCC": Side.LONG, "DDD": Side.LONG, "EEE": Side.SHORT, "FFF": Side.SHORT}
APART = (long_basket("one", "AAA", "BBB"), basket("two", HEDGE, notional=9_000))
SHARED = (long_basket("one", "AAA", "BBB"), basket("two", {"BBB": Side.LONG, "AAA": Side.SHORT}, notional=7_000))
STEPS = {
    "AAA": "0.001",
    "BBB": "0.1",
    "CCC": "1",
    "DDD": "0.01",
    "EEE": "0.5",
    "FFF": "0.001",
}  # from fine to a step of a hundred dollars
BOOKS = {"apart": APART, "shared": SHARED}
DEPTHS = (0, 1_500)
TICK = Decimal("0.01")
Move = Callable[[Play], None]


@cache
def warm(books: str, depth: int) -> TradingDriver:
    """Return an engine with its history loaded and nothing traded; only ever copied."""
    config = small_config(*BOOKS[books])
    config = replace(config, account=AccountConfig(paper_depth=Decimal(depth)))
    listed = {symbol: instrument(asset, step=STEPS[asset]) for asset, symbol in config.symbols.items()}
    driver = TradingDriver(config, correlated_closes(2, SLOTS, len(listed)), instruments=listed)
    for _ in range(6):  # funding falls due in two hours
        driver.close_hour(**dict.fromkeys(config.symbols, 0.001))
    return driver


def new_play(books: str, depth: int) -> Play:
    play = Play(twin_of(warm(books, depth)))
    play.start_funding()
    return play


def kind_of(command: CoreCommand) -> ProposalKind:
    kinds: dict[type, ProposalKind] = {
        OpenBasket: ProposalKind.OPEN,
        RebalanceBasket: ProposalKind.REBALANCE,
        CloseBasket: ProposalKind.CLOSE,
    }
    return kinds[type(command)]


def trade(command: OpenBasket | RebalanceBasket | CloseBasket, *, wait: bool) -> Move:
    """Ask for a proposal, hold it against its targets, approve it, and look that nothing is left to do."""

    def move(play: Play) -> None:
        name = command.basket
        targets = play.targets(name, command)
        made = play.ask(command)
        for proposal in made:
            assert play.astray(proposal, targets, kind_of(command)) == []
        if made and play.approve(made) and wait:
            play.settle()
            if not isinstance(command, CloseBasket):
                nothing_is_left(play, made[0])

    return move


def nothing_is_left(play: Play, before: Proposal) -> None:
    """Right after a proposal that was filled whole at the prices it was made of, asking again drafts nothing."""
    if play.driver.entry(before.id).state is not ProposalState.DONE:
        return
    again = play.ask(RebalanceBasket(basket=before.basket, note="once more"))
    event(f"asked again, volatile: {play.volatile()}")
    assert again == (), f"{[(leg.asset, leg.side, leg.quantity) for leg in again[0].legs]} right after {before}"
    assert "nothing to do" in play.refusals[-1] or "holds nothing" in play.refusals[-1]


def flatten(play: Play) -> None:
    made = play.ask(FlattenAccount())
    if made and play.approve(made):
        play.settle()


def prices(returns: list[float]) -> Move:
    def move(play: Play) -> None:
        moved = zip(play.assets, returns, strict=False)
        play.driver.quote(**{asset: play.driver.prices[asset] * (1.0 + by) for asset, by in moved})

    return move


def hours(returns: list[float], count: int) -> Move:
    """Let hours pass in which prices swing to and fro."""

    def move(play: Play) -> None:
        for number in range(count):
            swing = [by * (-0.8) ** number for by in returns]
            play.driver.close_hour(**dict(zip(play.assets, swing, strict=False)))

    return move


def money(command: DepositMoney | WithdrawMoney) -> Move:
    def move(play: Play) -> None:
        assert play.ask(command) == ()

    return move


def ticks(count: int, seconds: float) -> Move:
    def move(play: Play) -> None:
        for _ in range(count):
            play.driver.tick(seconds)

    return move


NAMES = st.sampled_from([BasketName("one"), BasketName("two")])
SMALL = st.lists(st.floats(-0.03, 0.03), min_size=6, max_size=6)
AMOUNTS = st.decimals(1, 60_000, places=2)
COMMANDS = st.one_of(
    st.builds(OpenBasket, basket=NAMES),
    st.builds(RebalanceBasket, basket=NAMES, note=st.just("the thesis changed")),
    st.builds(CloseBasket, basket=NAMES, fraction=st.sampled_from([0.1, 1 / 3, 0.5, 1.0])),
)
MOVES: st.SearchStrategy[Move] = st.one_of(
    st.builds(lambda command, wait: trade(command, wait=wait), COMMANDS, st.booleans()),
    st.builds(lambda command: trade(command, wait=True), COMMANDS),
    st.just(flatten),
    st.builds(prices, SMALL),
    st.builds(prices, st.lists(st.floats(-0.4, 0.6), min_size=6, max_size=6)),
    st.builds(hours, SMALL, st.integers(1, 12)),
    st.builds(lambda amount: money(DepositMoney(amount=amount)), AMOUNTS),
    st.builds(lambda amount: money(WithdrawMoney(amount=amount)), AMOUNTS),
    st.builds(ticks, st.integers(1, 4), st.floats(0.5, 70.0)),
)
OPENED = [trade(OpenBasket(basket=BasketName(name)), wait=True) for name in ("one", "two")]
PLANS = st.lists(MOVES, min_size=2, max_size=9).map(lambda moves: [*OPENED, *moves])


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("books", BOOKS)
@settings(deadline=None, max_examples=15)
@given(moves=PLANS)
def test_fills_books_orders_and_venue_agree_after_every_move(books: str, depth: int, moves: list[Move]) -> None:
    play = new_play(books, depth)
    for move in moves:
        move(play)
        assert play.wrong() == []
    play.settle()
    assert play.wrong() == []
    event(f"liquidated: {any(each.client_order_id == 'liquidation' for each in play.fills())}")
    event(f"funding: {any(isinstance(fact, FundingPaid) for fact in play.driver.facts)}")


@settings(deadline=None, max_examples=15)
@given(moves=PLANS, command=COMMANDS)
def test_a_trade_at_standing_prices_costs_its_fee_half_the_spread_slippage_and_at_most_a_tick(
    moves: list[Move], command: OpenBasket | RebalanceBasket | CloseBasket
) -> None:
    play = new_play("apart", 1_500)
    for move in moves:
        move(play)
    play.settle()
    before, known, made = play.equity(), len(play.fills()), play.ask(command)
    if made and play.approve(made):
        play.settle()
    fills = play.fills()[known:]
    fees = sum((fill.fee for fill in fills), Decimal(0))
    worse = sum(((f.price - play.price(f.asset)) * f.side.sign * f.quantity for f in fills), Decimal(0))
    least = sum((f.quantity * play.price(f.asset) * Decimal("0.0003") for f in fills), Decimal(0))
    assert abs(before - play.equity() - fees - worse) < Decimal("1e-9")
    assert least - Decimal("1e-6") <= worse <= least * Decimal("1.001") + TICK * sum(f.quantity for f in fills)
