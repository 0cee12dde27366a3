"""Owns the `health` section: how the engine, its link and its clocks are, read from the state."""

from collections.abc import Sequence
from dataclasses import replace

from engine import __version__
from engine.core.state import EngineState
from engine.core.trade_market import account_value
from engine.domain.config import MarketSource
from engine.domain.market import LinkState, VenueLine
from engine.domain.portfolio import AccountValue
from engine.domain.units import DAY_MS, Ms, floor_to
from engine.domain.views import NAN, HealthView
from engine.portfolio.valuation import day_profit
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
    volatility = state.signals.volatility
    fast = volatility.on(market_ms)
    newest = max((quote.received for quote in state.quotes.values()), default=None)
    about = HealthView(
        version=__version__,
        pid=pid,
        mode=config.venue.mode,
        market=config.simulation.source,
        speed=config.simulation.speed,
        market_label="" if config.simulation.source is MarketSource.REAL else config.simulation.identity,
        uptime_s=uptime_s,
        market_ms=market_ms,
        venue=config.venue.id,
        link=LinkState.DOWN,
        link_why="",
        latency_ms=NAN,
        clock_skew_ms=state.skew_ms,
        last_event_age_s=NAN if newest is None else monotonic - newest,
        ready=state.ready,
        loaded=state.load.loaded,
        wanted=state.load.wanted,
        check_every_ms=config.rules.fast_check_every_ms if fast else config.rules.check_every_ms,
        next_check_ms=next_check(market_ms, config.rules, volatility.until if fast else None),
        last_check_ms=state.signals.last_check,
        fast=fast,
        fast_until_ms=volatility.until if fast else None,
        cycle_why=_why_fast(volatility) if fast else "",
        alert_shift=config.rules.alert_shift,
        alert_clear=config.rules.alert_shift * config.rules.alert_exit,
        stale_after_s=state.stale_after_s,
        watch_delta=config.rules.watch_delta,
        windows_days=config.rules.windows_days,
        seq=seq,
        journal_trouble=journal_trouble,
    )
    return _with_money(_with_regime(_with_pause(_with_links(about, state), state, monotonic), state), state)


def _with_links(view: HealthView, state: EngineState) -> HealthView:
    lines = _lines(state)
    worst = _worst(lines)
    return replace(
        view,
        link=worst.link,
        link_why=worst.why,
        latency_ms=lines[0].latency_ms,
        streaming=all(line.streaming for line in lines),
        stream_why=next((line.stream_why for line in lines if line.stream_why), ""),
        venues=lines if len(lines) > 1 else (),
    )


_UNLISTED = "it has not said yet what it trades"


def _lines(state: EngineState) -> tuple[VenueLine, ...]:
    """Return how the line to each venue of the book is, the default one first."""
    found = []
    for name, venue in state.config.book_venues.items():
        link, stream = state.link(name), state.streams.get(name)
        found.append(
            VenueLine(
                name=name or venue.id,
                link=link.state,
                why=link.why,
                latency_ms=link.latency_ms,
                streaming=stream is not None and stream.up,
                stream_why="" if stream is None else stream.why,
                listed=name in state.listings,
            )
        )
    return tuple(found)


def _worst(lines: Sequence[VenueLine]) -> VenueLine:
    """Return the one line that stands for all: down only where all are, and the names of those that are not up."""
    first = lines[0]
    if len(lines) == 1 or first.link is LinkState.DOWN:
        return first
    trouble = [
        f"{line.name}: {line.why or _UNLISTED}" for line in lines if line.link is not LinkState.UP or not line.listed
    ]
    return replace(first, link=LinkState.DEGRADED if trouble else LinkState.UP, why="; ".join(trouble))


def _with_pause(view: HealthView, state: EngineState, monotonic: float) -> HealthView:
    longest = next((pause for pause in state.pauses if pause.until > monotonic), None)
    if longest is None:
        return view
    left = longest.until - monotonic
    return replace(view, paused_host=longest.host, paused_s=left, paused_status=longest.status)


def _with_regime(view: HealthView, state: EngineState) -> HealthView:
    regime, load = state.signals.regime.reading, state.load
    view = replace(view, assets_loaded=load.assets, assets_wanted=load.assets_wanted, load_left_s=load.left_s)
    return replace(view, regime=regime.regime, regime_probability=regime.probability, regime_reasons=regime.reasons)


def _with_money(view: HealthView, state: EngineState) -> HealthView:
    value = account_value(state)
    return replace(
        view,
        halted="" if state.trading.halted is None else state.trading.halted or "halted",
        equity=float(value.equity),
        pnl_day=_profit_of_day(state, value, view.market_ms),
        equity_partial=bool(value.unpriced),
        broker_why=state.refused or state.attempt.broker_down,
        account_streaming=state.attempt.account_stream.up,
        account_stream_why=state.attempt.account_stream.why,
        balance_gap=float(state.attempt.balance_gap),
        frozen=tuple(each.asset for each in state.trading.frozen.values()),
        unknown=len(state.trading.orders.unknown()),
    )


def _profit_of_day(state: EngineState, value: AccountValue, now: Ms) -> float:
    """Return the profit since 00:00 UTC; NaN before the day's first valuation."""
    day = state.trading.day
    if day is None or floor_to(day.at, DAY_MS) != floor_to(now, DAY_MS):
        return NAN
    return float(day_profit(value, state.trading.account.paid_in, day))


def _why_fast(volatility: VolState) -> str:
    """Return the reason of the fast cycle in words."""
    return f"1-hour volatility broke out in {len(volatility.assets)} assets ({volatility.breadth:.0%})"
