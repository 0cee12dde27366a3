"""Owns the compact forms of 80x24: the list with one line per basket and the total, and the selected basket in full.

The selected line carries the selection fill, a PROPOSAL line the amber one.
"""

import math

from engine.domain.views import BasketState, BasketView
from tui.cockpit import alerts, text
from tui.cockpit.glyphs import clean
from tui.cockpit.ink import ALERT_INK, BOLD, DIM, STALE, TEXT, Line, Paint, Role, Span, badge, between, on, pad, width
from tui.cockpit.panels.basket_card import (
    EDGE,
    drift_of,
    is_partial,
    is_urgent,
    opens_at,
    pnl,
    rho_line,
    sided,
    sides,
    state_word,
    strip_line,
    strip_paints,
)
from tui.cockpit.panels.basket_rows import asset_rows
from tui.cockpit.scene import Scene


def basket_list(scene: Scene, columns: int, rows: int) -> list[Line]:
    """Return the compact list: one line per basket around the selected one, and the total (80x24)."""
    baskets = scene.books.baskets
    label = DIM.on(Role.RAISED)
    count = f" {len(baskets)}" if len(baskets) > rows - 2 else ""
    head: list[Span] = [(" baskets", BOLD.on(Role.RAISED)), (count, label)]
    lines = [strip_line(scene, head, [(f"gross{_second_head(scene):>8}  drift  ", label)], columns)]
    room = rows - 2
    chosen = scene.choice.selected % len(baskets) if baskets else 0
    first = max(0, min(chosen - room // 2, len(baskets) - room))
    for index, basket in enumerate(baskets[first : first + room], start=first):
        lines.append(_list_row(scene, basket, columns, selected=index == chosen))
    lines += [pad((), columns)] * (rows - 1 - len(lines))
    lines.append(_list_total(scene, columns))
    return lines[:rows]


def _held(scene: Scene) -> bool:
    return any(not basket.planned for basket in scene.books.baskets)


def _second_head(scene: Scene) -> str:
    return "p&l" if _held(scene) else "hidden"


def all_pnl(scene: Scene) -> float:
    """Return the profit or loss of all baskets that hold something, NaN where none is known."""
    known = [basket.pnl for basket in scene.books.baskets if not math.isnan(basket.pnl)]
    return sum(known) if known else math.nan


def _list_row(scene: Scene, basket: BasketView, columns: int, *, selected: bool) -> Line:
    g = scene.glyphs
    shape, _, _, ink = state_word(scene, basket)
    urgent = is_urgent(scene, basket)
    partial = is_partial(scene, basket)
    name = clean(basket.name)
    result = pnl(scene, basket)
    gross = (g.stale if partial else "") + text.money(g, basket.gross)
    second: Span = (f"  {text.factor(g, basket.hidden_leverage):>6}", TEXT)
    if _held(scene):
        second = (
            (f" {'flat' if basket.planned else g.dash:>7}", DIM) if result is None else (f"{result[0]:>8}", result[1])
        )
    drift = f"  {text.delta(g, basket.shift):>5} "
    named: list[Span] = [(f"{shape} ", ink), (name[: columns - 24], BOLD if urgent else TEXT)]
    edge: Span = (g.edge, EDGE) if urgent and basket.state is BasketState.ALERT else (" ", TEXT)
    figures: list[Span] = [
        (f"{gross:>6}", STALE if partial else TEXT),
        second,
        (drift, drift_of(g, basket)[1][1]),
    ]
    line = between([edge, *named], figures, columns)
    if basket.state is BasketState.PROPOSAL:
        if selected:  # the fill of a proposal leaves no room for that of the selection
            line = between([(g.focus, EDGE), *named], figures, columns)
        return tuple((piece, badge(Role.ALERT)) for piece, _ in line)
    return tuple((piece, badge(Role.SEL)) for piece, _ in line) if selected else line


def _list_total(scene: Scene, columns: int) -> Line:
    g = scene.glyphs
    portfolio = scene.books.portfolio
    partial = any(is_partial(scene, basket) for basket in scene.books.baskets)
    gross = (g.stale if partial else "") + text.money(g, portfolio.gross)
    second: Span = (f"  {text.factor(g, portfolio.hidden_leverage):>6}", TEXT)
    if _held(scene):
        second = (f"{text.gain(g, all_pnl(scene)):>8}", TEXT)
    right: list[Span] = [(f"{gross:>6}", STALE if partial else TEXT), second, (" " * 8, TEXT)]
    moved: list[Span] = [(f" {g.alert}", ALERT_INK)] if alerts.of_basket(scene, alerts.PORTFOLIO) else []
    return between([*moved, (" total" if _held(scene) else " total flat", DIM)], right, columns)


def _state(scene: Scene, basket: BasketView, fill: Role) -> list[Span]:
    """Return an alert's badge for the strip; other states stand in the list beside."""
    if basket.state is not BasketState.ALERT:
        return []
    shape, word, detail, ink = state_word(scene, basket)
    urgent = is_urgent(scene, basket)
    said = f"{shape} {word} {detail}".rstrip()
    return [(" ", DIM.on(fill)), (f" {said} " if urgent else said, badge(Role.ALERT) if urgent else ink.on(fill))]


def basket_panel(scene: Scene, basket: BasketView, columns: int, rows: int) -> list[Line]:
    """Return the selected basket over the whole width: its figures in the strip, then its assets (80x24)."""
    g = scene.glyphs
    fill, name_paint, label = strip_paints(scene, basket, selected=False)
    value = Paint(bg=fill) if fill is Role.RAISED else badge(fill)
    partial = is_partial(scene, basket)
    plan = " flat" if basket.planned else ""
    head: list[Span] = [(f" {clean(basket.name)}", name_paint), (f" {sides(basket)}{plan}", label)]
    head += _state(scene, basket, fill)
    result = pnl(scene, basket)
    if result is not None:
        head.append((f"  {result[0]}", label if fill is Role.ALERT else result[1].on(fill)))
    if basket.planned:
        head.append((f", opens at {text.money(g, opens_at(basket))}", label))
    gross: list[Span] = [
        ("gross ", label),
        ((g.stale if partial else "") + text.money(g, basket.gross), STALE.on(fill) if partial else value),
    ]
    net: list[Span] = [("  net ", label), (text.money(g, basket.net, signed=True), value)]
    hidden: list[Span] = [("  hidden ", label), (text.factor(g, basket.hidden_leverage), value)]
    mean = (
        on(rho_line(g, basket, label=False), fill)
        if fill is Role.RAISED
        else (("".join(piece for piece, _ in rho_line(g, basket, label=False)), value),)
    )
    tail: list[Span] = [*gross, *net, *hidden, ("  ", label), *mean, (" ", label)]
    for parts in ([*gross, *hidden, ("  ", label), *mean, (" ", label)], [*hidden, ("  ", label), *mean, (" ", label)]):
        if width(head) + width(tail) + 2 <= columns:
            break
        tail = parts
    lines = [strip_line(scene, head, tail, columns, fill)]
    body = asset_rows(scene, basket, columns - 2)
    if len(body) > rows - 1:
        body = [*body[: rows - 2], ((f"{g.ellipsis} {len(body) - rows + 2} more", DIM),)]
    return [*lines, *(sided(scene, basket, line, columns) for line in body)]
