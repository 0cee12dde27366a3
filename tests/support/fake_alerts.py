"""The board of a FakeScene: alerts in layer-1 and defi, broad volatility, a regime of stress, and what people do.

`alarm` turns the scene's state to alert and returns the facts that say so; `FakeBoard` folds facts into the view.
"""

import dataclasses
import math

from engine.domain.alerts import AlertKind, Direction, Evidence
from engine.domain.commands import AcknowledgeAlert, AlertCommand, Command, SnoozeAlert
from engine.domain.errors import RefusedError
from engine.domain.events import (
    AlertAcknowledged,
    AlertCleared,
    AlertRaised,
    AlertSnoozed,
    AlertWorsened,
    Event,
    RegimeChanged,
    VolatilityBroadened,
    VolatilityFell,
)
from engine.domain.units import HOUR_MS, MINUTE_MS, Asset, BasketName, Ms
from engine.domain.views import AlertsView, AlertView, BasketState
from support.fake_scene import FakeScene

HOT = tuple(Asset(name) for name in ("ETH", "SOL", "AVAX", "NEAR", "APT", "UNI", "AAVE", "CRV", "LINK"))
WHO = "cockpit"


def ident(name: str) -> str:
    """Return the id of the alert that `alarm` raises in a basket."""
    return f"{name}.20221108T0300"


def evidence(scene: FakeScene, name: str) -> Evidence:
    """Return what an alert in a basket of the scene stands on."""
    moves = scene.moves(name)
    base = sum(move.rho_base for move in moves) / len(moves)
    now = sum(move.rho_now for move in moves) / len(moves)
    shift = math.atanh(now) - math.atanh(base)
    return Evidence(
        words="moving together" if shift > 0 else "coming apart",
        shift=shift,
        rho_base=base,
        rho_now=now,
        delta=now - base,
        z=3.12,
        n=717,
        pairs=moves[:3],
    )


def raised(scene: FakeScene, name: str, *, minutes_ago: int = 12, rings: bool = True) -> AlertRaised:
    """Return the fact that a basket of the scene went into ALERT."""
    found = evidence(scene, name)
    return AlertRaised(
        at=Ms(scene.market_ms - minutes_ago * MINUTE_MS),
        id=ident(name),
        kind=AlertKind.BASKET,
        basket=BasketName(name),
        asset=None,
        direction=Direction.UP if found.shift > 0 else Direction.DOWN,
        evidence=found,
        rings=rings,
    )


def alarm(scene: FakeScene) -> list[Event]:
    """Put layer-1 and defi on ALERT, the cycle on fast, the regime on stress; return the facts, oldest first."""
    scene.states |= {"layer-1": BasketState.ALERT, "defi": BasketState.ALERT}
    now = scene.market_ms
    cycle = 15 * MINUTE_MS
    until = Ms(now + 11 * HOUR_MS)
    scene.told |= {
        "fast": True,
        "check_every_ms": cycle,
        "next_check_ms": Ms((now // cycle + 1) * cycle),
        "cycle_why": "9 of 23 assets past 3 sigma",
        "fast_until_ms": until,
        "regime": "stress",
        "regime_probability": 0.93,
        "regime_reasons": ("average correlation .88", "volatility past 3 sigma in 9 of 23"),
    }
    return [
        VolatilityBroadened(
            at=Ms(now - 39 * MINUTE_MS),
            started=True,
            until=until,
            breadth=len(HOT) / 23,
            judged=23,
            assets=HOT,
            peak_sigma=6.2,
        ),
        RegimeChanged(
            at=Ms(now - 20 * MINUTE_MS),
            regime="stress",
            probability=0.93,
            reasons=("average correlation .88", "volatility past 3 sigma in 9 of 23"),
        ),
        raised(scene, "layer-1"),
        raised(scene, "defi", minutes_ago=1),
    ]


def calm_down(scene: FakeScene, standing: dict[str, AlertView]) -> list[Event]:
    """Take everything back that `alarm` did; return the facts."""
    scene.states.clear()
    scene.told.clear()
    now = scene.market_ms
    over: list[Event] = [
        AlertCleared(at=now, id=alert.id, lasted_ms=now - alert.since_ms, shift=0.2) for alert in standing.values()
    ]
    if over:
        hot = len(HOT) / 23
        over.append(VolatilityFell(at=now, since=Ms(now - 12 * HOUR_MS), breadth=hot, assets=HOT, peak_sigma=6.2))
    return over


class FakeBoard:
    """Alerts by id, folded from facts."""

    def __init__(self) -> None:
        self.standing: dict[str, AlertView] = {}
        self.recent: list[AlertView] = []

    def view(self) -> AlertsView:
        """Return the section: the strongest first, as they all are of one kind here."""
        ranked = sorted(self.standing.values(), key=lambda alert: (alert.acknowledged_by != "", -alert.evidence.shift))
        return AlertsView(standing=tuple(ranked), recent=tuple(self.recent))

    def apply(self, event: Event) -> None:
        """Take in a fact."""
        match event:
            case AlertRaised():
                self.standing[event.id] = AlertView(
                    id=event.id,
                    kind=event.kind,
                    basket=event.basket,
                    asset=event.asset,
                    direction=event.direction,
                    since_ms=event.at,
                    spoken_ms=event.at,
                    evidence=event.evidence,
                )
            case AlertWorsened():
                self._change(event.id, evidence=event.evidence, spoken_ms=event.at, acknowledged_by="")
            case AlertAcknowledged():
                self._change(event.id, acknowledged_by=event.who)
            case AlertSnoozed():
                self._change(event.id, snoozed_until_ms=event.until)
            case AlertCleared():
                self.recent.insert(0, dataclasses.replace(self.standing.pop(event.id), cleared_ms=event.at))
            case _:
                pass

    def answer(self, command: Command, now: Ms) -> Event | None:
        """Return the fact that a request leads to. Raises RefusedError where no such alert stands."""
        if not isinstance(command, AlertCommand):
            return None
        if command.id not in self.standing:
            raise RefusedError(f"no alert {command.id!r} stands: open alerts are {', '.join(self.standing) or 'none'}")
        match command:
            case AcknowledgeAlert():
                return AlertAcknowledged(at=now, id=command.id, who=WHO, note=command.note)
            case SnoozeAlert():
                return AlertSnoozed(at=now, id=command.id, until=Ms(now + command.for_ms), who=WHO)

    def _change(self, alert: str, **changes: object) -> None:
        self.standing[alert] = dataclasses.replace(self.standing[alert], **changes)  # type: ignore[arg-type]
