"""Owns which alert goes with what is on the screen: of a basket, the most urgent one, the one a key would act on.

Never changes anything and never paints: panels ask here for an alert's subject, age and marks, so that card, list,
situation line, feed and detail view say the same.
"""

from enum import StrEnum

from engine.domain.alerts import AlertKind, Direction
from engine.domain.units import BasketName
from engine.domain.views import AlertView
from tui.cockpit import text
from tui.cockpit.glyphs import Glyphs, clean
from tui.cockpit.scene import Scene

PORTFOLIO = BasketName("portfolio")  # the engine's name for the account as one basket
SNOOZED = "z"
_LONGEST = 36


class Seen(StrEnum):
    """What a person did about an alert: both make it calmer on the screen."""

    NO = ""
    ACKNOWLEDGED = "seen"
    SNOOZED = "snoozed"


def seen(scene: Scene, alert: AlertView | None) -> Seen:
    """Return whether somebody has dealt with `alert`. A snooze that ran out counts no more."""
    if alert is None:
        return Seen.NO
    until, now = alert.snoozed_until_ms, scene.deck.market_ms
    if until is not None and now is not None and until > now:
        return Seen.SNOOZED
    return Seen.ACKNOWLEDGED if alert.acknowledged_by else Seen.NO


def mark(g: Glyphs, done: Seen) -> str:
    """Return the one character that says so."""
    return {Seen.NO: "", Seen.ACKNOWLEDGED: g.done, Seen.SNOOZED: SNOOZED}[done]


def of_basket(scene: Scene, name: str) -> AlertView | None:
    """Return the alert that stands for a basket as a whole."""
    found = (alert for alert in scene.deck.alerts.standing if alert.kind is AlertKind.BASKET and alert.basket == name)
    return next(found, None)


def loud(alert: AlertView) -> bool:
    """Return True for what counts as ALERT; an asset that leaves its basket is a WATCH-level fact."""
    return alert.kind is not AlertKind.ASSET


def most_urgent(scene: Scene) -> AlertView | None:
    """Return the alert to speak of: of those that nobody has dealt with the most urgent, else of the others."""
    standing = scene.deck.alerts.standing
    ranked = sorted(standing, key=lambda alert: (not loud(alert), seen(scene, alert) is not Seen.NO))
    return next(iter(ranked), None)


def at_hand(scene: Scene) -> AlertView | None:
    """Return the alert that a key acts on: the one in the detail view, else the selected basket's, else the worst."""
    if scene.choice.detail:
        return shown(scene)
    chosen = scene.selected
    own = [alert for alert in scene.deck.alerts.standing if chosen is not None and alert.basket == chosen.name]
    return min(own, key=lambda alert: not loud(alert)) if own else most_urgent(scene)


def shown(scene: Scene) -> AlertView | None:
    """Return the alert of the detail view, whether it stands or is over."""
    board = scene.deck.alerts
    return next((alert for alert in (*board.standing, *board.recent) if alert.id == scene.choice.detail), None)


def subject(alert: AlertView) -> str:
    """Return what an alert is about: the basket, or the market."""
    return clean(alert.basket or "market")[:_LONGEST]


def words(alert: AlertView) -> str:
    """Return what it says, with its direction in words where the engine gave none."""
    way = "moving together" if alert.direction is Direction.UP else "coming apart"
    return clean(alert.evidence.words) or way


def age(scene: Scene, alert: AlertView) -> str:
    """Return how long it stands in market time: `12m`."""
    now = scene.tick_ms or scene.deck.market_ms
    if now is None:
        return ""
    seconds = max(0, (now - alert.since_ms) // 1000)
    return f"{seconds // 60}m" if 60 <= seconds < 3600 else text.age(scene.glyphs, seconds)
