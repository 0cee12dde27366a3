"""Owns the correlation card: header with the views, the stair matrix with its names on the diagonal, legend, marks.

The same stair serves a basket (large cells, a second line) and all assets (as many columns a cell as fit). Rows that
do not fit are left out whole, and the card says so.
"""

import math

from engine.domain.units import Asset
from engine.domain.views import BasketState, BasketView, MatrixKind
from tui.cockpit import text
from tui.cockpit.deck import Matrix
from tui.cockpit.glyphs import clean
from tui.cockpit.ink import (
    ALERT_INK,
    BOLD,
    DIM,
    TEXT,
    WATCH,
    Heat,
    Line,
    Paint,
    Ramp,
    Role,
    Span,
    badge,
    crop,
    pad,
    width,
)
from tui.cockpit.layout import Panel
from tui.cockpit.panels.basket_card import strip_line
from tui.cockpit.panels.focus import title
from tui.cockpit.panels.heat_cells import BAND_HIGH, BAND_LOW, ENOUGH_BARS, CellMaker
from tui.cockpit.scene import VIEWS, Scene

_SECOND = {MatrixKind.DELTA: MatrixKind.NOW, MatrixKind.BASE: MatrixKind.DELTA, MatrixKind.NOW: MatrixKind.DELTA}
_NAME_ROOM = 7
_LABEL = DIM.on(Role.RAISED)


def kinds_shown(scene: Scene) -> tuple[MatrixKind, ...]:
    """Return the matrices that the card reads now: the view's own, and the one under its numbers."""
    view = scene.choice.view
    if scene.choice.all_assets or view not in _SECOND:
        return (view,)
    return (view, _SECOND[view])


def header(scene: Scene, columns: int) -> Line:
    """Return the strip: what is shown, and which view is on."""
    scope = "all assets" if scene.choice.all_assets else clean(scene.selected.name) if scene.selected else ""
    g = scene.glyphs
    words = {MatrixKind.BASE: "base", MatrixKind.NOW: "now", MatrixKind.DELTA: g.delta}
    tokens = [(f"{scene.choice.window_days}d", scene.choice.view is MatrixKind.WINDOW)]
    tokens += [(words[view], scene.choice.view is view) for view in VIEWS]
    right: list[Span] = [(f" {word} ", badge(Role.SEL) if on else _LABEL) for word, on in tokens]
    right.append((" ", _LABEL))
    room = columns - width(right) - 1
    named = " ".join(([scene.choice.estimator] if scene.choice.estimator else []) + ["n"] * scene.choice.counts)
    named += " " * bool(named)
    word = "correlation" if len("correlation") + len(named) + len(scope) + 2 <= room else "corr"
    shown: list[Span] = [*title(scene, Panel.CORRELATION, f"{word} "), (named, Paint(bg=Role.RAISED)), (scope, _LABEL)]
    left = crop(shown, room, g.ellipsis)
    return strip_line(scene, list(left), right, columns)


def stair(scene: Scene, columns: int, rows: int, *, cell_width: int, cell_height: int) -> list[Line]:
    """Return the stair matrix with notes, legend and marks: exactly `rows` lines of `columns`."""
    matrix = _shown(scene)
    size = len(matrix.assets)
    inner = columns - 2
    tail = _legend_rows(scene, inner, rows) if not scene.choice.all_assets else []
    room = rows - len(tail)
    wide = max(1, min(cell_width, (inner - _NAME_ROOM) // max(1, size - 1)))
    high = max(1, min(cell_height, room // max(1, size)))
    top = 1 if room > size * high else 0
    second = _SECOND.get(scene.choice.view)
    maker = CellMaker(
        scene=scene,
        kind=scene.choice.view,
        main=matrix,
        second=scene.matrix(second) if second else None,
        width=wide,
        height=high,
        alerting=_alerting(scene),
    )
    fits = min(size, (room - top) // high)
    body = [_row(maker, index, part) for index in range(fits) for part in range(high)]
    notes = _notes(scene, maker, inner, cropped=size - fits)
    lines = [pad((), columns)] * top
    lines += [_with_note(row, notes[y] if y < len(notes) else (), columns) for y, row in enumerate(body)]
    lines += [pad((), columns)] * (room - len(lines))
    return [*lines[:room], *(pad((((" ", TEXT)), *line), columns) for line in tail)]


def _alerting(scene: Scene) -> tuple[frozenset[Asset], ...]:
    """Return the assets of every shown basket that is in ALERT."""
    chosen = scene.selected
    baskets = scene.books.baskets if scene.choice.all_assets else [chosen] if chosen is not None else []
    return tuple(
        frozenset(asset.asset for asset in basket.assets) for basket in baskets if basket.state is BasketState.ALERT
    )


def _shown(scene: Scene) -> Matrix:
    """Return the matrix to draw; before it came, the names with undefined cells."""
    found = scene.matrix(scene.choice.view)
    if found is not None:
        return found
    assets = tuple(asset.asset for asset in scene.selected.assets) if scene.selected else ()
    if scene.choice.all_assets:
        assets = tuple(scene.deck.quotes()[0])
    blank = ((math.nan,) * len(assets),) * len(assets)
    return Matrix(
        assets=assets,
        values=blank,
        marks=((False,) * len(assets),) * len(assets),
        counts=((0,) * len(assets),) * len(assets),
    )


def _row(maker: CellMaker, index: int, part: int) -> Line:
    cells = tuple(maker.line(index, column, part) for column in range(index))
    if part != maker.height - 1:
        return cells
    name = clean(maker.main.assets[index])
    return (*cells, (f" {name}", BOLD if maker.width > 3 else TEXT))


def _with_note(row: Line, note: Line, columns: int) -> Line:
    used = 1 + width(row)
    if not note or used + width(note) + 2 > columns:
        return pad(((" ", TEXT), *row), columns)
    gap = (" " * (columns - used - width(note) - 1), TEXT)
    return ((" ", TEXT), *row, gap, *note, (" ", TEXT))


def _notes(scene: Scene, maker: CellMaker, inner: int, *, cropped: int) -> list[Line]:
    """Return the lines at the right of the stair, from the top."""
    g = scene.glyphs
    why = scene.deck.refused.get(scene.matrix_want(scene.choice.view))
    if why:
        return [((clean(why), DIM),)]
    if scene.choice.all_assets:
        more: list[Line] = [((f"{cropped} more: make the terminal taller", WATCH),)] if cropped else []
        count = len(maker.main.assets)
        said = f"{count} assets, {count * (count - 1) // 2} pairs, not signed by side"
        days: list[Line] = [(("n in days of common bars", DIM),)] if scene.choice.counts and maker.in_days else []
        return [((said, DIM),), *days, *_legend_rows(scene, 44, 99)[1:], *more]
    basket = scene.selected
    if basket is None:
        return []
    return [
        *_basket_notes(scene, basket),
        (),
        *([((f"{g.delta} = now {g.minus} base", DIM),)] if maker.ramp is Ramp.DELTA else []),
        *([((f"{cropped} more", WATCH),)] if cropped else []),
    ]


def _basket_notes(scene: Scene, basket: BasketView) -> list[Line]:
    g = scene.glyphs
    view = scene.choice.view
    ink = ALERT_INK if basket.state in ("alert", "proposal") else Paint(bold=True)
    limit = text.rho(g, scene.health.alert_shift if scene.health else math.nan)
    shift: Line = (("shift ", DIM), (text.delta(g, basket.shift), ink), (f" limit {limit}", DIM))
    if view is MatrixKind.WINDOW:
        mean = basket.mean_rho.get(str(scene.choice.window_days), math.nan)
        return [((f"mean {g.rho} ", DIM), (text.rho(g, mean), BOLD)), ((f"{scene.choice.window_days} days", DIM),)]
    if view is not MatrixKind.DELTA:
        mean = basket.mean_rho_base if view is MatrixKind.BASE else basket.mean_rho_now
        return [((f"mean {g.rho} ", DIM), (text.rho(g, mean), BOLD)), shift]
    known = [pair.delta for pair in basket.pairs if not math.isnan(pair.delta)]
    rising = sum(change > 0 for change in known)
    return [
        (
            (f"mean {g.rho} ", DIM),
            (text.rho(g, basket.mean_rho_base), TEXT),
            (g.arrow, DIM),
            (text.rho(g, basket.mean_rho_now), BOLD),
        ),
        shift,
        ((f"{rising} of {len(known)} pairs up", DIM),) if known else (),
    ]


def _legend_rows(scene: Scene, inner: int, rows: int) -> list[Line]:
    """Return blank, ramp and marks, or only the ramp where the card is low."""
    lines = [_ramp_line(scene, inner)]
    return lines if rows < 10 else [(), *lines, crop(_marks_line(scene), inner), ()]


def _ramp_line(scene: Scene, inner: int) -> Line:
    g, theme = scene.glyphs, scene.theme
    if scene.choice.counts:
        return ()
    ramp = Ramp.DELTA if scene.choice.view is MatrixKind.DELTA else Ramp.RHO
    levels = theme.levels(ramp)
    each = {10: 1, 6: 2}.get(levels, 3)
    end = ".5" if ramp is Ramp.DELTA else "1"
    cells: list[Span] = []
    for level in range(-levels, levels + 1):
        glyph = scene.level_glyph(ramp, level)
        sign = (g.dot if level == 0 else g.minus if level < 0 else "+") if theme.flat else ""
        cells.append(((sign + glyph)[:each].ljust(each), Heat(ramp, level)))
    lead = max(0, (inner - width(cells)) // 2 - 1 - len(end) - 1)
    return ((" " * lead + f"{g.minus}{end} ", DIM), *cells, (f" +{end}", DIM))


def _marks_line(scene: Scene) -> Line:
    g = scene.glyphs
    if scene.choice.counts:
        lagged = scene.choice.view in (MatrixKind.BASE, MatrixKind.DELTA)
        return (("n", BOLD), (f" common bars{f', under {ENOUGH_BARS} undefined' if lagged else ''}", DIM))
    if scene.choice.all_assets:  # cells without room for marks
        if scene.choice.view is not MatrixKind.DELTA:
            return ()
        return (("bold", BOLD), (" pair on WATCH   ", DIM), (g.alert, ALERT_INK), (" basket in ALERT", DIM))
    if scene.choice.view is not MatrixKind.DELTA:
        high, low = text.rho(g, BAND_HIGH), text.rho(g, BAND_LOW)
        return ((g.above, TEXT), (f" over {high}   ", DIM), (g.below, TEXT), (f" under {low}   out of the band", DIM))
    limit = text.rho(g, scene.health.watch_delta if scene.health else math.nan)
    return (
        (g.watch, WATCH),
        (f" pair moved > {limit}   ", DIM),
        (g.alert, ALERT_INK),
        (" basket in ALERT", DIM),
    )
