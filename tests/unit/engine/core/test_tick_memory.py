"""What a price costs the engine's memory: little while it is taken, and nothing afterwards."""

import statistics
import tracemalloc
from decimal import Decimal

from msgspec import structs

from engine.core.inputs import LinkReported, QuotesArrived, Stamp, Ticked
from engine.core.state import new_state
from engine.core.step import step
from engine.domain.market import LinkState
from engine.domain.units import Ms
from support.books import START, quote_at, small_config, symbol_of

TICKS, WARM = 3_000, 600
PEAK_BYTES, LEFT_BYTES = 4_000, 2.0  # a tick; one that kept its quote would leave 500


def test_a_price_takes_little_memory_and_leaves_none_behind() -> None:
    state = new_state(small_config())
    symbols = [symbol_of(name) for name in ("AAA", "BBB", "CCC")]
    peaks: list[int] = []

    def tick(number: int) -> None:
        at, seconds = Ms(START + number * 10), 10.0 + number / 100
        quote = quote_at(symbols[number % len(symbols)], received=seconds)
        quote = structs.replace(quote, event_ms=at, last=Decimal(100) + Decimal(number % 50) / 100)
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        step(state, Stamp(market_ms=at, monotonic=seconds), QuotesArrived(quotes=(quote,)))
        if number % 100 == 0:
            step(state, Stamp(market_ms=at, monotonic=seconds), Ticked())
        peaks.append(tracemalloc.get_traced_memory()[1] - before)

    step(state, Stamp(market_ms=START, monotonic=10.0), LinkReported(state=LinkState.UP, why="", latency_ms=5.0))
    tracemalloc.start()
    try:
        for number in range(WARM):
            tick(number)
        peaks.clear()
        held = tracemalloc.get_traced_memory()[0]
        for number in range(WARM, WARM + TICKS):
            tick(number)
        left = tracemalloc.get_traced_memory()[0] - held - 40 * len(peaks)  # an entry of the list itself
    finally:
        tracemalloc.stop()
    assert statistics.median(peaks) < PEAK_BYTES
    assert left / TICKS < LEFT_BYTES
