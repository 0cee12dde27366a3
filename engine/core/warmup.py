"""Owns turning stored closes into market state: one batch step, then the last month bar by bar for course and marks.

Pure and slow (a second or two for a large book): the runtime runs it off the loop and hands the result to the core.
WATCH marks are brought up silently over the last month's checks, so a restarted engine marks what one that never
stopped would; only the newest check speaks.
"""

from dataclasses import dataclass

import numpy as np

from engine.core.baskets import COURSE_BARS, BasketTrack, drift_snapshot
from engine.core.check import run_check, standing_watch
from engine.domain.config import Config
from engine.domain.events import Event
from engine.domain.units import Asset, BasketName, Ms
from engine.market.correlation_state import CorrelationState
from engine.market.doorkeeper import REMEMBERED_SLOTS
from engine.quant.arrays import Floats

__all__ = ["Floats", "History", "prepare_history"]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Market state built from stored bars; `last_check` is the newest grid instant that was judged on them."""

    correlation: CorrelationState
    tracks: dict[BasketName, BasketTrack]
    last_check: Ms | None
    last_events: tuple[Event, ...]  # what that check says to somebody who was not there before
    recent: Floats  # the newest closes [<= 72, N], for the door-keeper
    bars: int
    short: tuple[tuple[Asset, float], ...]  # assets that are shown but not used, with their days of history


def new_tracks(config: Config) -> dict[BasketName, BasketTrack]:
    """Return one track per configured basket, empty."""
    index = {asset: row for row, asset in enumerate(config.symbols)}
    return {basket.name: BasketTrack(basket, config.rules, index) for basket in config.baskets}


def prepare_history(config: Config, first_open: Ms, closes: Floats) -> History:
    """Return the state after the closes [T, N] of consecutive slots from `first_open` on; NaN = no bar."""
    rules = config.rules
    correlation = CorrelationState(tuple(config.symbols), rules)
    tracks = new_tracks(config)
    batch = max(0, len(closes) - COURSE_BARS)
    correlation.warm_up(first_open, closes[:batch])
    last_check: Ms | None = None
    last_events: list[Event] = []
    for row in range(batch, len(closes)):
        open_ms = Ms(first_open + row * rules.bar_ms)
        correlation.append(open_ms, closes[row])
        snapshot = drift_snapshot(correlation, rules)
        closed = Ms(open_ms + rules.bar_ms)
        due = closed % rules.check_every_ms == 0
        for track in tracks.values():
            track.read(snapshot)
        if due:
            check = run_check(tracks.values(), closed, late_ms=0, missing=())
            last_check, last_events = closed, [*standing_watch(tracks.values(), closed), check[-1]]
    days, used = correlation.history_days(), correlation.used()
    return History(
        correlation=correlation,
        tracks=tracks,
        last_check=last_check,
        last_events=tuple(last_events),
        recent=closes[-REMEMBERED_SLOTS:].copy(),
        bars=int(np.count_nonzero(~np.isnan(closes))),
        short=tuple((a, float(d)) for a, d, ok in zip(config.symbols, days, used, strict=True) if not ok),
    )
