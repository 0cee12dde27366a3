"""Owns one instant of the signals: volatility, regime, and where one is due the check, as events.

Deterministic, no I/O: closed bars in, facts out. The live core and the lab call the same function with readings of
their own making; nothing here knows which. State changes only by applying what is returned.
"""

from engine.core.basket_check import Desk, cleared, judge_basket, raised
from engine.core.readings import Instant
from engine.core.signal_state import Signals
from engine.domain.alerts import AlertKind, Direction, Evidence
from engine.domain.events import BasketCheck, CheckCompleted, Event, RegimeChanged, VolatilityBroadened, VolatilityFell
from engine.domain.units import Ms
from engine.signals.cadence import is_due
from engine.signals.volatility import LEAST_ASSETS, Breakouts, VolTurn, take


def run_instant(signals: Signals, instant: Instant) -> list[Event]:
    """Judge one instant and return what happened, in order; the check, where one is due, comes last."""
    events: list[Event] = []
    if instant.breakouts is not None:
        _put(signals, events, _volatility(signals, instant, instant.breakouts))
    if instant.sample is not None and signals.regime.take(instant.at, instant.sample):
        _put(signals, events, [_regime(signals, instant.at)])
    fast = signals.volatile(instant.at)
    if instant.may_check and is_due(instant.at, signals.rules, fast=fast):
        _put(signals, events, _check(signals, instant, fast=fast))
    return events


def _put(signals: Signals, events: list[Event], fresh: list[Event]) -> None:
    for event in fresh:
        signals.apply(event)
    events += fresh


def _regime(signals: Signals, at: Ms) -> Event:
    reading = signals.regime.reading
    return RegimeChanged(at=at, regime=reading.regime, probability=reading.probability, reasons=reading.reasons)


# -- volatility


def _volatility(signals: Signals, instant: Instant, found: Breakouts) -> list[Event]:
    rules, at, was = signals.rules, instant.at, signals.volatility
    state, turn = take(was, rules, found, at)
    events: list[Event] = []
    if turn in (VolTurn.ROSE, VolTurn.HELD) and state.until is not None:
        if was.until is not None and turn is VolTurn.ROSE:
            events.append(_fell(signals, at))
        events.append(
            VolatilityBroadened(
                at=at,
                started=turn is VolTurn.ROSE,
                until=state.until,
                breadth=found.breadth,
                judged=found.judged,
                assets=found.hot,
                peak_sigma=found.peak_sigma,
                rolling=instant.rolling,
            )
        )
    elif turn is VolTurn.FELL:
        events.append(_fell(signals, at))
    standing = signals.board.find(AlertKind.VOL)
    broad = found.breadth >= rules.vol_alert_breadth and len(found.hot) >= LEAST_ASSETS
    if standing is not None and not (broad or state.on(at)):
        events.append(cleared(signals, at, standing.raised, found.breadth))
    if standing is None and broad:
        events.append(_vol_alert(signals, at, found))
    return events


def _fell(signals: Signals, at: Ms) -> Event:
    was = signals.volatility
    since = at if was.since is None else was.since
    return VolatilityFell(at=at, since=since, breadth=was.breadth, assets=was.assets, peak_sigma=was.peak_sigma)


def _vol_alert(signals: Signals, at: Ms, found: Breakouts) -> Event:
    words = f"{len(found.hot)} of {found.judged} assets broke out of their usual hour"
    evidence = Evidence(words=words, shift=found.breadth, assets=found.hot, peak_sigma=found.peak_sigma)
    return raised(signals, at, AlertKind.VOL, None, None, Direction.UP, evidence)


# -- the check


def _check(signals: Signals, instant: Instant, *, fast: bool) -> list[Event]:
    events: list[Event] = []
    before = signals.checked
    if before is not None and instant.version == signals.checked_version:
        checks = before.baskets  # the same bars say the same thing: nothing is judged twice
    else:
        found = []
        for reading in instant.readings():
            if isinstance(reading, BasketCheck):
                found.append(reading)
                continue
            said, check = judge_basket(Desk(signals, instant.at, instant.as_of, reading))
            events += said
            found.append(check)
        checks = tuple(found)
        signals.checked_version = instant.version
    events.append(
        CheckCompleted(
            at=instant.at,
            late_ms=instant.late_ms,
            missing=instant.missing,
            baskets=checks,
            as_of=instant.as_of,
            fast=fast,
        )
    )
    return events
