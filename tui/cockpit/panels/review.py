"""Owns the review of a proposal as one overlay: strip, headline, time, cause, tables, what forbids it, the buttons.

The eye finds first what is cut, what it costs and what the stress loss becomes. Numbers are the pinned ones; only time
left, state and execution are the engine's of now. What has no room goes to a second page, whole. Never decides.
"""

import math
from collections.abc import Sequence

from engine.domain.proposal import ProposalState
from engine.domain.units import SECOND_MS
from tui.cockpit import reviews, text
from tui.cockpit.choice import Review
from tui.cockpit.glyphs import UNICODE, clean
from tui.cockpit.ink import (
    ALERT_INK,
    BOLD,
    DIM,
    RULE,
    TEXT,
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
from tui.cockpit.panels.basket_card import strip_line
from tui.cockpit.panels.review_foot import foot
from tui.cockpit.panels.review_legs import (
    basket_head,
    basket_rows,
    basket_total,
    leg_head,
    leg_rows,
    order_head,
    order_rows,
    total_row,
)
from tui.cockpit.panels.review_risk import risk_head, risk_rows
from tui.cockpit.panels.wrapped import wrapped
from tui.cockpit.scene import Scene

COLUMNS, MOST_ROWS, AIRY = 102, 34, 28
_WATCH_INK = Paint(Role.WATCH, bold=True)
_MARGIN, _NARROW_MARGIN = 3, 2
_OVER = (ProposalState.DONE, ProposalState.PARTIAL, ProposalState.FAILED)


def size(columns: int, rows: int) -> tuple[int, int]:
    """Return columns and rows of the overlay on a screen: all of a small one but its first three rows and the keys."""
    if columns < 100 or rows < 36:
        return columns, rows - 4
    return COLUMNS, min(MOST_ROWS, rows - 11)


def review(scene: Scene, pinned: Review, columns: int, rows: int) -> list[Line]:
    """Return the overlay, exactly `rows` lines."""
    margin = _MARGIN if columns >= COLUMNS else _NARROW_MARGIN
    inner = columns - 2 * margin
    below = foot(scene, pinned, columns, margin)
    head = [_strip(scene, pinned, columns), *([()] * (rows > AIRY))]
    head += [_inset(line, columns, margin) for line in _headline(scene, pinned, inner)]
    room = rows - len(head) - len(below)
    body, pages = _page(scene, pinned, inner, room, airy=rows >= AIRY)
    lines = [*head, *(_inset(line, columns, margin) for line in body)]
    lines += [()] * (rows - len(lines) - len(below))
    if pages > 1:
        below = foot(scene, pinned, columns, margin, page=(pinned.page % pages + 1, pages))
    return [pad(line, columns) for line in [*lines[: rows - len(below)], *below]]


def _inset(line: Line, columns: int, margin: int) -> Line:
    """Return a content row between margins; a raised row fills them, a row's own mark stands in the left one."""
    fill = next((paint.bg for _, paint in line if isinstance(paint, Paint)), Role.PANEL)
    blank = Paint(bg=fill)
    lead = margin - max(0, width(line) - (columns - 2 * margin))
    return pad(((" " * lead, blank), *line), columns, blank)


def _strip(scene: Scene, pinned: Review, columns: int) -> Line:
    g, health = scene.glyphs, scene.health
    first = pinned.pinned[0]
    calm = reviews.under_way(scene, pinned)
    fill = Role.RAISED if calm else Role.ALERT
    strong, plain = (BOLD.on(fill), DIM.on(fill)) if calm else (badge(fill), Paint(Role.INK, fill))
    together = len(pinned.pinned) > 1
    word = "EXECUTION" if calm else "PROPOSAL"
    name = f"{len(pinned.pinned)} baskets" if together else clean(first.basket)
    kind = "flatten" if together else str(first.kind)
    left: list[Span] = [(f"  {g.proposal} {word}  {name} ", strong), (f"  {kind}", strong)]
    if not together:
        left.append((f"   {clean(first.id)}", plain))
    right: list[Span] = []
    if health is not None:
        live = health.mode == "live"
        right.append((f" {health.mode.upper()} ", badge(Role.LIVE if live else Role.PAPER)))
        if health.market != "real":
            right.append((f" {health.market.upper()} ", badge(Role.SIM)))
    made = f"   made {text.clock(first.created_at)} "
    right.append((made if columns >= COLUMNS else "  ", plain))
    return strip_line(scene, left, right, columns, fill)


def _headline(scene: Scene, pinned: Review, inner: int) -> list[Line]:
    """Return what it does, its cost, the stress loss, the time left; and the time as a bar under it."""
    if reviews.under_way(scene, pinned):
        return _progress(scene, pinned, inner)
    g, first = scene.glyphs, pinned.pinned[0]
    cost = sum(float(one.cost) for one in pinned.pinned)
    said: list[Span]
    if len(pinned.pinned) > 1:
        said = [(f"close {len(pinned.pinned)} baskets", BOLD)]
    else:
        said = [(reviews.headline(g, first), BOLD)]
    said += [("   cost ", DIM), (text.dollars(g, cost), BOLD)]
    if len(pinned.pinned) == 1:
        said += [(f"   loss at {g.rho} .95 ", DIM), (reviews.stress(g, first), BOLD)]
    seconds = reviews.shortest_left(scene, pinned)
    whole = first.valid_ms / SECOND_MS
    if math.isnan(seconds):
        clock: list[Span] = [(g.dash, DIM)]
    else:
        gone = seconds <= 0
        clock = [("expired" if gone else f"{text.countdown(g, seconds * SECOND_MS)} left", BOLD if not gone else DIM)]
    share = 0.0 if math.isnan(seconds) or whole <= 0 else min(1.0, max(0.0, seconds / whole))
    full = round(share * inner)
    bar: Line = ((g.weight * full, Paint(Role.ALERT)), (g.track * (inner - full), RULE))
    return [between(said, clock, inner), bar]


def _progress(scene: Scene, pinned: Review, inner: int) -> list[Line]:
    """Return how far the execution is, and the same as a bar."""
    g = scene.glyphs
    found = reviews.orders(scene, pinned)
    done = sum(order.state.over for order in found)
    view = reviews.find(scene, pinned.ids[0])
    state = str(view.state) if view is not None else g.dash
    over = view is not None and view.state in _OVER
    ink = BOLD if not over or (view is not None and view.state is ProposalState.DONE) else ALERT_INK
    said: list[Span] = [(state, ink), (f"   {done} of {len(found)} orders over", DIM)]
    if view is not None and view.decided_by:
        said.append((f"   approved by {clean(view.decided_by)}", DIM))
    worst = [order.slippage_bps for order in found if not math.isnan(order.slippage_bps)]
    mean = sum(worst) / len(worst) if worst else math.nan
    right: list[Span] = (
        [] if math.isnan(mean) else [("slippage ", DIM), (f"{mean:+.1f} bps".replace("-", g.minus), BOLD)]
    )
    full = round(done / len(found) * inner) if found else 0
    bar: Line = ((g.weight * full, TEXT), (g.track * (inner - full), RULE))
    lines = [between(crop(said, inner - width(right) - 2, g.ellipsis), right, inner), bar]
    why = clean(view.ended_why) if view is not None and view.ended_why else ""
    return [*lines, crop([(f"{g.caution} {why}", ALERT_INK)], inner, g.ellipsis)] if why else lines


def _cause(scene: Scene, pinned: Review, inner: int, most: int) -> list[Line]:
    if len(pinned.pinned) > 1:
        said = "reduce-only, together, netted where baskets share a position; one key for all of them"
    else:
        reason = pinned.pinned[0].reason.replace(UNICODE.dot, scene.glyphs.dot)  # between the assets of a pair
        said = clean(reason) or "no reason was given"
    parts = wrapped(said, inner - 8)
    if len(parts) > most:
        parts = [*parts[: most - 1], parts[most - 1][: inner - 9] + scene.glyphs.ellipsis]
    return [((f"{'' if at else 'cause':<8}", DIM), (part, TEXT)) for at, part in enumerate(parts)]


def _warnings(scene: Scene, pinned: Review, inner: int) -> list[Line]:
    g = scene.glyphs
    lines: list[Line] = []
    for one in pinned.pinned:
        for said in one.warnings:
            parts = wrapped(clean(said), inner - 2)
            lines += [((f"{'' if at else g.caution:<2}", _WATCH_INK), (part, TEXT)) for at, part in enumerate(parts)]
    return lines


def _page(scene: Scene, pinned: Review, inner: int, room: int, *, airy: bool) -> tuple[list[Line], int]:
    """Return the rows of the page shown, and how many pages there are; gaps give way before a number does."""
    if reviews.under_way(scene, pinned):
        found = reviews.orders(scene, pinned)
        blocks = [[order_head(inner), *order_rows(scene.glyphs, found, inner)], _risk(scene, pinned, inner)]
    else:
        cause = _cause(scene, pinned, inner, 2 if airy else 1)
        blocks = [cause, [*_table(scene, pinned, inner), *_warnings(scene, pinned, inner)], _risk(scene, pinned, inner)]
    blocks = [block for block in blocks if block]
    spare = room - sum(len(block) for block in blocks)
    gaps = max(0, min(len(blocks) - 1, spare)) if airy else 0
    spaced = [[*block, *([()] * (len(blocks) - 1 - gaps <= at < len(blocks) - 1))] for at, block in enumerate(blocks)]
    return _fit(spaced, room, pinned.page)


def _table(scene: Scene, pinned: Review, inner: int) -> list[Line]:
    g = scene.glyphs
    if len(pinned.pinned) > 1:
        does = [reviews.headline(g, one) for one in pinned.pinned]
        total = basket_total(g, pinned.pinned, inner)
        return [basket_head(inner), *basket_rows(g, pinned, inner, does=does), total]
    total = total_row(g, pinned.pinned[0], inner)
    return [leg_head(inner), *leg_rows(scene, pinned, inner, cursor=True), total]


def _risk(scene: Scene, pinned: Review, inner: int) -> list[Line]:
    if len(pinned.pinned) > 1:
        return []
    return [risk_head(inner), *risk_rows(scene, pinned.pinned[0], inner)]


def _fit(blocks: Sequence[list[Line]], room: int, page: int) -> tuple[list[Line], int]:
    """Return one page of blocks that follow each other; what the first page cannot hold stands on the next."""
    rows = [line for block in blocks for line in block]
    if len(rows) <= room or room <= 0:
        return rows, 1
    first, rest = rows[:room], rows[room:]
    if len(rest) < len(blocks[-1]):
        rest = [*blocks[-1][:1], *rest]  # the last table goes on under its head
    pages = 1 + -(-len(rest) // room)
    at = page % pages
    return first if at == 0 else rest[(at - 1) * room : at * room], pages
