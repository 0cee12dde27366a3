"""Owns the opening of a market: from settings and what a directory remembers to a running Venue, or a refusal.

It decides where market time starts: at what was last served, never before --not-before, for a new simulation at the
last full hour of real time, for a replay at --start. It opens no socket.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.domain.errors import ConfigError, RefusedError
from engine.domain.units import HOUR_MS, MINUTE_MS, Ms, floor_to, iso
from engine.venue_sim import saved as files
from engine.venue_sim.catalog import CATALOG
from engine.venue_sim.clock import MarketClock
from engine.venue_sim.crowd import crowd
from engine.venue_sim.replay import PriceFile, ReplayMarket, read_price_file
from engine.venue_sim.saved import Saved
from engine.venue_sim.scenario import Scenario, Timeline
from engine.venue_sim.simulated import SimulatedMarket, origin_of
from engine.venue_sim.venue import Play, Venue


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the command line says. `replay` and `start` come together; `not_before` is 0 when not given.

    `ticks_per_s` is how often a streamed ticker moves at most, in host time.
    """

    directory: Path
    scenario: Scenario
    seed: int
    speed: float
    replay: Path | None
    start: Ms | None
    not_before: Ms
    parent_grace_s: float
    assets: int = len(CATALOG)
    ticks_per_s: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A running venue and how it names itself."""

    venue: Venue
    source: str
    identity: str
    label: str


def open_venue(settings: Settings, *, wall_ms: Ms, monotonic: Callable[[], float]) -> Opened:
    """Return the market of `settings`; raises ConfigError (arguments) or RefusedError (a directory of another)."""
    before = files.load(settings.directory)
    if settings.replay is not None:
        return _open_replay(settings, read_price_file(settings.replay), before, monotonic)
    return _open_simulation(settings, before, wall_ms, monotonic)


def _open_simulation(settings: Settings, before: Saved | None, wall_ms: Ms, monotonic: Callable[[], float]) -> Opened:
    began = monotonic()
    identity = f"sim:seed={settings.seed}"
    if settings.assets != len(CATALOG):
        identity += f":assets={settings.assets}"
    not_before = Ms(-(-settings.not_before // MINUTE_MS) * MINUTE_MS)
    if before is None:
        epoch = max(floor_to(wall_ms, HOUR_MS), not_before)
        saved = Saved(identity=identity, scenario=settings.scenario.value, epoch_ms=epoch, served_ms=epoch)
    else:
        saved = _same(settings, before, identity, settings.scenario.value)
    timeline = Timeline(origin_ms=origin_of(saved.epoch_ms), entries=saved.entries)
    market = SimulatedMarket(
        seed=settings.seed, epoch=saved.epoch_ms, timeline=timeline, catalog=crowd(settings.assets)
    )
    host_ms = Ms(wall_ms + int((monotonic() - began) * 1000))
    if settings.speed != 1.0:
        host_ms = Ms(0)  # only a market at real time shows the host's own
    clock = MarketClock(start=max(saved.served_ms, not_before, host_ms), speed=settings.speed, monotonic=monotonic)
    venue = Venue(
        directory=settings.directory,
        saved=saved,
        clock=clock,
        source=market,
        play=Play(market=market, timeline=timeline),
        ticks_per_s=settings.ticks_per_s,
    )
    return Opened(venue=venue, source="sim", identity=identity, label=f"{settings.scenario} seed {settings.seed}")


def _open_replay(settings: Settings, file: PriceFile, before: Saved | None, monotonic: Callable[[], float]) -> Opened:
    start = settings.start
    if start is None or not file.first_ms < start < file.end_ms:
        raise ConfigError(
            f"--start must lie inside the replay file, after {iso(file.first_ms)} and before {iso(file.end_ms)}"
        )
    if settings.not_before >= file.end_ms:
        raise RefusedError(
            f"--not-before {iso(settings.not_before)} is past the end of the replay file ({iso(file.end_ms)}): "
            "use a new state directory"
        )
    identity = f"replay:{file.stem}"
    fresh = Saved(identity=identity, scenario=iso(start), epoch_ms=start, served_ms=start)
    saved = fresh if before is None else _same(settings, before, identity, iso(start))
    clock = MarketClock(
        start=max(saved.served_ms, settings.not_before),
        speed=settings.speed,
        monotonic=monotonic,
        end=file.end_ms,
    )
    venue = Venue(
        directory=settings.directory,
        saved=saved,
        clock=clock,
        source=ReplayMarket(file),
        play=None,
        ticks_per_s=settings.ticks_per_s,
    )
    return Opened(venue=venue, source="replay", identity=identity, label=f"{iso(start)[:10]} {file.stem}")


def _same(settings: Settings, before: Saved, identity: str, scenario: str) -> Saved:
    """Return `before` if it is the market that `settings` asks for."""
    if (before.identity, before.scenario) != (identity, scenario):
        raise RefusedError(
            f"{settings.directory} holds the market {before.identity} ({before.scenario}), "
            f"not {identity} ({scenario}): start it with the same arguments or use a new --dir"
        )
    return before
