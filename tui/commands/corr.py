"""Owns `driftdeck corr`: correlation matrices of a price file, as CONTRACT's JSON or as a table for a person."""

import math
from pathlib import Path

from engine.adapters.price_file import read_prices
from engine.domain.config import Estimator
from engine.domain.errors import ConfigError
from engine.domain.units import DAY_MS, HOUR_MS, Ms, iso, parse_iso
from engine.lab.correlate import Correlations, WindowMatrix, correlations
from tui.commands.output import number, print_json, say

BARS = {"1h": HOUR_MS, "1d": DAY_MS}


def corr(prices: Path, *, assets: str, windows: str, at: str, bar: str, method: str, as_json: bool) -> None:
    """Print the matrices. Raises ConfigError."""
    estimator, days, instant = _judged(windows=windows, at=at, bar=bar, method=method)
    table = read_prices(prices, bar_ms=BARS[bar])
    for warning in table.warnings:
        say(f"warning: {warning}")
    names = tuple(name.strip() for name in assets.split(",") if name.strip())
    found = correlations(table, assets=names, windows=days, at=instant, method=estimator)
    if as_json:
        print_json(document(found, bar=bar, method=estimator))
    else:
        print(*table_lines(found, method=estimator), sep="\n")


def _judged(*, windows: str, at: str, bar: str, method: str) -> tuple[Estimator, tuple[int, ...], Ms | None]:
    """Return the typed choices. Raises ConfigError naming every option that makes no sense."""
    problems = []
    days = tuple(int(word) for word in windows.split(",") if word.strip().isdigit() and int(word) > 1)
    if not days or len(days) != len(windows.split(",")):
        problems.append(f"--windows {windows}: take whole days above 1, such as 30,60,90")
    if bar not in BARS:
        problems.append(f"--bar {bar}: there are {' and '.join(BARS)}")
    if method not in set(Estimator):
        problems.append(f"--method {method}: there are {', '.join(Estimator)}")
    instant: Ms | None = None
    if at:
        try:
            instant = parse_iso(at)
        except ValueError:
            problems.append(f"--at {at}: not an ISO 8601 time such as 2022-11-10T00:00:00Z")
    if problems:
        raise ConfigError("these options of 'driftdeck corr' cannot be used:", tuple(problems))
    return Estimator(method), days, instant


def document(found: Correlations, *, bar: str, method: Estimator) -> dict[str, object]:
    """Return CONTRACT's `corr --json`."""
    return {
        "at": iso(found.at),
        "bar": bar,
        "method": method,
        "since": {a: None if s is None else iso(s) for a, s in zip(found.assets, found.since, strict=True)},
        "windows": {str(window.days): _window(found, window) for window in found.windows},
    }


def _window(found: Correlations, window: WindowMatrix) -> dict[str, object]:
    return {
        "assets": list(found.assets),
        "rho": [[number(value) for value in row] for row in window.rho.tolist()],
        "n": [[int(value) for value in row] for row in window.counts.tolist()],
    }


def table_lines(found: Correlations, *, method: Estimator) -> list[str]:
    """Return the matrices for a person: one block per window, a dash where undefined."""
    lines = []
    for window in found.windows:
        lines += [
            f"{window.days} days to {iso(found.at)}, {method}",
            " " * 8 + "".join(f"{a:>7.6}" for a in found.assets),
        ]
        lines += [
            f"{asset:<8.8}" + "".join("      –" if math.isnan(value) else f"{value:>7.2f}" for value in row)
            for asset, row in zip(found.assets, window.rho.tolist(), strict=True)
        ]
        lines.append("")
    return lines
