"""Owns `driftdeck rules --explain`: the rules in force, their formulas, and how often each fired on this book."""

from pathlib import Path

from engine.adapters.config_file import load_config
from engine.adapters.price_file import PriceTable, read_prices
from engine.domain.config import Config
from engine.domain.units import Ms
from engine.lab.replay import Replay
from engine.lab.replay import replay as run_replay
from engine.lab.rule_report import RuleLine, explained_from, rule_report
from tui.commands.output import print_json
from tui.commands.replay import with_assets_of
from tui.commands.stored_prices import config_beside, stored_prices

HISTORY_DAYS = 260  # ninety to count on, and what their baselines and the regime look back to


def rules(config: Path | None, state: Path | None, *, prices: Path | None, explain: bool, as_json: bool) -> None:
    """Print the rules. Counts come from a price file or from the bars that the engine has stored."""
    settings = load_config(config_beside(config, state, prices=prices)).config
    run = _replayed(settings, state, prices) if explain else None
    lines = rule_report(settings, run)
    if as_json:
        print_json([_entry(line) for line in lines])
    else:
        print(*_text(lines, explain=explain), sep="\n")


def _replayed(config: Config, state: Path | None, prices: Path | None) -> Replay | None:
    """Return a replay of the last ninety days, None where there is no history to replay."""
    given = None if prices is None else read_prices(prices).covering(config.symbols)
    table = given or stored_prices(config, state, days=HISTORY_DAYS)
    if table is None or len(table.open_ms) < 2:
        return None
    table = table if prices is None else _checked(config, table)
    end = Ms(int(table.open_ms[-1]) + table.bar_ms)
    first = Ms(int(table.open_ms[0]) + table.bar_ms)
    return run_replay(config, table, begin=max(first, explained_from(end)), end=end)


def _checked(config: Config, table: PriceTable) -> PriceTable:
    with_assets_of(config, table)
    return table


def _entry(line: RuleLine) -> object:
    return {"rule": line.rule, "formula": line.formula, "does": line.does, "fired": line.fired, "days": line.days}


def _text(lines: tuple[RuleLine, ...], *, explain: bool) -> list[str]:
    found = []
    for line in lines:
        fired = "" if line.fired is None else f"  fired {line.fired} times in {line.days:.0f} days"
        found += [f"{line.rule}{fired}", f"    {line.formula}", f"    {line.does}"]
    if explain and all(line.fired is None for line in lines):
        found += ["", "nothing was counted: there is no stored history yet; run the engine, or give --prices FILE"]
    return found
