"""Owns `driftdeck replay`: the live signal code driven by a price file: JSON, a summary, and --series."""

import csv
from pathlib import Path

from engine.adapters.config_file import load_config
from engine.adapters.paths import config_path
from engine.adapters.price_file import PriceTable, read_prices
from engine.domain.config import Config
from engine.domain.errors import ConfigError, StoreError
from engine.domain.proposal import Proposal
from engine.domain.units import Ms, iso, parse_iso
from engine.lab.price_path import price_path
from engine.lab.replay import Replay
from engine.lab.replay import replay as run_replay
from engine.lab.replay_output import document, series
from engine.lab.rule_backtest import rule_replay
from tui.commands.output import print_json, say


def replay(prices: Path, config: Path | None, *, begin: str, end: str, series_file: Path | None, as_json: bool) -> None:
    """Print what the signals would have said. Raises ConfigError, StoreError."""
    first, last = instant("--from", begin), instant("--to", end)
    settings = load_config(config_path(config)).config
    table = read_prices(prices).covering(settings.symbols)
    for warning in table.warnings:
        say(f"warning: {warning}")
    settings = with_assets_of(settings, table)
    run, proposals = replay_with_proposals(settings, table, first, last)
    if series_file is not None:
        write_series(run, series_file)
    if as_json:
        print_json(document(run, proposals))
    else:
        print(*summary(run, proposals), sep="\n")


def replay_with_proposals(
    config: Config, table: PriceTable, begin: Ms | None, end: Ms | None
) -> tuple[Replay, tuple[Proposal, ...]]:
    """Return the replay and what was drafted in it, on a book that opens every basket and approves everything.

    A single instant has no bar to trade at, so nothing is drafted in it. Raises ConfigError.
    """
    first, last = (Ms(int(at) + table.bar_ms) for at in (table.open_ms[0], table.open_ms[-1]))
    begin, end = first if begin is None else begin, last if end is None else end
    if not first <= begin < begin + table.bar_ms <= end <= last:
        return run_replay(config, table, begin=begin, end=end), ()
    run, desk = rule_replay(price_path(config, table, begin=begin, end=end), table)
    return run, tuple(each.proposal for each in desk.drafted)


def instant(option: str, text: str) -> Ms | None:
    """Return the instant that an option names, None where it was not given. Raises ConfigError."""
    if not text:
        return None
    try:
        return parse_iso(text)
    except ValueError:
        raise ConfigError(f"{option} {text}: not an ISO 8601 time such as 2022-11-01T00:00:00Z") from None


def with_assets_of(config: Config, table: PriceTable) -> Config:
    """Return the config unchanged where the file has every asset. Raises ConfigError naming those it lacks."""
    absent = [asset for asset in config.symbols if asset not in table.assets]
    if absent:
        raise ConfigError(
            f"the price file has no column for {', '.join(absent)}, which the config's baskets hold; it has "
            f"{', '.join(table.assets)}: take a config for these, or add the columns"
        )
    return config


def write_series(run: Replay, path: Path) -> None:
    """Write a row per check and basket. Raises StoreError."""
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(series(run))
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror}; choose another --series file") from error


def summary(run: Replay, proposals: tuple[Proposal, ...] = ()) -> list[str]:
    """Return a replay for a person: the alerts in order, then the counts."""
    found = document(run, proposals)
    alerts = found["alerts"]
    lines = []
    for alert in alerts if isinstance(alerts, list) else []:
        over = alert["cleared_at"] or "still on at the end"
        name = alert["basket"] or "market"
        lines.append(f"{alert['at']}  {alert['kind']:<7} {name:<16} {alert['direction']:<5} until {over}")
    counts = {key: len(value) if isinstance(value, list) else value for key, value in found.items()}
    return [
        *lines,
        "",
        f"{iso(run.begin)} to {iso(run.end)}: {counts['checks']} checks, {counts['fast_cycles']} fast cycles, "
        f"{counts['watch']} watch marks, {counts['alerts']} alerts, "
        f"{counts['proposals']} proposals of a book that approves everything",
    ]
