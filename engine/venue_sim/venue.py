"""Owns the running market: its clock, its price source, the play on it, and what must be remembered across restarts.

The one place that combines them. The dialect asks it for the time and the source; the control API moves the play.
Every instant it hands out is covered by a saved lease, so that even a killed simulator never goes back in time.
"""

import logging
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from engine.domain.errors import RefusedError
from engine.domain.units import Ms
from engine.venue_sim import saved as files
from engine.venue_sim.clock import MarketClock
from engine.venue_sim.prices import PriceSource
from engine.venue_sim.saved import Saved
from engine.venue_sim.scenario import Scenario, Timeline
from engine.venue_sim.simulated import SimulatedMarket

_LOG = logging.getLogger(__name__)

CASCADE_AFTER_S = 60.0  # wall seconds from "the cockpit is ready" to the first cascade of `alternating`
_LEASE_S = 2.0  # wall seconds of market time saved ahead of what was served


class SourceKind(StrEnum):
    """Where prices come from."""

    SIM = "sim"
    REPLAY = "replay"


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """The timeline of a simulated market and the source that follows it."""

    market: SimulatedMarket
    timeline: Timeline


class Venue:
    """A market that runs; `play` is None in a replay."""

    def __init__(
        self,
        *,
        directory: Path,
        saved: Saved,
        clock: MarketClock,
        source: PriceSource,
        play: Play | None,
        ticks_per_s: float,
    ) -> None:
        """Take the parts; `ticks_per_s` is how often a streamed ticker moves at most, in host time."""
        self.ticks_per_s = ticks_per_s
        self._directory = directory
        self._saved = saved
        self._clock = clock
        self._source = source
        self._play = play
        self._playing = saved.entries[-1].scenario.value if saved.entries else saved.scenario
        self._lease = saved.served_ms
        self._last = saved.served_ms

    @property
    def source(self) -> PriceSource:
        """The prices."""
        return self._source

    @property
    def speed(self) -> float:
        """Market seconds per wall second."""
        return self._clock.speed

    def now(self) -> Ms:
        """Return the market time, remembered as served."""
        at = max(self._clock.now(), self._last)
        self._last = at
        if at >= self._lease:
            self._lease = Ms(at + int(_LEASE_S * self.speed * 1000.0))
            self._write(self._lease)
        return at

    def begin(self) -> None:
        """Start the play: a cascade 60 wall seconds from now for `alternating`, at once for the others. Idempotent."""
        if self._play is None or self._saved.begun:
            return
        self._saved = replace(self._saved, begun=True)
        scenario = Scenario(self._saved.scenario)
        if scenario is Scenario.CALM:
            self._write(self._lease)
            return
        wait = CASCADE_AFTER_S if scenario is Scenario.ALTERNATING else 0.0
        self._follow(scenario, self._clock.ahead(wait))

    def perform(self, scenario: Scenario) -> None:
        """Start `scenario` now; raises RefusedError in a replay."""
        if self._play is None:
            raise RefusedError("a replay has no scenarios: start the simulator without --replay to play one")
        self._saved = replace(self._saved, begun=True)
        self._follow(scenario, self.now())

    def state(self) -> dict[str, object]:
        """Return what GET /state answers."""
        now = self.now()
        common: dict[str, object] = {"market_ms": now, "speed": self.speed, "identity": self._saved.identity}
        if self._play is None:
            return common | {
                "source": SourceKind.REPLAY.value,
                "scenario": None,
                "phase": None,
                "begun": True,
                "timeline": [],
                "ended": self._clock.ended(),
            }
        timeline = self._play.timeline
        upcoming = timeline.upcoming(now)
        phases = (*timeline.phases(now), *((upcoming,) if upcoming else ()))
        return common | {
            "source": SourceKind.SIM.value,
            "scenario": self._playing,
            "phase": timeline.at(now).phase.value,
            "phase_since_ms": timeline.at(now).start_ms,
            "begun": self._saved.begun,
            "timeline": [{"phase": item.phase.value, "start_ms": item.start_ms} for item in phases],
        }

    def close(self) -> None:
        """Save the instant last served, so that a clean restart goes on from exactly there."""
        self._write(self._last)

    def _follow(self, scenario: Scenario, start: Ms) -> None:
        if self._play is None:
            return
        timeline = self._play.timeline.then(scenario, start)
        self._play = replace(self._play, timeline=timeline)
        self._play.market.replan(timeline, self.now())
        self._playing = scenario.value
        self._saved = replace(self._saved, entries=timeline.entries)
        self._write(self._lease)

    def _write(self, served: Ms) -> None:
        self._saved = replace(self._saved, served_ms=served)
        try:
            files.save(self._directory, self._saved)
        except OSError as error:  # a full disk must not stop the market; only a restart would notice
            _LOG.warning("the simulated exchange cannot save its state: %s", error.strerror)
