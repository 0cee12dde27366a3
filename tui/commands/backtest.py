"""Owns `driftdeck backtest`: the strategy and its benchmarks over a price file or the stored bars: JSON, or a report.

Reads files and prints; everything that is computed is the lab's.
"""

from dataclasses import dataclass
from pathlib import Path

from engine.adapters.config_file import load_config
from engine.adapters.price_file import PriceTable, read_prices
from engine.domain.config import Config
from engine.domain.errors import ConfigError, StoreError
from engine.domain.units import Ms, parse_iso
from engine.lab.backtest import Backtest, backtest_decisions
from engine.lab.backtest_output import backtest_document
from engine.lab.backtest_words import Findings, findings
from engine.lab.funding_file import read_funding
from engine.lab.html_report import html_report
from engine.lab.price_path import price_path
from engine.lab.rule_backtest import backtest_rules
from tui.commands.backtest_text import print_report
from tui.commands.output import print_json, say
from tui.commands.replay import instant, with_assets_of
from tui.commands.stored_prices import ALL_DAYS, config_beside, stored_prices


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestChoice:
    """What a person asked for on the command line."""

    prices: Path | None
    config: Path | None
    state: Path | None = None
    begin: str = ""
    end: str = ""
    decisions: Path | None = None
    funding: Path | None = None
    html: Path | None = None
    as_json: bool = False


def backtest(choice: BacktestChoice) -> None:
    """Print what the strategy would have done. Raises ConfigError."""
    found, said = run_backtest(choice)
    for warning in found.warnings:
        say(f"warning: {warning}")
    if choice.html is not None:
        write_page(choice.html, html_report(found, said))
    if choice.as_json:
        print_json(backtest_document(found, said))
    else:
        print_report(found, said)


def write_page(path: Path, text: str) -> None:
    """Write the HTML report. Raises StoreError."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror}; choose another --html file") from error


def run_backtest(choice: BacktestChoice) -> tuple[Backtest, Findings]:
    """Return the backtest that was asked for. Raises ConfigError."""
    first, last = instant("--from", choice.begin), instant("--to", choice.end)
    config = load_config(config_beside(choice.config, choice.state, prices=choice.prices)).config
    instants = read_instants(choice.decisions) if choice.decisions is not None else None
    prices = _prices(choice, config)
    funding = read_funding(choice.funding, config, prices) if choice.funding is not None else None
    if instants is None:
        ruled = backtest_rules(config, prices, begin=first, end=last, funding=funding)
        return ruled.backtest, findings(ruled.backtest, ruled.replay.events, ruled.drafted)
    begin = min(instants) if first is None else first
    path = price_path(config, prices, begin=begin, end=last, funding=funding)
    found = backtest_decisions(path, instants)
    return found, findings(found)


def _prices(choice: BacktestChoice, config: Config) -> PriceTable:
    """Return the price file, or the bars that the engine stored. Raises ConfigError, StoreError."""
    if choice.prices is None:
        stored = stored_prices(config, choice.state, days=ALL_DAYS)
        if stored is None:
            raise ConfigError(
                "no bars are stored for this state directory: give --prices FILE, or run the engine first"
            )
        return stored
    prices = read_prices(choice.prices).covering(config.symbols)
    for warning in prices.warnings:
        say(f"warning: {warning}")
    with_assets_of(config, prices)
    return prices


def read_instants(path: Path) -> list[Ms]:
    """Return the instants of a decisions file, one ISO 8601 time per line; empty lines and `#` notes are skipped.

    Raises ConfigError naming the line.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        raise ConfigError(f"there is no decisions file at {path}; check the path") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read as text ({type(error).__name__}); check the file") from None
    found = []
    for number, line in enumerate(lines, start=1):
        text = line.split("#", 1)[0].strip()
        if not text:
            continue
        try:
            found.append(parse_iso(text))
        except (ValueError, OverflowError):
            raise ConfigError(f"{path}: line {number}: {text[:40]!r} is no ISO 8601 time") from None
    if not found:
        raise ConfigError(f"{path} lists no instant; write one ISO 8601 time per line, such as 2022-01-01T00:00:00Z")
    return found
