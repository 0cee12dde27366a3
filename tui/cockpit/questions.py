"""Owns the questions that stand before every request to the engine: what is asked, what it means, the exact command.

Never sends anything: `hands` does when another key confirms. The overlay that shows a question is `panels.question`.
"""

from collections.abc import Callable

from engine.domain.alerts import AlertKind
from engine.domain.commands import AcknowledgeAlert, Command, HaltTrading, ResumeTrading, SnoozeAlert
from engine.domain.units import HOUR_MS, Ms
from engine.domain.views import AlertView
from tui.cockpit import alerts, reviews, text
from tui.cockpit.choice import Asking, Review
from tui.cockpit.glyphs import clean
from tui.cockpit.scene import Scene

SNOOZE_MS = 4 * HOUR_MS


def acknowledge(scene: Scene, alert: AlertView) -> Asking:
    """Return the question whether an alert has been seen."""
    command = AcknowledgeAlert(id=alert.id)
    return _question(scene, alert, "acknowledge", "acknowledged", command, "It speaks again only if it worsens.")


def snooze(scene: Scene, alert: AlertView) -> Asking:
    """Return the question whether an alert's cause shall be silent for a while."""
    now = scene.deck.market_ms
    until = "" if now is None else f" (until {text.hour_minute(Ms(now + SNOOZE_MS))})"
    says = f"No ringing from this cause for 4 h of market time{until}."
    return _question(scene, alert, "snooze", "snoozed", SnoozeAlert(id=alert.id, for_ms=SNOOZE_MS), says)


def approve(scene: Scene, review: Review, does: Callable[[], None]) -> Asking:
    """Return the question whether the numbers of a review shall be executed; `does` it where they still can be."""
    g, pinned = scene.glyphs, review.pinned
    cost = text.dollars(g, sum(float(one.cost) for one in pinned))
    count = sum(len(one.legs) for one in pinned)
    orders = "the one order" if count == 1 else f"the {count} orders"
    together = len(pinned) > 1
    what = f"close {len(pinned)} baskets" if together else reviews.headline(g, pinned[0])
    lost = "" if together else f"   loss at {g.rho} .95 {reviews.stress(g, pinned[0])}"
    return Asking(
        verb="approve",
        done="approved",
        subject=f"{len(pinned)} baskets" if together else f"{clean(pinned[0].basket)} {clean(pinned[0].id)}",
        says=(f"{what}   cost {cost}{lost}", f"Exactly {orders} of the review, at its prices."),
        does=does,
    )


def halt(scene: Scene) -> Asking:
    """Return the question whether trading shall stop, or may go on where it was stopped."""
    health = scene.health
    if health is not None and health.halted:
        why = f"Halted: {clean(health.halted)}."
        says = (why, "Orders may leave again; nothing goes out by itself that was not approved.")
        return Asking(verb="resume", done="resumed", subject="trading", says=says, command=ResumeTrading())
    says = (
        "No order leaves any more; what is open is canceled.",
        "It survives restarts. Positions stay as they are.",
    )
    return Asking(verb="halt", done="halted", subject="trading", says=says, command=HaltTrading())


def _question(scene: Scene, alert: AlertView, verb: str, done: str, command: Command, says: str) -> Asking:
    name = alerts.subject(alert)
    if alert.kind is AlertKind.ASSET and alert.asset:
        name = f"{name} {clean(alert.asset)}"
    size = "" if alert.kind is AlertKind.VOL else f"  shift {text.delta(scene.glyphs, alert.evidence.shift)}"
    return Asking(
        verb=verb,
        done=done,
        subject=name,
        says=(f"{alerts.words(alert)}{size}  for {alerts.age(scene, alert)}", says),
        command=command,
    )
