"""Owns the `health` section: how the engine, its link and its clocks are, read from the state."""

from engine import __version__
from engine.core.state import EngineState
from engine.domain.config import MarketSource
from engine.domain.units import Ms, floor_to
from engine.domain.views import NAN, HealthView


def health_view(
    state: EngineState,
    *,
    market_ms: Ms,
    monotonic: float,
    uptime_s: float,
    pid: int,
    seq: int,
    journal_trouble: str = "",
) -> HealthView:
    """Return the section as of now; `monotonic` is host time, for ages."""
    config = state.config
    newest = max((quote.received for quote in state.quotes.values()), default=None)
    return HealthView(
        version=__version__,
        pid=pid,
        mode=config.venue.mode,
        market=config.simulation.source,
        speed=config.simulation.speed,
        market_label="" if config.simulation.source is MarketSource.REAL else config.simulation.identity,
        uptime_s=uptime_s,
        market_ms=market_ms,
        venue=config.venue.id,
        link=state.link.state,
        link_why=state.link.why,
        latency_ms=state.link.latency_ms,
        last_event_age_s=NAN if newest is None else monotonic - newest,
        ready=state.ready,
        loaded=state.loaded,
        wanted=state.wanted,
        check_every_ms=config.rules.check_every_ms,
        next_check_ms=Ms(floor_to(market_ms, config.rules.check_every_ms) + config.rules.check_every_ms),
        last_check_ms=state.last_check,
        fast=False,
        cycle_why="",
        stale_after_s=state.stale_after_s,
        watch_delta=config.rules.watch_delta,
        windows_days=config.rules.windows_days,
        seq=seq,
        journal_trouble=journal_trouble,
    )
