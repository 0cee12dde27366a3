"""The simulated market: one path, whatever is asked and when, and candles that never change once closed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.units import DAY_MS, HOUR_MS, MINUTE_MS, Asset, Ms, parse_iso
from engine.venue_sim.catalog import CATALOG
from engine.venue_sim.prices import Candles
from engine.venue_sim.scenario import Scenario, Timeline
from engine.venue_sim.simulated import HISTORY_DAYS, SimulatedMarket, origin_of

EPOCH = parse_iso("2026-11-20T09:00:00Z")
CALM = Timeline(origin_ms=origin_of(EPOCH))
ETH, SOL, BTC = Asset("ETH"), Asset("SOL"), Asset("BTC")


@pytest.fixture(scope="module")
def market() -> SimulatedMarket:
    return SimulatedMarket(seed=7, epoch=EPOCH, timeline=CALM)


def rows(candles: Candles) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.column_stack(
        [candles.open_ms, candles.open, candles.high, candles.low, candles.close, candles.volume, candles.turnover]
    )


def hours(market: SimulatedMarket, asset: Asset, first: Ms, now: Ms) -> Candles:
    return market.candles(asset, HOUR_MS, first, now, now)


def test_the_market_opens_at_the_prices_of_its_catalog(market: SimulatedMarket) -> None:
    for ticker, item in zip(market.tickers(EPOCH), CATALOG, strict=True):
        assert ticker.last == pytest.approx(item.price, abs=0.5001 * 10.0**-item.decimals)


def test_the_history_reaches_back_at_least_130_days(market: SimulatedMarket) -> None:
    candles = hours(market, ETH, Ms(0), EPOCH)
    assert candles.open_ms[0] == origin_of(EPOCH) <= EPOCH - 130 * DAY_MS
    assert len(candles.open_ms) == HISTORY_DAYS * 24 + 9 + 1


def test_a_second_market_with_the_same_seed_walks_the_same_path(market: SimulatedMarket) -> None:
    again = SimulatedMarket(seed=7, epoch=EPOCH, timeline=CALM)
    other = SimulatedMarket(seed=8, epoch=EPOCH, timeline=CALM)
    now = Ms(EPOCH + 5 * HOUR_MS + 123_456)
    expected = rows(hours(market, SOL, Ms(0), now))
    assert np.array_equal(rows(hours(again, SOL, Ms(0), now)), expected)
    assert not np.array_equal(rows(hours(other, SOL, Ms(0), now)), expected)


def test_the_order_of_questions_does_not_matter(market: SimulatedMarket) -> None:
    now = Ms(EPOCH + 20 * DAY_MS)
    old_minutes = (ETH, MINUTE_MS, Ms(EPOCH - 60 * DAY_MS), Ms(EPOCH - 60 * DAY_MS + 9 * HOUR_MS), now)
    late_first = SimulatedMarket(seed=7, epoch=EPOCH, timeline=CALM)
    late_first.tickers(now)
    first = rows(late_first.candles(*old_minutes))
    assert np.array_equal(rows(market.candles(*old_minutes)), first)
    assert np.array_equal(rows(late_first.candles(*old_minutes)), first)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 30 * 3600 * 1000), st.sampled_from([MINUTE_MS, 5 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS, DAY_MS]))
def test_the_open_candle_closes_at_the_last_price_and_contains_it(after: int, step: int) -> None:
    market, now = SHARED, Ms(EPOCH + after)
    for ticker in market.tickers(now)[:4]:
        candle = market.candles(ticker.listing.asset, step, Ms(now - step + 1), now, now)
        assert candle.open_ms.tolist() == [now - now % step]
        assert candle.close[0] == ticker.last
        assert candle.low[0] <= min(candle.open[0], ticker.last)
        assert candle.high[0] >= max(candle.open[0], ticker.last)


def test_an_open_candle_only_widens_and_ends_as_the_closed_one(market: SimulatedMarket) -> None:
    start = Ms(EPOCH + 2 * HOUR_MS)
    seen = [hours(market, SOL, start, Ms(start + second * 1000)) for second in range(0, 3600, 7)]
    closed = market.candles(SOL, HOUR_MS, start, start, Ms(start + 5 * HOUR_MS))
    highs, lows = np.array([item.high[0] for item in seen]), np.array([item.low[0] for item in seen])
    turnover = np.array([item.turnover[0] for item in seen])
    assert np.all(np.diff(highs) >= 0)
    assert np.all(np.diff(lows) <= 0)
    assert np.all(np.diff(turnover) >= 0)
    assert closed.high[0] >= highs[-1]
    assert closed.low[0] <= lows[-1]
    assert len({item.close[0] for item in seen}) > 50, "the price ticks inside the hour"


def test_prices_move_inside_a_minute_and_meet_at_its_ends(market: SimulatedMarket) -> None:
    start = Ms(EPOCH + 90 * MINUTE_MS)
    ticks = [market.tickers(Ms(start + second * 1000))[0].last for second in range(61)]
    minute = market.candles(BTC, MINUTE_MS, start, start, Ms(start + HOUR_MS))
    assert (ticks[0], ticks[60]) == (minute.open[0], minute.close[0])
    assert minute.low[0] <= min(ticks)
    assert max(ticks) <= minute.high[0]
    assert len(set(ticks)) > 10


def test_minutes_build_the_hours_and_days(market: SimulatedMarket) -> None:
    day = Ms(EPOCH - EPOCH % DAY_MS - 3 * DAY_MS)
    minutes = market.candles(ETH, MINUTE_MS, day, Ms(day + DAY_MS - 1), EPOCH)
    hourly = market.candles(ETH, HOUR_MS, day, Ms(day + DAY_MS - 1), EPOCH)
    daily = market.candles(ETH, DAY_MS, day, day, EPOCH)
    shaped = minutes.high.reshape(24, 60), minutes.low.reshape(24, 60), minutes.close.reshape(24, 60)
    assert np.array_equal(hourly.high, shaped[0].max(axis=1))
    assert np.array_equal(hourly.low, shaped[1].min(axis=1))
    assert np.array_equal(hourly.close, shaped[2][:, -1])
    assert np.allclose(hourly.turnover, minutes.turnover.reshape(24, 60).sum(axis=1))
    assert (daily.open[0], daily.close[0]) == (minutes.open[0], minutes.close[-1])
    assert (daily.high[0], daily.low[0]) == (minutes.high.max(), minutes.low.min())


def test_a_scenario_changes_the_future_and_nothing_that_was_served() -> None:
    market = SimulatedMarket(seed=7, epoch=EPOCH, timeline=CALM)
    now = Ms(EPOCH + 30 * HOUR_MS + 754_321)
    market.tickers(Ms(now + 3 * DAY_MS))  # even when the calm future was already generated
    served = rows(market.candles(SOL, MINUTE_MS, Ms(EPOCH - DAY_MS), now, now))
    tickers = market.tickers(now)
    market.replan(CALM.then(Scenario.CASCADE, now), now)
    assert np.array_equal(rows(market.candles(SOL, MINUTE_MS, Ms(EPOCH - DAY_MS), now, now)), served)
    assert market.tickers(now) == tickers
    later = Ms(now + 18 * HOUR_MS)
    fallen = np.mean([new.last / old.last for new, old in zip(market.tickers(later), tickers, strict=True)])
    assert 0.6 < fallen < 0.85


def test_a_restart_in_the_middle_of_a_cascade_serves_the_same_bars() -> None:
    begun = CALM.then(Scenario.ALTERNATING, Ms(EPOCH + 10 * HOUR_MS))
    live = SimulatedMarket(seed=7, epoch=EPOCH, timeline=CALM)
    live.replan(begun, EPOCH)
    now = Ms(EPOCH + 30 * HOUR_MS + 1_000)
    restarted = SimulatedMarket(seed=7, epoch=EPOCH, timeline=begun)
    for asset in (BTC, SOL, Asset("PAXG")):
        expected = rows(hours(live, asset, Ms(0), now))
        assert np.array_equal(rows(hours(restarted, asset, Ms(0), now)), expected)
    assert restarted.tickers(now) == live.tickers(now)


def test_figures_of_24_hours_come_from_the_candles(market: SimulatedMarket) -> None:
    now = Ms(EPOCH + 7 * HOUR_MS + 30 * MINUTE_MS)
    ticker = next(item for item in market.tickers(now) if item.listing.asset == SOL)
    day = market.candles(SOL, HOUR_MS, Ms(now - DAY_MS), now, now)
    assert len(day.open_ms) == 24
    assert (ticker.high_24h, ticker.low_24h) == (day.high.max(), day.low.min())
    assert ticker.turnover_24h == pytest.approx(day.turnover.sum())
    minute = market.candles(SOL, MINUTE_MS, Ms(now - DAY_MS), Ms(now - DAY_MS), now)
    assert ticker.ago_24h == minute.open[0]


def test_unknown_assets_and_the_future_have_no_candles(market: SimulatedMarket) -> None:
    assert not len(hours(market, Asset("NOPE"), Ms(0), EPOCH).open_ms)
    assert not len(market.candles(ETH, HOUR_MS, Ms(EPOCH + HOUR_MS), Ms(EPOCH + DAY_MS), EPOCH).open_ms)


SHARED = SimulatedMarket(seed=11, epoch=EPOCH, timeline=CALM)
