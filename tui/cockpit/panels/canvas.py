"""Owns drawing a course in dots: braille, four rows and two columns a character, or one character a column in ASCII.

Never knows what a course means: charts give values, inks, labels and rules, and get lines back.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.domain.units import DAY_MS
from tui.cockpit.glyphs import Glyphs
from tui.cockpit.ink import DIM, RULE, TEXT, Line, Paint, Span, pad

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
LEFT, RIGHT = 6, 2


@dataclass(slots=True)
class Canvas:
    """A field of dots; the last course drawn in a cell colors it."""

    columns: int
    rows: int
    low: float
    high: float
    bits: dict[tuple[int, int], int] = field(default_factory=dict)
    inks: dict[tuple[int, int], Paint] = field(default_factory=dict)

    def row_of(self, value: float) -> int:
        """Return the character row of a value."""
        return min(self.rows - 1, max(0, int((self.high - value) / (self.high - self.low) * self.rows)))

    def draw(self, values: Sequence[float], ink: Paint) -> None:
        """Draw a course, one dot per dot column; undefined leaves a gap."""
        dots, deep = self.columns * 2, self.rows * 4
        if not values:
            return
        before = -1
        for x in range(dots):
            value = values[min(len(values) - 1, int(x * len(values) / dots))]
            if math.isnan(value):
                before = -1
                continue
            y = min(deep - 1, max(0, int((self.high - value) / (self.high - self.low) * deep)))
            step = 0 if before < 0 else (before > y) - (before < y)
            for joined in range(y, before, step) if step else (y,):  # a steep course stays one line
                self._dot(x, joined, ink)
            before = y

    def lines(self, g: Glyphs, labels: Mapping[int, tuple[str, Paint]], rules: Mapping[int, Paint]) -> list[Line]:
        """Return the rows: a label at the left where there is one, a rule across where there is one."""
        found: list[Line] = []
        for y in range(self.rows):
            name, ink = labels.get(y, ("", DIM))
            spans: list[Span] = [(f"{name:>5} ", ink)]
            for x in range(self.columns):
                bits = self.bits.get((x, y))
                if bits:
                    spans.append((chr(0x2800 + bits) if g.braille else "*", self.inks[x, y]))
                elif y in rules:
                    spans.append((g.rule, rules[y]))
                else:
                    spans.append((g.dot if y in labels and x % 4 == 0 else " ", RULE))
            found.append(tuple(spans))
        return found

    def _dot(self, x: int, y: int, ink: Paint) -> None:
        cell = (x // 2, y // 4)
        self.bits[cell] = self.bits.get(cell, 0) | _DOTS[y % 4][x % 2]
        self.inks[cell] = ink


def time_axis(bars: int, step_ms: int, columns: int) -> Line:
    """Return the axis under a plot of `bars` closed bars: how long ago, to now at the right."""
    days = bars * step_ms / DAY_MS
    width = columns - LEFT - RIGHT
    line = [" "] * (columns - 1)
    steps = 2 if days < 6 or width < 60 else 6
    for step in range(steps + 1):
        left = days * (steps - step) / steps
        word = "now" if step == steps else f"{left:.0f} d ago" if step == 0 else f"{left:.0f} d"
        if step and step < steps and not left.is_integer() and days < 12:
            word = f"{left * 24:.0f} h"
        at = LEFT + int(width * step / steps)
        at = at - len(word) if step == steps else at
        line[at : at + len(word)] = word
    return pad((("".join(line), DIM),), columns, TEXT)
