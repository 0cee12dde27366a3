"""Owns the mean-rho chart of the wide layout: now, base, and the second most moved basket, in braille dots.

Band edges are drawn as rules, labels stand at the left, time runs to now at the right. Without braille (ASCII) the
same courses are drawn with one character a column.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.domain.units import DAY_MS
from engine.domain.views import BasketView, SeriesView
from tui.cockpit import text
from tui.cockpit.glyphs import Glyphs, clean
from tui.cockpit.ink import ACCENT, BOLD, DIM, RULE, TEXT, Line, Paint, Role, Span, crop, pad
from tui.cockpit.panels.basket_card import strip_line
from tui.cockpit.panels.heat_cells import BAND_HIGH, BAND_LOW
from tui.cockpit.scene import Scene

_GAIN = Paint(Role.GAIN)
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_LEFT, _RIGHT = 6, 2
_KEEP_HOURS = 720


def second_basket(scene: Scene) -> BasketView | None:
    """Return the basket other than the selected one whose correlation moved most."""
    chosen = scene.selected
    others = [basket for basket in scene.books.baskets if chosen is None or basket.name != chosen.name]
    moved = [basket for basket in others if not math.isnan(basket.shift)]
    return max(moved, key=lambda basket: abs(basket.shift), default=None)


@dataclass(slots=True)
class _Canvas:
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

    def _dot(self, x: int, y: int, ink: Paint) -> None:
        cell = (x // 2, y // 4)
        self.bits[cell] = self.bits.get(cell, 0) | _DOTS[y % 4][x % 2]
        self.inks[cell] = ink


def chart(scene: Scene, columns: int, rows: int) -> list[Line]:
    """Return strip, plot and time axis."""
    basket = scene.selected
    if basket is None:
        return []
    series, other = scene.deck.series(basket.name), second_basket(scene)
    second = scene.deck.series(other.name) if other else None
    lines = [_strip(scene, basket, other, columns), ()]
    plot_rows = rows - 4
    if series is None or not any(not math.isnan(value) for value in series.mean_now):
        return [*lines, crop([(" the course appears with the first closed bars", DIM)], columns)]
    now, base = series.mean_now[-_KEEP_HOURS:], series.mean_base[-_KEEP_HOURS:]
    others = second.mean_now[-_KEEP_HOURS:] if second else ()
    low, high = _range((*now, *base, *others))
    canvas = _Canvas(columns - _LEFT - _RIGHT, plot_rows, low, high)
    canvas.draw(base, DIM)
    canvas.draw(others, ACCENT)
    canvas.draw(now, _GAIN)
    lines += _plot(scene.glyphs, canvas)
    return [*lines, _axis(series, len(now), columns)]


def _range(values: Sequence[float]) -> tuple[float, float]:
    known = [value for value in values if not math.isnan(value)]
    low = min(0.5, math.floor(min(known) * 10) / 10)
    return max(-1.0, low - 0.05), max(1.0, *known) + 0.05


def _strip(scene: Scene, basket: BasketView, other: BasketView | None, columns: int) -> Line:
    g = scene.glyphs
    label = DIM.on(Role.RAISED)
    right: list[Span] = [(g.weight, _GAIN.on(Role.RAISED)), (" now   ", label), (f"{g.weight} base   ", label)]
    if other is not None:
        right += [(g.weight, ACCENT.on(Role.RAISED)), (f" {clean(other.name)} now   ", label)]
    right.append((f"band {text.rho(g, BAND_LOW)}{g.dash}{text.rho(g, BAND_HIGH)} ", label))
    left: list[Span] = [(f" {clean(basket.name)}", BOLD.on(Role.RAISED)), (f"  mean {g.rho}", Paint(bg=Role.RAISED))]
    return strip_line(scene, left, right, columns)


def _plot(g: Glyphs, canvas: _Canvas) -> list[Line]:
    labels = {canvas.row_of(step / 10): step / 10 for step in range(-10, 11) if canvas.low <= step / 10 <= canvas.high}
    band = {canvas.row_of(BAND_LOW), canvas.row_of(BAND_HIGH)}
    lines: list[Line] = []
    for y in range(canvas.rows):
        name = text.rho(g, labels[y]) if y in labels else ""
        spans: list[Span] = [(f"{name:>5} ", DIM)]
        for x in range(canvas.columns):
            bits = canvas.bits.get((x, y))
            if bits:
                spans.append((chr(0x2800 + bits) if g.braille else "*", canvas.inks[x, y]))
            elif y in band:
                spans.append((g.rule, RULE))
            else:
                spans.append((g.dot if y in labels and x % 4 == 0 else " ", RULE))
        lines.append(tuple(spans))
    return lines


def _axis(series: SeriesView, bars: int, columns: int) -> Line:
    days = bars * series.step_ms / DAY_MS
    width = columns - _LEFT - _RIGHT
    line = [" "] * (columns - 1)
    steps = 6 if days >= 6 else 2
    for step in range(steps + 1):
        left = days * (steps - step) / steps
        word = "now" if step == steps else f"{left:.0f} d ago" if step == 0 else f"{left:.0f} d"
        if step and step < steps and not left.is_integer() and days < 12:
            word = f"{left * 24:.0f} h"
        at = _LEFT + int(width * step / steps)
        at = at - len(word) if step == steps else at
        line[at : at + len(word)] = word
    return pad((("".join(line), DIM),), columns, TEXT)
