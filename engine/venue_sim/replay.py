"""Owns the replay of a price file as a market: hourly closes, each held until the next bar closes.

The file (npz: `open_ms` int64[T], `assets` str[N], `closes` float64[T, N], NaN = no bar) is made by somebody else;
bad ones are refused with a sentence. Prices pass through bit for bit, so that correlations can be checked outside.
Volumes are zero: the file has none.
"""

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.domain.errors import ConfigError
from engine.domain.units import HOUR_MS, Asset, Ms, floor_to
from engine.venue_sim.prices import Candles, FloatArray, Listing, MsArray, Ticker, empty_candles, merge

_LISTED_HOURS = 24  # an asset without a bar for this long is not listed (delisted, or not yet)
_MAX_DECIMALS = 12
_NAME = re.compile(r"[A-Za-z0-9._-]{1,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceFile:
    """Hourly closes [T, N] on a gapless grid that begins at `first_ms` (open time); NaN where there is no bar."""

    stem: str
    first_ms: Ms
    assets: tuple[Asset, ...]
    closes: FloatArray

    @property
    def end_ms(self) -> Ms:
        """The instant the last bar closes."""
        return Ms(self.first_ms + len(self.closes) * HOUR_MS)


def read_price_file(path: Path) -> PriceFile:
    """Return the price file at `path`; raises ConfigError with one sentence when it is not one."""
    try:
        with np.load(path, allow_pickle=False) as data:
            opens = np.asarray(data["open_ms"], dtype=np.int64)
            assets = tuple(Asset(str(name)) for name in data["assets"])
            closes = np.asarray(data["closes"], dtype=np.float64)
    except FileNotFoundError:
        raise ConfigError(f"the replay file {path} does not exist: give --replay a price file in npz form") from None
    except KeyError as missing:
        raise ConfigError(f"the replay file {path} lacks an array: {missing.args[0]}") from None
    except (OSError, ValueError, TypeError, EOFError, zipfile.BadZipFile):
        raise ConfigError(f"the replay file {path} cannot be read: it must be an npz of plain arrays") from None
    wrong = _what_is_wrong(opens, assets, closes)
    if wrong:
        raise ConfigError(f"the replay file {path} cannot be played: {wrong}")
    grid = np.full(((int(opens[-1]) - int(opens[0])) // HOUR_MS + 1, len(assets)), np.nan)
    grid[(opens - opens[0]) // HOUR_MS] = closes
    return PriceFile(stem=path.stem, first_ms=Ms(int(opens[0])), assets=assets, closes=grid)


def _what_is_wrong(opens: MsArray, assets: tuple[Asset, ...], closes: FloatArray) -> str:
    if opens.ndim != 1 or not len(opens) or closes.shape != (len(opens), len(assets)):
        return f"open_ms, assets and closes do not fit together ({opens.shape}, {len(assets)}, {closes.shape})"
    if not assets or len(set(assets)) != len(assets) or not all(_NAME.fullmatch(name) for name in assets):
        return "its assets must be distinct names of letters, digits and . _ -"
    if np.any(np.diff(opens) <= 0) or np.any(opens % HOUR_MS):
        return "open_ms must rise strictly on whole UTC hours"
    if np.any(closes <= 0) or np.any(np.isinf(closes)):
        return "closes must be positive and finite (NaN = no bar)"
    return ""


class ReplayMarket:
    """A price file as a market; speaks PriceSource."""

    def __init__(self, file: PriceFile) -> None:
        self._file = file
        self._column = {asset: index for index, asset in enumerate(file.assets)}
        there = ~np.isnan(file.closes)
        rows = np.arange(len(file.closes), dtype=np.int64)[:, None]
        self._known: NDArray[np.int64] = np.maximum.accumulate(np.where(there, rows, -1), axis=0)
        self._listing = [self._list(index) for index in range(len(file.assets))]

    def listings(self, now: Ms) -> tuple[Listing, ...]:
        """Return the assets that have a bar in the 24 hours closed by `now`."""
        return tuple(self._listing[column] for column in self._listed(now))

    def tickers(self, now: Ms) -> tuple[Ticker, ...]:
        """Return the last close of every listed asset, with extremes over the closes of 24 hours."""
        row = self._closed(now) - 1
        found = []
        for column in self._listed(now):
            day = self._file.closes[max(0, row - 24) : row + 1, column]
            found.append(
                Ticker(
                    listing=self._listing[column],
                    last=self._held(row, column),
                    high_24h=float(np.nanmax(day)),
                    low_24h=float(np.nanmin(day)),
                    ago_24h=self._held(row - 24, column),
                    ago_1h=self._held(row - 1, column),
                    volume_24h=0.0,
                    turnover_24h=0.0,
                )
            )
        return tuple(found)

    def candles(self, asset: Asset, step_ms: int, first: Ms, last: Ms, now: Ms) -> Candles:
        """Return real bars only, and the open candle at the held close where its bar will come; hourly or coarser."""
        column = self._column.get(asset)
        begin = max(floor_to(Ms(first + step_ms - 1), step_ms), self._file.first_ms)
        end = min(Ms(floor_to(last, step_ms) + step_ms - 1), now)
        if column is None or step_ms % HOUR_MS or begin > end:
            return empty_candles()
        closed = self._closed(now)
        lo = -(-(begin - self._file.first_ms) // HOUR_MS)
        hi = min((end - self._file.first_ms) // HOUR_MS + 1, closed + 1, len(self._file.closes))
        rows = np.arange(lo, hi, dtype=np.int64)
        rows = rows[~np.isnan(self._file.closes[rows, column])]
        before = np.array([self._held(int(row) - 1, column) for row in rows])
        close = np.where(rows < closed, self._file.closes[rows, column], before)
        opened = np.where(np.isnan(before), close, before)
        keep = ~np.isnan(close)  # an open candle before the first bar has no price yet
        rows, close, opened = rows[keep], close[keep], opened[keep]
        none = np.zeros(len(rows))
        return merge(
            Candles(
                open_ms=rows * HOUR_MS + self._file.first_ms,
                open=opened,
                high=np.maximum(opened, close),
                low=np.minimum(opened, close),
                close=close,
                volume=none,
                turnover=none,
            ),
            step_ms,
        )

    def _closed(self, now: Ms) -> int:
        """Return how many hours of the grid are closed at `now`."""
        return int(np.clip((now - self._file.first_ms) // HOUR_MS, 0, len(self._file.closes)))

    def _held(self, row: int, column: int) -> float:
        """Return the last close at or before `row`, NaN before the first."""
        known = int(self._known[row, column]) if row >= 0 else -1
        return float(self._file.closes[known, column]) if known >= 0 else float("nan")

    def _listed(self, now: Ms) -> list[int]:
        row = self._closed(now) - 1
        if row < 0:
            return []
        known = self._known[row]
        return [int(index) for index in np.flatnonzero((known >= 0) & (row - known < _LISTED_HOURS))]

    def _list(self, column: int) -> Listing:
        closes = self._file.closes[:, column]
        real = closes[~np.isnan(closes)]
        exact = (digits for digits in range(_MAX_DECIMALS) if np.array_equal(np.round(real, digits), real))
        lot_digits = int(np.clip(np.ceil(np.log10(np.median(real) / 10.0)), 0, 6)) if len(real) else 0
        first = int(np.flatnonzero(~np.isnan(closes))[0]) if len(real) else 0
        return Listing(
            asset=self._file.assets[column],
            decimals=next(exact, _MAX_DECIMALS),
            lot=f"{10.0**-lot_digits:.{lot_digits}f}",
            launch_ms=Ms(self._file.first_ms + first * HOUR_MS),
        )
