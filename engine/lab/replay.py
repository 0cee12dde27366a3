"""Owns the replay: the live signal code driven by a price table, hour by hour, years in seconds.

Earlier rows warm up, states start idle. Never trades and never reads a clock. The result goes to `replay_output`
(CONTRACT's JSON and series), to the scores, and to `rules --explain`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

import msgspec

from engine.adapters.price_file import PriceTable
from engine.core.readings import Instant
from engine.core.signal_state import Signals
from engine.core.signals_check import run_instant
from engine.domain.config import Config
from engine.domain.errors import ConfigError
from engine.domain.events import CheckCompleted, Event
from engine.domain.units import DAY_MS, BasketName, Ms, iso
from engine.lab.quiet_checks import QuietChecks
from engine.lab.signal_table import SignalTable
from engine.signals.regime import LEARNED_FROM_DAYS

Listener = Callable[[Ms, list[Event]], None]
_SPARE_DAYS = 180  # an asset's ninety days, winsor limits, and a now-estimate that has long forgotten its start


class CheckRow(msgspec.Struct, frozen=True, kw_only=True):
    """One check of a replay: when, on which bar, and where each basket's alert stands (+1, -1, 0)."""

    at: Ms
    row: int
    states: tuple[int, ...]
    watching: int
    fast: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What a replay brought: the facts in order without the checks themselves, and one row per check."""

    table: SignalTable
    baskets: tuple[BasketName, ...]
    begin: Ms
    end: Ms
    events: tuple[Event, ...]
    checks: tuple[CheckRow, ...]


def replay(
    config: Config,
    prices: PriceTable,
    *,
    begin: Ms | None = None,
    end: Ms | None = None,
    anchors: Mapping[BasketName, Ms] | None = None,
    listening: Callable[[Signals, SignalTable], Listener] | None = None,
    unwatched: bool = False,
) -> Replay:
    """Run the signals over `prices` from `begin` to `end` (default: all of it). Raises ConfigError outside the file.

    `anchors` freezes the baseline of a basket at an instant, as a rebalance does with `baseline = "anchored"`.
    `listening` gets signals and table before the first instant; what it returns hears every instant's close and events.
    `unwatched` leaves out what only a person reads: the regime, and what evidence has to be measured for.
    """
    if prices.bar_ms != config.rules.bar_ms:
        raise ConfigError(f"rules.bar is {config.rules.bar_ms} ms, the prices come in bars of {prices.bar_ms} ms")
    begin, end = _span(prices, begin, end)
    earliest = min([begin, *(anchors or {}).values()])
    table = SignalTable(config, _since(prices, earliest - _memory_ms(config)), anchors=anchors)
    signals = Signals(config.rules, {basket.name: basket.assets for basket in config.baskets}, unwatched=unwatched)
    events: list[Event] = []
    checks: list[CheckRow] = []
    names, last = tuple(basket.name for basket in config.baskets), None
    hear = listening(signals, table) if listening is not None else None
    for row, said in replay_events(signals, table, begin=begin, end=end):
        if hear is not None:
            hear(table.closed(row), said)
        for event in said:
            if isinstance(event, CheckCompleted):
                if last is None or event.baskets is not last.baskets:  # else the same bars, checked again
                    states, watching = _stand(event, len(names))
                last = event
                checks.append(CheckRow(at=event.at, row=row, states=states, watching=watching, fast=event.fast))
            else:
                events.append(event)
    return Replay(table=table, baskets=names, begin=begin, end=end, events=tuple(events), checks=tuple(checks))


def replay_events(signals: Signals, table: SignalTable, *, begin: Ms, end: Ms) -> Iterator[tuple[int, list[Event]]]:
    """Yield what every instant from `begin` to `end` brings, with the row of the newest closed bar.

    The regime learns from the rows before `begin` without a word.
    """
    samples = {} if signals.unwatched else table.samples()
    rules, quiet = signals.rules, QuietChecks(table, signals)
    first = max(-(-(begin - table.first_open) // table.bar_ms) - 1, 0)
    for row in range(first):
        if row in samples:
            signals.regime.take(table.closed(row), samples[row])
    signals.regime.idle()
    last = min((end - table.first_open) // table.bar_ms - 1, table.rows - 1)
    for row in range(first, last + 1):
        closed = table.closed(row)
        yield (
            row,
            run_instant(
                signals,
                Instant(
                    at=closed,
                    as_of=closed,
                    version=row,
                    readings=partial(quiet.readings, row),
                    breakouts=table.breakouts(row),
                    sample=samples.get(row),
                    missing=table.missing_at(row),
                ),
            ),
        )
        at = Ms(closed + rules.fast_check_every_ms)
        while signals.volatile(at) and at < min(closed + table.bar_ms, end + 1):
            yield row, run_instant(signals, _inside(table, quiet, row, at))
            at = Ms(at + rules.fast_check_every_ms)


def _inside(table: SignalTable, quiet: QuietChecks, row: int, at: Ms) -> Instant:
    """Return a fast instant inside the hour: the bars are those of bar `row`, and finer prices are not known."""
    return Instant(
        at=at,
        as_of=table.closed(row),
        version=row,
        readings=partial(quiet.readings, row),
        missing=table.missing_at(row),
    )


def _stand(event: CheckCompleted, baskets: int) -> tuple[tuple[int, ...], int]:
    """Return where the alert of each basket stands, and how many pairs are on WATCH in all of them."""
    own = event.baskets[:baskets]
    return tuple([check.alert for check in own]), sum([check.watching for check in own])


def _memory_ms(config: Config) -> int:
    """Return how far back a reading can look: a baseline of which each return was clipped, and what a regime learns."""
    return (LEARNED_FROM_DAYS + config.rules.baseline_days + _SPARE_DAYS) * DAY_MS


def _since(prices: PriceTable, at: int) -> PriceTable:
    """Return the table from the day of `at` on, whole where it begins later."""
    kept = prices.open_ms >= at - at % DAY_MS
    return replace(prices, open_ms=prices.open_ms[kept], closes=prices.closes[kept])


def _span(prices: PriceTable, begin: Ms | None, end: Ms | None) -> tuple[Ms, Ms]:
    first, last = (Ms(int(at) + prices.bar_ms) for at in (prices.open_ms[0], prices.open_ms[-1]))
    begin, end = first if begin is None else begin, last if end is None else end
    if not first <= begin <= end <= last:
        raise ConfigError(
            f"a replay from {iso(begin)} to {iso(end)} does not fit the price file, whose bars closed from "
            f"{iso(first)} to {iso(last)}; choose instants inside"
        )
    return begin, end
