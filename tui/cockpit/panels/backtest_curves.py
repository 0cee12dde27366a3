"""Owns the two curves of a backtest in braille dots: equity of the strategy and two books beside it, and their falls.

Each returns exactly the rows it was given, strip and dates included.
"""

import math
from collections.abc import Callable, Mapping, Sequence

from tui.cockpit import text
from tui.cockpit.glyphs import Glyphs
from tui.cockpit.ink import ACCENT, BOLD, DIM, RULE, TEXT, Line, Paint, Role, Span, between, pad, width
from tui.cockpit.lab_views import BacktestView
from tui.cockpit.panels.basket_card import strip_line
from tui.cockpit.panels.canvas import LEFT, RIGHT, Canvas
from tui.cockpit.scene import Scene

_GAIN = Paint(Role.GAIN)
_DRAWN = (("standard", DIM), ("exposure_matched", ACCENT), ("driftdeck", _GAIN))  # the strategy last: it stays on top
_FRAME = 2  # strip and dates
_LABELS = 4


def equity_chart(scene: Scene, found: BacktestView, columns: int, rows: int) -> list[Line]:
    """Return the curves of equity."""
    curves = {name: course.equity for name, course in found.courses.items()}
    known = [value for curve in curves.values() for value in curve if not math.isnan(value)]
    low, high = min(known, default=0.0), max(known, default=1.0)
    room = (high - low or max(high, 1.0)) * 0.05
    start = next((value for value in curves.get("driftdeck", ()) if not math.isnan(value)), math.nan)
    rules = {} if math.isnan(start) else {start: RULE}
    return _chart(scene, found, "equity", curves, (low - room, high + room), rules, text.money, columns, rows)


def drawdown_chart(scene: Scene, found: BacktestView, columns: int, rows: int) -> list[Line]:
    """Return how far each curve is below its highest close so far."""
    curves = {name: course.drawdown for name, course in found.courses.items()}
    known = [value for curve in curves.values() for value in curve if not math.isnan(value)]
    low = min([*known, -0.01])
    return _chart(scene, found, "drawdown", curves, (low * 1.05, -low * 0.03), {0.0: RULE}, _fall, columns, rows)


def _fall(g: Glyphs, value: float) -> str:
    return f"{value * 100:.0f}%".replace("-", g.minus) if round(value * 100) else "0%"


def _chart(
    scene: Scene,
    found: BacktestView,
    name: str,
    curves: Mapping[str, Sequence[float]],
    span: tuple[float, float],
    rules: Mapping[float, Paint],
    said: Callable[[Glyphs, float], str],
    columns: int,
    rows: int,
) -> list[Line]:
    g = scene.glyphs
    low, high = span
    canvas = Canvas(columns - LEFT - RIGHT, max(1, rows - _FRAME), low, high)
    for curve, ink in _DRAWN:
        canvas.draw(curves.get(curve, ()), ink)
    steps = [low + (high - low) * (part + 0.5) / _LABELS for part in range(_LABELS)]
    labels = {canvas.row_of(value): (said(g, value), DIM) for value in steps}
    drawn = [
        pad(line, columns) for line in canvas.lines(g, labels, {canvas.row_of(at): ink for at, ink in rules.items()})
    ]
    label = DIM.on(Role.RAISED)
    key: list[Span] = []
    for curve, ink in reversed(_DRAWN):
        key += [(f"{g.weight} ", ink.on(Role.RAISED)), (f"{curve.replace('_', ' ')}  ", label)]
    title: list[Span] = [(f" {name}", BOLD.on(Role.RAISED))]
    strip = strip_line(scene, title, key if width(title) + width(key) < columns else [], columns)
    dates = between([(" " * LEFT, TEXT), (found.begin[:10], DIM)], [(found.end[:10] + " " * RIGHT, DIM)], columns)
    return [strip, *drawn, dates][:rows]
