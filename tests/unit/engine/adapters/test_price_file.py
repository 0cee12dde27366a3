"""Price files: what is read, and what is refused with line and column."""

import gzip
import importlib.util
import io
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.adapters.price_columns import asset_of
from engine.adapters.price_file import PriceTable, read_prices
from engine.domain.errors import ConfigError, ExitCode
from engine.domain.units import HOUR_MS, parse_iso

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
    for content in (
        gzip.compress(WIDE.encode(), mtime=0),
        ("\ufeff" + WIDE).encode(),
        WIDE.replace("\n", "\r\n").encode(),
    ):
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
        (gzip.compress(WIDE.encode(), mtime=0)[:-9], "damaged or incomplete gzip", "fetch it again"),
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
