"""Owns the order in which money is looked at in a step: signals heard, drafts made, decisions taken, orders advanced.

Runs after every input that may matter to money; does nothing before history, markets and a sound journal are there.
"""

from collections.abc import Sequence

from engine.core import automatic, reactions
from engine.core.anchors import anchor_of
from engine.core.baskets import drift_snapshot
from engine.core.execution import advance_orders
from engine.core.inputs import JournalFailed, Stamp
from engine.core.outcome import Outcome
from engine.core.record import TRADE_SECTIONS
from engine.core.state import EngineState
from engine.core.trading import Trading
from engine.domain.events import Event
from engine.domain.facts import ProposalEnded
from engine.domain.proposal import ProposalKind, ProposalState
from engine.domain.units import BasketName
from engine.domain.views import Section

VALUES_EVERY_S = 1.0  # what is held is worth something else with every quote; shown once a second


def follow(state: EngineState, stamp: Stamp, out: Outcome) -> None:
    """Do what this step's events and the passing of time ask of the trading side."""
    if not state.ready or state.listed is None or state.attempt.journal_down:
        return
    reactions.heed(state, stamp, tuple(out.events), out)
    if not state.attempt.begun and state.quotes and automatic.open_demo(state, stamp, out):
        state.attempt.begun = True
        reactions.look_again(state, stamp, stamp.market_ms)
    reactions.expire(state, stamp, out)
    reactions.grant(state, stamp, out)
    reactions.expire(state, stamp, out)  # notes when what was just drafted was first there
    automatic.decide(state, stamp, out)
    advance_orders(state, stamp, out)
    _anchor(state, tuple(out.events), out)


def show_values(state: EngineState, stamp: Stamp, out: Outcome) -> None:
    """Let the books be shown anew after quotes came, at their own slow pace."""
    if stamp.monotonic - state.attempt.books_shown < VALUES_EVERY_S:
        return
    held = any(not book.flat for book in state.trading.account.books)
    if held or state.trading.board.open():
        state.attempt.books_shown = stamp.monotonic
        out.changed.update((Section.BOOKS, Section.BLOTTER, Section.PROPOSALS))


def give_up(state: EngineState, item: JournalFailed, out: Outcome) -> None:
    """Go back to what is durable and decide nothing any more: what was not kept did not happen."""
    state.attempt.journal_down = item.why
    state.attempt.wishes.clear()
    if item.kept is not None:
        state.trading = Trading(item.kept)
    out.changed.update(TRADE_SECTIONS)


def _anchor(state: EngineState, events: Sequence[Event], out: Outcome) -> None:
    """Freeze a basket's baseline at its last rebalance, where the config wants it so."""
    if state.config.rules.baseline != "anchored":
        return
    for event in events:
        if not isinstance(event, ProposalEnded) or event.state not in (ProposalState.DONE, ProposalState.PARTIAL):
            continue
        entry, track = state.trading.board.get(event.proposal), state.baskets.get(event.basket)
        if track is not None and entry is not None and entry.proposal.kind is not ProposalKind.CLOSE:
            anchor = anchor_of(track, drift_snapshot(state.correlation, state.config.rules), event.at)
            state.signals.apply(anchor)
            out.events.append(anchor)


def orphans(trading: Trading, configured: Sequence[BasketName]) -> tuple[BasketName, ...]:
    """Return the baskets that hold something and are not in the config any more."""
    return tuple(book.basket for book in trading.account.books if not book.flat and book.basket not in configured)
