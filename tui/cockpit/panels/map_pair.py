"""Owns one pair in the correlation lab: its rolling correlation at every window, and its figures."""

import math
from collections.abc import Sequence

from engine.domain.lab_views import PairView
from tui.cockpit import text
from tui.cockpit.glyphs import clean
from tui.cockpit.ink import ACCENT, BOLD, DIM, RULE, TEXT, WATCH, Line, Paint, Role, Span, crop
from tui.cockpit.panels.basket_card import strip_line
from tui.cockpit.panels.canvas import LEFT, RIGHT, Canvas, time_axis
from tui.cockpit.panels.heat_cells import BAND_HIGH, BAND_LOW
from tui.cockpit.scene import Scene

_INKS = (Paint(Role.GAIN), ACCENT, DIM)
FIGURES = 6


def pair(scene: Scene, shown: PairView | None, name: str, columns: int, rows: int) -> list[Line]:
    """Return strip, chart where there is room, and figures: exactly `rows` lines."""
    g = scene.glyphs
    left: list[Span] = [(f" {clean(name)}", BOLD.on(Role.RAISED))]
    if shown is None or shown.end_ms is None:
        waits: Line = ((" its course comes with the history", DIM),)
        return [strip_line(scene, left, [], columns), waits, *([()] * rows)][:rows]
    right: list[Span] = []
    for days, ink in zip(shown.rolling, _INKS, strict=False):
        right += [(g.weight, ink.on(Role.RAISED)), (f" {days}d  ", DIM.on(Role.RAISED))]
    lines = [strip_line(scene, left, right, columns)]
    deep = rows - 1 - FIGURES - 1
    if deep >= 5:
        lines += _chart(scene, shown, columns, deep)
    lines += [crop(line, columns, g.ellipsis) for line in _figures(scene, shown)]
    return [*lines, *([()] * rows)][:rows]


def _chart(scene: Scene, shown: PairView, columns: int, rows: int) -> list[Line]:
    known = [value for course in shown.rolling.values() for value in course if not math.isnan(value)]
    if not known:
        return [((" too little history for a course", DIM),), *([()] * (rows - 1))]
    low, high = min(0.5, *known) - 0.05, max(1.0, *known) + 0.05
    canvas = Canvas(columns - LEFT - RIGHT, rows - 1, low, high)
    courses: list[Sequence[float]] = list(shown.rolling.values())
    for course, ink in reversed(list(zip(courses, _INKS, strict=False))):
        canvas.draw(course, ink)
    steps = [step / 10 for step in range(-10, 11) if low <= step / 10 <= high]
    labels = {canvas.row_of(step): (text.rho(scene.glyphs, step), DIM) for step in steps}
    band = {canvas.row_of(BAND_LOW): RULE, canvas.row_of(BAND_HIGH): RULE}
    bars = max(len(course) for course in courses)
    return [*canvas.lines(scene.glyphs, labels, band), time_axis(bars, shown.step_ms, columns)]


def _figures(scene: Scene, shown: PairView) -> list[Line]:
    g, health = scene.glyphs, scene.health
    change = shown.now - shown.base
    moved = WATCH if abs(change) > (health.watch_delta if health else math.inf) else BOLD
    last = {days: course[-1] if course else math.nan for days, course in shown.rolling.items()}
    since = "" if shown.since_ms is None else f", since {text.date(shown.since_ms)}"
    first, second = f"volatility a year {clean(shown.first)}", clean(shown.second)
    return [
        _told(
            (f"{g.rho} base", text.rho(g, shown.base), TEXT),
            ("now", text.rho(g, shown.now), BOLD),
            (g.delta, text.delta(g, change), moved),
            ("shift", text.delta(g, shown.shift), TEXT),
        ),
        _told((f"{g.rho} {g.dot.join(last)}", " ".join(text.rho(g, value) for value in last.values()), TEXT)),
        _told(
            ("calm", text.rho(g, shown.calm), TEXT),
            ("stress", text.rho(g, shown.stress), TEXT),
            (g.delta, text.delta(g, shown.stress - shown.calm), TEXT),
        ),
        _told((first, text.decimals(g, shown.vol_first), TEXT), (second, text.decimals(g, shown.vol_second), TEXT)),
        _told((f"n {shown.n}{since}", "", TEXT)),
    ]


def _told(*pairs: tuple[str, str, Paint]) -> Line:
    """Return names and values, dim and plain."""
    spans: list[Span] = []
    for name, value, ink in pairs:
        spans += [("  " if spans else " ", TEXT), (f"{name} ", DIM), (value, ink)]
    return tuple(spans)
