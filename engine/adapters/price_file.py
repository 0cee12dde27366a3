"""Owns the reading of price files (CONTRACT: Price files): wide or long CSV, gzipped or not, or Parquet.

Gives a `PriceTable` on one complete bar grid, or one clear sentence with line and column. Never fills a price and
never writes. The lab, the replay and the simulated market take it from here.
"""

import csv
import gzip
import importlib.util
import io
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.adapters.price_columns import Place, read_closes, read_times, unique_assets
from engine.adapters.price_grid import base_interval, in_order, on_grid, pivoted
from engine.domain.errors import ConfigError
from engine.domain.units import HOUR_MS, Asset
from engine.domain.venue_names import bare_asset

_GZIP, _PARQUET = b"\x1f\x8b", b"PAR1"
_STAMPS = ("timestamp", "open_time", "open_time_utc", "time", "date", "datetime")  # the first is the one we write


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceTable:
    """Closes of several assets on one grid: row k is the bar that opens at open_ms[k] and closes `bar_ms` later.

    `open_ms` int64, shape (T,), evenly spaced; `closes` float64, shape (T, N), NaN where there is no bar. Both are
    read-only arrays.
    """

    open_ms: NDArray[np.int64]
    assets: tuple[str, ...]
    closes: NDArray[np.float64]
    bar_ms: int
    warnings: tuple[str, ...] = ()

    def covering(self, assets: Iterable[Asset]) -> "PriceTable":
        """Return the table with a column for each of `assets` that another venue trades: the asset's own prices.

        A price file says "ETH" where a book says "ETH@okx"; a column of that very name goes first. What the file has
        in no form stays absent.
        """
        lacking = [each for each in assets if each not in self.assets and bare_asset(each) in self.assets]
        if not lacking:
            return self
        columns = [self.closes[:, self.assets.index(bare_asset(each))] for each in lacking]
        closes = np.column_stack([self.closes, *columns])
        closes.flags.writeable = False
        return replace(self, assets=(*self.assets, *lacking), closes=closes)


def read_prices(path: Path, *, bar_ms: int = HOUR_MS) -> PriceTable:
    """Return the prices in `path` as bars of `bar_ms`. Raises ConfigError naming line and column."""
    frame, place = _frame(path)
    columns = {str(name).strip().lower(): str(name) for name in frame.columns}
    stamp = next((columns[name] for name in _STAMPS if name in columns), None)
    if stamp is None:
        first = ", ".join(list(columns)[:4])
        raise ConfigError(f'{path}: there is no column "timestamp" (it begins with {first}); name the open times so')
    if frame.empty:
        raise ConfigError(f"{path} holds no rows; it needs a header and at least one bar")
    times = read_times(frame[stamp], place)
    warnings: list[str] = []
    if {"symbol", "close"} <= columns.keys():
        times, closes, rows, assets = _long(frame, columns, times, place, warnings)
    else:
        times, closes, rows, assets = _wide(frame, stamp, times, place, warnings)
    base_ms = base_interval(times, rows, bar_ms, place)
    times, closes = on_grid(times, closes, base_ms=base_ms, bar_ms=bar_ms, place=place, warnings=warnings)
    empty = [asset for asset, column in zip(assets, closes.T, strict=True) if np.isnan(column).all()]
    if empty:
        warnings.append(f"no bar at all for {', '.join(empty)}")
    times.flags.writeable = closes.flags.writeable = False
    said = tuple(f"{path.name}: {line}" for line in warnings)
    return PriceTable(open_ms=times, assets=assets, closes=closes, bar_ms=bar_ms, warnings=said)


Rows = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64], tuple[str, ...]]


def _wide(frame: pd.DataFrame, stamp: str, times: NDArray[np.int64], place: Place, warnings: list[str]) -> Rows:
    """Return ascending times, closes, source rows and assets of a file with one column per asset."""
    if frame.columns[0] != stamp:
        raise ConfigError(f'{place.path}: "{stamp}" must be the first column, then one column of closes per asset')
    names = [str(name) for name in frame.columns[1:]]
    if not names:
        raise ConfigError(f"{place.path} has no column but {stamp}; it needs one column of closes per asset")
    assets = unique_assets([name.strip() for name in names], place)
    closes = read_closes({name: frame[name] for name in names}, place, rows=len(frame))
    return (*in_order(times, closes, warnings), assets)


def _long(
    frame: pd.DataFrame, columns: dict[str, str], times: NDArray[np.int64], place: Place, warnings: list[str]
) -> Rows:
    """Return the same of a file with one row per bar and asset."""
    symbols = frame[columns["symbol"]]
    missing = np.flatnonzero(symbols.isna().to_numpy(dtype=bool))
    if missing.size:
        problems = [f'{place.row(row)}, column "symbol": is empty; name the market' for row in missing]
        raise place.refuse(problems, "rows lack a symbol")
    codes, names = pd.factorize(symbols.astype(str).str.strip())
    assets = unique_assets([str(name) for name in names], place)
    closes = read_closes({columns["close"]: frame[columns["close"]]}, place, rows=len(frame))[:, 0]
    return (*pivoted(times, codes.astype(np.int64), closes, assets, warnings), assets)


def _frame(path: Path) -> tuple[pd.DataFrame, Place]:
    """Return the file's cells as they stand and how to name its rows."""
    try:
        content = path.read_bytes()
        if content.startswith(_GZIP):
            content = gzip.decompress(content)
    except FileNotFoundError:
        raise ConfigError(f"there is no price file at {path}; check the path") from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise ConfigError(f"{path} is a damaged or incomplete gzip file; fetch it again") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}); check the path") from None
    parquet = content.startswith(_PARQUET)
    frame = _parquet(content, path) if parquet else _csv(content, path)
    held = ~frame.isna().all(axis="columns").to_numpy(dtype=bool)  # blank lines are counted, not read
    numbers = np.flatnonzero(held).astype(np.int64) + (1 if parquet else 2)
    place = Place(path=str(path), word="row" if parquet else "line", numbers=numbers)
    return frame if held.all() else frame[held].reset_index(drop=True), place


def _csv(content: bytes, path: Path) -> pd.DataFrame:
    try:
        start = content[:1_000_000].decode("utf-8-sig", errors="strict" if len(content) < 1_000_000 else "ignore")
        reader = csv.reader(io.StringIO(start))
        header = next(reader, [])
        first = next(reader, header)
    except (UnicodeDecodeError, csv.Error):
        raise ConfigError(f"{path} is not a CSV file in UTF-8; export it again as text with commas") from None
    if not header or not any(name.strip() for name in header):
        raise ConfigError(f"{path} is empty or has no header; its first line must name the columns")
    if len(header) == 1 and ";" in header[0]:
        raise ConfigError(f"{path} is separated by semicolons; export it with commas (and points in numbers)")
    for number, name in enumerate(header, start=1):
        if not name.strip() or header.count(name) > 1:
            what = f'"{name}" stands twice' if name.strip() else "has no name"
            raise ConfigError(f"{path}: line 1, column {number}: {what}; each column needs a name of its own")
    if len(first) > len(header):
        raise ConfigError(f"{path}: line 2 has {len(first)} columns, the header {len(header)}; mend the line")
    try:
        return pd.read_csv(
            io.BytesIO(content),
            encoding="utf-8-sig",
            keep_default_na=False,
            na_values=[""],
            skip_blank_lines=False,
            low_memory=False,
        )
    except pd.errors.ParserError as error:
        reason = str(error).strip().removeprefix("Error tokenizing data. C error: ")
        raise ConfigError(f"{path}: {reason}; mend the line") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not a CSV file in UTF-8; export it again as text with commas") from None


def _parquet(content: bytes, path: Path) -> pd.DataFrame:
    if importlib.util.find_spec("pyarrow") is None:
        raise ConfigError(
            f"{path} is a Parquet file: install the extra with `pip install 'driftdeck[parquet]'`, or use CSV"
        )
    try:
        frame = pd.read_parquet(io.BytesIO(content), engine="pyarrow")
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} is a damaged Parquet file ({type(error).__name__}); write it again") from None
    return frame if frame.index.name is None else frame.reset_index()
