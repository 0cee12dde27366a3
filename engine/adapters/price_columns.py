"""Owns how the cells of a price file are read: timestamps, prices, and the asset that a column or symbol means.

Every refusal names the line and the column. Never sorts, fills or resamples: `price_grid` does, on what leaves here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.domain.errors import ConfigError

_QUOTES = ("FDUSD", "USDT", "USDC", "BUSD", "TUSD", "USD", "EUR", "DAI")
_JOINED = ("FDUSD", "USDT", "USDC", "BUSD", "USD")
_STABLE = frozenset({*_QUOTES, "PYUSD", "GUSD", "LUSD", "SUSD", "CRVUSD", "USDD", "USDE"})
_SHOWN_PROBLEMS = 5
# Epoch numbers tell their unit by their size: seconds stay below 1e11 until the year 5138.
_EPOCH_UNITS = ((0.0, 1e11, 1000.0), (1e11, 1e14, 1.0), (1e14, 1e17, 1e-3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How the rows of one file are named in messages: `line 7` of a text, `row 6` of a table.

    `numbers` holds that number for each row that was read: blank lines are counted but not read.
    """

    path: str
    word: str
    numbers: NDArray[np.int64]

    def row(self, index: int | np.integer[Any]) -> str:
        """Return the name of the row at `index`."""
        return f"{self.word} {self.numbers[index]}"

    def refuse(self, problems: Sequence[str], what: str) -> ConfigError:
        """Return the error for `problems`, the first few spelled out."""
        more = len(problems) - _SHOWN_PROBLEMS
        lines = tuple(f"{self.path}: {line}" for line in problems[:_SHOWN_PROBLEMS])
        if len(problems) == 1:
            return ConfigError(lines[0])
        return ConfigError(
            f"{self.path}: {len(problems)} {what}:", (*lines, *([f"and {more} more"] if more > 0 else []))
        )


def asset_of(symbol: str) -> str:
    """Return the asset a market symbol means.

    >>> [asset_of(text) for text in ("ETHUSDT", "ETH/USDT", "ETH/USDT:USDT", "ETH-USD", "ETH", "LUNC_old")]
    ['ETH', 'ETH', 'ETH', 'ETH', 'ETH', 'LUNC_old']
    """
    if symbol.upper() in _STABLE:
        return symbol
    base, slash, _ = symbol.partition("/")
    if slash and base:
        return base
    separated = re.fullmatch(rf"(.+?)[-_](?:{'|'.join(_QUOTES)})(?:[-_](?:SWAP|PERP))?|(.+?)[-_]PERP", symbol)
    if separated:
        return separated[1] or separated[2]
    joined = re.fullmatch(rf"(.{{2,}}?)(?:{'|'.join(_JOINED)})", symbol)
    return joined[1] if joined else symbol


def unique_assets(symbols: Sequence[str], place: Place) -> tuple[str, ...]:
    """Return the asset of each symbol; two symbols of one asset are refused."""
    found: dict[str, str] = {}
    for symbol in symbols:
        other = found.setdefault(asset_of(symbol), symbol)
        if other != symbol:
            raise ConfigError(
                f'{place.path}: "{other}" and "{symbol}" both mean the asset {asset_of(symbol)}; keep one of them'
            )
    return tuple(found)


def read_times(column: "pd.Series[Any]", place: Place) -> NDArray[np.int64]:
    """Return open times as epoch milliseconds, shape (R,). ISO 8601 without an offset is UTC."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        parsed = pd.to_datetime(column, utc=True)
    elif pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        return _epochs(column.to_numpy(dtype=np.float64, na_value=np.nan), column, place)
    else:
        numbers = pd.to_numeric(column, errors="coerce")
        if len(numbers) and bool(numbers.notna().sum() * 2 > len(numbers)):  # epochs with a few bad cells
            return _epochs(np.asarray(numbers, dtype=np.float64), column, place)
        parsed = pd.to_datetime(column, format="ISO8601", utc=True, errors="coerce")
    bad = np.flatnonzero(parsed.isna().to_numpy())
    if bad.size:
        raise place.refuse([_bad_time(row, column, place) for row in bad], "timestamps cannot be read")
    return np.asarray(parsed.astype("datetime64[ms, UTC]").astype(np.int64), dtype=np.int64)


def _bad_time(row: int | np.integer[Any], column: "pd.Series[Any]", place: Place) -> str:
    value = column.iloc[row]
    seen = "is empty" if pd.isna(value) else f'is "{str(value)[:40]}"'
    return f"{place.row(row)}: timestamp {seen}; write ISO 8601 such as 2024-01-31T05:00:00Z, or epoch seconds or ms"


def _epochs(numbers: NDArray[np.float64], column: "pd.Series[Any]", place: Place) -> NDArray[np.int64]:
    bad = np.flatnonzero(~np.isfinite(numbers))
    if bad.size:
        raise place.refuse([_bad_time(row, column, place) for row in bad], "timestamps cannot be read")
    size = np.abs(numbers)
    largest = size.max(initial=0.0)
    unit = next((unit for unit in _EPOCH_UNITS if largest < unit[1]), None)
    if unit is None:
        raise ConfigError(f"{place.path}: timestamps such as {largest:.0f} are no epoch seconds or milliseconds")
    smallest, _, to_ms = unit
    other = np.flatnonzero(size < smallest)
    if other.size:
        row = other[0]
        raise ConfigError(
            f"{place.path}: {place.row(row)}: timestamp {numbers[row]:.0f} is of another unit than {largest:.0f}; "
            "write all in epoch seconds, or all in milliseconds"
        )
    if numbers.size and bool(((size >= 19700101) & (size <= 21001231) & (size % 100 <= 31)).all()):
        raise ConfigError(
            f"{place.path}: timestamps such as {numbers[0]:.0f} look like dates without dashes; write 2024-01-31"
        )
    return np.round(numbers * to_ms).astype(np.int64)


def read_closes(columns: "dict[str, pd.Series[Any]]", place: Place, *, rows: int) -> NDArray[np.float64]:
    """Return prices, shape (R, N), NaN where a cell is empty; anything else than a positive number is refused."""
    closes = np.full((rows, len(columns)), np.nan)
    problems: list[tuple[int, str]] = []
    for index, (name, column) in enumerate(columns.items()):
        if pd.api.types.is_bool_dtype(column.dtype):
            raise _not_numeric(name, column, place)
        if pd.api.types.is_numeric_dtype(column.dtype):
            values = column.to_numpy(dtype=np.float64, na_value=np.nan)
            unread = np.zeros(rows, dtype=bool)
        else:
            values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
            unread = column.notna().to_numpy(dtype=bool) & np.isnan(values)
            if unread.any() and not np.isfinite(values).any():
                raise _not_numeric(name, column, place)
        closes[:, index] = values
        with np.errstate(invalid="ignore"):
            wrong = np.flatnonzero(unread | (values <= 0) | np.isinf(values))
        problems += [(int(row), _bad_price(int(row), name, column, place)) for row in wrong]
    if problems:
        raise place.refuse([text for _, text in sorted(problems)], "prices are no positive numbers")
    return closes


def _not_numeric(name: str, column: "pd.Series[Any]", place: Place) -> ConfigError:
    row = int(np.flatnonzero(column.notna().to_numpy(dtype=bool))[0])
    return ConfigError(
        f'{place.path}: column "{name}" is not numeric ({place.row(row)}: "{str(column.iloc[row])[:40]}"); a wide file '
        "holds one column of closes per asset, so take it out"
    )


def _bad_price(row: int, name: str, column: "pd.Series[Any]", place: Place) -> str:
    value = column.iloc[row]
    what = "is not a number" if isinstance(value, str) and not _is_number(value) else "is not a positive price"
    return f'{place.row(row)}, column "{name}": {str(value)[:40]} {what}; mend the cell, or leave it empty for no bar'


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
