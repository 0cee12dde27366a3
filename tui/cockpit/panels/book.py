"""Owns the book table of the wide layout: gross, net, p&l and hidden leverage per basket, and the account."""

import math

from engine.domain.views import BasketState, BasketView
from tui.cockpit import text
from tui.cockpit.glyphs import Glyphs, clean
from tui.cockpit.ink import ALERT_INK, BOLD, DIM, RULE, STALE, TEXT, Line, Role, Span, between
from tui.cockpit.layout import Panel
from tui.cockpit.panels.basket_card import drift_of, is_partial, pnl, strip_line
from tui.cockpit.panels.basket_list import all_pnl
from tui.cockpit.panels.focus import title
from tui.cockpit.scene import Scene

_MONEY = f"{'gross':>7}{'net':>8}{'p&l':>9}{'hidden':>8} "
_MOVED = f"{'base':>7}{'now':>7}{'shift':>8}{'vol':>7}"
_MOVED_FROM = 90


def book(scene: Scene, columns: int, rows: int) -> list[Line]:
    """Return the table, then the account's figures."""
    g, portfolio = scene.glyphs, scene.books.portfolio
    label = DIM.on(Role.RAISED)
    flat = all(basket.planned for basket in scene.books.baskets)
    named: list[Span] = [*title(scene, Panel.BOOK, "book"), (" flat" if flat else "", label)]
    lines = [strip_line(scene, named, [((_MOVED if columns >= _MOVED_FROM else "") + _MONEY, label)], columns)]
    facts = _facts(scene)
    room = max(1, rows - 3 - len(facts) - 1)
    lines += [_row(scene, basket, columns) for basket in scene.books.baskets[:room]]
    lines.append(((f" {g.rule * (columns - 2)}", RULE),))
    partial = any(is_partial(scene, basket) for basket in scene.books.baskets)
    gross = (g.stale if partial else "") + text.money(g, portfolio.gross)
    figures: list[Span] = [
        (f"{gross:>7}", STALE if partial else TEXT),
        (f"{text.money(g, portfolio.net, signed=True):>8}", TEXT),
        (f"{text.gain(g, all_pnl(scene)):>9}", TEXT),
        (f"{text.factor(g, portfolio.hidden_leverage):>8} ", BOLD),
    ]
    lines.append(between([(" all", BOLD)], figures, columns))
    lines.append(())
    return [*lines, *(between([(f" {name}", DIM)], [(f"{value} ", TEXT)], columns) for name, value in facts)][:rows]


def _row(scene: Scene, basket: BasketView, columns: int) -> Line:
    g = scene.glyphs
    partial = is_partial(scene, basket)
    result = pnl(scene, basket)
    gross = (g.stale if partial else "") + text.money(g, basket.gross)
    ink = ALERT_INK if basket.state in (BasketState.ALERT, BasketState.PROPOSAL) else TEXT
    figures: list[Span] = [
        *(_moved(g, basket) if columns >= _MOVED_FROM else []),
        (f"{gross:>7}", STALE if partial else TEXT),
        (f"{text.money(g, basket.net, signed=True):>8}", TEXT),
        (f"{result[0]:>9}", result[1]) if result else (f"{'flat' if basket.planned else g.dash:>9}", DIM),
        (f"{text.factor(g, basket.hidden_leverage):>8} ", ink),
    ]
    return between([(f" {clean(basket.name)}", TEXT)], figures, columns)


def _moved(g: Glyphs, basket: BasketView) -> list[Span]:
    """Return how a basket's pairs move together, for a table that is wide enough."""
    return [
        (f"{text.rho(g, basket.mean_rho_base):>7}", DIM),
        (f"{text.rho(g, basket.mean_rho_now):>7}", TEXT),
        (f"{text.delta(g, basket.shift):>8}", drift_of(g, basket)[1][1]),
        (f"{text.decimals(g, basket.vol_ann):>7}", DIM),
    ]


def _facts(scene: Scene) -> list[tuple[str, str]]:
    g, portfolio = scene.glyphs, scene.books.portfolio
    bets = g.dash if math.isnan(portfolio.effective_bets) else f"{portfolio.effective_bets:.1f}"
    return [
        ("volatility a year, whole book", text.decimals(g, portfolio.vol_ann)),
        ("effective bets", bets),
        ("expected loss, worst 5 % of days", text.money(g, portfolio.es95_1d)),
        (f"the same with every {g.rho} at .95", text.money(g, portfolio.es95_1d_rho95)),
    ]
