"""Owns one check: what the signals say of every basket at a grid instant, as events.

Reads closed bars only. The caller decides that the check is due and on which bars it runs.
"""

import math
from collections.abc import Iterable

from engine.core.baskets import BasketTrack
from engine.domain.events import BasketCheck, CheckCompleted, Event, WatchCleared, WatchRaised
from engine.domain.units import Asset, Ms
from engine.domain.views import BasketState
from engine.signals.drift import strongest


def basket_state(track: BasketTrack) -> BasketState:
    """Return how a basket is, by what exists so far: no data, watch or ok."""
    if track.drift is None or math.isnan(track.drift.mean_rho_now) or math.isnan(track.drift.mean_rho_base):
        return BasketState.NO_DATA
    return BasketState.WATCH if track.watch.pairs else BasketState.OK


def run_check(tracks: Iterable[BasketTrack], at: Ms, *, late_ms: int, missing: tuple[Asset, ...]) -> list[Event]:
    """Judge every basket on its last reading; return the events, the check itself last."""
    events: list[Event] = []
    checks = []
    for track in tracks:
        drift = track.drift
        if drift is None:
            continue
        name = track.basket.name
        change = track.watch.update(drift.moves)
        if change.raised:
            events.append(WatchRaised(at=at, basket=name, pairs=change.raised))
        if change.cleared:
            events.append(WatchCleared(at=at, basket=name, pairs=change.cleared))
        checks.append(
            BasketCheck(
                basket=name,
                state=basket_state(track),
                mean_rho_base=drift.mean_rho_base,
                mean_rho_now=drift.mean_rho_now,
                shift=drift.shift,
                watching=len(track.watch.pairs),
                pairs=len(drift.moves),
            )
        )
    events.append(CheckCompleted(at=at, late_ms=late_ms, missing=missing, baskets=tuple(checks)))
    return events


def standing_watch(tracks: Iterable[BasketTrack], at: Ms) -> list[Event]:
    """Return one event per basket with all pairs that are on WATCH now: what a newcomer must be told."""
    events: list[Event] = []
    for track in tracks:
        on_watch = set(track.watch.pairs)
        moves = track.drift.moves if track.drift is not None else ()
        pairs = strongest(tuple(move for move in moves if (move.first, move.second) in on_watch))
        if pairs:
            events.append(WatchRaised(at=at, basket=track.basket.name, pairs=pairs))
    return events
