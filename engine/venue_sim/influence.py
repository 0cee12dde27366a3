"""Owns what the timeline does to one day: the episodes laid over its minutes, phase by phase.

It only cuts episodes to the minutes in which they are in force; the factor model multiplies and adds. A minute's
influence depends on phases that started at or before it, so a later command never changes a minute already served.
"""

from dataclasses import dataclass

import numpy as np

from engine.domain.units import DAY_MS, HOUR_MS, MINUTE_MS, Ms
from engine.venue_sim.episode import FloatArray, episode
from engine.venue_sim.scenario import LENGTH_HOURS, Phase, Started, Timeline

DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Influence:
    """Arrays of 1,440 minutes: crash returns of BTC and of the rest, multipliers, and the decoupled share."""

    leader: FloatArray
    follower: FloatArray
    market: FloatArray
    theme: FloatArray
    idio: FloatArray
    alone: FloatArray


def influence(timeline: Timeline, seed: int, day: Ms) -> Influence:
    """Return what the episodes of `timeline` do to the UTC day that begins at `day`."""
    still, ones = np.zeros(DAY_MINUTES), np.ones(DAY_MINUTES)
    out = Influence(
        leader=still.copy(),
        follower=still.copy(),
        market=ones.copy(),
        theme=ones.copy(),
        idio=ones.copy(),
        alone=still.copy(),
    )
    day_end = Ms(day + DAY_MS)
    phases = timeline.phases(Ms(day_end - 1))
    for index, started in enumerate(phases):
        if started.phase is Phase.CALM:
            continue
        end = _end_of(phases, index)
        if end > day and started.start_ms < day_end:
            _lay(out, started, seed=seed, day=day, end=min(end, day_end))
    return out


def _end_of(phases: tuple[Started, ...], index: int) -> Ms:
    """Return when the episode stops: at the next phase, or, if it ran to its end, when the calm after it ends."""
    forever = Ms(2**62)
    following = phases[index + 1 :]
    if not following:
        return forever
    ran_out = Ms(phases[index].start_ms + LENGTH_HOURS[phases[index].phase] * HOUR_MS)
    if following[0].phase is not Phase.CALM or following[0].start_ms < ran_out:
        return following[0].start_ms
    return following[1].start_ms if len(following) > 1 else forever


def _lay(out: Influence, started: Started, *, seed: int, day: Ms, end: Ms) -> None:
    """Write the episode's minutes that fall into the day, from its start to `end`, over the calm ones."""
    shape = episode(started.phase, seed, started.start_ms)
    to_minute = (min(end, Ms(started.start_ms + len(shape.leader) * MINUTE_MS)) - day) // MINUTE_MS
    from_minute = max(0, (started.start_ms - day) // MINUTE_MS)
    if to_minute <= from_minute:
        return
    shift = (day - started.start_ms) // MINUTE_MS
    here, there = slice(from_minute, to_minute), slice(from_minute + shift, to_minute + shift)
    out.leader[here] = shape.leader[there]
    out.follower[here] = shape.follower[there]
    out.market[here] = shape.market[there]
    out.theme[here] = shape.theme[there]
    out.idio[here] = shape.idio[there]
    out.alone[here] = shape.alone[there]
