"""Owns the `health` section: how the engine, its link and its clocks are, read from the state."""

from engine import __version__
from engine.core.state import EngineState
from engine.domain.config import MarketSource
from engine.domain.units import Ms
from engine.domain.views import NAN, HealthView
from engine.signals.cadence import next_check
from engine.signals.volatility import VolState


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
    volatility, regime = state.signals.volatility, state.signals.regime.reading
    fast = volatility.on(market_ms)
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
        check_every_ms=config.rules.fast_check_every_ms if fast else config.rules.check_every_ms,
        next_check_ms=next_check(market_ms, config.rules, volatility.until if fast else None),
        last_check_ms=state.signals.last_check,
        fast=fast,
        fast_until_ms=volatility.until if fast else None,
        cycle_why=_why_fast(volatility) if fast else "",
        regime=regime.regime,
        regime_probability=regime.probability,
        regime_reasons=regime.reasons,
        alert_shift=config.rules.alert_shift,
        alert_clear=config.rules.alert_shift * config.rules.alert_exit,
        stale_after_s=state.stale_after_s,
        watch_delta=config.rules.watch_delta,
        windows_days=config.rules.windows_days,
        seq=seq,
        journal_trouble=journal_trouble,
    )


def _why_fast(volatility: VolState) -> str:
    """Return the reason of the fast cycle in words."""
    return f"1-hour volatility broke out in {len(volatility.assets)} assets ({volatility.breadth:.0%})"
