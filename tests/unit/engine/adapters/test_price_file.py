"""Price files: what is read, how it is put on a grid, and what is refused with line and column."""

import gzip
import importlib.util
import io
import math
import os
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.price_columns import asset_of
from engine.adapters.price_file import PriceTable, read_prices
from engine.domain.errors import ConfigError, ExitCode
from engine.domain.units import DAY_MS, HOUR_MS, MINUTE_MS, parse_iso

NAN = math.nan
START = parse_iso("2024-01-01T00:00:00Z")

WIDE = "timestamp,ETH,SOL\n2024-01-01T00:00:00Z,10,1.5\n2024-01-01T01:00:00Z,11,\n2024-01-01T02:00:00Z,12,1.7\n"


def read(tmp_path: Path, text: str | bytes, *, bar_ms: int = HOUR_MS, name: str = "prices.csv") -> PriceTable:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_prices(path, bar_ms=bar_ms)


def refused(tmp_path: Path, text: str | bytes, *, bar_ms: int = HOUR_MS) -> str:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text, bar_ms=bar_ms)
    assert caught.value.exit_code is ExitCode.USAGE
    return str(caught.value)


def shared_data(name: str) -> Path:
    folder = os.environ.get("DRIFTDECK_DATA")
    shared = os.environ.get("DRIFTDECK_SHARED")
    root = Path(shared) if shared else Path(__file__).resolve().parents[4].parent / "shared"
    path = (Path(folder) if folder else root / "data") / name
    if not path.exists():
        pytest.skip(f"{name} is not here; set DRIFTDECK_DATA to the folder that holds it")
    return path


def test_a_wide_file_is_read_as_written_with_nan_for_an_empty_cell(tmp_path: Path) -> None:
    table = read(tmp_path, WIDE)
    assert table.assets == ("ETH", "SOL")
    assert table.open_ms.tolist() == [START, START + HOUR_MS, START + 2 * HOUR_MS]
    assert table.open_ms.dtype == np.int64
    np.testing.assert_array_equal(table.closes, [[10, 1.5], [11, NAN], [12, 1.7]])
    assert table.warnings == ()
    assert not table.closes.flags.writeable


@pytest.mark.parametrize(
    "stamps",
    [
        ["2024-01-01 00:00", "2024-01-01 01:00", "2024-01-01 02:00"],
        ["2024-01-01T02:00:00+02:00", "2024-01-01T03:00:00+02:00", "2024-01-01T02:00:00Z"],
        [START // 1000, START // 1000 + 3600, START // 1000 + 7200],
        [START, START + HOUR_MS, START + 2 * HOUR_MS],
        [START * 1000, (START + HOUR_MS) * 1000, (START + 2 * HOUR_MS) * 1000],
    ],
    ids=["iso without zone", "iso with offsets", "epoch s", "epoch ms", "epoch us"],
)
def test_timestamps_are_iso_or_epoch_and_always_utc(tmp_path: Path, stamps: list[object]) -> None:
    text = "timestamp,ETH\n" + "".join(f"{stamp},{row}\n" for row, stamp in enumerate(stamps, start=1))
    table = read(tmp_path, text)
    assert table.open_ms.tolist() == [START, START + HOUR_MS, START + 2 * HOUR_MS]
    assert table.closes[:, 0].tolist() == [1.0, 2.0, 3.0]


def test_a_gzipped_file_and_a_byte_order_mark_make_no_difference(tmp_path: Path) -> None:
    plain = read(tmp_path, WIDE)
    for content in (gzip.compress(WIDE.encode()), ("\ufeff" + WIDE).encode(), WIDE.replace("\n", "\r\n").encode()):
        other = read(tmp_path, content, name="again.csv")
        np.testing.assert_array_equal(other.closes, plain.closes)
        np.testing.assert_array_equal(other.open_ms, plain.open_ms)


def test_a_long_file_gives_the_same_table_as_the_wide_one(tmp_path: Path) -> None:
    text = (
        "timestamp,symbol,open,high,low,close,volume,trades\n"
        f"{START},ETHUSDT,1,1,1,10,5,many\n"
        f"{START + HOUR_MS},ETHUSDT,1,1,1,11,5,many\n"
        f"{START + 2 * HOUR_MS},ETHUSDT,1,1,1,12,5,many\n"
        f"{START},SOL/USDT:USDT,,,,1.5,,\n"
        f"{START + 2 * HOUR_MS},SOL/USDT:USDT,,,,1.7,,\n"
    )
    table, wide = read(tmp_path, text), read(tmp_path, WIDE)
    assert table.assets == wide.assets
    np.testing.assert_array_equal(table.closes, wide.closes)
    assert table.warnings == ()


@pytest.mark.parametrize(
    ("symbol", "asset"),
    [
        ("ETHUSDT", "ETH"),
        ("ETH/USDT", "ETH"),
        ("ETH/USDT:USDT", "ETH"),
        ("ETH", "ETH"),
        ("ETH-USD", "ETH"),
        ("ETH-USDT-SWAP", "ETH"),
        ("BTC-PERP", "BTC"),
        ("ETHBTC", "ETHBTC"),
        ("1000PEPEUSDT", "1000PEPE"),
        ("LUNC_old", "LUNC_old"),
        ("USDT", "USDT"),
        ("USDCUSDT", "USDC"),
        ("TUSD", "TUSD"),
    ],
)
def test_a_symbol_means_its_asset(symbol: str, asset: str) -> None:
    assert asset_of(symbol) == asset


def test_two_symbols_of_one_asset_are_refused_by_name(tmp_path: Path) -> None:
    assert '"ETHUSDT" and "ETH" both mean the asset ETH' in refused(tmp_path, "timestamp,ETHUSDT,ETH\n2024-01-01,1,1\n")


def test_unsorted_and_duplicate_rows_are_mended_and_counted(tmp_path: Path) -> None:
    text = (
        "timestamp,ETH\n2024-01-01T02:00:00Z,12\n2024-01-01T00:00:00Z,10\n2024-01-01T01:00:00Z,99\n"
        "2024-01-01T01:00:00Z,11\n2024-01-01T03:00:00Z,13\n"
    )
    table = read(tmp_path, text)
    assert table.closes[:, 0].tolist() == [10, 11, 12, 13]
    assert table.warnings == (
        "prices.csv: 3 rows out of order: sorted",
        "prices.csv: 1 row with the time of another: dropped, the last of each kept",
    )


def test_the_same_of_a_long_file_is_counted_per_symbol(tmp_path: Path) -> None:
    rows = [("ETH", 1, 11.0), ("SOL", 0, 1.0), ("ETH", 0, 9.0), ("SOL", 1, 2.0), ("ETH", 0, 10.0)]
    text = "symbol,timestamp,close\n" + "".join(f"{s},{START + h * HOUR_MS},{c}\n" for s, h, c in rows)
    table = read(tmp_path, text)
    np.testing.assert_array_equal(table.closes, [[10, 1], [11, 2]])
    assert [line.split(":")[1] for line in table.warnings] == [
        " 2 rows out of order",
        " 1 row with the time of another",
    ]


def test_a_missing_row_becomes_a_row_without_bars(tmp_path: Path) -> None:
    table = read(tmp_path, "timestamp,ETH\n" + "".join(f"{START + h * HOUR_MS},{h + 1}\n" for h in (0, 1, 2, 5)))
    np.testing.assert_array_equal(table.closes[:, 0], [1, 2, 3, NAN, NAN, 6])
    assert np.all(np.diff(table.open_ms) == HOUR_MS)


def test_an_asset_without_a_bar_is_kept_and_warned_of(tmp_path: Path) -> None:
    table = read(tmp_path, "timestamp,ETH,FTT\n2024-01-01T00:00:00Z,1,\n2024-01-01T01:00:00Z,1,\n")
    assert table.assets == ("ETH", "FTT")
    assert table.warnings == ("prices.csv: no bar at all for FTT",)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (
            "timestamp,ETH,SOL\n2024-01-01T00:00:00Z,1,1\n2024-01-01T01:00:00Z,1,0\n",
            'line 3, column "SOL": 0',
            "positive",
        ),
        (
            "timestamp,ETH\n2024-01-01T00:00:00Z,1\n2024-01-01T01:00:00Z,-3.5\n",
            'line 3, column "ETH": -3.5',
            "positive",
        ),
        ("timestamp,ETH\n2024-01-01T00:00:00Z,1\n2024-01-01T01:00:00Z,inf\n", 'line 3, column "ETH": inf', "positive"),
        (
            "timestamp,ETH\n2024-01-01T00:00:00Z,1\n\n2024-01-01T01:00:00Z,1x\n",
            'line 4, column "ETH": 1x',
            "not a number",
        ),
        ("timestamp,ETH\n2024-01-01T00:00:00Z,1\n2024-01-01T01:00:00Z,nan\n", 'line 3, column "ETH": nan', "positive"),
        ("timestamp,ETH,why\n2024-01-01T00:00:00Z,1,a\n", 'column "why" is not numeric (line 2: "a")', "take it out"),
        ("timestamp,ETH,up\n2024-01-01T00:00:00Z,1,True\n", 'column "up" is not numeric', "take it out"),
        ("timestamp,ETH\n2024-01-01T00:00:00Z,1\nyesterday,1\n", 'line 3: timestamp is "yesterday"', "ISO 8601"),
        ("timestamp,ETH\n\n2024-01-01T00:00:00Z,1\n,1\n", "line 4: timestamp is empty", "ISO 8601"),
        ("timestamp,ETH\n1704067200,1\n1704070800,1\nsoon,1\n", 'line 4: timestamp is "soon"', "epoch"),
        ("timestamp,ETH\n1704067200,1\n1704070800000,1\n", "line 2: timestamp 1704067200", "another unit"),
        ("timestamp,ETH\n20240101,1\n20240102,1\n", "dates without dashes", "2024-01-31"),
        ("timestamp,symbol,close\n2024-01-01T00:00:00Z,ETH,-1\n", 'line 2, column "close": -1', "positive"),
        ("timestamp,symbol,close\n2024-01-01T00:00:00Z,,1\n", 'line 2, column "symbol"', "is empty"),
        ("timestamp,ETH\n2024-01-01T00:00:00Z,1,2\n", "line 2 has 3 columns, the header 2", "mend"),
        (
            "timestamp,ETH\n2024-01-01T00:00:00Z,1\n2024-01-01T01:00:00Z,1,2\n",
            "Expected 2 fields in line 3, saw 3",
            "mend",
        ),
        ("timestamp,ETH,ETH\n2024-01-01T00:00:00Z,1,2\n", 'line 1, column 2: "ETH" stands twice', "name of its own"),
        ("timestamp,,ETH\n2024-01-01T00:00:00Z,1,2\n", "line 1, column 2: has no name", "name of its own"),
        ("timestamp;ETH\n2024-01-01T00:00:00Z;1\n", "semicolons", "commas"),
        (
            "when,ETH\n2024-01-01T00:00:00Z,1\n",
            'no column "timestamp" (it begins with when, eth)',
            "name the open times",
        ),
        ("ETH,timestamp\n1,2024-01-01T00:00:00Z\n", '"timestamp" must be the first column', "per asset"),
        ("timestamp\n2024-01-01T00:00:00Z\n", "no column but timestamp", "one column of closes"),
        ("timestamp,ETH\n", "holds no rows", "at least one bar"),
        ("", "is empty or has no header", "name the columns"),
        (b"\xff\xfe\x00\x01,\x00", "not a CSV file in UTF-8", "export it again"),
        (gzip.compress(WIDE.encode())[:-9], "damaged or incomplete gzip", "fetch it again"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place_and_a_way_out(
    tmp_path: Path, text: str | bytes, line: str, reason: str
) -> None:
    message = refused(tmp_path, text)
    assert message.startswith(str(tmp_path / "prices.csv"))
    assert line in message
    assert reason in message
    assert "\n" not in message


def test_many_bad_cells_are_counted_and_the_first_spelled_out_in_order(tmp_path: Path) -> None:
    text = "timestamp,ETH,SOL\n" + "".join(f"{START + h * HOUR_MS},-1,{'x' if h == 1 else 2}\n" for h in range(9))
    lines = refused(tmp_path, text).splitlines()
    assert lines[0].endswith("10 prices are no positive numbers:")
    assert 'line 2, column "ETH"' in lines[1]
    assert 'line 3, column "SOL"' in lines[3]
    assert lines[-1].strip() == "and 5 more"


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no price file at .*gone\.csv"):
        read_prices(tmp_path / "gone.csv")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_prices(tmp_path)


def test_a_row_between_the_bars_is_refused_with_its_line(tmp_path: Path) -> None:
    stamps = ["00:00", "01:00", "02:00", "02:20", "03:00", "04:00"]
    message = refused(tmp_path, "timestamp,ETH\n" + "".join(f"2024-01-01T{stamp}:00Z,1\n" for stamp in stamps))
    assert "line 5: 2024-01-01T02:20:00Z opens 20m after the bar before it" in message
    assert "interval of 1h" in message


def test_the_line_of_a_wrong_row_is_the_one_in_the_file_also_after_sorting(tmp_path: Path) -> None:
    stamps = ["04:00", "03:00", "02:20", "02:00", "01:00", "00:00"]
    message = refused(tmp_path, "timestamp,ETH\n\n" + "".join(f"2024-01-01T{stamp}:00Z,1\n" for stamp in stamps))
    assert "line 5: 2024-01-01T02:20:00Z" in message


def test_bars_off_the_utc_grid_or_coarser_than_asked_are_refused(tmp_path: Path) -> None:
    half = "timestamp,ETH\n" + "".join(f"2024-01-01T0{hour}:30:00Z,1\n" for hour in range(4))
    assert "off the UTC grid of 1h" in refused(tmp_path, half)
    daily = "timestamp,ETH\n" + "".join(f"2024-01-0{day},1\n" for day in range(1, 5))
    assert "24h apart and cannot make bars of 1h" in refused(tmp_path, daily)
    assert len(read(tmp_path, daily, bar_ms=DAY_MS).open_ms) == 4
    assert "cannot make bars of 1h" in refused(
        tmp_path, "timestamp,ETH\n" + "".join(f"{START + k * 45 * MINUTE_MS},1\n" for k in range(4))
    )


def test_a_typing_error_in_a_year_does_not_fill_the_memory(tmp_path: Path) -> None:
    text = f"timestamp,{','.join(f'A{n}' for n in range(200))}\n"
    text += "".join(f"{stamp}T00:00:00Z{',1' * 200}\n" for stamp in ("2024-01-01", "2224-01-01"))
    rows = text.splitlines()
    rows.insert(2, rows[1].replace("T00", "T01"))
    rows.insert(3, rows[1].replace("T00", "T02"))
    assert "check the first and the last timestamp" in refused(tmp_path, "\n".join(rows))


def test_an_hour_closes_with_its_last_finer_bar_and_an_unfinished_one_is_left_out(tmp_path: Path) -> None:
    closes = {0: 1.0, 15: 2.0, 30: 3.0, 45: 4.0, 60: 5.0, 75: 6.0, 90: NAN, 120: 7.0, 135: 8.0}
    text = "timestamp,ETH\n" + "".join(
        f"{START + minute * MINUTE_MS},{'' if math.isnan(close) else close}\n" for minute, close in closes.items()
    )
    table = read(tmp_path, text)
    assert table.open_ms.tolist() == [START, START + HOUR_MS]
    assert table.closes[:, 0].tolist() == [4.0, 6.0]
    assert table.warnings == (
        "prices.csv: the bar of 2024-01-01T02:00:00Z is not finished in the file and was left out",
    )


@settings(max_examples=40, deadline=None)
@given(
    minutes=st.sets(st.integers(0, 12 * 30), min_size=8, max_size=200),
    holes=st.lists(st.booleans(), min_size=200, max_size=200),
)
def test_finer_bars_resample_as_pandas_does(
    tmp_path_factory: pytest.TempPathFactory, minutes: set[int], holes: list[bool]
) -> None:
    steps = sorted(minutes | {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11} | set(range(400, 700)))
    values = [NAN if k < 200 and holes[k] else 1.0 + k for k in range(len(steps))]
    index = pd.to_datetime([START + step * 5 * MINUTE_MS for step in steps], unit="ms", utc=True)
    series = pd.Series(values, index=index, name="ETH")
    end = START + (steps[-1] + 1) * 5 * MINUTE_MS
    expected = series.resample("1h").last()
    expected = expected[expected.index.astype("datetime64[ms, UTC]").astype("int64") + HOUR_MS <= end]
    buffer = io.StringIO()
    series.to_csv(buffer, index_label="timestamp")
    table = read(tmp_path_factory.mktemp("prices"), buffer.getvalue())
    np.testing.assert_array_equal(table.closes[:, 0], expected.to_numpy())


def test_a_daily_close_is_that_of_the_last_hour_and_missing_without_it(tmp_path: Path) -> None:
    hours = [hour for hour in range(5, 80) if hour != 47]  # no 23:00 bar on the second day; the fourth is unfinished
    text = "timestamp,ETH\n" + "".join(f"{START + hour * HOUR_MS},{hour}\n" for hour in hours)
    table = read(tmp_path, text, bar_ms=DAY_MS)
    assert table.open_ms.tolist() == [START, START + DAY_MS, START + 2 * DAY_MS]
    np.testing.assert_array_equal(table.closes[:, 0], [23, NAN, 71])
    assert "2024-01-04T00:00:00Z is not finished" in table.warnings[0]


def test_a_day_of_five_minute_bars_closes_with_its_last_hour(tmp_path: Path) -> None:
    steps = [step for step in range(2 * 288) if step not in {287, *range(288 + 276, 2 * 288)}]
    text = "timestamp,ETH\n" + "".join(f"{START + step * 5 * MINUTE_MS},{step + 1}\n" for step in steps)
    text += f"{START + 2 * DAY_MS},1\n"
    table = read(tmp_path, text, bar_ms=DAY_MS)
    # Day one closes at 23:50 (its last five minutes are missing), day two has nothing after 23:00.
    np.testing.assert_array_equal(table.closes[:, 0], [287, NAN])


@pytest.mark.skipif(importlib.util.find_spec("pyarrow") is not None, reason="pyarrow is installed")
def test_parquet_without_the_extra_says_what_to_install(tmp_path: Path) -> None:
    assert "driftdeck[parquet]" in refused(tmp_path, b"PAR1....PAR1")


@pytest.mark.skipif(importlib.util.find_spec("pyarrow") is None, reason="pyarrow (extra `parquet`) is not installed")
def test_parquet_gives_the_same_table_as_csv(tmp_path: Path) -> None:
    frame = pd.read_csv(io.StringIO(WIDE))
    stamped = frame.assign(timestamp=pd.to_datetime(frame["timestamp"])).set_index("timestamp")
    for name, content in (("text", frame), ("index", stamped)):
        content.to_parquet(tmp_path / f"{name}.parquet")
        table = read_prices(tmp_path / f"{name}.parquet")
        assert table.assets == ("ETH", "SOL")
        np.testing.assert_array_equal(table.closes, read(tmp_path, WIDE).closes)
    frame.assign(SOL=[1.0, -2.0, 3.0]).to_parquet(tmp_path / "bad.parquet")
    with pytest.raises(ConfigError, match='row 2, column "SOL"'):
        read_prices(tmp_path / "bad.parquet")
    assert "damaged Parquet" in refused(tmp_path, b"PAR1....PAR1")


def test_the_real_hourly_file_equals_pandas_and_is_read_quickly() -> None:
    path = shared_data("hourly_close_2021_2024.csv.gz")
    started = time.process_time()
    table = read_prices(path)
    used = time.process_time() - started
    frame = pd.read_csv(path, index_col=0, parse_dates=True)
    full = frame.asfreq("1h")
    assert table.assets == tuple(frame.columns)
    assert table.open_ms.tolist() == (full.index.astype("datetime64[ms, UTC]").astype("int64")).tolist()
    np.testing.assert_allclose(table.closes, full.to_numpy(), rtol=1e-15)
    assert used < 2.0


def test_the_real_five_minute_file_resamples_as_pandas_does() -> None:
    path = shared_data("crash_2024-08_5m_close.csv.gz")
    table = read_prices(path)
    expected = pd.read_csv(path, index_col=0, parse_dates=True).resample("1h").last()
    np.testing.assert_allclose(table.closes, expected.to_numpy()[: len(table.closes)], rtol=1e-15)
    assert len(expected) - len(table.closes) <= 1
