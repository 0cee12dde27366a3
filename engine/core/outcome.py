"""Owns what a step brings: facts, effects, changed sections, and the refusal of a request."""

from dataclasses import dataclass, field

from engine.domain.events import Event
from engine.domain.market import Bar
from engine.domain.views import Section


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreBars:
    """Effect: keep these closed bars."""

    bars: tuple[Bar, ...]


Effect = StoreBars


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a step brought; `refusal` is why a request was not done, empty where it was or none was made."""

    events: tuple[Event, ...] = ()
    effects: tuple[Effect, ...] = ()
    changed: frozenset[Section] = frozenset()
    refusal: str = ""


@dataclass(slots=True)
class Outcome:
    """A result in the making."""

    events: list[Event] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    changed: set[Section] = field(default_factory=set)
    refusal: str = ""

    def result(self) -> Result:
        """Return it whole."""
        effects = (StoreBars(bars=tuple(self.bars)),) if self.bars else ()
        return Result(events=tuple(self.events), effects=effects, changed=frozenset(self.changed), refusal=self.refusal)
