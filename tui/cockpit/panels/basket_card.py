"""Owns a basket's card: the strip with its state, up to five asset rows, and the two footer rows (LOOK 2, 7).

Attention is graded by area: WATCH is text, ALERT a badge and a bar down the side, PROPOSAL the whole strip. A basket
that holds nothing is dim, says `flat` and what it would open at.
"""

import math

from engine.domain.basket import Side
from engine.domain.views import BasketState, BasketView
from tui.cockpit import alerts, reviews, text
from tui.cockpit.alerts import Seen
from tui.cockpit.glyphs import Glyphs, clean
from tui.cockpit.ink import (
    ALERT_INK,
    BOLD,
    DIM,
    STALE,
    TEXT,
    WATCH,
    Line,
    Paint,
    Role,
    Span,
    badge,
    between,
    crop,
    pad,
    width,
)
from tui.cockpit.panels.basket_rows import asset_rows
from tui.cockpit.scene import Scene

URGENT = (BasketState.ALERT, BasketState.PROPOSAL)
EDGE = Paint(Role.ALERT)  # the bar down the side has the color of the fill, not of amber text
_FOOTER_ROWS = 2


def sides(basket: BasketView) -> str:
    """Return `long`, `short` or `long/short`."""
    held = {asset.side for asset in basket.assets}
    if len(held) > 1:
        return "long/short"
    return "short" if held == {Side.SHORT} else "long"


def is_calm(scene: Scene, basket: BasketView) -> bool:
    """Return whether somebody has dealt with the basket's alert: it keeps its words and loses its fill."""
    alert = alerts.of_basket(scene, basket.name) if basket.state is BasketState.ALERT else None
    return alerts.seen(scene, alert) is not Seen.NO


def is_urgent(scene: Scene, basket: BasketView) -> bool:
    """Return whether the basket asks for an answer now: it has the bar down its side."""
    return basket.state in URGENT and not is_calm(scene, basket)


def state_word(scene: Scene, basket: BasketView) -> tuple[str, str, str, Paint]:
    """Return shape, word, detail and ink of a basket's state."""
    g = scene.glyphs
    shape, word, ink = {
        BasketState.PROPOSAL: (g.proposal, "PROPOSAL", ALERT_INK),
        BasketState.ALERT: (g.alert, "ALERT", ALERT_INK),
        BasketState.WATCH: (g.watch, "WATCH", Paint(Role.WATCH, bold=True)),
        BasketState.NO_DATA: (g.info, "NO DATA", DIM),
        BasketState.FROZEN: (g.stale, "FROZEN", STALE),
        BasketState.FLAT: (g.info, "FLAT", DIM),
        BasketState.OK: (g.info, "OK", DIM),
    }[basket.state]
    count = len(basket.watching)
    detail = f"{count} pair{'s' if count != 1 else ''}" if basket.state is BasketState.WATCH else ""
    alert = alerts.of_basket(scene, basket.name) if basket.state is BasketState.ALERT else None
    if alert is not None:
        detail = f"{alerts.age(scene, alert)} {alerts.mark(g, alerts.seen(scene, alert))}".rstrip()
    waiting = reviews.of_basket(scene, basket.name) if basket.state is BasketState.PROPOSAL else None
    if waiting is not None:
        detail = text.minutes(g, reviews.left(scene, waiting))
    return shape, word, detail, ink


def card(scene: Scene, basket: BasketView, columns: int, rows: int, *, selected: bool) -> list[Line]:
    """Return the card's lines, exactly `columns` wide."""
    inner = columns - 2
    body = asset_rows(scene, basket, inner)
    room = rows - 1 - _FOOTER_ROWS
    if len(body) > room:
        hidden = len(body) - room + 1
        body = [*body[: room - 1], ((f"{scene.glyphs.ellipsis} {hidden} more", DIM),)]
    body += [()] * (room - len(body))
    lines = [_strip(scene, basket, columns, selected=selected)]
    lines += [sided(scene, basket, line, columns) for line in (*body, *_footer(scene, basket, inner))]
    return lines[:rows]


def sided(scene: Scene, basket: BasketView, line: Line, columns: int) -> Line:
    edge = (scene.glyphs.edge, EDGE) if is_urgent(scene, basket) else (" ", TEXT)
    return pad((edge, *line), columns)


def strip_paints(scene: Scene, basket: BasketView, *, selected: bool) -> tuple[Role, Paint, Paint]:
    """Return the fill of a basket's strip and the paints of its name and its labels."""
    if basket.state is BasketState.PROPOSAL:
        return Role.ALERT, badge(Role.ALERT), Paint(Role.INK, Role.ALERT)
    name = ALERT_INK if basket.state is BasketState.ALERT and is_urgent(scene, basket) else BOLD
    return Role.RAISED, badge(Role.SEL) if selected else name.on(Role.RAISED), DIM.on(Role.RAISED)


def _strip(scene: Scene, basket: BasketView, columns: int, *, selected: bool) -> Line:
    fill, name_paint, label = strip_paints(scene, basket, selected=selected)
    name = clean(basket.name)
    kind, result = f" {sides(basket)}", pnl(scene, basket)
    plan = f" {result[0]}" if result else ""
    shape, word, detail, ink = state_word(scene, basket)
    short = detail.split(" ", maxsplit=1)[0]
    for kind_text, state in (
        (kind, f"{shape} {word} {detail}"),
        (kind, f"{shape} {word} {short}"),
        ("", f"{shape} {word} {detail}"),
        ("", f"{shape} {word} {short}"),
        ("", f"{shape} {short}"),
        ("", shape),
    ):
        if 4 + len(name) + len(kind_text) + len(plan) + len(state.rstrip()) <= columns:
            break
    lead = " " if not (selected and fill is Role.RAISED) else ""
    if selected and lead:
        lead = scene.glyphs.focus  # the fill of a proposal leaves no room for that of the selection
    head: list[Span] = [(lead, label), (name if lead else f" {name} ", name_paint)]
    head.append((kind_text if lead else kind_text.removeprefix(" "), label))
    if result:
        gap = "" if not kind_text and not lead else " "
        head.append((gap + result[0], label if fill is Role.ALERT else result[1].on(fill)))
    state = state.rstrip()
    if basket.state is BasketState.ALERT and is_urgent(scene, basket):
        tail: list[Span] = [(f" {state} ", badge(Role.ALERT))]
    elif fill is Role.ALERT:
        tail = [(f"{state} ", badge(Role.ALERT))]
    else:
        tail = [(state, ink.on(fill)), (" ", label)]
    return strip_line(scene, head, tail, columns, fill)


def pnl(scene: Scene, basket: BasketView) -> tuple[str, Paint] | None:
    """Return a basket's profit or loss with arrow, sign and ink; None where nothing is held or known."""
    if basket.planned or math.isnan(basket.pnl):
        return None
    g = scene.glyphs
    said = text.gain(g, basket.pnl)
    ink = Role.GAIN if said.startswith(g.up) else Role.LOSS if said.startswith(g.down) else Role.TEXT
    old = is_partial(scene, basket)
    return (g.stale + said, STALE) if old else (said, Paint(ink))


def is_partial(scene: Scene, basket: BasketView) -> bool:
    """Return whether a basket's totals rest on a price that is missing or too old."""
    return basket.partial or (not basket.planned and bool(scene.stale_assets(basket)))


def opens_at(basket: BasketView) -> float:
    """Return the gross that a flat basket would open at, NaN where that is not known."""
    return sum(abs(asset.target_weight) for asset in basket.assets) * basket.notional


def strip_line(scene: Scene, left: list[Span], right: list[Span], columns: int, fill: Role = Role.RAISED) -> Line:
    """Return a header strip. Where strips have no fill of their own a rule runs between title and right part."""
    if scene.theme.flat and fill is Role.RAISED:
        room = columns - width(left) - width(right)
        if room >= 4:
            rule = (scene.glyphs.rule * (room - 2), Paint(Role.LINE, fill))
            return (*left, (" ", DIM.on(fill)), rule, (" ", DIM.on(fill)), *right)
    return between(left, right, columns, Paint(bg=fill) if fill is Role.RAISED else badge(fill))


def _footer(scene: Scene, basket: BasketView, inner: int) -> tuple[Line, Line]:
    g = scene.glyphs
    partial = is_partial(scene, basket)
    gross = (g.stale if partial else "") + text.money(g, basket.gross)
    if basket.flag:
        flag = crop([(f"{g.caution} {clean(basket.flag)}", Paint(Role.WATCH, bold=True))], inner, g.ellipsis)
        return flag, between(rho_line(g, basket), drift_of(g, basket), inner)
    left: list[Span] = [
        ("gross ", DIM),
        (f"{gross:>5}", STALE if partial else TEXT),
        (" net ", DIM),
        (f"{text.money(g, basket.net, signed=True):>6}", TEXT),
    ]
    if basket.planned:
        left = [("opens at ", DIM), (text.money(g, opens_at(basket)), DIM), (" of ", DIM)]
        left.append((text.money(g, basket.notional), DIM))
    hidden: list[Span] = [("hidden ", DIM), (f"{text.factor(g, basket.hidden_leverage):>5}", BOLD)]
    return between(left, hidden, inner), between(rho_line(g, basket), drift_of(g, basket), inner)


def rho_line(g: Glyphs, basket: BasketView, *, label: bool = True) -> list[Span]:
    """Return the mean correlations over the plain windows; the shortest is bold."""
    days = sorted(basket.mean_rho, key=int)
    spans: list[Span] = [(f"{g.rho} {g.dot.join(days)}" if label else g.rho, DIM)]
    for position, day in enumerate(days):
        value = basket.mean_rho[day]
        spans.append((" " + text.rho(g, value), BOLD if position == 0 and not math.isnan(value) else TEXT))
    return spans


def drift_of(g: Glyphs, basket: BasketView) -> list[Span]:
    """Return the basket's shift, inked by its state."""
    ink = ALERT_INK if basket.state in URGENT else WATCH if basket.state is BasketState.WATCH else TEXT
    return [("drift ", DIM), (f"{text.delta(g, basket.shift):>4}", ink)]
