"""Owns the detail view of one alert: its evidence in words and numbers, and the courses behind it.

Two charts: the now-correlation of the pair that moved most, and the basket's shift between the limits where an alert
begins and ends. Side by side where the terminal is low, one under the other where it is high.
"""

import math
from collections.abc import Sequence

from engine.domain.alerts import AlertKind, Direction, PairMove
from engine.domain.basket import Side
from engine.domain.views import AlertView, BasketView, Section, SeriesView
from tui.cockpit import alerts, text
from tui.cockpit.alerts import Seen
from tui.cockpit.deck import Want
from tui.cockpit.glyphs import Glyphs, clean
from tui.cockpit.ink import ALERT_INK, BOLD, DIM, TEXT, WATCH, Line, Paint, Role, Span, badge, crop, pad, width
from tui.cockpit.panels.basket_card import strip_line
from tui.cockpit.panels.data_lines import data_lines
from tui.cockpit.panels.detail_charts import pair_chart, shift_chart
from tui.cockpit.panels.wrapped import wrapped
from tui.cockpit.scene import Scene

_LABEL = 11
_STACK_FROM = 30  # rows from which on the charts stand one under the other
_GAP = 2


def detail(scene: Scene, columns: int, rows: int) -> list[Line]:
    """Return the view, exactly `rows` lines."""
    alert = alerts.shown(scene)
    if alert is None:
        gone = "this alert is no longer on the board"
        lines = [strip_line(scene, [(" alert", BOLD.on(Role.RAISED))], [], columns), (), ((f" {gone}", DIM),)]
        return [*lines, *([()] * rows)][:rows]
    head = [_strip(scene, alert, columns), *([()] * (rows >= _STACK_FROM))]
    head += [crop(line, columns, scene.glyphs.ellipsis) for line in _evidence(scene, alert, columns)]
    if alert.kind is AlertKind.VOL:
        return [*head, *([()] * rows)][:rows]
    head.append(())
    series = scene.deck.series(alert.basket or "")
    return [*head, *_charts(scene, alert, series, columns, rows - len(head))][:rows]


def _strip(scene: Scene, alert: AlertView, columns: int) -> Line:
    g = scene.glyphs
    over, done = alert.cleared_ms is not None, alerts.seen(scene, alert)
    calm = over or done is not Seen.NO or not alerts.loud(alert)
    fill = Role.RAISED if calm else Role.ALERT
    strong, plain = (BOLD.on(fill), DIM.on(fill)) if calm else (badge(fill), Paint(Role.INK, fill))
    shape = g.done if over else g.alert if alerts.loud(alert) else g.watch
    word = "CLEAR" if over else "ALERT" if alerts.loud(alert) else "ASSET"
    since = f"since {text.date(alert.since_ms)} {text.hour_minute(alert.since_ms)}"
    if alert.cleared_ms is not None:
        state = f"over after {text.ago(alert.cleared_ms - alert.since_ms)}"
    elif done is Seen.SNOOZED and alert.snoozed_until_ms is not None:
        state = f"snoozed until {text.hour_minute(alert.snoozed_until_ms)}"
    else:
        state = f"seen by {clean(alert.acknowledged_by)}" if done is Seen.ACKNOWLEDGED else "not seen yet"
    stood = "" if over else f" {alerts.age(scene, alert)}"
    left: list[Span] = [(f" {shape} {word}{stood}  {alerts.subject(alert)} ", strong)]
    right: list[Span] = [(f"{since}   ", plain), (f"{state} ", strong if done is not Seen.NO else plain)]
    if width(left) + width(right) + 1 > columns:
        right = right[1:]
    return strip_line(scene, left, right, columns, fill)


def threat(alert: AlertView, basket: BasketView | None) -> str:
    """Return what the direction means for a book, in words."""
    both = basket is not None and len({asset.side for asset in basket.assets}) > 1
    if alert.kind is AlertKind.VOL:
        return "a wild hour over most of the market: nothing loosens because rho fell"
    if alert.kind is AlertKind.ASSET:
        name = clean(alert.asset or "this asset")
        if alert.direction is Direction.UP:
            return f"{name} moves with the others more than it did: less diversification than the basket had"
        return f"{name} goes its own way: its share of the theme, or of the hedge, no longer holds"
    if alert.direction is Direction.UP:
        book = "" if basket is None else ", this long/short one too" if both else f", as this {_only(basket)} one"
        return f"threatens one-sided books{book}: positions gain and lose together"
    book = "" if not both else ", as in this basket"
    return f"threatens hedges{book}: legs that should offset no longer do"


def _only(basket: BasketView) -> str:
    return "short-only" if {asset.side for asset in basket.assets} == {Side.SHORT} else "long-only"


def _evidence(scene: Scene, alert: AlertView, columns: int) -> list[Line]:
    g, found = scene.glyphs, alert.evidence
    basket = scene.deck.basket(alert.basket) if alert.basket else None
    says = threat(alert, basket)
    lines: list[Line] = [(*_label("says"), (f"{alerts.words(alert)}", BOLD), *_residual(g, alert))]
    lines += [
        (*_label("" if at else "means"), (part, TEXT)) for at, part in enumerate(wrapped(says, columns - _LABEL - 2))
    ]
    if alert.kind is AlertKind.VOL:
        peak = "" if math.isnan(found.peak_sigma) else f"  at most {found.peak_sigma:.1f}{g.sigma}"
        lines.append(
            (*_label("breadth"), (text.rho(g, found.shift), ALERT_INK), (f" of the watched assets{peak}", TEXT))
        )
        names = wrapped(" ".join(clean(asset) for asset in found.assets), columns - _LABEL - 2)
        lines += [(*_label("" if at else "assets"), (part, TEXT)) for at, part in enumerate(names)]
        return [*lines, *_breadth_now(scene)]
    health = scene.health
    enter, leave = (health.alert_shift, health.alert_clear) if health else (math.nan, math.nan)
    lines.append(
        (
            *_label("evidence"),
            (f"mean {g.rho} ", DIM),
            (f"{text.rho(g, found.rho_base)}{g.arrow}", TEXT),
            (text.rho(g, found.rho_now), BOLD),
            (f"  {g.delta} ", DIM),
            (text.delta(g, found.delta), TEXT),
            ("   shift " if alert.kind is AlertKind.BASKET else "   excess ", DIM),
            (text.delta(g, found.shift), ALERT_INK),
            (f"   z {_z(g, found.z)}   n {found.n}", TEXT),
        )
    )
    lines += [(*_label("" if at else "pairs"), *pairs) for at, pairs in enumerate(_pairs(g, found.pairs, columns))]
    if basket is not None and alert.kind is AlertKind.BASKET:
        lines += _basket_now(g, basket, enter, leave)
    if basket is not None:
        move = found.pairs[0] if found.pairs else None
        lines += [
            (*_label("" if at else "data"), (said, DIM))
            for at, said in enumerate(data_lines(g, basket, move, columns - _LABEL - 2))
        ]
    return lines


def _basket_now(g: Glyphs, basket: BasketView, enter: float, leave: float) -> list[Line]:
    """Return how the basket reads by now, and how it usually does in calm and in stress."""
    return [
        (
            *_label("by now"),
            (f"mean {g.rho} ", DIM),
            (text.rho(g, basket.mean_rho_now), BOLD),
            ("   shift ", DIM),
            (text.delta(g, basket.shift), BOLD),
            (f"   begins past {text.rho(g, enter)}, ends under {text.rho(g, leave)}", DIM),
        ),
        (
            *_label("usually"),
            ("calm ", DIM),
            (text.rho(g, basket.mean_rho_calm), TEXT),
            ("   stress ", DIM),
            (text.rho(g, basket.mean_rho_stress), TEXT),
            (f"   mean {g.rho} over the bars of each regime", DIM),
        ),
    ]


def _breadth_now(scene: Scene) -> list[Line]:
    """Return how broad the volatility is at its newest fact, and until when checks run fast."""
    broad, health = scene.deck.volatility, scene.health
    if broad is None or health is None:
        return []
    said = f"{len(broad.assets)} of {broad.judged} past 3{scene.glyphs.sigma}"
    until = f"   check every {text.every(health.check_every_ms)} until {text.hour_minute(broad.until)}"
    return [(*_label("by now"), (said, BOLD), (until if health.fast else "", DIM))]


def _label(name: str) -> tuple[Span, ...]:
    return ((f" {name:<{_LABEL - 1}}", DIM),)


def _z(g: Glyphs, value: float) -> str:
    return g.dash if math.isnan(value) else f"{value:.1f}".replace("-", g.minus)


def _residual(g: Glyphs, alert: AlertView) -> tuple[Span, ...]:
    value = alert.evidence.residual_z
    if math.isnan(value):
        return ()
    return (("   residual return ", DIM), (f"{_z(g, value)}{g.sigma}", TEXT), (" in its last day", DIM))


def _pairs(g: Glyphs, moves: Sequence[PairMove], columns: int) -> list[tuple[Span, ...]]:
    """Return the strongest pairs, as many in a line as fit whole."""
    lines: list[tuple[Span, ...]] = []
    for move in moves:
        lead = "   " if lines and lines[-1] else ""
        spans: tuple[Span, ...] = (
            (f"{lead}{clean(move.first)}{g.dot}{clean(move.second)} ", TEXT),
            (f"{text.rho(g, move.rho_base)}{g.arrow}", DIM),
            (text.rho(g, move.rho_now), BOLD),
            (f" {text.delta(g, move.delta)}", WATCH),
            ("" if math.isnan(move.z) else f" z {_z(g, move.z)}", DIM),
        )
        if lines and width(lines[-1]) + width(spans) + _LABEL + 1 <= columns:
            lines[-1] = (*lines[-1], *spans)
        else:
            lines.append(((spans[0][0].lstrip(), TEXT), *spans[1:]))
    return lines


def _charts(scene: Scene, alert: AlertView, series: SeriesView | None, columns: int, rows: int) -> list[Line]:
    move = alert.evidence.pairs[0] if alert.evidence.pairs else None
    if series is None:
        why = scene.deck.refused.get(Want(Section.SERIES, alert.basket or ""), "")
        said = clean(why) or "the course appears with the first closed bars"
        return [crop([(f" {said}", DIM)], columns), *([()] * rows)]
    if rows >= _STACK_FROM - 10:
        high = rows // 2
        return [
            *pair_chart(scene, series, move, columns, high),
            *shift_chart(scene, series, columns, rows - high),
        ]
    left = (columns - _GAP) // 2
    right = columns - _GAP - left
    gap: Span = (" " * _GAP, TEXT)
    sides = zip(pair_chart(scene, series, move, left, rows), shift_chart(scene, series, right, rows), strict=True)
    return [(*pad(one, left), gap, *pad(other, right)) for one, other in sides]
