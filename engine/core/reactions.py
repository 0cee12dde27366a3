"""Owns what drafts a proposal by itself (DESIGN 2): alerts, volatility, a check that finds the way back, an expiry.

Events of the signals become wishes; a wish becomes a proposal as soon as its prices are there. Never decides: a person
does, or `automatic` within limits.
"""

from collections.abc import Iterable

from engine.core.attempt import Wish
from engine.core.drafting import Draftsman, is_flat, put_forward
from engine.core.inputs import Stamp
from engine.core.outcome import Outcome
from engine.core.record import record
from engine.core.state import EngineState
from engine.core.trade_market import account_value, unpriced
from engine.domain.alerts import AlertKind, Evidence
from engine.domain.events import (
    AlertCleared,
    AlertRaised,
    AlertWorsened,
    CheckCompleted,
    Event,
    VolatilityBroadened,
)
from engine.domain.facts import AccountValued, ProposalEnded
from engine.domain.proposal import Proposal, ProposalKind, ProposalState
from engine.domain.units import BasketName, Ms
from engine.rebalance.proposal_board import ProposalBoard
from engine.rebalance.targets import distance, excess

REDUCE_FROM = 0.05  # of gross: a VOL ALERT drafts where the target lies further below what is held
PRICES_WITHIN_S = 30.0  # how long a wish waits for the price of its last leg
_AGAIN = (ProposalState.EXPIRED, ProposalState.PARTIAL, ProposalState.FAILED)


def heed(state: EngineState, stamp: Stamp, events: Iterable[Event], out: Outcome) -> None:
    """Note what the signals of this step ask for."""
    for event in events:
        match event:
            case CheckCompleted():
                if (
                    event.as_of == event.at and not state.unwatched
                ):  # on a bar's close; the checks inside the hour would only repeat it
                    _value_account(state, event.at, out)
                look_again(state, stamp, event.at)
            case AlertRaised(kind=AlertKind.BASKET) | AlertWorsened():
                _alarm(state, stamp, event)
            case AlertRaised(kind=AlertKind.VOL, id=ident, evidence=evidence):
                for name in state.baskets:
                    _wish(state, stamp, name, ProposalKind.REDUCE, ident, evidence.words)
            case AlertCleared(id=ident):
                _call_off(state, event.at, ident, out)
            case VolatilityBroadened(started=True):
                _stop_growth(state, event.at, out)
            case _:
                pass


def look_again(state: EngineState, stamp: Stamp, at: Ms) -> None:
    """At a check: ask again for what expired unanswered while its alert stands, or for the way back."""
    board, volatile = state.trading.board, state.signals.volatile(at)
    vol, alerts = state.signals.board.find(AlertKind.VOL), state.signals.board.of_baskets()
    if volatile and vol is None and not alerts:
        return  # nothing to ask again, and no way back
    for name in state.baskets:
        alert = alerts.get(name)
        if alert is not None:
            if not _stronger(board, name) and _unanswered(board, name, alert.raised.id):
                _wish(state, stamp, name, ProposalKind.REBALANCE, alert.raised.id, reason_of(alert.evidence))
        elif vol is not None:
            if _unanswered(board, name, vol.raised.id):
                _wish(state, stamp, name, ProposalKind.REDUCE, vol.raised.id, vol.evidence.words)
        elif not volatile:
            _wish(state, stamp, name, ProposalKind.RESTORE, "", "no alert stands and volatility is off")


def expire(state: EngineState, stamp: Stamp, out: Outcome) -> None:
    """End what nobody decided in time (host time)."""
    attempt = state.attempt
    for entry in state.trading.board.open():
        proposal = entry.proposal
        since = attempt.seen.setdefault(proposal.id, stamp.monotonic)
        if entry.state is ProposalState.PENDING:  # a snooze is an answer
            attempt.asked.setdefault((proposal.basket, proposal.cause), since)
        if (stamp.monotonic - since) * 1000 > proposal.valid_ms:
            minutes = proposal.valid_ms // 60_000
            record(state, out, _ended(stamp.market_ms, proposal, f"nobody decided within {minutes} min"))


def grant(state: EngineState, stamp: Stamp, out: Outcome) -> None:
    """Draft what is wished for, once every leg has a fresh price; at the latest after a while with those there are."""
    desk: Draftsman | None = None
    for name, wish in list(state.attempt.wishes.items()):
        missing = unpriced(state, state.baskets[name].basket, stamp.monotonic)
        patient = stamp.monotonic - wish.since < PRICES_WITHIN_S
        if state.trading.board.busy(name) is not None or (missing and patient):
            continue
        if not _is_wanted(state, stamp, name, wish.kind):
            del state.attempt.wishes[name]
            continue
        if len(missing) == len(state.baskets[name].basket.legs):
            continue
        del state.attempt.wishes[name]
        desk = desk or Draftsman(state, stamp.market_ms)  # drafting changes no book: one picture for all
        proposal = _drafted(state, desk, name, wish)
        if proposal is not None and proposal.legs:
            put_forward(state, out, stamp.market_ms, proposal)


def reason_of(evidence: Evidence) -> str:
    """Return an alert's evidence as the reason of a proposal: words, and the pair that moved most."""
    if not evidence.pairs:
        return evidence.words
    pair = evidence.pairs[0]
    moved = f"{pair.first}·{pair.second} {pair.rho_base:.2f} to {pair.rho_now:.2f}"
    return f"{evidence.words}: mean rho {evidence.rho_base:.2f} to {evidence.rho_now:.2f}, {moved}"


def _alarm(state: EngineState, stamp: Stamp, event: AlertRaised | AlertWorsened) -> None:
    entry = state.signals.board.get(event.id)
    if entry is None or entry.raised.kind is not AlertKind.BASKET or entry.raised.basket not in state.baskets:
        return  # the portfolio row drafts nothing
    name = entry.raised.basket
    _wish(state, stamp, name, ProposalKind.REBALANCE, event.id, reason_of(event.evidence))


def _wish(state: EngineState, stamp: Stamp, name: BasketName, kind: ProposalKind, cause: str, reason: str) -> None:
    if _is_wanted(state, stamp, name, kind):
        state.attempt.wishes[name] = Wish(kind=kind, cause=cause, reason=reason, since=stamp.monotonic)


def _is_wanted(state: EngineState, stamp: Stamp, name: BasketName, kind: ProposalKind) -> bool:
    """Return True where a draft of this kind is no intrusion; asked again when it is granted, as a wish may wait.

    A person may have closed or resized the basket meanwhile, snoozed it, or look at a proposal of his own.
    """
    board = state.trading.board
    if is_flat(state, name) or board.quiet(name, stamp.market_ms):
        return False
    if kind is ProposalKind.RESTORE and board.own_size(name):
        return False
    return kind is ProposalKind.REBALANCE or not _stronger(board, name)


def _stronger(board: ProposalBoard, name: BasketName) -> bool:
    """Return True where something waits for a decision that is more than a way back."""
    waiting = board.waiting(name)
    return waiting is not None and waiting.proposal.kind is not ProposalKind.RESTORE


def _unanswered(board: ProposalBoard, name: BasketName, cause: str) -> bool:
    """Return True where a cause that stands is to be asked for again: it was not done, nor held."""
    latest = board.latest(name, cause)
    if latest is not None and latest.state is ProposalState.SUPERSEDED:
        latest = board.newest(name)  # the trader's own took its place: what came of that is the answer
    return latest is None or latest.state in _AGAIN


def _drafted(state: EngineState, desk: Draftsman, name: BasketName, wish: Wish) -> Proposal | None:
    """Return the draft of a wish, None where it is not worth a decision."""
    track = state.baskets[name]
    held = desk.held(track.basket)
    reduces = wish.kind is ProposalKind.REDUCE
    if reduces and not excess(held, desk.sized(track, only_reduce=True).values) > REDUCE_FROM:
        return None
    reason = wish.reason
    if wish.kind is ProposalKind.RESTORE:
        away = distance(held, desk.sized(track).values)
        if not away >= state.config.rules.restore_at:
            return None  # a way back that waits for an answer ends by its own time
        reason = f"{reason}: the target lies {away:.0%} of gross away"
    proposal = desk.of_kind(track, wish.kind, cause=wish.cause, reason=reason)
    refused = state.trading.board.held(name, wish.cause) if wish.kind is ProposalKind.RESTORE else None
    if refused is not None and proposal.turnover < refused.proposal.turnover + state.config.rules.restore_at:
        return None  # held, and it has not become larger since
    return proposal


def _call_off(state: EngineState, at: Ms, cause: str, out: Outcome) -> None:
    """End what was drafted for an alert that is over: it is no answer any more."""
    attempt = state.attempt
    attempt.wishes = {name: wish for name, wish in attempt.wishes.items() if wish.cause != cause}
    attempt.asked = {key: since for key, since in attempt.asked.items() if key[1] != cause}
    for entry in state.trading.board.open():
        if entry.proposal.cause == cause:
            record(state, out, _ended(at, entry.proposal, "its alert is over"))


def _stop_growth(state: EngineState, at: Ms, out: Outcome) -> None:
    """Volatility is on: end the ways back, and rebalances that grow a leg; a check asks for the rest of these anew."""
    attempt, way_back = state.attempt, ProposalKind.RESTORE
    attempt.wishes = {name: wish for name, wish in attempt.wishes.items() if wish.kind is not way_back}
    for entry in state.trading.board.open():
        proposal = entry.proposal
        grows = proposal.kind is ProposalKind.REBALANCE and not all(leg.reduces for leg in proposal.legs)
        if grows or proposal.kind is way_back:
            record(state, out, _ended(at, proposal, "volatility is on: nothing grows"))


def _value_account(state: EngineState, at: Ms, out: Outcome) -> None:
    value = account_value(state)
    if value.positions and len(value.unpriced) == len(value.positions):
        return  # nothing has a price yet
    fact = AccountValued(
        at=at,
        equity=value.equity,
        paid_in=state.trading.account.paid_in,
        gross=value.gross,
        net=value.net,
        partial=bool(value.unpriced),
    )
    record(state, out, fact)


def _ended(at: Ms, proposal: Proposal, why: str) -> ProposalEnded:
    return ProposalEnded(at=at, proposal=proposal.id, basket=proposal.basket, state=ProposalState.EXPIRED, why=why)
