"""Owns which facts are worth waking somebody for: a step's events in, notices with their level out.

Says nothing of what the person just asked for, and never an amount of money. Quiet hours, rates and the way out are the
runtime's.
"""

from collections.abc import Collection, Iterable

from engine.core.state import EngineState
from engine.domain.alerts import AlertKind, Direction
from engine.domain.events import (
    AlertCleared,
    AlertRaised,
    AlertWorsened,
    Event,
    LinkChanged,
    VolatilityBroadened,
    VolatilityFell,
)
from engine.domain.facts import (
    OrderReported,
    ProposalDecided,
    ProposalDrafted,
    ProposalEnded,
    SymbolFrozen,
    SymbolReleased,
    TradingHalted,
)
from engine.domain.market import LinkState
from engine.domain.notice import Level, Notice
from engine.domain.order import OrderState
from engine.domain.proposal import Decision, ProposalState
from engine.domain.units import ProposalId

BY_ITSELF = ("auto", "auto_reduce")  # who decides where no person does
TOLD_ENDS = {ProposalState.EXPIRED: Level.INFO, ProposalState.PARTIAL: Level.URGENT, ProposalState.FAILED: Level.URGENT}


def notices(state: EngineState, events: Iterable[Event], asked_for: Collection[ProposalId]) -> tuple[Notice, ...]:
    """Return what is worth telling; `asked_for` are proposals that a person drafted and looks at."""
    found = (_notice(state, event, asked_for) for event in events)
    return tuple(notice for notice in found if notice is not None)


def _notice(state: EngineState, event: Event, asked_for: Collection[ProposalId]) -> Notice | None:
    match event:
        case AlertRaised() | AlertWorsened() | AlertCleared():
            return _alert(state, event)
        case ProposalDrafted() | ProposalDecided() | ProposalEnded():
            return _proposal(event, asked_for)
        case VolatilityBroadened() | VolatilityFell() | LinkChanged():
            return _market(event)
        case _:
            return _money(state, event)


def _market(event: VolatilityBroadened | VolatilityFell | LinkChanged) -> Notice | None:
    match event:
        case VolatilityBroadened(started=True):
            title = f"volatility broke out in {event.breadth:.0%} of the assets"
            return Notice(level=Level.INFO, title=title, body="checks run fast")
        case VolatilityFell():
            return Notice(level=Level.INFO, title="volatility is back to normal")
        case LinkChanged(state=LinkState.DOWN):
            return Notice(level=Level.WARNING, title=f"{event.venue} does not answer", body=event.why)
        case LinkChanged(state=LinkState.UP):
            return Notice(level=Level.INFO, title=f"{event.venue} answers")
        case _:
            return None


def _alert(state: EngineState, event: AlertRaised | AlertWorsened | AlertCleared) -> Notice | None:
    if isinstance(event, AlertRaised):
        return _raised(event, event.evidence.words, event.evidence.shift) if event.rings else None
    board = state.signals.board
    entry = next((entry for entry in (*board.standing, *board.recent) if entry.raised.id == event.id), None)
    if entry is None:
        return None
    if isinstance(event, AlertWorsened):
        words = f"worse: {event.evidence.words}"
        return _raised(entry.raised, words, event.evidence.shift) if event.rings else None
    return Notice(level=Level.INFO, title=f"over: {_subject(entry.raised)}", body=event.why, basket=entry.raised.basket)


def _raised(alert: AlertRaised, words: str, shift: float) -> Notice:
    moved = ", ".join(
        f"{pair.first}/{pair.second} {pair.rho_base:+.2f} -> {pair.rho_now:+.2f}" for pair in alert.evidence.pairs
    )
    measure = f"breadth {shift:.0%}" if alert.kind is AlertKind.VOL else f"shift {shift:+.2f}"
    level = Level.URGENT if alert.kind is AlertKind.VOL or alert.direction is Direction.UP else Level.WARNING
    body = "; ".join(part for part in (measure, moved) if part)
    return Notice(level=level, title=f"ALERT {_subject(alert)}: {words}", body=body, basket=alert.basket)


def _subject(alert: AlertRaised) -> str:
    return f"{alert.asset} in {alert.basket}" if alert.asset else alert.basket or "the market"


def _proposal(
    event: ProposalDrafted | ProposalDecided | ProposalEnded, asked_for: Collection[ProposalId]
) -> Notice | None:
    match event:
        case ProposalDrafted(proposal=made):
            if made.id in asked_for:
                return None
            level = Level.INFO if made.supersedes else Level.WARNING  # the same trades at newer prices
            legs = f"{len(made.legs)} {'leg' if len(made.legs) == 1 else 'legs'}"
            waits = f"{legs}, open for {made.valid_ms // 60_000} min: driftdeck approve {made.id}"
            title = f"{made.id} waits: {made.kind} {made.basket}, {made.reason}"
            return Notice(level=level, title=title, body=waits, basket=made.basket)
        case ProposalDecided(decision=Decision.APPROVE) if event.actor.who in BY_ITSELF:
            title = f"{event.proposal} of {event.basket} was approved by the engine itself ({event.actor.who})"
            return Notice(level=Level.WARNING, title=title, body=event.note, basket=event.basket)
        case ProposalEnded() if event.state in TOLD_ENDS:
            title = f"{event.proposal} of {event.basket} {event.state.clause}"
            return Notice(level=TOLD_ENDS[event.state], title=title, body=event.why, basket=event.basket)
        case _:
            return None


def _money(state: EngineState, event: Event) -> Notice | None:
    match event:
        case OrderReported(state=OrderState.UNKNOWN):
            track = state.trading.orders.get(event.client_order_id)
            what = f"an order of {track.order.asset}" if track is not None else "an order"
            title = f"it is not known what became of {what}"
            return Notice(level=Level.URGENT, title=title, body="look: driftdeck orders, driftdeck reconcile")
        case SymbolFrozen():
            title = f"{event.asset} is frozen: venue and books differ"
            return Notice(level=Level.URGENT, title=title, body="nothing is sent on it: driftdeck reconcile")
        case SymbolReleased():
            return Notice(level=Level.INFO, title=f"{event.asset} may be traded again", body=event.why)
        case TradingHalted():
            return Notice(level=Level.WARNING, title="trading is halted", body=f"by {event.actor.who}")
        case _:
            return None
