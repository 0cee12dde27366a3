"""Owns the two charts of an alert's detail: one pair's now-correlation, and a basket's shift with its limits.

Never decides what is shown beside them. Each returns exactly the rows it was given.
"""

import math
from collections.abc import Sequence

from engine.domain.alerts import PairMove
from engine.domain.views import SeriesView
from tui.cockpit import text
from tui.cockpit.glyphs import clean
from tui.cockpit.ink import ALERT_INK, BOLD, DIM, RULE, WATCH, Line, Paint, Role, Span, width
from tui.cockpit.panels.basket_card import strip_line
from tui.cockpit.panels.canvas import LEFT, RIGHT, Canvas, time_axis
from tui.cockpit.scene import Scene

_GAIN = Paint(Role.GAIN)
_LIMIT, _LEAVE = Paint(Role.ALERT_INK), Paint(Role.LINE)
_BARS = 720
_FRAME = 2  # strip and axis
_ON = DIM.on(Role.RAISED)


def pair_chart(scene: Scene, series: SeriesView, move: PairMove | None, columns: int, rows: int) -> list[Line]:
    """Return the course of the pair that moved most, over its baseline."""
    g = scene.glyphs
    if move is None:
        return _blank(scene, " pair", "no pair is named by this alert", columns, rows)
    name = f" {clean(move.first)}{g.dot}{clean(move.second)}"
    wanted = {move.first, move.second}
    course = next((one.values for one in series.pairs if {one.first, one.second} == wanted), ())[-_BARS:]
    if not _known(course):
        return _blank(scene, name, "no course of this pair yet", columns, rows)
    base = () if math.isnan(move.rho_base) else (move.rho_base,)
    low, high = min(0.5, *_known(course), *base), max(1.0, *_known(course))
    canvas = Canvas(columns - LEFT - RIGHT, max(1, rows - _FRAME), low - 0.05, high + 0.05)
    canvas.draw(course, _GAIN)
    labels = {
        canvas.row_of(step / 10): (text.rho(g, step / 10), DIM) for step in range(-10, 11) if low <= step / 10 <= high
    }
    rules: dict[int, Paint] = {}
    if base:
        labels[canvas.row_of(move.rho_base)] = (text.rho(g, move.rho_base), BOLD)
        rules[canvas.row_of(move.rho_base)] = DIM
    key: list[Span] = [(g.weight, _GAIN.on(Role.RAISED)), (f" {g.rho} now  ", _ON), (g.rule, _ON), (" base ", _ON)]
    strip = strip_line(scene, [(name, BOLD.on(Role.RAISED))], key, columns)
    return [strip, *canvas.lines(g, labels, rules), time_axis(len(course), series.step_ms, columns)][:rows]


def shift_chart(scene: Scene, series: SeriesView, columns: int, rows: int) -> list[Line]:
    """Return the basket's shift with the limits where an alert begins and ends, both ways where both are in sight."""
    g, health = scene.glyphs, scene.health
    course, name = series.shift[-_BARS:], f" {clean(series.scope)} shift"
    known = _known(course)
    if not known or health is None:
        return _blank(scene, name, "no course of the shift yet", columns, rows)
    enter, leave = health.alert_shift, health.alert_clear
    high, low = max(enter, *known), min(0.0, *known)
    if low < -leave / 2:
        low = min(low, -enter)
    room = (high - low) * 0.08
    canvas = Canvas(columns - LEFT - RIGHT, max(1, rows - _FRAME), low - room, high + room)
    canvas.draw(course, _GAIN)
    labels = {canvas.row_of(0.0): (text.delta(g, 0.0), DIM)}
    rules = {canvas.row_of(0.0): RULE}
    for sign in (1, -1):
        for limit, ink, rule in ((leave, DIM, _LEAVE), (enter, ALERT_INK, _LIMIT)):
            if canvas.low <= sign * limit <= canvas.high:
                labels[canvas.row_of(sign * limit)] = (text.delta(g, sign * limit), ink)
                rules[canvas.row_of(sign * limit)] = rule
    now: Span = (f"{text.delta(g, course[-1])} ", BOLD.on(Role.RAISED))
    limits: list[Span] = [
        (f" alert {text.rho(g, enter)}", WATCH.on(Role.RAISED)),
        (f"  ends {text.rho(g, leave)} ", _ON),
    ]
    key = [("now ", _ON), now, *limits]
    for shorter in ([now, *limits], [now, *limits[:1]], [now]):
        if len(name) + width(key) + 1 > columns:
            key = shorter
    strip = strip_line(scene, [(name, BOLD.on(Role.RAISED))], key, columns)
    return [strip, *canvas.lines(g, labels, rules), time_axis(len(course), series.step_ms, columns)][:rows]


def _known(values: Sequence[float]) -> list[float]:
    return [value for value in values if not math.isnan(value)]


def _blank(scene: Scene, name: str, why: str, columns: int, rows: int) -> list[Line]:
    strip = strip_line(scene, [(name, BOLD.on(Role.RAISED))], [], columns)
    return [strip, ((f" {why}", DIM),), *([()] * rows)][:rows]
