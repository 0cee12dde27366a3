"""Owns the strongest pairs of the selected basket: mark, names, rho base to now, the change, and a sparkline."""

import math
from collections.abc import Sequence

from engine.domain.events import PairMove
from engine.domain.views import BasketState
from tui.cockpit import text
from tui.cockpit.glyphs import Glyphs, clean
from tui.cockpit.ink import BOLD, DIM, FAINT, TEXT, WATCH, Line, Role, Span, pad
from tui.cockpit.panels.basket_card import strip_line
from tui.cockpit.scene import Scene

_TO_SPARK = 27
_SPARK_MAX = 28
_MIN_RANGE = 0.3  # a flat course must look flat


def spark(g: Glyphs, values: Sequence[float], columns: int) -> str:
    """Return the course of `values` in `columns` characters, oldest at the left; undefined is blank."""
    if columns <= 0 or not values:
        return ""
    shown = (
        [values[int(index * len(values) / columns)] for index in range(columns)] if len(values) > columns else values
    )
    known = [value for value in shown if not math.isnan(value)]
    if not known:
        return ""
    middle, span = (max(known) + min(known)) / 2, max(max(known) - min(known), _MIN_RANGE)
    low = middle - span * 0.42  # the middle of a step, so that a flat course does not flicker between two
    top = len(g.spark) - 1
    return "".join(
        " " if math.isnan(value) else g.spark[1 + round((value - low) / span * (top - 1))] for value in shown
    ).rjust(columns)


def pairs(scene: Scene, columns: int, rows: int) -> list[Line]:
    """Return strip and rows of the strongest pairs."""
    label = DIM.on(Role.RAISED)
    lines = [strip_line(scene, [(" strongest pairs", BOLD.on(Role.RAISED))], [("now against base ", label)], columns)]
    basket = scene.selected
    if basket is None:
        return lines
    watching = {frozenset(pair) for pair in basket.watching}
    series = scene.deck.series(basket.name)
    courses = {frozenset((one.first, one.second)): one.values for one in series.pairs} if series else {}
    for move in basket.pairs[: rows - 1]:
        names = frozenset((move.first, move.second))
        lines.append(pad(_pair(scene, move, courses.get(names, ()), columns, watched=names in watching), columns))
    if basket.state is BasketState.NO_DATA and not basket.pairs:
        lines.append(((" no pair is defined yet", DIM),))
    return lines


def _pair(scene: Scene, move: PairMove, course: Sequence[float], columns: int, *, watched: bool) -> Line:
    g = scene.glyphs
    limit = scene.health.watch_delta if scene.health else math.inf
    moved = watched or abs(move.delta) > limit
    mark: Span = (g.watch if moved else " ", WATCH)
    room = min(_SPARK_MAX, columns - 2 - _TO_SPARK)
    change = text.delta(g, move.delta)
    return (
        (" ", TEXT),
        mark,
        (f" {text.name(g, clean(move.first), 4):<5}{text.name(g, clean(move.second), 4):<5}", TEXT),
        (f"{text.rho(g, move.rho_base):>4}{g.arrow}", DIM),
        (f"{text.rho(g, move.rho_now):<4}", BOLD),
        (f"{change:>5}", WATCH if moved else TEXT),
        (" ", TEXT),
        (spark(g, course[-room * 4 :], room) if room >= 4 else "", FAINT),
    )
