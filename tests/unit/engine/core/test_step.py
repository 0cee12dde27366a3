"""The core, driven by hand: candles become rows, rows become checks, quotes age."""

import math
from dataclasses import replace

import numpy as np
import pytest

from engine.core.inputs import (
    CandlesArrived,
    HistoryReady,
    Input,
    InstrumentsListed,
    LinkReported,
    PausesReported,
    QuotesArrived,
    Stamp,
    Ticked,
)
from engine.core.outcome import Result, StoreBars
from engine.core.state import EngineState, new_state
from engine.core.step import step
from engine.core.view_health import health_view
from engine.core.warmup import prepare_history
from engine.domain.config import Config
from engine.domain.events import (
    AssetsListed,
    AssetsUnlisted,
    BarsCorrected,
    CandlesRejected,
    CheckCompleted,
    Event,
    HistoryLoaded,
    LinkChanged,
    QuoteRecovered,
    QuoteWentStale,
)
from engine.domain.market import Candle, HostPause, LinkState
from engine.domain.units import HOUR_MS, Ms, Symbol
from engine.domain.views import HealthView, Section
from support.books import START, correlated_closes, quote_at, small_config, symbol_of

SLOTS = 121 * 24
ASSETS = ("AAA", "BBB", "CCC")
FIRST = Ms(START - SLOTS * HOUR_MS)


def candle(symbol: Symbol, open_ms: int, close: float) -> Candle:
    return Candle(symbol=symbol, open_ms=Ms(open_ms), open=close, high=close, low=close, close=close, volume=1.0)


class Driver:
    """A core with a clock of its own."""

    def __init__(self, config: Config | None = None, *, warm: bool = True, hours: int = 0) -> None:
        self.config = config or small_config()
        self.state: EngineState = new_state(self.config)
        self.market_ms = Ms(START + hours * HOUR_MS)
        self.seconds = 0.0
        self.closes = correlated_closes(3, SLOTS + 48, 3)
        if warm:
            history = prepare_history(self.config, FIRST, self.closes[: SLOTS + hours])
            self.first = self.put(HistoryReady(history=history, fetched=SLOTS * 3))

    def put(self, item: Input) -> Result:
        return step(self.state, Stamp(market_ms=self.market_ms, monotonic=self.seconds), item)

    def deliver(self, asset: str, hour: int, close: float | None = None) -> Result:
        """Deliver the candle of `hour` after START for one asset."""
        value = self.closes[SLOTS + hour, ASSETS.index(asset)] if close is None else close
        symbol = symbol_of(asset)
        return self.put(CandlesArrived(symbol=symbol, candles=(candle(symbol, START + hour * HOUR_MS, float(value)),)))

    def close_hour(self, hour: int, *assets: str) -> list[Result]:
        self.market_ms = Ms(START + (hour + 1) * HOUR_MS)
        return [self.deliver(asset, hour) for asset in assets or ASSETS]


def test_history_brings_the_newest_check_and_says_it_is_late() -> None:
    driver = Driver()
    kinds = [type(event) for event in driver.first.events]
    check = driver.first.events[-1]
    assert kinds[0] is HistoryLoaded
    assert isinstance(check, CheckCompleted)
    assert (check.at, check.late_ms) == (START, 0)
    assert driver.first.changed == frozenset(Section)
    assert driver.state.ready


def test_a_row_waits_until_every_asset_has_delivered() -> None:
    driver = Driver()
    before = driver.state.correlation.version
    results = driver.close_hour(0)
    assert [bool(result.changed & {Section.BOOKS}) for result in results] == [False, False, True]
    assert driver.state.correlation.version == before + 1
    assert driver.state.correlation.last_open == START


def test_a_check_runs_on_the_grid_with_the_bars_closed_by_it() -> None:
    driver = Driver()
    checks = []
    for hour in range(9):
        for result in driver.close_hour(hour):
            checks += [event for event in result.events if isinstance(event, CheckCompleted)]
    assert [check.at for check in checks] == [START + 4 * HOUR_MS, START + 8 * HOUR_MS]
    expected = Driver(hours=8).first.events[-1]
    assert isinstance(expected, CheckCompleted)
    shown, fresh = checks[-1].baskets[0], expected.baskets[0]
    assert shown.shift == pytest.approx(fresh.shift, abs=1e-9)
    assert shown.mean_rho_base == pytest.approx(fresh.mean_rho_base, abs=1e-12)


def test_several_due_checks_run_in_order_each_on_its_own_bars() -> None:
    driver = Driver()
    driver.market_ms = Ms(START + 8 * HOUR_MS)
    events = [
        event
        for asset in ASSETS
        for hour in range(8)
        for event in driver.deliver(asset, hour).events
        if isinstance(event, CheckCompleted)
    ]
    assert [(event.at - START) // HOUR_MS for event in events] == [4, 8]
    alone = Driver()
    for hour in range(4):
        results = alone.close_hour(hour)
    assert events[0].baskets == next(e for e in results[-1].events if isinstance(e, CheckCompleted)).baskets


def test_an_asset_that_stays_silent_holds_the_row_for_twenty_seconds_only() -> None:
    driver = Driver()
    driver.close_hour(0, "AAA", "BBB")
    driver.seconds = 19.9
    assert Section.BOOKS not in driver.put(Ticked()).changed
    driver.seconds = 20.1
    assert Section.BOOKS in driver.put(Ticked()).changed
    row = driver.state.correlation.last_open
    assert row == START


def test_a_late_bar_gives_what_it_would_have_given_in_time() -> None:
    late, in_time = Driver(), Driver()
    late.close_hour(0, "AAA", "BBB")
    late.put(Ticked())
    late.seconds = 30.0
    late.put(Ticked())
    result = late.deliver("CCC", 0)
    in_time.close_hour(0)
    assert [type(event) for event in result.events] == [BarsCorrected]
    for estimator in late.config.rules.watch_estimator, type(late.config.rules.watch_estimator).PEARSON:
        np.testing.assert_allclose(
            late.state.correlation.now(estimator).rho, in_time.state.correlation.now(estimator).rho, atol=1e-12
        )


def test_a_symbol_the_venue_does_not_list_is_waited_for_by_nobody() -> None:
    driver = Driver()
    listed = {symbol_of("AAA"): None, symbol_of("BBB"): None}
    said = driver.put(InstrumentsListed(listed=listed))  # type: ignore[arg-type]
    assert [type(event) for event in said.events] == [AssetsUnlisted]
    results = driver.close_hour(0, "AAA", "BBB")
    assert Section.BOOKS in results[-1].changed


def test_a_market_that_goes_is_said_once_and_again_when_it_is_back() -> None:
    driver = Driver()
    three = {symbol_of(asset): None for asset in ASSETS}
    two = {symbol_of(asset): None for asset in ASSETS[:2]}
    said: list[Event] = []
    for listed in (three, three, two, two, three):
        said += driver.put(InstrumentsListed(listed=listed)).events  # type: ignore[arg-type]
    listings = [event for event in said if isinstance(event, AssetsListed | AssetsUnlisted)]
    assert [(type(event), event.assets) for event in listings] == [
        (AssetsUnlisted, ("CCC",)),
        (AssetsListed, ("CCC",)),
    ]


def test_a_candle_that_is_still_open_never_enters() -> None:
    driver = Driver()
    driver.market_ms = Ms(START + HOUR_MS // 2)
    result = driver.deliver("AAA", 0)
    assert (result.effects, result.events) == ((), ())


def test_nonsense_candles_are_refused_once_with_the_reason() -> None:
    driver = Driver()
    driver.market_ms = Ms(START + HOUR_MS)
    symbol = symbol_of("AAA")
    bad = tuple(candle(symbol, START, value) for value in (math.nan, -1.0, 0.0))
    result = driver.put(CandlesArrived(symbol=symbol, candles=bad))
    assert result.effects == ()
    assert [(type(event), event.count) for event in result.events if isinstance(event, CandlesRejected)] == [
        (CandlesRejected, 3)
    ]


def test_what_passes_the_door_is_stored_also_before_history_is_ready() -> None:
    driver = Driver(warm=False)
    driver.market_ms = Ms(START + HOUR_MS)
    (effect,) = driver.deliver("AAA", 0).effects
    assert isinstance(effect, StoreBars)
    assert [bar.open_ms for bar in effect.bars] == [START]


def test_a_price_goes_stale_once_and_recovers_once() -> None:
    driver = Driver()
    driver.put(LinkReported(state=LinkState.UP, why="", latency_ms=5.0))
    driver.put(QuotesArrived(quotes=(quote_at(symbol_of("AAA"), received=0.0),)))
    driver.seconds = 16.0
    first, second = driver.put(Ticked()), driver.put(Ticked())
    driver.seconds = 20.0
    back = driver.put(QuotesArrived(quotes=(quote_at(symbol_of("AAA"), received=20.0),)))
    said = [event for result in (first, second, back) for event in result.events]
    assert len(said) == 2
    assert isinstance(said[0], QuoteWentStale)
    assert isinstance(said[1], QuoteRecovered)


def test_a_link_that_is_down_speaks_for_all_its_prices() -> None:
    driver = Driver()
    driver.put(QuotesArrived(quotes=tuple(quote_at(symbol_of(a), received=0.0) for a in ASSETS)))
    driver.put(LinkReported(state=LinkState.UP, why="", latency_ms=5.0))
    down = driver.put(LinkReported(state=LinkState.DOWN, why="no answer", latency_ms=5.0))
    driver.seconds = 60.0
    aged = driver.put(Ticked())
    assert [type(event) for event in down.events] == [LinkChanged]
    assert aged.events == ()


def test_the_same_inputs_give_the_same_facts() -> None:
    def run() -> list[object]:
        driver = Driver()
        return [result for hour in range(12) for result in driver.close_hour(hour)]

    assert run() == run()


def test_restarting_in_between_changes_no_reading() -> None:
    whole = Driver()
    for hour in range(24):
        whole.close_hour(hour)
    again = Driver(hours=24)
    (one,) = whole.state.baskets.values()
    (other,) = again.state.baskets.values()
    assert one.drift is not None
    assert other.drift is not None
    assert one.drift.shift == pytest.approx(other.drift.shift, abs=1e-9)
    assert list(one.course.mean_now)[-100:] == pytest.approx(list(other.course.mean_now)[-100:], abs=1e-9)


def test_a_young_asset_is_shown_but_not_used() -> None:
    driver = Driver(warm=False)
    closes = driver.closes[:SLOTS].copy()
    closes[: SLOTS - 20 * 24, 2] = np.nan
    history = prepare_history(driver.config, FIRST, closes)
    driver.put(HistoryReady(history=history, fetched=0))
    assert [(asset, round(days)) for asset, days in history.short] == [("CCC", 20)]
    assert driver.state.used.tolist() == [True, True, False]


def test_pearson_can_be_the_watch_estimator() -> None:
    base = small_config()
    config = replace(base, rules=replace(base.rules, watch_estimator=type(base.rules.watch_estimator).PEARSON))
    raw, win = Driver(config), Driver(base)
    (one,), (other,) = raw.state.baskets.values(), win.state.baskets.values()
    assert one.drift is not None
    assert other.drift is not None
    assert one.drift.shift == other.drift.shift
    assert one.drift.mean_rho_now != other.drift.mean_rho_now


def test_a_paused_host_counts_down_in_the_health_and_is_over_by_itself() -> None:
    driver = Driver(warm=False)
    shorter = HostPause(host="fapi.binance.com", until=30.0, status=418)
    driver.put(PausesReported(pauses=(HostPause(host="api.bybit.com", until=42.0, status=429), shorter)))
    driver.seconds = 12.0
    assert Section.HEALTH in driver.put(Ticked()).changed

    def health() -> HealthView:
        return health_view(
            driver.state, market_ms=driver.market_ms, monotonic=driver.seconds, uptime_s=1.0, pid=1, seq=0
        )

    shown = health()
    assert (shown.paused_host, shown.paused_s, shown.paused_status) == ("api.bybit.com", 30.0, 429)
    driver.seconds = 42.0
    assert health().paused_host == ""
