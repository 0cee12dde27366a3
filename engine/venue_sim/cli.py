"""Owns the command line of the simulated exchange: arguments into settings, nonsense into one sentence and exit 2.

It never prints anything but that sentence; what comes after the arguments is `process`.
"""

import argparse
import logging
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from engine.domain.errors import ConfigError, DriftdeckError
from engine.domain.units import Ms, parse_iso
from engine.venue_sim.catalog import CATALOG
from engine.venue_sim.crowd import FEWEST_ASSETS, MOST_ASSETS
from engine.venue_sim.opening import Settings
from engine.venue_sim.process import serve
from engine.venue_sim.scenario import Scenario

_MAX_SPEED = 100_000.0
_MAX_TICKS = 50.0
_MAX_MS = 4_102_444_800_000  # the year 2100: a typing error, not a market


class _Parser(argparse.ArgumentParser):
    """argparse that answers in one sentence."""

    def error(self, message: str) -> NoReturn:
        raise ConfigError(f"{message} (see --help)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the simulated exchange; return the exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    try:
        serve(settings_from(sys.argv[1:] if arguments is None else arguments))
    except DriftdeckError as error:
        sys.stderr.write(f"venue_sim: {error}\n")
        return int(error.exit_code)
    return 0


def settings_from(arguments: Sequence[str]) -> Settings:
    """Return what `arguments` ask for; raises ConfigError with one sentence."""
    given = _parser().parse_args(arguments)
    if (given.replay is None) != (given.start is None):
        raise ConfigError("--replay and --start come together: give both or neither")
    return Settings(
        directory=given.dir,
        scenario=Scenario(given.scenario),
        seed=given.seed,
        speed=given.speed,
        replay=given.replay,
        start=given.start,
        not_before=given.not_before,
        parent_grace_s=given.parent_grace,
        assets=given.assets,
        ticks_per_s=given.ticks_per_s,
    )


def _parser() -> _Parser:
    parser = _Parser(prog="python -m engine.venue_sim", description="The simulated exchange of Driftdeck.")
    parser.add_argument("--dir", type=Path, required=True, help="its directory: CA, and what a restart must know")
    parser.add_argument("--scenario", choices=[item.value for item in Scenario], default=Scenario.ALTERNATING.value)
    parser.add_argument("--seed", type=_seed, default=7, help="a whole number; the same seed gives the same market")
    parser.add_argument("--speed", type=_speed, default=600.0, help="market seconds per wall second")
    parser.add_argument("--replay", type=Path, help="a price file (npz) to play as the market")
    parser.add_argument("--start", type=_instant, help="ISO 8601 instant at which the replay starts")
    parser.add_argument(
        "--not-before", type=_milliseconds, default=Ms(0), help="market time starts no earlier (epoch ms)"
    )
    parser.add_argument(
        "--parent-grace", type=_grace, default=60.0, help="seconds to stay when stdin ends and nobody asks"
    )
    parser.add_argument("--assets", type=_assets, default=len(CATALOG), help="how many markets; made-up ones beyond 32")
    parser.add_argument("--ticks-per-s", type=_ticks, default=5.0, help="streamed ticker messages per asset and second")
    return parser


def _seed(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 to {2**32 - 1}")
    return int(text)


def _speed(text: str) -> float:
    value = _number(text)
    if not 0.0 < value <= _MAX_SPEED:
        raise argparse.ArgumentTypeError(f"{text!r} is not a speed above 0 and up to {_MAX_SPEED:.0f}")
    return value


def _grace(text: str) -> float:
    value = _number(text)
    if not 0.0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return value


def _assets(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not FEWEST_ASSETS <= int(text) <= MOST_ASSETS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {FEWEST_ASSETS} to {MOST_ASSETS}")
    return int(text)


def _ticks(text: str) -> float:
    value = _number(text)
    if not 0.1 <= value <= _MAX_TICKS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a rate from 0.1 to {_MAX_TICKS:.0f}")
    return value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None


def _instant(text: str) -> Ms:
    try:
        return parse_iso(text)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{text!r} is not an ISO 8601 instant such as 2022-11-01T00:00:00Z") from None


def _milliseconds(text: str) -> Ms:
    if not text.isascii() or not text.isdigit() or int(text) > _MAX_MS:
        raise argparse.ArgumentTypeError(f"{text!r} is not an instant in epoch milliseconds before the year 2100")
    return Ms(int(text))
