"""Owns which facts of a run are worth a row: of the fast cycle's checks only the newest, of many fills one row.

A cascade brings a check every fifteen minutes and a breakout every hour; what a person looks for would scroll away
between them. Nothing is forgotten: the journal and `driftdeck journal` have every one.
"""

from collections.abc import Iterable, Iterator

from engine.domain.events import CheckCompleted, Event, VolatilityBroadened, VolatilityFell
from engine.domain.facts import Fact, FillRecorded, FundingPaid
from tui.cockpit.panels.trade_rows import speaks


def telling(newest_first: Iterable[Event]) -> Iterator[Event]:
    """Yield the facts that have a row of their own, newest first."""
    checked = broadened = False
    for event in newest_first:
        if isinstance(event, Fact) and not speaks(event):
            continue
        match event:
            case CheckCompleted(fast=True, missing=()) if checked:
                continue
            case CheckCompleted():
                checked = True
            case VolatilityBroadened(started=False) if broadened:
                continue
            case VolatilityBroadened():
                broadened = True
            case VolatilityFell():
                broadened = False
            case _:
                pass
        yield event


def runs(newest_first: Iterable[Event]) -> Iterator[list[Event]]:
    """Yield the facts in runs that share a row: plain checks that follow each other, and fills or funding that do."""
    run: list[Event] = []
    for event in newest_first:
        if run and not _belongs(event, run[0]):
            yield run
            run = []
        run.append(event)
    if run:
        yield run


def _belongs(event: Event, newest: Event) -> bool:
    if isinstance(newest, CheckCompleted):
        return isinstance(event, CheckCompleted) and not event.missing
    return any(isinstance(newest, kind) and isinstance(event, kind) for kind in (FillRecorded, FundingPaid))
