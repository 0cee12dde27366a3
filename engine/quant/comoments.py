"""Owns the incremental co-moment state: per UTC day one block of centered moments, made once, only ever added.

A range of slots = the rest of its oldest day + whole days + the head of its newest day, so one set of blocks serves
every window, the lagged baseline and any subset of days; nothing is subtracted and nothing drifts (FACTS 1). Never
clips or weights: raw and winsorized returns have a state each. The correlation state of the market room reads it.
"""

from engine.quant.arrays import Floats
from engine.quant.moments import Block, merge, moments_of
from engine.quant.row_buffer import RowBuffer

_CACHED_SPANS = 16


class CoMoments:
    """Rows of returns [N] by slot, and the moments of any range of slots."""

    __slots__ = ("_day_slots", "_days", "_rows", "_spans")

    def __init__(self, width: int, day_slots: int) -> None:
        self._day_slots = day_slots
        self._rows = RowBuffer(width)
        self._days: dict[int, Block] = {}
        self._spans: dict[tuple[int, int], Block] = {}

    @property
    def first(self) -> int:
        """Return the first slot held."""
        return self._rows.first

    @property
    def end(self) -> int:
        """Return the slot after the last one held."""
        return self._rows.end

    def load(self, first: int, rows: Floats) -> None:
        """Replace the state by `rows` [T, N], NaN = no return, the first of them at slot `first`."""
        self._rows.load(first, rows)
        self._days.clear()
        self._spans.clear()

    def append(self, row: Floats) -> None:
        """Add the returns [N] of slot `end`; NaN = no return."""
        self._rows.append(row)

    def rows(self, lo: int, hi: int) -> Floats:
        """Return the rows of the slots [lo, hi) that are held (a view)."""
        return self._rows.view(lo, hi)

    def drop_before(self, slot: int) -> None:
        """Forget slots before the UTC day of `slot`."""
        day = slot // self._day_slots
        self._rows.drop_before(day * self._day_slots)
        for old in [key for key in self._days if key < day]:
            del self._days[old]

    def moments(self, lo: int, hi: int) -> Block:
        """Return the moments of slots [lo, hi); slots that are not held count as missing.

        Whole days come from blocks, so the cost does not grow with the length of the range but once a day.
        """
        lo, hi = max(lo, self.first), min(hi, self.end)
        first_day = -(-lo // self._day_slots)
        end_day = hi // self._day_slots
        if first_day >= end_day:
            return moments_of(self._rows.view(lo, hi))
        head = self._rows.view(lo, first_day * self._day_slots)
        tail = self._rows.view(end_day * self._day_slots, hi)
        parts = [self._span(first_day, end_day)]
        parts.extend(moments_of(rows) for rows in (head, tail) if len(rows))
        return merge(parts)

    def _span(self, first_day: int, end_day: int) -> Block:
        """Return the moments of whole days, merged once and kept while the windows ask for them."""
        key = (first_day, end_day)
        found = self._spans.get(key)
        if found is None:
            while len(self._spans) >= _CACHED_SPANS:
                del self._spans[next(iter(self._spans))]
            found = self._spans[key] = merge([self._day(day) for day in range(first_day, end_day)])
        return found

    def _day(self, day: int) -> Block:
        """Return the block of one whole day."""
        found = self._days.get(day)
        if found is None:
            start = day * self._day_slots
            found = self._days[day] = moments_of(self._rows.view(start, start + self._day_slots))
        return found


def required(slots: int) -> int:
    """Return how many common returns a window of `slots` needs: two thirds of them (CONTRACT).

    >>> required(720), required(2160)
    (480, 1440)
    """
    return -(-2 * slots // 3)
