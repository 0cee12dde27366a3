"""Owns the bars that an engine has stored, as a price table for the analysis commands: closes, volumes, whose config.

Reads only; fetches nothing.
"""

import math
from pathlib import Path
from statistics import median

import numpy as np

from engine.adapters.paths import config_path, state_dir
from engine.adapters.price_file import PriceTable
from engine.adapters.sqlite_bars import FILE_NAME, SqliteBars
from engine.domain.config import Config
from engine.domain.errors import ConfigError
from engine.domain.units import DAY_MS, Asset, Ms, Symbol
from engine.runtime.lock import holder_of

ALL_DAYS = 10 * 366  # longer than any venue here has traded


def config_beside(config: Path | None, state: Path | None, *, prices: Path | None) -> Path:
    """Return the config: the one named, else that of the engine whose bars are read or whose state is named.

    Where none runs, and for a price file without a state directory, it is the usual one.
    """
    if config is None and (prices is None or state is not None):
        holder = holder_of(state_dir(state))
        if holder is not None:
            return Path(holder.config)
    return config_path(config)


def stored_prices(config: Config, state: Path | None, *, days: int) -> PriceTable | None:
    """Return the last `days` of the config's assets, None where nothing is stored. Raises ConfigError, StoreError."""
    path = state_dir(state) / FILE_NAME
    if not path.exists():
        return None
    step_ms = config.rules.bar_ms
    assets: tuple[Asset, ...] = tuple(config.symbols)
    symbols: tuple[Symbol, ...] = tuple(config.symbols.values())
    store = SqliteBars(path)
    try:
        newest = store.newest_open()
        if not newest:
            return None
        until = Ms(max(newest.values()) + step_ms)
        since = Ms(until - days * DAY_MS)
        first, closes = store.load_closes(symbols, since_ms=since, until_ms=until, step_ms=step_ms)
    finally:
        store.close()
    held = ~np.isnan(closes).all(axis=1)
    if not held.any():
        raise ConfigError(f"{path} holds no bar of the config's assets: run the engine with this config first")
    begin = int(np.argmax(held))
    opens = np.arange(first + begin * step_ms, until, step_ms, dtype=np.int64)
    return PriceTable(open_ms=opens, assets=assets, closes=closes[begin:], bar_ms=step_ms)


def stored_volumes(config: Config, state: Path | None, *, days: int) -> dict[Asset, float]:
    """Return the median traded money a day of the last whole `days` of each asset; one without volumes is left out.

    Raises StoreError.
    """
    path = state_dir(state) / FILE_NAME
    if not path.exists():
        return {}
    store = SqliteBars(path)
    try:
        newest = store.newest_open()
        if not newest:
            return {}
        end = max(newest.values()) // DAY_MS
        found = {}
        for asset, symbol in config.symbols.items():
            traded: dict[int, float] = {}
            for bar in store.load(symbol, since_ms=Ms((end - days) * DAY_MS)):
                day = bar.open_ms // DAY_MS
                if day < end and not math.isnan(bar.volume):
                    traded[day] = traded.get(day, 0.0) + bar.volume * bar.close
            if traded:
                found[asset] = median(traded.values())
        return found
    finally:
        store.close()
