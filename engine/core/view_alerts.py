"""Owns the `alerts` section, read from the board."""

from engine.core.state import EngineState
from engine.domain.views import AlertsView, AlertView
from engine.signals.board import BoardEntry


def alerts_view(state: EngineState) -> AlertsView:
    """Return the alerts that stand, most urgent first, and the last ones that are over."""
    board = state.signals.board
    return AlertsView(
        standing=tuple(_alert(entry) for entry in board.standing), recent=tuple(_alert(entry) for entry in board.recent)
    )


def _alert(entry: BoardEntry) -> AlertView:
    raised = entry.raised
    return AlertView(
        id=raised.id,
        kind=raised.kind,
        basket=raised.basket,
        asset=raised.asset,
        direction=raised.direction,
        since_ms=raised.at,
        spoken_ms=entry.spoken_at,
        evidence=entry.evidence,
        acknowledged_by=entry.acknowledged.who if entry.acknowledged is not None else "",
        snoozed_until_ms=entry.snoozed_until,
        cleared_ms=entry.cleared.at if entry.cleared is not None else None,
    )
