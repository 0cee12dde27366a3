"""Owns the mean-rho chart of the wide layout: now, base, and the second most moved basket, in braille dots.

Band edges are drawn as rules, labels stand at the left, time runs to now at the right. Without braille (ASCII) the
same courses are drawn with one character a column.
"""

import math
from collections.abc import Sequence

from engine.domain.views import BasketView
from tui.cockpit import text
from tui.cockpit.glyphs import Glyphs, clean
from tui.cockpit.ink import ACCENT, DIM, RULE, Line, Paint, Role, Span, crop, width
from tui.cockpit.layout import Panel
from tui.cockpit.panels.basket_card import strip_line
from tui.cockpit.panels.canvas import LEFT, RIGHT, Canvas, time_axis
from tui.cockpit.panels.focus import title
from tui.cockpit.panels.heat_cells import BAND_HIGH, BAND_LOW
from tui.cockpit.scene import Scene

_GAIN = Paint(Role.GAIN)
_KEEP_HOURS = 720


def second_basket(scene: Scene) -> BasketView | None:
    """Return the basket other than the selected one whose correlation moved most."""
    chosen = scene.selected
    others = [basket for basket in scene.books.baskets if chosen is None or basket.name != chosen.name]
    moved = [basket for basket in others if not math.isnan(basket.shift)]
    return max(moved, key=lambda basket: abs(basket.shift), default=None)


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
    canvas = Canvas(columns - LEFT - RIGHT, plot_rows, low, high)
    canvas.draw(base, DIM)
    canvas.draw(others, ACCENT)
    canvas.draw(now, _GAIN)
    lines += _plot(scene.glyphs, canvas)
    return [*lines, time_axis(len(now), series.step_ms, columns)]


def _range(values: Sequence[float]) -> tuple[float, float]:
    known = [value for value in values if not math.isnan(value)]
    low = min(0.5, math.floor(min(known) * 10) / 10)
    return max(-1.0, low - 0.05), max(1.0, *known) + 0.05


def _strip(scene: Scene, basket: BasketView, other: BasketView | None, columns: int) -> Line:
    g = scene.glyphs
    label = DIM.on(Role.RAISED)
    parts: list[list[Span]] = [[(g.weight, _GAIN.on(Role.RAISED)), (" now", label)], [(f"{g.weight} base", label)]]
    if other is not None:
        parts.append([(g.weight, ACCENT.on(Role.RAISED)), (f" {clean(other.name)} now", label)])
    parts.append([(f"band {text.rho(g, BAND_LOW)}{g.dash}{text.rho(g, BAND_HIGH)}", label)])
    left: list[Span] = [*title(scene, Panel.CHART, clean(basket.name)), (f"  mean {g.rho}", Paint(bg=Role.RAISED))]
    right: list[Span] = []
    for part in parts:  # what has no room is left out whole
        longer: list[Span] = [*right, *([("   ", label)] if right else []), *part]
        right = longer if width(left) + width(longer) + 3 <= columns else right
    right.append((" ", label))
    return strip_line(scene, left, right, columns)


def _plot(g: Glyphs, canvas: Canvas) -> list[Line]:
    steps = [step / 10 for step in range(-10, 11) if canvas.low <= step / 10 <= canvas.high]
    labels = {canvas.row_of(value): (text.rho(g, value), DIM) for value in steps}
    band = {canvas.row_of(BAND_LOW): RULE, canvas.row_of(BAND_HIGH): RULE}
    return canvas.lines(g, labels, band)
