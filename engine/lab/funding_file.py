"""Owns the reading of funding rates for a backtest: a wide CSV of instants and rates, laid on the bars of prices.

A rate is the fraction of a position's value that a long pays a short at that instant. Never guesses: an asset without
a column pays none, and that is for the caller to say.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from engine.adapters.price_columns import Place, read_times
from engine.adapters.price_file import PriceTable
from engine.domain.config import Config
from engine.domain.errors import ConfigError
from engine.quant.arrays import Floats

LARGEST = 0.05  # of value at once: venues cap far below


def read_funding(path: Path, config: Config, prices: PriceTable) -> Floats:
    """Return rates [T, N] in the order of the config's assets: those due within bar t are paid at its close.

    Raises ConfigError naming the file, and the column or line.
    """
    try:
        frame = pd.read_csv(path)
    except FileNotFoundError:
        raise ConfigError(f"there is no funding file at {path}; check the path") from None
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read as CSV ({type(error).__name__}); check the file") from None
    if frame.empty or frame.columns[0] != "timestamp":
        raise ConfigError(f'{path}: its first column must be "timestamp", then one column of rates per asset')
    place = Place(path=str(path), word="line", numbers=np.arange(2, len(frame) + 2))
    due = read_times(frame["timestamp"], place)
    rates: Floats = np.zeros((len(prices.open_ms), len(config.symbols)))
    rows = -(-(due - int(prices.open_ms[0])) // prices.bar_ms) - 1  # the bar whose close is at or next after it
    inside = (rows >= 0) & (rows < len(rates))
    for column, asset in enumerate(config.symbols):
        if asset not in frame.columns:
            continue
        values = pd.to_numeric(frame[asset], errors="coerce").to_numpy(dtype=np.float64)
        bad = np.flatnonzero((np.isnan(values) & frame[asset].notna().to_numpy()) | (np.abs(values) > LARGEST))
        if bad.size:
            raise ConfigError(
                f'{path}: line {bad[0] + 2}, column "{asset}": {frame[asset].iloc[bad[0]]} is no rate between '
                f"-{LARGEST} and {LARGEST} (a fraction of value)"
            )
        np.add.at(rates[:, column], rows[inside], np.nan_to_num(values[inside]))
    return rates
