"""The bar grid of price files: spacing, resampling and daily closes, against pandas; the real files where they are."""

import io
import math
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.price_file import PriceTable, read_prices
from engine.domain.errors import ConfigError
from engine.domain.units import DAY_MS, HOUR_MS, MINUTE_MS, parse_iso
from support.shared_material import shared

NAN = math.nan
START = parse_iso("2024-01-01T00:00:00Z")


def read(folder: Path, text: str, *, bar_ms: int = HOUR_MS) -> PriceTable:
    path = folder / "prices.csv"
    path.write_text(text)
    return read_prices(path, bar_ms=bar_ms)


def refused(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(folder, text)
    return str(caught.value)


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


def test_the_real_hourly_file_equals_pandas_and_is_read_quickly() -> None:
    path = shared("data", "hourly_close_2021_2024.csv.gz")
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
    path = shared("data", "crash_2024-08_5m_close.csv.gz")
    table = read_prices(path)
    expected = pd.read_csv(path, index_col=0, parse_dates=True).resample("1h").last()
    np.testing.assert_allclose(table.closes, expected.to_numpy()[: len(table.closes)], rtol=1e-15)
    assert len(expected) - len(table.closes) <= 1
