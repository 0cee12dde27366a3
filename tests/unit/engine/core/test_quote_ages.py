"""Prices that come late or out of order: the newest stays, and what is old recovers nothing."""

from dataclasses import replace
from decimal import Decimal

from msgspec import structs

from engine.core.inputs import Input, LinkReported, QuotesArrived, Stamp, Ticked
from engine.core.outcome import Result
from engine.core.state import new_state
from engine.core.step import step
from engine.domain.events import QuoteRecovered
from engine.domain.market import Funding, LinkState
from engine.domain.units import HOUR_MS, Asset
from support.books import START, quote_at, small_config, symbol_of


def test_a_price_that_was_overtaken_on_its_way_is_not_shown_and_a_late_one_recovers_nothing() -> None:
    state, seconds = new_state(small_config()), 10.0

    def put(item: Input) -> Result:
        return step(state, Stamp(market_ms=START, monotonic=seconds), item)

    put(LinkReported(state=LinkState.UP, why="", latency_ms=5.0))
    symbol = symbol_of("AAA")
    put(QuotesArrived(quotes=(quote_at(symbol, received=10.0),)))
    newer = state.quotes[Asset("AAA")]
    put(QuotesArrived(quotes=(structs.replace(quote_at(symbol, received=8.0), last=Decimal(1)),)))
    assert state.quotes[Asset("AAA")] == newer
    seconds = 40.0
    put(Ticked())
    late = put(QuotesArrived(quotes=(quote_at(symbol, received=20.0),)))
    assert not [event for event in late.events if isinstance(event, QuoteRecovered)]
    assert state.quotes[Asset("AAA")].received == 20.0


def test_a_streamed_price_keeps_the_funding_that_a_poll_has_told_also_where_the_poll_came_late() -> None:
    state, asset = new_state(small_config()), Asset("AAA")
    eight_hourly = Funding(rate=0.0001, every_ms=8 * HOUR_MS)

    def put(received: float, last: int, funding: Funding | None) -> None:
        quote = structs.replace(quote_at(symbol_of("AAA"), received=received), last=Decimal(last), funding=funding)
        step(state, Stamp(market_ms=START, monotonic=20.0), QuotesArrived(quotes=(quote,)))

    put(10.0, 100, None)
    put(9.0, 99, eight_hourly)
    assert (state.quotes[asset].last, state.quotes[asset].funding) == (Decimal(100), eight_hourly)
    put(11.0, 101, None)
    assert (state.quotes[asset].last, state.quotes[asset].funding) == (Decimal(101), eight_hourly)
    put(12.0, 102, replace(eight_hourly, rate=0.0002))
    put(13.0, 103, None)
    assert state.quotes[asset].funding == replace(eight_hourly, rate=0.0002)
