"""Owns the blotter: the equity curve, open positions and who shares them, orders, fills; one list that scrolls.

Columns are dropped whole where the terminal is narrow. Numbers are the engine's; a position without a price says so.
"""

import math
from collections.abc import Sequence

from engine.domain.order import OrderState
from engine.domain.trade_views import BlotterView, FillView, OrderView, PositionView
from tui.cockpit import text
from tui.cockpit.glyphs import Glyphs, clean
from tui.cockpit.ink import ALERT_INK, BOLD, DIM, FAINT, STALE, TEXT, WATCH, Line, Paint, Role, Span, crop, pad, width
from tui.cockpit.panels.basket_card import strip_line
from tui.cockpit.panels.pairs import spark
from tui.cockpit.panels.review_legs import cells, heads, slip
from tui.cockpit.scene import Scene

WIDE_FROM = 100
_UNSETTLED = (OrderState.INTENT, OrderState.SENT, OrderState.OPEN, OrderState.PARTIAL, OrderState.UNKNOWN)


def blotter(scene: Scene, columns: int, rows: int) -> list[Line]:
    """Return the page: its strip stays, the rest scrolls."""
    body = _body(scene, columns)
    room = rows - 1
    first = min(scene.choice.scrolled, past(scene, columns, rows))
    shown = [pad(((" ", _ground(line)), *line), columns, _ground(line)) for line in body[first : first + room]]
    return [_strip(scene, columns, first + len(shown) < len(body)), *shown, *([()] * (room - len(shown)))]


def past(scene: Scene, columns: int, rows: int) -> int:
    """Return how far the page can be scrolled."""
    return max(0, len(_body(scene, columns)) - rows + 1)


def _ground(line: Line) -> Paint:
    return Paint(bg=next((paint.bg for _, paint in line if isinstance(paint, Paint)), Role.PANEL))


def _strip(scene: Scene, columns: int, more: bool) -> Line:
    seen = scene.deck.blotter
    label = DIM.on(Role.RAISED)
    open_ = sum(order.state in _UNSETTLED for order in seen.orders)
    left: list[Span] = [
        (" blotter", BOLD.on(Role.RAISED)),
        (f"   {len(seen.positions)} positions   {open_} open of {len(seen.orders)} orders", label),
    ]
    left.append((f"   {len(seen.fills)} fills", label))
    keys = f"tab {'further' if more else 'ends here'}   esc back " if more or scene.choice.scrolled else "esc back "
    right: list[Span] = [(keys, label)]
    return strip_line(scene, left if width(left) + len(keys) < columns else left[:-1], right, columns)


def _body(scene: Scene, columns: int) -> list[Line]:
    g, seen, inner = scene.glyphs, scene.deck.blotter, columns - 2
    wide = columns >= WIDE_FROM
    lines = _equity(g, seen, inner)
    lines += [(), _position_head(inner, wide=wide)]
    lines += [_position(g, one, inner, wide=wide) for one in seen.positions]
    lines += [_total(g, seen.positions, inner, wide=wide)] if seen.positions else [((" nothing is held", DIM),)]
    lines += [(), _order_head(inner, wide=wide)]
    ranked = sorted(seen.orders, key=lambda order: order.state not in _UNSETTLED)  # what is open stands first
    for order in ranked:
        lines += _order(g, order, inner, wide=wide)
    lines += [] if seen.orders else [((" no orders yet", DIM),)]
    lines += [(), _fill_head(inner, wide=wide)]
    lines += [_fill(g, fill, inner, wide=wide) for fill in seen.fills]
    return lines if seen.fills else [*lines, ((" no fills yet", DIM),)]


def _equity(g: Glyphs, seen: BlotterView, inner: int) -> list[Line]:
    """Return the equity at past checks as a sparkline between its lowest and highest."""
    values = [value for _, value in seen.equity if not math.isnan(value)]
    if len(values) < 2:
        return [(("equity   the curve begins with the second check", DIM),)]
    low, high = min(values), max(values)
    since = text.date(seen.equity[0][0])
    moved = text.change(g, values[-1] / values[0] - 1) if values[0] > 0 else g.dash
    ink = Paint(Role.GAIN) if moved.startswith(g.up) else Paint(Role.LOSS) if moved.startswith(g.down) else TEXT
    tail: list[Span] = [
        (f"  {text.money_full(g, values[-1])}", BOLD),
        (f" {moved}", ink),
        (f" since {since}", DIM),
        (f"   low {text.money_full(g, low)}  high {text.money_full(g, high)}", DIM),
    ]
    while width(tail) > inner // 2 and len(tail) > 1:
        tail.pop()
    room = inner - 9 - width(tail)
    course = [(value - low) / (high - low) if high > low else 0.5 for value in values]
    return [(("equity   ", DIM), (spark(g, course, room), FAINT), *tail)]


def _sizes(names: Sequence[tuple[str, int, int]], *, wide: bool) -> list[tuple[str, int]]:
    """Return the columns of one form; a size of 0 is not shown."""
    return [(name, size) for name, long, short in names if (size := long if wide else short)]


def _has_room(names: Sequence[tuple[str, int, int]], inner: int) -> bool:
    """Return whether the wide form leaves its last column the room of a basket's name, cut."""
    return inner - sum(abs(long) for _, long, _ in names[:-1]) >= _OWNER


_OWNER = 9  # the least that a basket's name is given

_POSITIONS = (
    ("positions", -11, -10),
    ("side", -6, -6),
    ("qty", 12, 11),
    ("average", 12, 10),
    ("mark", 12, 10),
    ("value", 11, 9),
    ("open p&l", 10, 9),
    ("liq", 8, 0),
    ("   basket", -40, -12),
)


def _position_head(inner: int, *, wide: bool) -> Line:
    return _table_head(_POSITIONS, inner, wide=wide)


def _table_head(names: Sequence[tuple[str, int, int]], inner: int, *, wide: bool) -> Line:
    """Return a head; the last column takes the rest of the row."""
    columns = _sizes(names, wide=wide and _has_room(names, inner))
    used = sum(abs(size) for _, size in columns[:-1])
    return heads([*columns[:-1], (columns[-1][0], -(inner - used))], inner)


def _row(
    g: Glyphs, names: Sequence[tuple[str, int, int]], said: Sequence[tuple[str, Paint]], inner: int, *, wide: bool
) -> Line:
    """Return a row whose last cell takes the rest, cut where it must be; a size of 0 is not shown."""
    wide = wide and _has_room(names, inner)
    sizes = [long if wide else short for _, long, short in names]
    sized = [(value, size, paint) for (value, paint), size in zip(said, sizes, strict=True) if size]
    used = sum(abs(size) for _, size, _ in sized[:-1])
    last, _, ink = sized[-1]
    fitting = "".join(part for part, _ in crop([(last, ink)], inner - used, g.ellipsis))
    return cells([*sized[:-1], (fitting, -(inner - used), ink)], inner)


def _gain(g: Glyphs, value: float) -> tuple[str, Paint]:
    said = text.gain(g, value)
    return said, Paint(Role.GAIN) if said.startswith(g.up) else Paint(Role.LOSS) if said.startswith(g.down) else TEXT


def _position(g: Glyphs, one: PositionView, inner: int, *, wide: bool) -> Line:
    short = one.quantity < 0
    mark = float(one.mark) if one.mark is not None else math.nan
    shared = "  ".join(f"{clean(name)} {text.signed(g, size, 8)}" for name, size in one.baskets)
    value, open_ = float(one.value), float(one.unrealized)
    partial = one.mark is None
    return _row(
        g,
        _POSITIONS,
        (
            (clean(one.asset)[:7], BOLD),
            ("short" if short else "long", Paint(Role.ACCENT) if short else DIM),
            (text.held(g, one.quantity), TEXT),
            (text.price(g, float(one.average_price)), TEXT),
            (text.price(g, mark), STALE if partial else TEXT),
            ((g.stale if partial else "") + text.money_full(g, value), STALE if partial else BOLD),
            _gain(g, open_),
            (text.share(g, one.liquidation_distance), DIM),
            (f"   {shared if wide else _owner([name for name, _ in one.baskets])}", DIM),
        ),
        inner,
        wide=wide,
    )


def _owner(names: Sequence[str]) -> str:
    """Return whose it is: a basket, or how many share it."""
    return clean(names[0]) if len(names) == 1 else f"{len(names)} baskets"


def _total(g: Glyphs, found: Sequence[PositionView], inner: int, *, wide: bool) -> Line:
    partial = any(one.mark is None for one in found)
    gross = sum(abs(float(one.value)) for one in found)
    blank = ("", TEXT)
    size = (g.stale if partial else "") + text.money_full(g, gross)
    open_ = _gain(g, sum(float(one.unrealized) for one in found))
    row = (("gross", DIM), blank, blank, blank, blank, (size, BOLD), open_, blank, blank)
    return _row(g, _POSITIONS, row, inner, wide=wide)


_ORDERS = (
    ("orders", 8, 7),
    ("asset", -7, -7),
    ("side", -6, -5),
    ("qty", 11, 10),
    ("filled", 11, 10),
    ("planned", 12, 0),
    ("average", 12, 10),
    ("slip", 8, 7),
    ("ms", 6, 0),
    ("   state", -15, -14),
    ("basket", -20, -_OWNER),
)


def _order_head(inner: int, *, wide: bool) -> Line:
    return _table_head(_ORDERS, inner, wide=wide)


def _order(g: Glyphs, order: OrderView, inner: int, *, wide: bool) -> list[Line]:
    bad = order.state in (OrderState.REJECTED, OrderState.CANCELED)
    ink = ALERT_INK if order.state is OrderState.UNKNOWN else WATCH if bad else DIM if order.state.over else TEXT
    average = float(order.average_price) if order.average_price is not None else math.nan
    mark = g.done if order.state is OrderState.FILLED else g.caution if ink in (ALERT_INK, WATCH) else g.info
    row = (
        (text.hour_minute(order.updated_ms), DIM),
        (clean(order.asset)[:6], BOLD),
        (str(order.side), DIM),
        (text.held(g, order.quantity, 9), TEXT),
        (text.held(g, order.filled, 9), TEXT),
        (text.price(g, float(order.price)), DIM),
        (text.price(g, average), TEXT),
        (slip(g, order.slippage_bps), TEXT),
        (g.dash if math.isnan(order.latency_ms) else f"{order.latency_ms:.0f}", DIM),
        (f"   {mark} {order.state}", ink),
        (_owner(order.baskets), DIM),
    )
    lines = [_row(g, _ORDERS, row, inner, wide=wide)]
    if order.note:
        sign = g.info if order.state is OrderState.FILLED else g.caution
        lines.append(crop([(" " * 8, TEXT), (f"{sign} {clean(order.note)}", ink)], inner, g.ellipsis))
    return lines


_FILLS = (
    ("fills", 8, 8),
    ("asset", -7, -7),
    ("side", -6, -5),
    ("qty", 11, 10),
    ("price", 12, 11),
    ("notional", 11, 10),
    ("fee", 9, 8),
    ("   basket", -19, -17),
    ("proposal", -20, 0),
)


def _fill_head(inner: int, *, wide: bool) -> Line:
    return _table_head(_FILLS, inner, wide=wide)


def _fill(g: Glyphs, fill: FillView, inner: int, *, wide: bool) -> Line:
    row = (
        (text.hour_minute(fill.at_ms), DIM),
        (clean(fill.asset)[:6], BOLD),
        (str(fill.side), DIM),
        (text.held(g, fill.quantity, 9), TEXT),
        (text.price(g, float(fill.price)), TEXT),
        (text.money_full(g, float(fill.quantity * fill.price)), TEXT),
        (f"{float(fill.fee):,.2f}", DIM),
        (f"   {clean(fill.basket)[:15]}", TEXT),
        (clean(fill.proposal), DIM),
    )
    return _row(g, _FILLS, row, inner, wide=wide)
