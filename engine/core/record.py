"""Owns the one way a fact of money enters the state: applied, queued for the journal, and its sections marked new."""

from engine.core.outcome import Outcome
from engine.core.state import EngineState
from engine.domain.facts import TradeFact
from engine.domain.views import Section

TRADE_SECTIONS = (Section.PROPOSALS, Section.BLOTTER, Section.BOOKS, Section.HEALTH)


def record(state: EngineState, out: Outcome, *facts: TradeFact) -> None:
    """Take facts into the state and into what this step brings."""
    for fact in facts:
        state.trading.apply(fact)
        out.events.append(fact)
    if facts:
        out.changed.update(TRADE_SECTIONS)
