"""Owns the risk table of a review: basket and account before and after, side by side, the decisive rows first.

Rows that have no room are dropped from the bottom, whole. A change to the better is in the gain ink; one to the worse
keeps plain text: amber and red say something else here.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

from engine.domain.proposal import Proposal, RiskSummary
from tui.cockpit import text
from tui.cockpit.glyphs import Glyphs
from tui.cockpit.ink import BOLD, DIM, TEXT, Line, Paint, Role
from tui.cockpit.panels.review_legs import WIDE_FROM, Cell, cells, heads
from tui.cockpit.scene import Scene

_GAIN = Paint(Role.GAIN)
_SAME = 0.005


class _Row(NamedTuple):
    """A figure: its name, where it is, how it is printed, whether less is better, and whether it is what decides."""

    name: str
    of: Callable[[RiskSummary], float]
    shown: Callable[[Glyphs, float], str]
    less_is_better: bool = True
    points: bool = False  # its change is a difference in percent points, not a ratio
    decides: bool = False
    signed: bool = False  # it may be below zero, which is then less than zero: money paid


def _net(g: Glyphs, value: float) -> str:
    return text.amount(g, value, signed=True)


def _bets(g: Glyphs, value: float) -> str:
    return g.dash if math.isnan(value) else f"{value:.1f}"


def _carry(g: Glyphs, value: float) -> str:
    return g.dash if math.isnan(value) else text.dollars(g, value)


def rows_of(g: Glyphs) -> tuple[_Row, ...]:
    """Return the figures in the order in which a person judges."""
    return (
        _Row(f"loss at {g.rho} .95", lambda r: r.es95_rho95, text.amount, decides=True),
        _Row("gross", lambda r: r.gross, text.amount, decides=True),
        _Row("hidden leverage", lambda r: r.hidden_leverage, text.factor, decides=True),
        _Row("loss if hedge breaks", lambda r: r.es95_hedge_break, text.amount),
        _Row("net", lambda r: r.net, _net),
        _Row("loss, worst 5 % days", lambda r: r.es95_1d, text.amount),
        _Row("volatility a year", lambda r: r.vol_ann, text.decimals),
        _Row("nearest liquidation", lambda r: r.liquidation_distance, text.share, less_is_better=False, points=True),
        _Row("effective bets", lambda r: r.effective_bets, _bets, less_is_better=False),
        _Row("carry a day", lambda r: r.carry_day, _carry, less_is_better=False, signed=True),
    )


def _sizes(columns: int) -> tuple[int, int, int, int, int, int, int, int]:
    """Return the columns of before, arrow, after, change for the basket, then for the account."""
    return (10, 5, 8, 13, 12, 5, 8, 13) if columns >= WIDE_FROM else (8, 3, 7, 9, 9, 3, 7, 9)


def risk_head(columns: int) -> Line:
    """Return the table's head."""
    b, arrow, a, change, b2, arrow2, a2, change2 = _sizes(columns)
    names = [("risk", 0), ("basket", b), ("", arrow), ("after", a), ("", change)]
    return heads([*names, ("account", b2), ("", arrow2), ("after", a2), ("", change2)], columns)


def risk_rows(scene: Scene, proposal: Proposal, columns: int) -> list[Line]:
    """Return the figures and, last, the factor."""
    g, sizes = scene.glyphs, _sizes(columns)
    lines: list[Line] = []
    for row in rows_of(g):
        ink = BOLD if row.decides else TEXT
        line: list[Cell] = [(row.name, 0, BOLD if row.decides else DIM)]
        for at, (before, after) in enumerate(
            ((proposal.before, proposal.after), (proposal.account_before, proposal.account_after))
        ):
            was, now = row.of(before), row.of(after)
            said, paint = _change(g, row, was, now)
            wide = sizes[at * 4 : at * 4 + 4]
            line += [
                (row.shown(g, was), wide[0], TEXT),
                (f"{g.arrow:^{wide[1]}}", wide[1], DIM),
                (row.shown(g, now), wide[2], ink),
                (said, wide[3], paint),
            ]
        lines.append(cells(line, columns))
    lines.append(_factor(scene, proposal, columns))
    return lines


def _change(g: Glyphs, row: _Row, was: float, now: float) -> tuple[str, Paint]:
    """Return the change as text and its ink."""
    if math.isnan(was) or math.isnan(now) or (was == 0 and not row.points):
        return "", DIM
    moved = now - was if row.points else now / was - 1 if was > 0 or now * was > 0 else math.nan
    if row.signed:
        moved = (now - was) / abs(was)
    if math.isnan(moved):
        return "", DIM
    if abs(moved) < _SAME:
        return "same", DIM
    better = (now < was if row.signed else abs(now) < abs(was)) is row.less_is_better
    arrow = g.up if moved > 0 else g.down
    sign = "+" if moved > 0 else g.minus
    unit = "pp" if row.points else "%"
    size = abs(moved) * 100
    digits = f"{size:.0f}" if size < 999.5 else ">999"
    return f"{arrow} {sign}{digits}{unit}", _GAIN if better else TEXT


def _factor(scene: Scene, proposal: Proposal, columns: int) -> Line:
    """Return the share of the base exposure that is held, and what equal risk would have made of it."""
    g, sizes = scene.glyphs, _sizes(columns)
    basket = scene.deck.basket(proposal.basket)
    base = basket.notional if basket is not None else math.nan
    was = proposal.before.gross / base if base > 0 else math.nan
    line: list[Cell] = [
        ("factor of the base", 0, DIM),
        (text.rho(g, was), sizes[0], TEXT),
        (f"{g.arrow:^{sizes[1]}}", sizes[1], DIM),
        (text.rho(g, proposal.factor), sizes[2], TEXT),
        ("", sizes[3], DIM),
        ("equal risk", sum(sizes[4:6]), DIM),
        (text.rho(g, proposal.equal_risk_factor), sizes[6], TEXT),
        ("", sizes[7], DIM),
    ]
    return cells(line, columns)
