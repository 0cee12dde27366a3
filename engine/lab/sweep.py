"""Owns one sweep: a grid of settings over a config, and the backtest of each of its rows.

A row is judged by its days at equal exposure: its return minus that of a constant book of the same average gross.
Where rows run is `sweep_run`'s, what they mean is `walk_forward`'s. Never picks the best row.
"""

import hashlib
import itertools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from engine.adapters.config_file import load_config
from engine.adapters.price_file import PriceTable, read_prices
from engine.domain.config import Config
from engine.domain.errors import ConfigError
from engine.domain.units import Ms
from engine.lab.price_path import price_path
from engine.lab.rule_backtest import rule_replay
from engine.lab.strategies import matched, weekly_rows
from engine.lab.strategy_figures import simple_returns
from engine.quant.drawdown import drawdowns

Value = str | int | float | bool | list[object]
Values = tuple[tuple[str, Value], ...]
MOST_ROWS = 10_000
TABLES = ("rules", "sizing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What is swept: the config's text, the rows of settings, the prices' path and span, and how time is split."""

    config: str
    rows: tuple[Values, ...]
    prices: Path
    begin: Ms
    end: Ms
    train_days: int
    test_days: int

    def key(self, row: Values) -> str:
        """Return what names the result of a row: it changes with anything that could change the result."""
        said = repr((self.config, row, _digest(self.prices), self.begin, self.end))
        return hashlib.sha256(said.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """One row's days: `excess` over the book of the same gross, and its figures over the whole span."""

    key: str
    values: Values
    excess: tuple[float, ...]
    total_return: float
    max_drawdown: float
    avg_gross: float
    trades: int


def read_grid(path: Path) -> tuple[tuple[Values, ...], int, int]:
    """Return the rows of a sweep file and the days of its train and test periods. Raises ConfigError."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"there is no sweep file at {path}; check the path") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}; mend the file") from None
    grid, split = found.get("grid"), found.get("split", {})
    if not isinstance(grid, dict) or not grid:
        raise ConfigError(f'{path}: write [grid] with settings and the values to try: "rules.alert_shift" = [0.4, 0.5]')
    for name, values in grid.items():
        if name.count(".") != 1 or name.split(".")[0] not in TABLES:
            raise ConfigError(f'{path}: grid: "{name}" is no setting of [rules] or [sizing]; write "rules.alert_shift"')
        if not isinstance(values, list) or not values:
            raise ConfigError(f'{path}: grid: "{name}" needs a list of values to try')
    days = [split.get("train_days", 180), split.get("test_days", 60)] if isinstance(split, dict) else [0]
    if any(not isinstance(each, int) or each < 2 for each in days):
        raise ConfigError(f"{path}: split: train_days and test_days are whole numbers of days, at least 2")
    rows = tuple(tuple(zip(grid, choice, strict=True)) for choice in itertools.product(*grid.values()))
    if len(rows) > MOST_ROWS:
        raise ConfigError(f"{path}: the grid has {len(rows):,} rows, more than {MOST_ROWS:,}; try fewer values")
    return rows, days[0], days[1]


def with_values(config: str, values: Values) -> str:
    """Return a config's text with these settings in it. Raises ConfigError for a text that is no TOML."""
    try:
        document = tomlkit.parse(config)
    except TOMLKitError as error:
        raise ConfigError(f"the config is no TOML: {error}") from None
    for name, value in values:
        table, key = name.split(".")
        if table not in document:
            document[table] = tomlkit.table()
        section = document[table]
        if not isinstance(section, Mapping):
            raise ConfigError(f"the config has no table [{table}]")
        section[key] = value  # type: ignore[index]
    return tomlkit.dumps(document)


def config_of(config: str, values: Values) -> Config:
    """Return the config of a row. Raises ConfigError with its mistakes and the settings that made them."""
    return load_config(Path(f"[{named(values)}]"), text=with_values(config, values)).config


def run_row(sweep: Sweep, values: Values) -> RowResult:
    """Return one row's result: the rules with these settings, on the same bars and money as every other row."""
    config = config_of(sweep.config, values)
    prices = _prices(sweep.prices).covering(config.symbols)
    path = price_path(config, prices, begin=sweep.begin, end=sweep.end)
    _, desk = rule_replay(path, prices, unwatched=True)
    run = desk.run()
    first = next((fill.row - 1 for fill in run.fills), path.start)
    gross = float(run.gross[1:].mean())
    other = matched(path, weekly_rows(path, first), lambda each: float(each.gross[1:].mean()), gross)
    per_day = 24 * 3_600_000 // path.bar_ms
    own, base = (simple_returns(each.equity[::per_day]) for each in (run, other))
    return RowResult(
        key=sweep.key(values),
        values=values,
        excess=tuple((own - base).tolist()),
        total_return=float(run.equity[-1] / run.equity[0] - 1),
        max_drawdown=float(drawdowns(run.equity[1:]).max()),
        avg_gross=gross,
        trades=len(run.fills),
    )


def named(values: Values) -> str:
    """Return a row's settings in words."""
    return ", ".join(f"{name} = {value}" for name, value in values)


@lru_cache(maxsize=2)
def _prices(path: Path) -> PriceTable:
    """Read a price file once per worker."""
    return read_prices(path)


@lru_cache(maxsize=8)
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
