"""Owns which facts the journal keeps and how a kept fact is named: the tagged union, its kinds, the record.

The journal keeps what the books, the decisions and the signals are folded from: checks too, because an alert needs two
of them and the first may lie before a restart. What can be measured again (quotes, links, candles) is only told.
Adding a kind: name it in `Journaled`, nothing else.
"""

from dataclasses import dataclass
from typing import get_args

from engine.domain.events import EngineStarted, SignalEvent
from engine.domain.facts import Actor, Fact, TradeFact
from engine.domain.units import Ms

Journaled = EngineStarted | SignalEvent | Fact


def _kind(struct: type) -> str:
    tag = struct.__struct_config__.tag  # type: ignore[attr-defined]  # every member of the union is a tagged Struct
    return str(tag)


KINDS: dict[str, type] = {_kind(struct): struct for struct in get_args(Journaled)}
SIGNAL_KINDS = tuple(_kind(struct) for struct in get_args(SignalEvent))
TRADE_KINDS = tuple(_kind(struct) for struct in get_args(TradeFact))


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalRecord:
    """A fact with its place: `seq` counts from 1 without gaps, `host_ms` is the wall clock when it was written."""

    seq: int
    host_ms: int
    fact: Journaled

    @property
    def at(self) -> Ms:
        """Return when it happened, in market time."""
        return self.fact.at

    @property
    def kind(self) -> str:
        """Return the fact's kind."""
        return kind_of(self.fact)


def kind_of(fact: Journaled) -> str:
    """Return the kind of a fact: the name it has in the journal, for good."""
    return _kind(type(fact))


def actor_of(fact: Journaled) -> Actor | None:
    """Return who acted, where somebody did."""
    actor = getattr(fact, "actor", None)
    return actor if isinstance(actor, Actor) else None
