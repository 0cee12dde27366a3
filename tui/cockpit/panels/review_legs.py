"""Owns the tables of a review: what would be traded leg by leg, what is skipped, baskets that go together, execution.

Columns are dropped whole where the review is narrow, never clipped. Never decides: `review` lays the tables out.
"""

import math
from collections.abc import Sequence
from decimal import Decimal

from engine.domain.order import OrderState
from engine.domain.proposal import Proposal, ProposalLeg
from engine.domain.trade_views import OrderView
from tui.cockpit import text
from tui.cockpit.choice import Review
from tui.cockpit.glyphs import Glyphs, clean
from tui.cockpit.ink import ACCENT, ALERT_INK, BOLD, DIM, RULE, TEXT, WATCH, Line, Paint, Role, Span, between, crop
from tui.cockpit.scene import Scene

WIDE_FROM = 90
_STATE_INK = {
    OrderState.FILLED: DIM,
    OrderState.PARTIAL: TEXT,
    OrderState.UNKNOWN: ALERT_INK,
    OrderState.REJECTED: Paint(Role.WATCH, bold=True),
    OrderState.CANCELED: WATCH,
}
Cell = tuple[str, int, Paint]  # text, columns (negative: left aligned), paint


def cells(row: Sequence[Cell], columns: int) -> Line:
    """Return aligned cells; the first one takes what the others leave."""
    rest = sum(abs(wide) for _, wide, _ in row[1:])
    first: Cell = (row[0][0], -(columns - rest), row[0][2])
    return tuple((_set(said, wide), paint) for said, wide, paint in (first, *row[1:]))


def _set(said: str, wide: int) -> str:
    size = abs(wide)
    return f"{said[:size]:<{size}}" if wide < 0 else f"{said:>{size}}"


def heads(names: Sequence[tuple[str, int]], columns: int) -> Line:
    """Return a raised head row; the first name is the table's, bold."""
    label = DIM.on(Role.RAISED)
    row: list[Cell] = [(name, wide, label) for name, wide in names]
    row[0] = (names[0][0], names[0][1], BOLD.on(Role.RAISED))
    return cells(row, columns)


def leg_head(columns: int) -> Line:
    """Return the head of the leg table."""
    names = ("order", "qty", "price", "notional", "weight", "fee", "band")
    return heads([("legs", 0), *zip(names, _leg_sizes(columns), strict=False)], columns)


def _leg_sizes(columns: int) -> tuple[int, ...]:
    """Return the columns after the name; the narrow form has no price band."""
    return (-13, 12, 12, 12, 16, 10, 11) if columns >= WIDE_FROM else (-13, 10, 10, 10, 13, 8)


def leg_rows(scene: Scene, review: Review, columns: int, *, cursor: bool) -> list[Line]:
    """Return one row a leg, then one a skipped leg."""
    g, proposal = scene.glyphs, review.pinned[0]
    basket = scene.deck.basket(proposal.basket)
    notional = basket.notional if basket is not None else math.nan
    rows: list[Line] = []
    for place, leg in enumerate(proposal.legs):
        marked = cursor and place == review.leg % len(proposal.legs)
        rows.append(_leg(g, leg, notional, columns, marked=marked))
    for one in proposal.skipped:
        said: list[Span] = [(f"{clean(one.asset)[:6]:<8}", DIM), (f"not traded: {clean(one.why)}", DIM)]
        rows.append(crop(said, columns, g.ellipsis))
    return rows


def _leg(g: Glyphs, leg: ProposalLeg, notional: float, columns: int, *, marked: bool) -> Line:
    wide = columns >= WIDE_FROM
    verb = f"reduce {leg.side}" if leg.reduces else str(leg.side)
    price = float(leg.price)
    band = max(float(leg.high - leg.price), float(leg.price - leg.low)) / price if price > 0 else math.nan
    sizes = _leg_sizes(columns)
    row: list[Cell] = [
        (clean(leg.asset)[:6], 0, ACCENT if marked else BOLD),
        (verb, sizes[0], DIM if leg.reduces else TEXT),
        (text.held(g, leg.quantity, 9), sizes[1], TEXT),
        (text.price(g, price), sizes[2], TEXT),
        (text.money_full(g, float(leg.notional)), sizes[3], BOLD),
        (_weights(g, leg, notional), sizes[4], TEXT),
        (f"{float(leg.fee):,.2f}", sizes[5], DIM),
    ]
    if wide:
        row.append((f"{g.either}{band * 100:.2f}%" if not math.isnan(band) else g.dash, sizes[6], DIM))
    mark: Span = (g.edge if marked else " ", Paint(Role.ACCENT))
    return (*mark_off(cells(row, columns), mark),)


def mark_off(line: Line, mark: Span) -> Line:
    """Return a row whose mark stands in the margin before it: the caller's margin ends one column earlier."""
    return (mark, *line)


def _weights(g: Glyphs, leg: ProposalLeg, notional: float) -> str:
    if math.isnan(notional) or notional <= 0:
        return g.dash
    before, after = (abs(float(quantity * leg.price)) / notional for quantity in (leg.held, leg.target))
    return f"{text.rho(g, before)} {g.arrow} {text.rho(g, after)}"


def total_row(g: Glyphs, proposal: Proposal, columns: int) -> Line:
    """Return the totals: cost in money, basis points and share of a year's, notional, fee."""
    wide = columns >= WIDE_FROM
    cost, bps = proposal.cost, proposal.cost_bps
    traded = sum((leg.notional for leg in proposal.legs), Decimal(0))
    fees = sum((leg.fee for leg in proposal.legs), Decimal(0))
    share = proposal.cost_share_year
    year = "" if math.isnan(share) else f"  {share * 100:.0f} % of a year's cost"
    left: list[Span] = [
        ("cost ", DIM),
        (text.dollars(g, float(cost)), BOLD),
        ("" if math.isnan(bps) else f"  {bps:.1f} bps", TEXT),
        (year, DIM),
    ]
    sizes = (12, 16, 10, 11) if wide else (10, 13, 8, 0)
    right: list[Span] = [
        (f"{text.money_full(g, float(traded)):>{sizes[0]}}", BOLD),
        (" " * sizes[1], TEXT),
        (f"{float(fees):>{sizes[2]},.2f}", TEXT),
        (" " * sizes[3], TEXT),
    ]
    return between(left, right, columns)


def basket_head(columns: int) -> Line:
    """Return the head of the table of baskets that are decided together."""
    return heads([("baskets", 0), ("does", -18), ("orders", 8), *_MONEY[columns >= WIDE_FROM]], columns)


_MONEY: dict[bool, list[tuple[str, int]]] = {
    True: [("notional", 14), ("gross", 20), ("cost", 11)],
    False: [("notional", 11), ("gross", 15), ("cost", 9)],
}


def basket_rows(g: Glyphs, review: Review, columns: int, *, does: Sequence[str]) -> list[Line]:
    """Return one row a proposal."""
    sizes = [size for _, size in _MONEY[columns >= WIDE_FROM]]
    rows: list[Line] = []
    for place, (proposal, said) in enumerate(zip(review.pinned, does, strict=True)):
        marked = place == review.leg % len(review.pinned)
        traded = sum(float(leg.notional) for leg in proposal.legs)
        gross = f"{text.amount(g, proposal.before.gross)} {g.arrow} {text.amount(g, proposal.after.gross)}"
        row: list[Cell] = [
            (clean(proposal.basket), 0, ACCENT if marked else BOLD),
            (said, -18, TEXT),
            (str(len(proposal.legs)), 8, TEXT),
            (text.money_full(g, traded), sizes[0], BOLD),
            (gross, sizes[1], TEXT),
            (text.dollars(g, float(proposal.cost)), sizes[2], TEXT),
        ]
        rows.append(mark_off(cells(row, columns), (g.edge if marked else " ", Paint(Role.ACCENT))))
    return rows


def basket_total(g: Glyphs, pinned: Sequence[Proposal], columns: int) -> Line:
    """Return what the baskets come to together."""
    sizes = [size for _, size in _MONEY[columns >= WIDE_FROM]]
    traded = sum(float(leg.notional) for one in pinned for leg in one.legs)
    before, after = sum(one.before.gross for one in pinned), sum(one.after.gross for one in pinned)
    row: list[Cell] = [
        ("together", 0, DIM),
        ("", -18, TEXT),
        (str(sum(len(one.legs) for one in pinned)), 8, TEXT),
        (text.money_full(g, traded), sizes[0], BOLD),
        (f"{text.amount(g, before)} {g.arrow} {text.amount(g, after)}", sizes[1], BOLD),
        (text.dollars(g, sum(float(one.cost) for one in pinned)), sizes[2], BOLD),
    ]
    return cells(row, columns)


def order_head(columns: int) -> Line:
    """Return the head of the execution table."""
    wide = columns >= WIDE_FROM
    sizes = (-6, 12, 12, 13, 13, 10) if wide else (-6, 10, 10, 11, 11, 7)
    names = ("side", "qty", "filled", "planned", "average", "slip")
    return heads(
        [("execution" if wide else "orders", 0), *zip(names, sizes, strict=True), ("   state", -(14 if wide else 13))],
        columns,
    )


def order_rows(g: Glyphs, found: Sequence[OrderView], columns: int) -> list[Line]:
    """Return one row an order of the execution, and under it why it did not go as planned."""
    wide = columns >= WIDE_FROM
    sizes = (-6, 12, 12, 13, 13, 10, -14) if wide else (-6, 10, 10, 11, 11, 7, -13)
    rows: list[Line] = []
    for order in found:
        ink = _STATE_INK.get(order.state, TEXT)
        average = float(order.average_price) if order.average_price is not None else math.nan
        row: list[Cell] = [
            (clean(order.asset)[:6], 0, BOLD),
            (str(order.side), sizes[0], DIM),
            (text.held(g, order.quantity, 9), sizes[1], TEXT),
            (text.held(g, order.filled, 9), sizes[2], TEXT),
            (text.price(g, float(order.price)), sizes[3], DIM),
            (text.price(g, average), sizes[4], TEXT),
            (slip(g, order.slippage_bps), sizes[5], TEXT),
            (f"   {_mark(g, order.state)} {order.state}", sizes[6], ink),
        ]
        rows.append(mark_off(cells(row, columns), (" ", TEXT)))
        if order.note:
            sign = g.info if order.state is OrderState.FILLED else g.caution
            rows.append(crop([(" " * 8, TEXT), (f"{sign} {clean(order.note)}", ink)], columns, g.ellipsis))
    return rows


def slip(g: Glyphs, bps: float) -> str:
    """Return slippage against the planned price in basis points, positive is worse: `+1.2`."""
    if math.isnan(bps):
        return g.dash
    return f"{bps:+.{1 if abs(bps) < 999.95 else 0}f}".replace("-", g.minus)


def _mark(g: Glyphs, state: OrderState) -> str:
    if state is OrderState.FILLED:
        return g.done
    return g.caution if state in (OrderState.UNKNOWN, OrderState.REJECTED, OrderState.CANCELED) else g.info


def rule(g: Glyphs, columns: int) -> Line:
    """Return a thin rule over the content."""
    return ((g.rule * columns, RULE),)
