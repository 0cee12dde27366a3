"""Owns the WATCH state of one basket's pairs: the stated rule with hysteresis.

A pair is raised when |now - base| > watch_delta and cleared below watch_clear, or when it becomes undefined. Never
rings and never writes to the feed: the core turns the changes into events.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from engine.domain.events import PairMove
from engine.domain.units import Asset

Pair = tuple[Asset, Asset]


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchChange:
    """The pairs that one check raised and cleared, the largest move first."""

    raised: tuple[PairMove, ...] = ()
    cleared: tuple[PairMove, ...] = ()


NOTHING = WatchChange()


class Watch:
    """The pairs of one basket that are on WATCH."""

    __slots__ = ("_active", "_clear", "_delta", "_pairs")

    def __init__(self, *, delta: float, clear: float) -> None:
        if not 0 <= clear <= delta:
            raise ValueError(f"rules.watch_clear {clear} must lie between 0 and rules.watch_delta {delta}")
        self._delta = delta
        self._clear = clear
        self._active: dict[Pair, None] = {}
        self._pairs: tuple[Pair, ...] | None = ()  # as they were given out, until something changes

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Return the pairs on WATCH, the longest standing first; the same tuple until they change."""
        if self._pairs is None:
            self._pairs = tuple(self._active)
        return self._pairs

    def update(self, moves: Iterable[PairMove]) -> WatchChange:
        """Take in the moves of all pairs at one check and return what changed.

        A pair on WATCH that is not among `moves` keeps its state.
        """
        raised: list[PairMove] = []
        cleared: list[PairMove] = []
        for move in moves:
            pair = (move.first, move.second)
            size = abs(move.delta)
            if pair in self._active:
                if math.isnan(size) or size < self._clear:
                    del self._active[pair]
                    cleared.append(move)
            elif size > self._delta:  # False for NaN: what is undefined never raises
                self._active[pair] = None
                raised.append(move)
        if not raised and not cleared:
            return NOTHING
        self._pairs = None
        return WatchChange(raised=_by_size(raised), cleared=_by_size(cleared))

    def restore(self, *, raised: Iterable[PairMove] = (), cleared: Iterable[PairMove] = ()) -> None:
        """Take over what the journal says was raised and cleared; what is known already changes nothing."""
        self._pairs = None
        for move in raised:
            self._active.setdefault((move.first, move.second))
        for move in cleared:
            self._active.pop((move.first, move.second), None)


def _by_size(moves: list[PairMove]) -> tuple[PairMove, ...]:
    return tuple(sorted(moves, key=lambda move: -abs(move.delta) if not math.isnan(move.delta) else 0.0))
