"""The bar store on disk: keeps bars of one market, gives them back exactly, says in one sentence what went wrong."""

import math
import sqlite3
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.sqlite_bars import _MIGRATIONS, HeldBar, SqliteBars
from engine.domain.errors import StoreError
from engine.domain.market import Bar
from engine.domain.ports import BarStore
from engine.domain.units import HOUR_MS, Ms, Symbol

ETH, SOL = Symbol("ETH/USDT:USDT"), Symbol("SOL/USDT:USDT")


def bar(symbol: Symbol, hour: int, close: float = 1.0, volume: float = 2.0) -> Bar:
    return Bar(symbol=symbol, open_ms=Ms(hour * HOUR_MS), close=close, volume=volume)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteBars]:
    found = SqliteBars(tmp_path / "bars.db")
    yield found
    found.close()


def test_it_is_the_port(store: SqliteBars) -> None:
    port: BarStore = store
    assert port.last_open() == {}


def test_bars_come_back_ascending_and_equal_after_the_file_was_closed(tmp_path: Path) -> None:
    bars = [bar(ETH, hour, 0.1 + hour / 3) for hour in range(5)]
    first = SqliteBars(tmp_path / "bars.db")
    first.append(bars[::-1])
    first.close()
    second = SqliteBars(tmp_path / "bars.db")
    assert second.load(ETH, since_ms=Ms(0)) == bars
    assert second.load(ETH, since_ms=Ms(3 * HOUR_MS)) == bars[3:]
    assert second.load(SOL, since_ms=Ms(0)) == []
    second.close()


def test_a_bar_that_exists_is_replaced(store: SqliteBars) -> None:
    store.append([bar(ETH, 1, 10.0), bar(ETH, 1, 11.0)])
    store.append([bar(ETH, 1, 12.0)])
    assert [found.close for found in store.load(ETH, since_ms=Ms(0))] == [12.0]


def test_the_newest_open_is_known_per_symbol(store: SqliteBars) -> None:
    store.append([bar(ETH, 1), bar(ETH, 7), bar(SOL, 3)])
    assert store.last_open() == {ETH: 7 * HOUR_MS, SOL: 3 * HOUR_MS}


def test_imported_bars_fill_only_what_the_venue_left_empty(store: SqliteBars) -> None:
    store.append([bar(ETH, 2, 20.0), bar(ETH, 3, 30.0)])
    taken = store.fill([bar(ETH, hour, 1.0 + hour) for hour in range(5)], source="csv:a.csv")
    assert taken == 3
    held = store.load_held(ETH, since_ms=Ms(0))
    assert [(one.bar.close, one.source) for one in held] == [
        (1.0, "csv:a.csv"),
        (2.0, "csv:a.csv"),
        (20.0, ""),
        (30.0, ""),
        (5.0, "csv:a.csv"),
    ]


def test_what_the_venue_delivers_overwrites_what_was_imported(store: SqliteBars) -> None:
    store.fill([bar(ETH, 1, 10.0)], source="coingecko:ethereum")
    store.append([bar(ETH, 1, 11.0)])
    assert store.fill([bar(ETH, 1, 12.0)], source="csv:a.csv") == 0
    assert store.load_held(ETH, since_ms=Ms(0)) == [HeldBar(bar=bar(ETH, 1, 11.0), source="")]


def test_a_later_import_overwrites_an_earlier_one(store: SqliteBars) -> None:
    store.fill([bar(ETH, 1, 10.0)], source="coingecko:ethereum")
    assert store.fill([bar(ETH, 1, 12.0)], source="csv:a.csv") == 1
    assert store.load_held(ETH, since_ms=Ms(0)) == [HeldBar(bar=bar(ETH, 1, 12.0), source="csv:a.csv")]


def test_imported_bars_never_keep_the_venue_from_being_asked_for_those_hours(store: SqliteBars) -> None:
    store.append([bar(ETH, 3)])
    store.fill([bar(ETH, 9), bar(SOL, 9)], source="csv:a.csv")
    assert store.last_open() == {ETH: 3 * HOUR_MS}
    assert store.newest_open() == {ETH: 9 * HOUR_MS, SOL: 9 * HOUR_MS}


def test_imported_bars_are_forgotten_and_the_venues_stay(store: SqliteBars) -> None:
    store.append([bar(ETH, 3)])
    store.fill([bar(ETH, 1), bar(ETH, 2), bar(SOL, 1)], source="csv:a.csv")
    assert store.forget_imported(ETH) == 2
    assert store.newest_open() == {ETH: 3 * HOUR_MS, SOL: HOUR_MS}


def test_an_import_without_a_source_is_a_mistake_of_ours(store: SqliteBars) -> None:
    with pytest.raises(ValueError, match="source"):
        store.fill([bar(ETH, 1)], source="")


def test_a_file_of_the_first_version_is_brought_on_and_its_bars_are_the_venues(tmp_path: Path) -> None:
    path = tmp_path / "bars.db"
    db = sqlite3.connect(path)
    db.executescript(f"{_MIGRATIONS[0]} PRAGMA user_version = 1;")
    db.execute("INSERT INTO meta VALUES ('identity', 'bybit:swap:USDT')")
    db.execute("INSERT INTO bars VALUES (?, ?, 10.0, NULL)", (ETH, HOUR_MS))
    db.commit()
    db.close()
    found = SqliteBars(path)
    found.claim("bybit:swap:USDT")
    assert found.fill([bar(ETH, 0, 9.0), bar(ETH, 1, 9.0)], source="csv:a.csv") == 1
    held = found.load_held(ETH, since_ms=Ms(0))
    found.close()
    assert [(one.bar.close, one.source) for one in held] == [(9.0, "csv:a.csv"), (10.0, "")]


def test_an_unknown_volume_stays_unknown(store: SqliteBars) -> None:
    store.append([bar(ETH, 1, volume=math.nan)])
    assert math.isnan(store.load(ETH, since_ms=Ms(0))[0].volume)


@pytest.mark.parametrize("close", [math.nan, math.inf, 0.0, -1.0])
def test_a_close_that_is_no_price_is_refused_and_nothing_of_the_batch_is_kept(store: SqliteBars, close: float) -> None:
    with pytest.raises(StoreError, match="no price"):
        store.append([bar(ETH, 1), bar(ETH, 2, close)])
    assert store.load(ETH, since_ms=Ms(0)) == []


def test_closes_load_as_a_matrix_with_nan_where_there_is_no_bar(store: SqliteBars) -> None:
    store.append([bar(ETH, 2, 20.0), bar(ETH, 4, 40.0), bar(SOL, 3, 3.0), bar(SOL, 9, 9.0)])
    store.append([Bar(symbol=SOL, open_ms=Ms(2 * HOUR_MS + 1), close=5.0, volume=0.0)])
    first, closes = store.load_closes(
        [SOL, ETH, Symbol("XRP/USDT")], since_ms=Ms(HOUR_MS + 1), until_ms=Ms(5 * HOUR_MS), step_ms=HOUR_MS
    )
    assert first == 2 * HOUR_MS
    nan = math.nan
    np.testing.assert_array_equal(closes, [[nan, 20.0, nan], [3.0, nan, nan], [nan, 40.0, nan]])


def test_an_empty_span_is_an_empty_matrix(store: SqliteBars) -> None:
    first, closes = store.load_closes([ETH], since_ms=Ms(HOUR_MS), until_ms=Ms(HOUR_MS), step_ms=HOUR_MS)
    assert (first, closes.shape) == (HOUR_MS, (0, 1))


@settings(max_examples=30, deadline=None)
@given(
    hours=st.lists(st.tuples(st.sampled_from([ETH, SOL]), st.integers(0, 60), st.floats(0.01, 1e6)), max_size=60),
    since=st.integers(0, 60 * HOUR_MS),
    length=st.integers(0, 60 * HOUR_MS),
)
def test_the_matrix_holds_exactly_the_bars_of_its_span(
    tmp_path_factory: pytest.TempPathFactory, hours: list[tuple[Symbol, int, float]], since: int, length: int
) -> None:
    found = SqliteBars(tmp_path_factory.mktemp("bars") / "bars.db")
    found.append([bar(symbol, hour, close) for symbol, hour, close in hours])
    first, closes = found.load_closes([ETH, SOL], since_ms=Ms(since), until_ms=Ms(since + length), step_ms=HOUR_MS)
    expected = {(s, h): c for s, h, c in hours if since <= h * HOUR_MS < since + length}
    seen = {
        (symbol, first // HOUR_MS + row): float(closes[row, column])
        for column, symbol in enumerate([ETH, SOL])
        for row in range(closes.shape[0])
        if not math.isnan(closes[row, column])
    }
    found.close()
    assert seen == expected
    assert closes.shape[0] == len([hour for hour in range(200) if since <= hour * HOUR_MS < since + length])


def test_a_store_of_another_market_is_refused_naming_both(tmp_path: Path) -> None:
    first = SqliteBars(tmp_path / "bars.db")
    first.claim("bybit swap")
    first.claim("bybit swap")
    first.close()
    second = SqliteBars(tmp_path / "bars.db")
    with pytest.raises(StoreError, match=r'holds bars of "bybit swap", not of "sim seed 7"'):
        second.claim("sim seed 7")
    second.append([bar(ETH, 1)])
    second.close()


def test_the_file_is_private_also_where_it_was_not(tmp_path: Path) -> None:
    path = tmp_path / "bars.db"
    path.touch(0o644)
    found = SqliteBars(path)
    found.append([bar(ETH, 1)])
    modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in tmp_path.iterdir()}
    found.close()
    assert set(modes.values()) == {0o600}
    assert "bars.db-wal" in modes


def test_a_file_that_is_no_database_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "bars.db"
    path.write_text("not a database " * 100)
    with pytest.raises(StoreError, match=r"damaged .* delete it"):
        SqliteBars(path)


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bars.db"
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(StoreError, match="newer driftdeck"):
        SqliteBars(path)


def test_a_path_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        SqliteBars(tmp_path / "gone" / "bars.db")


def test_a_full_or_read_only_disk_is_one_sentence_and_the_store_goes_on(tmp_path: Path) -> None:
    found = SqliteBars(tmp_path / "bars.db")
    found.append([bar(ETH, 1)])
    found._db.execute("PRAGMA query_only = ON")  # what a read-only disk answers
    with pytest.raises(StoreError, match=r"cannot be written \(.*readonly.*check the disk"):
        found.append([bar(ETH, 2)])
    found._db.execute("PRAGMA query_only = OFF")
    (pages,) = found._db.execute("PRAGMA page_count").fetchone()
    found._db.execute(f"PRAGMA max_page_count = {pages}")  # what a full disk answers
    with pytest.raises(StoreError, match=r"cannot be written \(.*full"):
        found.append([bar(SOL, hour) for hour in range(5_000)])
    assert found.last_open() == {ETH: HOUR_MS}
    found.close()


def test_using_a_closed_store_is_one_sentence(tmp_path: Path) -> None:
    found = SqliteBars(tmp_path / "bars.db")
    found.close()
    found.close()
    with pytest.raises(StoreError, match="closed"):
        found.last_open()


def test_a_second_writer_waits_instead_of_failing(tmp_path: Path) -> None:
    first, second = SqliteBars(tmp_path / "bars.db"), SqliteBars(tmp_path / "bars.db")
    first.append([bar(ETH, 1)])
    second.append([bar(SOL, 1)])
    assert first.last_open().keys() == {ETH, SOL}
    first.close()
    second.close()


def test_thirty_symbols_of_history_are_stored_within_a_second_and_loaded_at_once(tmp_path: Path) -> None:
    symbols = [Symbol(f"A{n}/USDT:USDT") for n in range(30)]
    bars = [bar(symbol, hour, 1.0 + hour) for symbol in symbols for hour in range(2905)]
    found = SqliteBars(tmp_path / "bars.db")
    cpu = time.process_time()
    found.append(bars)
    appended = time.process_time() - cpu
    cpu = time.process_time()
    _, closes = found.load_closes(symbols, since_ms=Ms(0), until_ms=Ms(2905 * HOUR_MS), step_ms=HOUR_MS)
    loaded = time.process_time() - cpu
    found.close()
    np.testing.assert_array_equal(closes, np.repeat(1.0 + np.arange(2905.0)[:, None], 30, axis=1))
    assert appended < 1.0
    assert loaded < 0.3
