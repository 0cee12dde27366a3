"""Filling the store: pages, resumes, survives failures, and asks for nothing it has."""

import asyncio
import math

from engine.core.inputs import CandlesArrived, Input, LoadProgressed
from engine.domain.units import HOUR_MS, Ms, Symbol
from engine.runtime.history_loader import PAGE, HistoryLoader
from support.books import START, symbol_of
from support.fake_market_data import FakeMarketData

SLOTS = 2_500
FIRST = Ms(START - SLOTS * HOUR_MS)
ONE, TWO = symbol_of("AAA"), symbol_of("BBB")


class Loading:
    """A loader on a fake venue, with what it put and reported."""

    def __init__(self, data: FakeMarketData) -> None:
        self.data = data
        self.inputs: list[Input] = []
        self.failures: list[str] = []
        self.waited: list[float] = []
        self.loader = HistoryLoader(
            data,
            put=self.inputs.append,
            succeeded=lambda _: None,
            failed=self.failures.append,
            step_ms=HOUR_MS,
            sleep=self.sleep,
        )

    async def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)

    def load(self, newest: dict[Symbol, Ms], *symbols: Symbol) -> int:
        return asyncio.run(self.loader.load(newest, symbols, start=FIRST, until=START))

    def opens(self, symbol: Symbol) -> list[int]:
        arrived = [item for item in self.inputs if isinstance(item, CandlesArrived) and item.symbol == symbol]
        return [candle.open_ms for item in arrived for candle in item.candles]

    @property
    def progress(self) -> LoadProgressed:
        return [item for item in self.inputs if isinstance(item, LoadProgressed)][-1]


def venue(**paths: list[float]) -> FakeMarketData:
    data = FakeMarketData(now_ms=START)
    for asset, closes in paths.items():
        data.set_path(symbol_of(asset), FIRST, closes)
    return data


def test_every_slot_of_every_symbol_comes_once() -> None:
    loading = Loading(venue(AAA=[1.0] * (SLOTS + 1), BBB=[2.0] * (SLOTS + 1)))
    fetched = loading.load({}, ONE, TWO)
    expected = list(range(FIRST, START, HOUR_MS))
    assert fetched == 2 * SLOTS
    assert loading.opens(ONE) == loading.opens(TWO) == expected
    assert (loading.progress.loaded, loading.progress.wanted) == (2 * SLOTS, 2 * SLOTS)


def test_only_what_is_missing_is_asked_for() -> None:
    loading = Loading(venue(AAA=[1.0] * (SLOTS + 1)))
    newest = Ms(START - 10 * HOUR_MS)
    assert loading.load({ONE: newest}, ONE) == 9
    assert [call.since_ms for call in loading.data.calls_of("candles")] == [newest + HOUR_MS]


def test_a_store_that_is_up_to_date_asks_nothing() -> None:
    loading = Loading(venue(AAA=[1.0] * (SLOTS + 1)))
    assert loading.load({ONE: Ms(START - HOUR_MS)}, ONE) == 0
    assert loading.data.calls_of("candles") == []


def test_a_failed_page_is_asked_for_again() -> None:
    loading = Loading(venue(AAA=[1.0] * (SLOTS + 1)))
    loading.data.fail("candles", times=3)
    assert loading.load({}, ONE) == SLOTS
    assert len(loading.failures) == 3
    assert len(loading.waited) == 3
    assert len(loading.data.calls_of("candles")) == 3 + math.ceil(SLOTS / PAGE)


def test_an_asset_listed_later_ends_the_search_not_the_load() -> None:
    young = [math.nan] * (SLOTS - 50) + [3.0] * 51
    loading = Loading(venue(AAA=young, BBB=[2.0] * (SLOTS + 1)))
    assert loading.load({}, ONE, TWO) == SLOTS + 50
    assert loading.progress.loaded == loading.progress.wanted


def test_a_delisted_asset_is_not_waited_for() -> None:
    gone = [3.0] * (SLOTS - 100)
    loading = Loading(venue(AAA=gone))
    assert loading.load({}, ONE) == SLOTS - 100
    assert loading.progress.loaded == SLOTS


def test_a_symbol_nobody_knows_brings_nothing() -> None:
    loading = Loading(venue(AAA=[1.0]))
    assert loading.load({}, TWO) == 0


def test_the_time_that_is_left_is_told_at_the_pace_so_far_and_counts_what_was_stored_before_for_nothing() -> None:
    loading = Loading(venue(AAA=[1.0] * (SLOTS + 1), BBB=[1.0] * (SLOTS + 1)))
    seconds = iter(range(0, 1_000, 10))
    loading.loader._monotonic = lambda: float(next(seconds))
    loading.load({ONE: Ms(START - HOUR_MS)}, ONE, TWO)
    said = [item for item in loading.inputs if isinstance(item, LoadProgressed)]
    assert (said[0].assets, said[0].assets_wanted) == (1, 2)
    assert math.isnan(said[0].left_s)
    page = next(item for item in said if item.loaded > SLOTS)
    assert page.loaded == SLOTS + PAGE
    assert page.left_s == 30 / PAGE * (SLOTS - PAGE)  # the clock was read for the fourth time
    assert (said[-1].assets, said[-1].left_s) == (2, 0.0)
