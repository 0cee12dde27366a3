"""Owns the play: scenarios, the phases they unfold into, and the timeline of what was started when.

The timeline is what a restarted simulator needs to walk the same path again; it holds commands (a scenario and the
market time it began) and unfolds them into phases on demand. It never draws a number: episode and factor model do.
"""

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import zip_longest
from typing import Self

from engine.domain.units import HOUR_MS, MINUTE_MS, Ms


class Scenario(StrEnum):
    """What a user can ask for."""

    CALM = "calm"
    CASCADE = "cascade"
    OVERNIGHT = "overnight"
    DECOUPLE = "decouple"
    ALTERNATING = "alternating"


class Phase(StrEnum):
    """What the market is in."""

    CALM = "calm"
    CASCADE = "cascade"
    OVERNIGHT = "overnight"
    DECOUPLE = "decouple"


LENGTH_HOURS = {Phase.CALM: 96, Phase.CASCADE: 36, Phase.OVERNIGHT: 18, Phase.DECOUPLE: 72}
_LONGEST_REST_HOURS = 20 * 24  # between the cascades of `alternating`: 4 days, 8, 12, ... up to this
RECOVERY_HOURS = {Phase.CALM: 0, Phase.CASCADE: 96, Phase.OVERNIGHT: 96, Phase.DECOUPLE: 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """One phase and the market time of its first minute."""

    phase: Phase
    start_ms: Ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One command on the timeline: `scenario` plays from `start_ms` on (a whole minute)."""

    scenario: Scenario
    start_ms: Ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The commands so far, oldest first; before the first one the market is calm."""

    origin_ms: Ms
    entries: tuple[Entry, ...] = field(default=())

    def then(self, scenario: Scenario, start: Ms) -> Self:
        """Return the timeline with `scenario` from the first whole minute at or after `start`; later plans fall."""
        minute = Ms(-(-start // MINUTE_MS) * MINUTE_MS)
        kept = tuple(entry for entry in self.entries if entry.start_ms < minute)
        return replace(self, entries=(*kept, Entry(scenario=scenario, start_ms=minute)))

    def phases(self, until: Ms) -> tuple[Started, ...]:
        """Return every phase that starts at or before `until`, oldest first."""
        found = [Started(phase=Phase.CALM, start_ms=self.origin_ms)]
        for entry, following in zip_longest(self.entries, self.entries[1:]):
            end = Ms(until + 1) if following is None else min(following.start_ms, Ms(until + 1))
            found.extend(_unfold(entry, end))
        return tuple(found)

    def at(self, now: Ms) -> Started:
        """Return the phase the market is in at `now`."""
        phases = self.phases(now)
        return phases[max(0, bisect_right([item.start_ms for item in phases], now) - 1)]

    def upcoming(self, now: Ms) -> Started | None:
        """Return the next planned phase after `now`, or None."""
        horizon = Ms(now + 30 * 24 * HOUR_MS)
        return next((item for item in self.phases(horizon) if item.start_ms > now), None)


def _unfold(entry: Entry, end: Ms) -> list[Started]:
    """Return the phases of one command that start before `end`."""
    phases: list[Started] = []
    at, rest = entry.start_ms, 0
    while at < end:
        if entry.scenario is Scenario.CALM:
            return [Started(phase=Phase.CALM, start_ms=at)]
        phase = Phase.CASCADE if entry.scenario is Scenario.ALTERNATING else Phase(entry.scenario)
        calm_from = Ms(at + LENGTH_HOURS[phase] * HOUR_MS)
        phases.append(Started(phase=phase, start_ms=at))
        if calm_from < end:
            phases.append(Started(phase=Phase.CALM, start_ms=calm_from))
        if entry.scenario is not Scenario.ALTERNATING:
            return phases
        # A cascade every five days would become the 30-day baseline itself, and nothing would stand out any more.
        rest = min(rest + LENGTH_HOURS[Phase.CALM], _LONGEST_REST_HOURS)
        at = Ms(calm_from + rest * HOUR_MS)
    return phases
