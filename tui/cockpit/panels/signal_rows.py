"""Owns how the signals' facts read in the drift feed: alerts, volatility, regime, baselines.

One sentence each, in the words of LOOK's feed; pairs stand last. `feed_rows` sends what the signals said here.
"""

import math
from typing import assert_never

from engine.domain.alerts import AlertKind, Direction, Evidence
from engine.domain.events import (
    AlertAcknowledged,
    AlertCleared,
    AlertRaised,
    AlertSnoozed,
    AlertWorsened,
    BaselineAnchored,
    RegimeChanged,
    VolatilityBroadened,
    VolatilityFell,
)
from tui.cockpit import text
from tui.cockpit.glyphs import Glyphs, clean
from tui.cockpit.ink import ALERT_INK, BOLD, DIM, TEXT, WATCH
from tui.cockpit.panels.feed_words import FeedRow, move_text, plural

Told = (
    AlertRaised
    | AlertWorsened
    | AlertCleared
    | AlertAcknowledged
    | AlertSnoozed
    | VolatilityBroadened
    | VolatilityFell
    | RegimeChanged
    | BaselineAnchored
)


def signal_row(g: Glyphs, event: Told) -> FeedRow:
    """Return the words for what a signal said."""
    match event:
        case AlertRaised():
            return _raised(g, event)
        case AlertWorsened() | AlertCleared() | AlertAcknowledged() | AlertSnoozed():
            return _later(g, event)
        case VolatilityBroadened() | VolatilityFell():
            return _volatility(g, event)
        case RegimeChanged():
            said = f"{clean(event.regime) or 'unknown'} {text.rho(g, event.probability)}"
            why = "".join(f", {clean(reason)}" for reason in event.reasons)
            return FeedRow(at=event.at, shape=g.info, word="REGIME", subject="market", said=said + why, ink=BOLD)
        case BaselineAnchored():
            said = f"baseline of {len(event.assets)} assets frozen"
            return FeedRow(at=event.at, shape=g.info, word="BASELINE", subject=clean(event.basket), said=said, body=DIM)
        case _:
            assert_never(event)


def _raised(g: Glyphs, event: AlertRaised) -> FeedRow:
    loud = event.kind is not AlertKind.ASSET
    about = event.basket or "market"
    way = "moving together" if event.direction is Direction.UP else "coming apart"
    silent = loud and not event.rings
    return FeedRow(
        at=event.at,
        shape=g.alert if loud else g.watch,
        word="ALERT" if loud else "ASSET",
        subject=clean(about),
        said=(clean(event.evidence.words) or way) + _numbers(g, event.evidence, event.kind) + "  silent" * silent,
        pairs=tuple(move_text(g, pair) for pair in event.evidence.pairs),
        ink=ALERT_INK if loud else WATCH,
        body=DIM if silent else TEXT,
        about=event.id,
        strong=loud and not silent,
    )


def _numbers(g: Glyphs, found: Evidence, kind: AlertKind) -> str:
    if math.isnan(found.rho_now):
        return "" if math.isnan(found.peak_sigma) else f"  at most {found.peak_sigma:.1f}{g.sigma}"
    mean = f"  mean {g.rho} {text.rho(g, found.rho_base)}{g.arrow}{text.rho(g, found.rho_now)}"
    return f"{mean}  {'excess' if kind is AlertKind.ASSET else 'shift'} {text.delta(g, found.shift)}"


def _later(g: Glyphs, event: AlertWorsened | AlertCleared | AlertAcknowledged | AlertSnoozed) -> FeedRow:
    subject, asset = subject_of(event.id)
    mind = f"{asset}: " if asset else ""
    match event:
        case AlertWorsened():
            kind = AlertKind.ASSET if asset else AlertKind.BASKET
            return FeedRow(
                at=event.at,
                shape=g.alert,
                word="ALERT",
                subject=subject,
                said=f"{mind}worse" + _numbers(g, event.evidence, kind) + "  silent" * (not event.rings),
                pairs=tuple(move_text(g, pair) for pair in event.evidence.pairs),
                ink=ALERT_INK,
                body=TEXT if event.rings else DIM,
                about=event.id,
                strong=event.rings,
            )
        case AlertCleared():
            why = f": {clean(event.why)}" if event.why else ""
            said = f"{mind}alert over after {text.ago(event.lasted_ms)}{why}"
            left = "" if math.isnan(event.shift) else f"  shift {text.delta(g, event.shift)}"
            return FeedRow(at=event.at, shape=g.done, word="CLEAR", subject=subject, said=said + left, body=DIM)
        case AlertAcknowledged():
            note = f": {clean(event.note)}" if event.note else ""
            said = f"{mind}seen by {clean(event.who)}{note}"
            return FeedRow(at=event.at, shape=g.done, word="SEEN", subject=subject, said=said, body=DIM)
        case AlertSnoozed():
            said = f"{mind}no ringing until {text.hour_minute(event.until)}, by {clean(event.who)}"
            return FeedRow(at=event.at, shape=g.info, word="SNOOZE", subject=subject, said=said, body=DIM)


def subject_of(ident: str) -> tuple[str, str]:
    """Return basket (or market) and asset that an alert's id names: `layer-1.SOL.20221108T0300`."""
    cause = clean(ident.rpartition(".")[0] or ident)  # an id ends in its instant
    basket, _, asset = cause.partition(".")
    return basket, "" if asset == "vol" else asset


def _volatility(g: Glyphs, event: VolatilityBroadened | VolatilityFell) -> FeedRow:
    count = len(event.assets)
    if isinstance(event, VolatilityFell):
        said = f"fast cycle over, at most {count} asset{plural(count)} past 3{g.sigma}"
        return FeedRow(at=event.at, shape=g.done, word="VOL", subject="market", said=said, body=DIM)
    said = f"1-h volatility past 3{g.sigma} in {count} of {event.judged} assets"
    until = f": check every 15 m until {text.hour_minute(event.until)}" if event.started else ""
    return FeedRow(at=event.at, shape=g.vol, word="VOL", subject="market", said=said + until, ink=BOLD)
