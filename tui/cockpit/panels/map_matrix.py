"""Owns the full matrix of the correlation lab: assets in cluster order, one measure below the diagonal, one above.

Columns drop whole where the terminal is too narrow, around the marked pair; numbers are rho x 100 and never cut.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engine.domain.lab_views import MapView
from engine.domain.units import Asset
from engine.domain.views import MatrixKind
from tui.cockpit.deck import Matrix
from tui.cockpit.glyphs import clean
from tui.cockpit.ink import ACCENT, BOLD, DIM, TEXT, Heat, Line, Paint, Ramp, Role, Span, badge, pad
from tui.cockpit.map_choice import Triangles
from tui.cockpit.panels.basket_card import strip_line
from tui.cockpit.scene import Scene

NAME, CELL, HEAD = 9, 3, 5
_WORDS = {
    MatrixKind.BASE: "base",
    MatrixKind.NOW: "now",
    MatrixKind.CALM: "calm",
    MatrixKind.STRESS: "stress",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Halves:
    """The matrices of the two triangles, and what they are."""

    shows: Triangles
    lower: Matrix | None
    upper: Matrix | None


def word(scene: Scene, kind: MatrixKind, days: int) -> str:
    """Return what a triangle shows, in a word."""
    return scene.glyphs.delta if kind is MatrixKind.DELTA else f"{days}d" if days else _WORDS[kind]


def columns_for(assets: int) -> int:
    """Return how wide the whole matrix is."""
    return NAME + CELL * assets + 1


def matrix(scene: Scene, shown: MapView, halves: Halves, pair: tuple[int, int], columns: int, rows: int) -> list[Line]:
    """Return the matrix, exactly `rows` lines."""
    g, size = scene.glyphs, len(shown.order)
    head = HEAD if rows >= size + HEAD + 2 or rows >= 30 else 3
    across = _part(size, (columns - NAME - 1) // CELL, pair[1])
    down = _part(size, rows - head - 1, pair[0])
    left: list[Span] = [(" correlation of all", BOLD.on(Role.RAISED)), (f"  {size} assets", DIM.on(Role.RAISED))]
    shows = halves.shows
    lower, upper = word(scene, shows.lower, shows.lower_days), word(scene, shows.upper, shows.upper_days)
    right: list[Span] = [(f"below {lower}  above {upper} ", DIM.on(Role.RAISED))]
    lines = [strip_line(scene, left, right, columns), *_heads(shown.order, across, pair, head)]
    edges = _edges(shown, g.braille)
    for row in down:
        ink = BOLD if row in pair else TEXT
        asset = shown.order[row]
        spans: list[Span] = [(f" {edges.get(asset, ' ')} ", ACCENT), (f"{clean(asset)[:5]:<6}", ink)]
        spans += [_cell(scene, halves, shown.order, row, column, pair) for column in across]
        lines.append(pad(spans, columns))
    return [*lines, *([()] * rows)][:rows]


def _part(size: int, room: int, at: int) -> range:
    """Return which places fit, around the marked one."""
    first = max(0, min(at - room // 2, size - room))
    return range(first, min(size, first + max(1, room)))


def _heads(order: Sequence[Asset], across: range, pair: tuple[int, int], rows: int) -> list[Line]:
    """Return the names of the columns, downwards, standing on the matrix."""
    lines: list[Line] = []
    for line in range(rows):
        spans: list[Span] = [(" " * NAME, TEXT)]
        for place in across:
            name = clean(order[place])[:rows].rjust(rows)
            spans.append((f" {name[line]} ", BOLD if place in pair else DIM))
        lines.append(tuple(spans))
    return lines


def _edges(shown: MapView, fine: bool) -> dict[Asset, str]:
    """Return the bracket of each asset's cluster; one alone has none."""
    found: dict[Asset, str] = {}
    for cluster in shown.clusters:
        if len(cluster.assets) > 1:
            first, *middle, last = cluster.assets
            found |= {first: "┌" if fine else "+", last: "└" if fine else "+"}
            found |= dict.fromkeys(middle, "│" if fine else "|")
    return found


def _cell(scene: Scene, halves: Halves, order: Sequence[Asset], row: int, column: int, pair: tuple[int, int]) -> Span:
    if row == column:
        return f" {scene.glyphs.dot} ", DIM
    below = row > column
    source, kind = (halves.lower, halves.shows.lower) if below else (halves.upper, halves.shows.upper)
    value = math.nan if source is None else value_of(source, order[row], order[column])
    marked = {row, column} == set(pair)
    if math.isnan(value):
        return f"{scene.glyphs.undefined} ", badge(Role.TEXT) if marked else DIM
    ramp = Ramp.DELTA if kind is MatrixKind.DELTA else Ramp.RHO
    level = scene.theme.level(ramp, value)
    number = f"{round(abs(value) * 100):d}"
    sign = scene.glyphs.minus if value < 0 else ""
    said = (sign + number) if len(number) < CELL else number
    ink: Paint | Heat = badge(Role.TEXT) if marked else Heat(ramp, level)
    return said.rjust(CELL), ink


def value_of(source: Matrix, first: Asset, second: Asset) -> float:
    """Return a pair's value in a matrix of any order, NaN where it is not there."""
    try:
        return source.values[source.assets.index(first)][source.assets.index(second)]
    except ValueError:
        return math.nan
