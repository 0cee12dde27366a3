"""Orders that rest at the touch and then cross: prices, what becomes of the rest, and one proposal in the end."""

from dataclasses import replace
from decimal import Decimal

from engine.core.trading import Trading
from engine.domain.commands import HaltTrading, OpenBasket
from engine.domain.config import Config
from engine.domain.order import OrderState
from engine.domain.proposal import ProposalState
from engine.execution.orders import OrderTrack
from engine.execution.resting import LIMIT_THEN_CROSS, REST_S
from support.books import small_config
from support.sameness import same
from support.trading_driver import TradingDriver
from support.trading_moves import LONG_BASKET, LONGS, driver, next_life, state_of


def patient() -> Config:
    config = small_config(LONG_BASKET)
    return replace(config, limits=replace(config.limits, style=LIMIT_THEN_CROSS))


def resting() -> TradingDriver:
    """Return an engine whose opening orders rest at the touch."""
    d = driver(config=patient())
    d.do(OpenBasket(basket=LONGS))
    return d


def tracks(d: TradingDriver, asset: str) -> list[OrderTrack]:
    return [track for track in d.trading.orders.all() if track.order.asset == asset]


def wait(d: TradingDriver, seconds: float) -> None:
    for _ in range(int(seconds)):
        d.tick()


def test_an_order_joins_its_own_side_of_the_book_first() -> None:
    d = resting()
    (track,) = tracks(d, "AAA")
    quote = d.state.quotes[track.order.asset]
    assert track.state is OrderState.OPEN
    assert track.order.limit is not None
    assert quote.bid is not None
    assert track.order.limit <= quote.bid
    assert state_of(d, "longs-1") is ProposalState.EXECUTING


def test_what_rested_in_vain_crosses_within_the_cap_and_the_proposal_is_done() -> None:
    d = resting()
    wait(d, REST_S + 3)
    first, second = tracks(d, "AAA")
    assert (first.state, second.state) == (OrderState.CANCELED, OrderState.FILLED)
    assert second.order.continues == first.order.client_order_id
    assert second.order.quantity == first.order.quantity
    cap = Decimal(str(d.config.limits.max_slippage_bps)) / 10_000
    assert second.order.limit is not None
    assert second.order.limit <= second.order.price * (1 + cap)
    assert state_of(d, "longs-1") is ProposalState.DONE
    assert d.disagreements() == []
    assert same(Trading(d.facts).orders.all(), d.trading.orders.all())


def test_a_touch_that_is_reached_fills_without_crossing() -> None:
    d = resting()
    d.quote(**{asset: price * 0.999 for asset, price in d.prices.items()})
    wait(d, 2)
    assert [track.state for track in tracks(d, "AAA")] == [OrderState.FILLED]
    assert tracks(d, "AAA")[0].slippage_bps < 0
    assert state_of(d, "longs-1") is ProposalState.DONE


def test_a_halt_takes_back_what_rests_and_nothing_crosses() -> None:
    d = resting()
    d.ask(HaltTrading())
    wait(d, REST_S + 3)
    assert {track.state for track in d.trading.orders.all()} == {OrderState.CANCELED}
    assert all(track.order.continues is None for track in d.trading.orders.all())


def test_a_restart_goes_on_with_what_rests() -> None:
    d = next_life(resting())
    wait(d, REST_S + 5)
    assert state_of(d, "longs-1") is ProposalState.DONE
    assert d.disagreements() == []
