"""Owns which facts of a run are worth a row: of the fast cycle's checks only the newest, of its echoes only the last.

A cascade brings a check every fifteen minutes and a breakout every hour; what a person looks for would scroll away
between them. Nothing is forgotten: the journal and `driftdeck journal` have every one.
"""

from collections.abc import Iterable, Iterator

from engine.domain.events import CheckCompleted, Event, VolatilityBroadened, VolatilityFell


def telling(newest_first: Iterable[Event]) -> Iterator[Event]:
    """Yield the facts that have a row of their own, newest first."""
    checked = broadened = False
    for event in newest_first:
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
