"""From a candle at the venue to a view at a client: a whole engine in one process, on a real store."""

from pathlib import Path

import numpy as np
import pytest

from engine.adapters.sqlite_bars import SqliteBars
from engine.domain.errors import StoreError, VenueUnreachableError
from engine.domain.events import HistoryLoaded
from engine.domain.units import HOUR_MS, Ms
from engine.domain.views import ALL_ASSETS, BooksView, HealthView, MatrixKind, MatrixView, QuotesView, Section
from engine.runtime import engine as engine_module
from engine.runtime.engine import Engine
from engine.wire.client import Precision, WireClient
from support.books import START, TestClock, correlated_closes, small_config
from support.engine_room import SLOTS, SPEED, parts_on, running, venue


async def rho_of(client: WireClient) -> np.ndarray:
    _, view = await client.fetch(
        Section.MATRIX, scope=ALL_ASSETS, kind=MatrixKind.WINDOW, window_days=30, precision=Precision.DOUBLE
    )
    assert isinstance(view, MatrixView)
    return np.frombuffer(view.values, dtype="<f8").reshape(len(view.assets), -1)


async def test_a_closed_candle_reaches_the_matrix_and_the_check(tmp_path: Path) -> None:
    config, clock = small_config(speed=SPEED), TestClock()
    data = venue(config)
    async with running(parts_on(config, data, clock, tmp_path)) as (client, listener):
        await listener.wait_for_check(START)
        before = await rho_of(client)
        for hour in range(1, 5):
            clock.now_ms = data.now_ms = Ms(START + hour * HOUR_MS)
        check = await listener.wait_for_check(Ms(START + 4 * HOUR_MS))
        after = await rho_of(client)
        _, quotes = await client.fetch(Section.QUOTES)
        _, health = await client.fetch(Section.HEALTH)
    closes = correlated_closes(5, SLOTS, 3)
    returns = np.diff(np.log(closes[: 121 * 24 + 4]), axis=0)[-720:]
    assert np.max(np.abs(after - np.corrcoef(returns.T))) < 1e-12
    assert np.max(np.abs(after - before)) > 1e-6
    assert check.missing == ()
    assert isinstance(quotes, QuotesView)
    assert all(row.last > 0 for row in quotes.rows)
    assert isinstance(health, HealthView)
    assert health.ready
    assert health.last_check_ms == START + 4 * HOUR_MS


async def test_a_restart_fetches_only_what_is_missing(tmp_path: Path) -> None:
    config, clock = small_config(speed=SPEED), TestClock()
    async with running(parts_on(config, venue(config), clock, tmp_path)) as (_, listener):
        await listener.wait_for_check(START)
    clock.now_ms = Ms(START + 6 * HOUR_MS)
    data = venue(config)
    data.now_ms = clock.now_ms
    async with running(parts_on(config, data, clock, tmp_path)) as (_, listener):
        await listener.wait_for_check(Ms(START + 4 * HOUR_MS))
    loaded = next(event for event in listener.events if isinstance(event, HistoryLoaded))
    assert loaded.fetched == 6 * 3
    assert {call.since_ms for call in data.calls_of("candles")} <= {START, START + 5 * HOUR_MS}


async def test_a_silent_venue_and_an_empty_store_end_with_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "FIRST_ANSWER_WITHIN_S", 0.2)
    config, clock = small_config(speed=SPEED), TestClock()
    data = venue(config)
    for method in ("server_time", "quotes", "instruments"):
        data.fail(method, times=1_000)
    with pytest.raises(VenueUnreachableError, match="no history is stored yet"):
        await Engine(parts_on(config, data, clock, tmp_path)).run()


async def test_a_silent_venue_and_a_full_store_show_what_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "SHOW_STORED_AFTER_S", 0.1)
    config, clock = small_config(speed=SPEED), TestClock()
    async with running(parts_on(config, venue(config), clock, tmp_path)) as (_, listener):
        await listener.wait_for_check(START)
    data = venue(config)
    for method in ("server_time", "quotes", "instruments"):
        data.fail(method, times=1_000)
    async with running(parts_on(config, data, clock, tmp_path)) as (client, listener):
        await listener.wait_for(HistoryLoaded)
        _, books = await client.fetch(Section.BOOKS)
        _, health = await client.fetch(Section.HEALTH)
    assert isinstance(books, BooksView)
    assert books.as_of_ms == START
    assert isinstance(health, HealthView)
    assert health.link == "down"


async def test_a_store_of_another_market_is_refused(tmp_path: Path) -> None:
    store = SqliteBars(tmp_path / "bars.db")
    store.claim("bybit:swap:USDT")
    store.close()
    other = SqliteBars(tmp_path / "bars.db")
    with pytest.raises(StoreError, match="bybit:swap:USDT"):
        other.claim("sim:seed=7")
    other.close()


async def test_one_gap_at_the_venue_leaves_a_hole_and_no_zero(tmp_path: Path) -> None:
    config, clock = small_config(speed=SPEED), TestClock()
    data = venue(config)
    symbol = next(iter(config.symbols.values()))
    del data.closes[symbol][Ms(START - 100 * HOUR_MS)]
    async with running(parts_on(config, data, clock, tmp_path)) as (client, listener):
        await listener.wait_for_check(START)
        rho = await rho_of(client)
    closes = correlated_closes(5, SLOTS, 3)[: 121 * 24].copy()
    closes[121 * 24 - 100, 0] = np.nan
    returns = np.diff(np.log(closes), axis=0)[-720:]
    both = ~np.isnan(returns[:, 0])
    assert both.sum() == 718
    assert rho[0, 1] == pytest.approx(np.corrcoef(returns[both, 0], returns[both, 1])[0, 1], abs=1e-12)
