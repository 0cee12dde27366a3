"""Owns how the signals' facts read in the drift feed: alerts, volatility, regime, baselines.

One sentence each, in the words of LOOK's feed; pairs stand last. `feed_rows` sends what the signals said here.
"""

import math
from typing import assert_never

from engine.domain.alerts import Direction
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
from tui.cockpit.ink import ALERT_INK, BOLD, DIM
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
    evidence = event.evidence
    about = event.asset if event.basket is None else event.basket
    way = "moving together" if event.direction is Direction.UP else "coming apart"
    said = clean(evidence.words) or way
    if not math.isnan(evidence.rho_now):
        said += f"  mean {g.rho} {text.rho(g, evidence.rho_base)}{g.arrow}{text.rho(g, evidence.rho_now)}"
        said += f"  shift {text.delta(g, evidence.shift)}"
    return FeedRow(
        at=event.at,
        shape=g.alert,
        word="ALERT",
        subject=clean(about or "market"),
        said=said,
        pairs=tuple(move_text(g, pair) for pair in evidence.pairs),
        ink=ALERT_INK,
        body=BOLD if event.rings else DIM,
    )


def _later(g: Glyphs, event: AlertWorsened | AlertCleared | AlertAcknowledged | AlertSnoozed) -> FeedRow:
    subject = clean(event.id.rpartition(".")[0] or event.id)  # an id ends in its instant
    match event:
        case AlertWorsened():
            said = f"worse  shift {text.delta(g, event.evidence.shift)}"
            pairs = tuple(move_text(g, pair) for pair in event.evidence.pairs)
            return FeedRow(
                at=event.at, shape=g.alert, word="ALERT", subject=subject, said=said, pairs=pairs, ink=ALERT_INK
            )
        case AlertCleared():
            why = f": {clean(event.why)}" if event.why else ""
            said = f"alert over after {text.ago(event.lasted_ms)}{why}"
            return FeedRow(at=event.at, shape=g.done, word="CLEAR", subject=subject, said=said, body=DIM)
        case AlertAcknowledged():
            note = f": {clean(event.note)}" if event.note else ""
            said = f"seen by {clean(event.who)}{note}"
            return FeedRow(at=event.at, shape=g.done, word="SEEN", subject=subject, said=said, body=DIM)
        case AlertSnoozed():
            said = f"no ringing until {text.hour_minute(event.until)}, by {clean(event.who)}"
            return FeedRow(at=event.at, shape=g.info, word="SNOOZE", subject=subject, said=said, body=DIM)


def _volatility(g: Glyphs, event: VolatilityBroadened | VolatilityFell) -> FeedRow:
    count = len(event.assets)
    if isinstance(event, VolatilityFell):
        said = f"fast cycle over, at most {count} asset{plural(count)} past 3{g.sigma}"
        return FeedRow(at=event.at, shape=g.done, word="VOL", subject="market", said=said, body=DIM)
    said = f"1-h volatility past 3{g.sigma} in {count} of {event.judged} assets"
    until = f": check fast until {text.hour_minute(event.until)}" if event.started else ""
    return FeedRow(at=event.at, shape=g.vol, word="VOL", subject="market", said=said + until, ink=BOLD)
