"""Owns the board: which alerts stand, in what order they matter, what a person did about each, and who may ring.

A fold of its events and nothing else, so that it survives a restart; requests of a person become events here and
change nothing until they are applied. Never reads a price and never judges a shift.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from engine.domain.alerts import AlertKind, Direction, Evidence
from engine.domain.errors import RefusedError
from engine.domain.events import (
    AlertAcknowledged,
    AlertCleared,
    AlertRaised,
    AlertSnoozed,
    AlertWorsened,
    Event,
)
from engine.domain.units import Asset, BasketName, Ms

PORTFOLIO = BasketName("portfolio")  # the row of the whole account; no basket of the config may be called so
REMEMBERED = 50

Cause = tuple[AlertKind, BasketName | None, Asset | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardEntry:
    """One alert as it stands: how it began, its latest evidence, and what a person did about it."""

    raised: AlertRaised
    evidence: Evidence
    spoken_at: Ms
    acknowledged: AlertAcknowledged | None = None
    snoozed_until: Ms | None = None
    cleared: AlertCleared | None = None

    @property
    def cause(self) -> Cause:
        """Return what it is about, whichever alert it is."""
        return self.raised.kind, self.raised.basket, self.raised.asset


def alert_id(kind: AlertKind, basket: BasketName | None, asset: Asset | None, at: Ms) -> str:
    """Return the id of an alert: the same cause at the same instant is the same alert, live and in replay.

    >>> alert_id(AlertKind.ASSET, BasketName("layer-1"), Asset("SOL"), Ms(0))
    'layer-1.SOL.19700101T0000'
    """
    when = datetime.fromtimestamp(at / 1000, tz=UTC).strftime("%Y%m%dT%H%M")
    parts = [basket or "market", asset or ("vol" if kind is AlertKind.VOL else ""), when]
    return ".".join(part for part in parts if part)


class Board:
    """Alerts that stand, and the last ones that are over."""

    def __init__(self) -> None:
        self._open: dict[str, BoardEntry] = {}
        self._closed: list[BoardEntry] = []
        self._snoozed: dict[Cause, Ms] = {}

    @property
    def standing(self) -> tuple[BoardEntry, ...]:
        """Return the open alerts, the most urgent first."""
        return tuple(sorted(self._open.values(), key=urgency))

    @property
    def recent(self) -> tuple[BoardEntry, ...]:
        """Return the alerts that are over, newest first."""
        return tuple(reversed(self._closed))

    def get(self, ident: str) -> BoardEntry | None:
        """Return an open alert, None where it does not stand (any more)."""
        return self._open.get(ident)

    def find(self, kind: AlertKind, basket: BasketName | None = None, asset: Asset | None = None) -> BoardEntry | None:
        """Return the open alert of a cause."""
        for entry in self._open.values():
            raised = entry.raised
            if raised.kind is kind and raised.basket == basket and raised.asset == asset:
                return entry
        return None

    def of_baskets(self) -> dict[BasketName | None, BoardEntry]:
        """Return the open alerts of whole baskets, the portfolio's too, by basket."""
        return {entry.raised.basket: entry for entry in self._open.values() if entry.raised.kind is AlertKind.BASKET}

    def may_ring(self, cause: Cause, at: Ms) -> bool:
        """Return True where an alert of this cause may ring at `at`: ASSET never does, a snoozed cause waits."""
        return cause[0] is not AlertKind.ASSET and at >= self._snoozed.get(cause, at)

    def acknowledge(self, ident: str, at: Ms, *, who: str, note: str = "") -> AlertAcknowledged:
        """Return the fact that a person has seen an alert. Raises RefusedError for one that does not stand."""
        self._standing(ident)
        return AlertAcknowledged(at=at, id=ident, who=who, note=note)

    def snooze(self, ident: str, at: Ms, *, until: Ms, who: str) -> AlertSnoozed:
        """Return the fact that a cause is silent until `until`. Raises RefusedError where no such alert stands."""
        self._standing(ident)
        if until <= at:
            raise RefusedError(f"snooze of {ident} would be over already: give a time that lies ahead")
        return AlertSnoozed(at=at, id=ident, until=until, who=who)

    def apply(self, event: Event) -> None:
        """Take in one event; those of no alert change nothing."""
        match event:
            case AlertRaised():
                self._open[event.id] = BoardEntry(
                    raised=event,
                    evidence=event.evidence,
                    spoken_at=event.at,
                    snoozed_until=self._snoozed.get((event.kind, event.basket, event.asset)),
                )
            case AlertWorsened(id=ident) if ident in self._open:
                entry = self._open[ident]
                self._open[ident] = replace(entry, evidence=event.evidence, spoken_at=event.at, acknowledged=None)
            case AlertAcknowledged(id=ident) if ident in self._open:
                self._open[ident] = replace(self._open[ident], acknowledged=event)
            case AlertSnoozed(id=ident) if ident in self._open:
                self._snoozed[self._open[ident].cause] = event.until
                self._open[ident] = replace(self._open[ident], snoozed_until=event.until)
            case AlertCleared(id=ident) if ident in self._open:
                self._closed.append(replace(self._open.pop(ident), cleared=event))
                del self._closed[:-REMEMBERED]
            case _:
                pass

    def _standing(self, ident: str) -> BoardEntry:
        entry = self._open.get(ident)
        if entry is None:
            known = ", ".join(self._open) or "none"
            raise RefusedError(f"no alert {ident!r} stands: open alerts are {known}")
        return entry


def urgency(entry: BoardEntry) -> tuple[int, bool, bool, float, int]:
    """Return the key to sort by: kind, not yet acknowledged, upward before downward, size, newest."""
    raised = entry.raised
    if raised.kind is AlertKind.VOL:
        rank = 1
    elif raised.kind is AlertKind.ASSET:
        rank = 3
    else:
        rank = 2 if raised.basket == PORTFOLIO else 0
    down = raised.direction is Direction.DOWN
    return rank, entry.acknowledged is not None, down, -abs(entry.evidence.shift), -entry.spoken_at
