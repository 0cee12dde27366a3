"""Owns the correlation matrices of a price table at an instant: what `driftdeck corr` prints.

The same definitions as the live engine (CONTRACT, "Conventions of every figure"), in batch. Reads no file.
"""

from dataclasses import dataclass

import numpy as np

from engine.adapters.price_file import PriceTable
from engine.domain.config import Estimator
from engine.domain.errors import ConfigError
from engine.domain.units import DAY_MS, HOUR_MS, Ms, iso
from engine.quant.arrays import Counts, Flags, Floats
from engine.quant.comoments import required
from engine.quant.correlation import common_counts, pearson
from engine.quant.returns import log_returns
from engine.quant.spearman import spearman
from engine.quant.winsor import LOOKBACK_SLOTS, winsorize

DAY_SLOTS = DAY_MS // HOUR_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowMatrix:
    """One window's matrix: rho [N, N] with NaN where undefined, n [N, N] common returns of each pair."""

    days: int
    rho: Floats
    counts: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlations:
    """Matrices over `assets` on the bars closed by `at`; `since` is each one's first bar, None where it has none."""

    at: Ms
    assets: tuple[str, ...]
    windows: tuple[WindowMatrix, ...]
    since: tuple[Ms | None, ...]


def chosen_assets(table: PriceTable, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Return the assets to use, all where none are named. Raises ConfigError for one the file does not have."""
    unknown = [asset for asset in wanted if asset not in table.assets]
    if unknown:
        raise ConfigError(f"--assets {','.join(unknown)}: not in the file, which has {', '.join(table.assets)}")
    return wanted or table.assets


def closed_rows(table: PriceTable, at: Ms | None) -> int:
    """Return how many rows are closed by `at` (all of them for None). Raises ConfigError outside the file."""
    first, end = Ms(int(table.open_ms[0])), Ms(int(table.open_ms[-1]) + table.bar_ms)
    if at is None:
        return len(table.open_ms)
    if not first + table.bar_ms <= at <= end:
        raise ConfigError(f"--at {iso(at)} lies outside the file: its bars close from {iso(first)} to {iso(end)}")
    return int(np.searchsorted(table.open_ms, at - table.bar_ms, side="right"))


def last_returns(table: PriceTable, *, assets: tuple[str, ...], slots: int, rows: int, method: Estimator) -> Floats:
    """Return at least the last `slots` returns [T, N] of the first `rows` bars, clipped where the method clips."""
    begin = max(0, rows - slots - LOOKBACK_SLOTS - DAY_SLOTS - 1)
    columns = [table.assets.index(asset) for asset in assets]
    closes = table.closes[begin:rows][:, columns]
    # Ranks see the last bit of a return: two moves of the same ratio are a tie or not by how the log is taken. Rank
    # what everybody else ranks, the difference of logs; the other estimators agree either way to 1e-14.
    returns = np.diff(np.log(closes), axis=0) if method is Estimator.SPEARMAN else log_returns(closes)
    if method is Estimator.WINSORIZED:
        returns = winsorize(returns, int(table.open_ms[begin]) // HOUR_MS, DAY_SLOTS)
    return returns


def correlations(
    table: PriceTable, *, assets: tuple[str, ...], windows: tuple[int, ...], at: Ms | None, method: Estimator
) -> Correlations:
    """Return the correlation of each window in days on the bars closed by `at`. Raises ConfigError."""
    if method is Estimator.WINSORIZED and table.bar_ms != HOUR_MS:
        raise ConfigError(
            "--method winsorized needs hourly bars: its limits are of 720 hourly returns; leave --bar out"
        )
    assets = chosen_assets(table, assets)
    rows = closed_rows(table, at)
    per_day = DAY_MS // table.bar_ms
    returns = last_returns(table, assets=assets, slots=max(windows) * per_day, rows=rows, method=method)
    estimate = spearman if method is Estimator.SPEARMAN else pearson
    found = []
    for days in windows:
        slots = days * per_day
        part = returns[-slots:] if slots < len(returns) else returns
        found.append(WindowMatrix(days=days, rho=estimate(part, required(slots)), counts=common_counts(part)))
    known = at if at is not None else Ms(int(table.open_ms[rows - 1]) + table.bar_ms)
    return Correlations(at=known, assets=assets, windows=tuple(found), since=_since(table, assets, rows))


def _since(table: PriceTable, assets: tuple[str, ...], rows: int) -> tuple[Ms | None, ...]:
    present: Flags = ~np.isnan(table.closes[:rows, [table.assets.index(asset) for asset in assets]])
    return tuple(Ms(int(table.open_ms[column.argmax()])) if column.any() else None for column in present.T)
