"""Owns the book table of the wide layout: gross, net, volatility and hidden leverage per basket, and the account."""

import math

from engine.domain.views import BasketState, BasketView
from tui.cockpit import text
from tui.cockpit.glyphs import clean
from tui.cockpit.ink import ALERT_INK, BOLD, DIM, RULE, STALE, TEXT, Line, Role, Span, between
from tui.cockpit.panels.basket_card import strip_line
from tui.cockpit.scene import Scene

_HEADS = f"{'gross':>7}{'net':>8}{'vol':>6}{'hidden':>8} "


def book(scene: Scene, columns: int, rows: int) -> list[Line]:
    """Return the table, then the account's figures."""
    g, portfolio = scene.glyphs, scene.books.portfolio
    label = DIM.on(Role.RAISED)
    planned = any(basket.planned for basket in scene.books.baskets)
    title: list[Span] = [(" book", BOLD.on(Role.RAISED)), (" planned" if planned else "", label)]
    lines = [strip_line(scene, title, [(_HEADS, label)], columns)]
    facts = _facts(scene)
    room = max(1, rows - 3 - len(facts) - 1)
    lines += [_row(scene, basket, columns) for basket in scene.books.baskets[:room]]
    lines.append(((f" {g.rule * (columns - 2)}", RULE),))
    partial = any(scene.stale_assets(basket) for basket in scene.books.baskets)
    gross = (g.stale if partial else "") + text.money(g, portfolio.gross)
    figures: list[Span] = [
        (f"{gross:>7}", STALE if partial else TEXT),
        (f"{text.money(g, portfolio.net, signed=True):>8}", TEXT),
        (f"{text.decimals(g, portfolio.vol_ann):>6}", TEXT),
        (f"{text.factor(g, portfolio.hidden_leverage):>8} ", BOLD),
    ]
    lines.append(between([(" all", BOLD)], figures, columns))
    lines.append(())
    return [*lines, *(between([(f" {name}", DIM)], [(f"{value} ", TEXT)], columns) for name, value in facts)][:rows]


def _row(scene: Scene, basket: BasketView, columns: int) -> Line:
    g = scene.glyphs
    partial = bool(scene.stale_assets(basket))
    gross = (g.stale if partial else "") + text.money(g, basket.gross)
    ink = ALERT_INK if basket.state in (BasketState.ALERT, BasketState.PROPOSAL) else TEXT
    figures: list[Span] = [
        (f"{gross:>7}", STALE if partial else TEXT),
        (f"{text.money(g, basket.net, signed=True):>8}", TEXT),
        (f"{text.decimals(g, basket.vol_ann):>6}", TEXT),
        (f"{text.factor(g, basket.hidden_leverage):>8} ", ink),
    ]
    return between([(f" {clean(basket.name)}", TEXT)], figures, columns)


def _facts(scene: Scene) -> list[tuple[str, str]]:
    g, portfolio = scene.glyphs, scene.books.portfolio
    bets = g.dash if math.isnan(portfolio.effective_bets) else f"{portfolio.effective_bets:.1f}"
    return [
        ("effective bets, whole book", bets),
        ("expected loss, worst 5 % of days", text.money(g, portfolio.es95_1d)),
        (f"the same with every {g.rho} at .95", text.money(g, portfolio.es95_1d_rho95)),
    ]
