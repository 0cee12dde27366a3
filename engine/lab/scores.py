"""Owns the score table of the alert rule: every row of CALIBRATION measured on a price file, beside its target.

`python -m engine.lab.scores --prices FILE`. The rule is the shipped one with its defaults; nothing here is fitted.
Prints to stdout and writes nothing.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np

from engine.adapters.price_file import PriceTable, read_prices
from engine.domain.alerts import AlertKind
from engine.domain.basket import Basket, DecisionMode, Leg, Side
from engine.domain.config import Config
from engine.domain.errors import ConfigError, DriftdeckError
from engine.domain.events import AlertRaised, VolatilityBroadened
from engine.domain.units import HOUR_MS, Asset, BasketName, Symbol
from engine.lab.replay import Replay, replay
from engine.lab.score_events import AFTER, BEFORE, MAJORS, Market, Places, market_of
from engine.quant.arrays import Flags, Floats

TEN_BASKETS = (
    "L1 ETH SOL AVAX NEAR | DEFI UNI AAVE CRV LINK | DEFI2 MKR COMP SUSHI | PAY XRP LTC XLM BCH | GAME SAND MANA AXS | "
    "L2 MATIC ARB OP | MAJ BTC ETH BNB DOGE ADA | OLD ALGO HBAR XTZ FIL | INTER ATOM DOT LINK INJ | "
    "USER5 BTC ETH SOL AVAX MATIC"
)
PLACEBO_DRAWS, PLACEBO_SEED = 2000, 20210403
_MONTH = 720

Row = tuple[str, str, str]  # what, measured, target


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What the replay said at every hourly close [T]: alert states [T, B], defined shifts [T, B], VOL broad [T]."""

    states: Floats
    defined: Flags
    broad: Flags
    entries: tuple[Places, ...]  # rows of alert entries, per basket
    ups: Places  # rows of upward entries of any basket


def scores_config(prices: PriceTable) -> Config:
    """Return the ten baskets of CALIBRATION with default rules, without the assets that the file does not have."""
    baskets = []
    for text in TEN_BASKETS.split(" | "):
        name, *assets = text.split()
        held = [asset for asset in assets if asset in prices.assets]
        if len(held) >= 2:
            baskets.append(_basket(name, held))
    return Config(baskets=tuple(baskets))


def _basket(name: str, assets: list[str]) -> Basket:
    legs = tuple(
        Leg(asset=Asset(asset), symbol=Symbol(f"{asset}/USDT"), side=Side.LONG, weight=1 / len(assets))
        for asset in assets
    )
    return Basket(
        name=BasketName(name),
        thesis="of the score table",
        legs=legs,
        notional=Decimal(10_000),
        leverage=1.0,
        decision=DecisionMode.ASK,
        on_no_answer="nothing",
        no_answer_after_ms=0,
    )


def course_of(run: Replay) -> Course:
    """Return a replay as hourly columns; between two checks a state stands."""
    rows, names = run.table.rows, run.baskets
    states = np.full((rows, len(names)), np.nan)
    for check in run.checks:
        states[check.row] = check.states
    held = np.maximum.accumulate(np.where(np.isnan(states[:, 0]), 0, np.arange(rows)))
    raised = [e for e in run.events if isinstance(e, AlertRaised) and e.kind is AlertKind.BASKET and e.basket in names]
    at = {name: np.array([_row(run, e.at) for e in raised if e.basket == name], dtype=np.int64) for name in names}
    broad = np.zeros(rows, dtype=np.bool_)
    broad[[_row(run, e.at) for e in run.events if isinstance(e, VolatilityBroadened)]] = True
    ups = sorted(_row(run, e.at) for e in raised if e.direction.sign > 0)
    return Course(
        states=np.nan_to_num(states[held]),
        defined=~np.isnan(np.column_stack([basket.shift for basket in run.table.baskets])),
        broad=broad,
        entries=tuple(at[name] for name in names),
        ups=np.array(ups, dtype=np.int64),
    )


def _row(run: Replay, at: int) -> int:
    """Return the row of the newest bar closed by `at`."""
    return (at - run.table.first_open) // HOUR_MS - 1


def table_of(course: Course, market: Market) -> list[Row]:
    """Return the score table: what was measured beside what CALIBRATION asks for."""
    calm, falls = market.calm(), market.falls()
    months = (course.defined & calm[:, None]).sum(axis=0) / _MONTH
    counts = np.array([np.count_nonzero(calm[rows]) for rows in course.entries])
    shown = months > 0
    each = counts[shown] / months[shown]
    quiet = counts[shown].sum() / months[shown].sum()
    alarm = (course.states != 0) & course.defined
    seen, delays = _first_in_window(falls, np.flatnonzero(course.broad))
    told, waits = _first_in_window(falls, course.ups)
    up, placebo = _share_up(course, falls), _share_up(course, _placebo(calm, course))
    return [
        ("events (falls of 15 %)", f"{len(falls)}", "21"),
        ("calm ALERTs per basket-month, all", f"{quiet:.2f}", "<= 1.3"),
        ("calm ALERTs per basket-month, worst", f"{each.max():.2f}", "<= 1.9"),
        ("share of time in ALERT", f"{alarm.sum() / course.defined.sum():.1%}", "<= 18 %"),
        ("VOL breadth >= 20 %: events seen", f"{seen} of {len(falls)}", "20 of 21"),
        ("  from t0, median / p90", _hours(delays), "0 / +47 h"),
        ("first basket ALERT up: events", f"{told} of {len(falls)}", "21 of 21"),
        ("  from t0, median / p90", _hours(waits), "+1 / +13 h"),
        ("baskets UP in the event window", f"{up:.0%}", ">= 78 %"),
        ("  placebo", f"{placebo:.0%}", "23 %"),
    ]


def labelled_rows(course: Course, market: Market) -> list[Row]:
    """Return VOL / ALERT from t0 of the crashes with a name."""
    targets = {"FTX": "-19 / -18", "LUNA": "-5 / +10", "May 2021": "0 / -6", "SVB": "-4 / -3", "Aug 2024": "-10 / +1"}
    rows = []
    for name, t0 in market.labelled().items():
        measured = []
        for places in (np.flatnonzero(course.broad), course.ups):
            _, delay = _first_in_window(np.array([t0]), places)
            measured.append(f"{delay[0]:+.0f}" if len(delay) else "none")
        rows.append((f"{name}: VOL / ALERT from t0, h", " / ".join(measured), targets[name]))
    return rows


def watch_rows(run: Replay) -> list[Row]:
    """Return how much of the pairs' time lies past the watch limit, and on WATCH with its hysteresis."""
    limit = run.table.config.rules.watch_delta
    past = pairs = marked = 0
    for check in run.checks:
        if check.at % run.table.config.rules.check_every_ms:
            continue
        deltas = [basket.now[check.row] - basket.base[check.row] for basket in run.table.baskets]
        past += sum(int(np.count_nonzero(np.abs(delta) > limit)) for delta in deltas)
        pairs += sum(int(np.count_nonzero(~np.isnan(delta))) for delta in deltas)
        marked += check.watching
    judged = max(pairs, 1)
    return [
        ("WATCH: pair-checks past 0.15", f"{past / judged:.0%}", "about 22 %"),
        ("  on, held until below 0.10", f"{marked / judged:.0%}", "(no target)"),
    ]


def _first_in_window(events: Places, places: Places) -> tuple[int, Floats]:
    """Return how many events have a place in their window, and the first one's distance in hours."""
    delays = []
    for t0 in events:
        inside = places[(places >= t0 - BEFORE) & (places <= t0 + AFTER)]
        if len(inside):
            delays.append(float(inside[0] - t0))
    return len(delays), np.array(delays)


def _share_up(course: Course, events: Places) -> float:
    """Return the share of baskets with a defined shift that are UP at any check in the window."""
    up = total = 0
    for t0 in events:
        window = slice(max(t0 - BEFORE, 0), t0 + AFTER + 1)
        known = course.defined[window].any(axis=0)
        up += int(np.count_nonzero((course.states[window] > 0).any(axis=0) & known))
        total += int(np.count_nonzero(known))
    return up / total if total else float("nan")


def _placebo(calm: Flags, course: Course) -> Places:
    rows = np.flatnonzero(calm & course.defined.any(axis=1))
    rows = rows[(rows >= BEFORE) & (rows < len(calm) - AFTER)]
    rng = np.random.default_rng(PLACEBO_SEED)
    return rng.choice(rows, size=min(PLACEBO_DRAWS, len(rows)), replace=False)


def _hours(values: Floats) -> str:
    if not len(values):
        return "none"
    return f"{np.median(values):+.0f} / {np.percentile(values, 90):+.0f} h"


def score(prices: PriceTable) -> list[Row]:
    """Run the shipped rule over `prices` and return the whole table. Raises ConfigError where they are too few."""
    config = scores_config(prices)
    if not config.baskets or not set(MAJORS) & set(prices.assets):
        raise ConfigError(f"none of the ten baskets, or none of the majors, is in the file: {', '.join(prices.assets)}")
    run = replay(config, prices)
    course, market = course_of(run), market_of(prices)
    if not (course.defined & market.calm()[:, None]).any():
        raise ConfigError("no basket has a shift at a calm hour: the file needs more than ninety days of hourly bars")
    return [*table_of(course, market), *labelled_rows(course, market), *watch_rows(run)]


def main(arguments: list[str], say: Callable[[str], object]) -> int:
    """Print the table; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m engine.lab.scores", description="score the alert rule on prices")
    parser.add_argument("--prices", type=Path, required=True, help="hourly closes, CSV or Parquet")
    chosen = parser.parse_args(arguments)
    try:
        rows = score(read_prices(chosen.prices))
    except DriftdeckError as error:
        say(f"{error}\n")
        return int(error.exit_code)
    width = max(len(what) for what, _, _ in rows)
    for what, measured, target in rows:
        say(f"{what:<{width}}  {measured:>14}  target {target}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], sys.stdout.write))
