"""Owns one asset's row: name, side, last, change, weight bar, weight text, age (LOOK 2), and what drops when narrow.

Name and signed change never drop. Cards and the selected-basket panel use it.
"""

import math
from collections.abc import Iterable

from engine.domain.basket import Side
from engine.domain.views import AssetView, BasketView, QuoteRow
from tui.cockpit import text
from tui.cockpit.glyphs import Glyphs, clean
from tui.cockpit.ink import ACCENT, BOLD, DIM, RULE, STALE, TEXT, Line, Paint, Role, Span, width
from tui.cockpit.scene import Scene

BAR_SCALES = (0.105, 0.21, 0.42, 0.84)  # the bar's full length: the smallest that holds every weight on the screen
_GAIN, _LOSS = Paint(Role.GAIN), Paint(Role.LOSS)
_TO_CHANGE, _AGE, _WEIGHTS = 24, 5, 8
_WEIGHTS_FROM, _BAR_MAX, _BAR_MIN = 44, 24, 4


def bar_scale(baskets: Iterable[BasketView]) -> float:
    """Return the weight at which a bar is full, the same in every card."""
    weights = (
        abs(value) for basket in baskets for asset in basket.assets for value in (asset.weight, asset.target_weight)
    )
    most = max((value for value in weights if not math.isnan(value)), default=0.0)
    return next((scale for scale in BAR_SCALES if most <= scale), BAR_SCALES[-1])


def bar(g: Glyphs, weight: float, target: float, columns: int, full: float = 0.42) -> list[tuple[str, Paint]]:
    """Return a bar of `columns`: the weight, its half step, the track and the target mark; `full` fills it."""
    if columns <= 0:
        return []
    if math.isnan(weight):
        return [(g.track * columns, RULE)]
    filled = min(columns, max(0.0, weight) / full * columns)
    whole, half = int(filled), filled - int(filled) >= 0.5
    mark = -1 if math.isnan(target) else min(columns - 1, int(max(0.0, target) / full * columns))
    spans: list[tuple[str, Paint]] = []
    for column in range(columns):
        past = Paint(bold=True) if 0 <= mark < column else DIM
        if column == mark:
            spans.append((g.target, BOLD))
        elif column < whole:
            spans.append((g.weight, past))
        elif column == whole and half:
            spans.append((g.half, past))
        else:
            spans.append((g.track, RULE))
    return spans


def weights(g: Glyphs, asset: AssetView) -> str:
    """Return `.28→.17`, or the one that exists, seven columns at most."""
    if math.isnan(asset.target_weight):
        return "" if math.isnan(asset.weight) else text.rho(g, asset.weight)
    return f"{text.rho(g, asset.weight)}{g.arrow}{text.rho(g, asset.target_weight)}"


def asset_rows(scene: Scene, basket: BasketView, columns: int) -> list[Line]:
    """Return the rows of a basket's assets, each exactly `columns` wide."""
    full = bar_scale(scene.books.baskets)
    return [asset_row(scene, basket, asset, columns, full) for asset in basket.assets]


def asset_row(scene: Scene, basket: BasketView, asset: AssetView, columns: int, full: float) -> Line:
    """Return the row of one asset, exactly `columns` wide; `full` is the weight that fills its bar."""
    quote = scene.deck.quotes()[0].get(asset.asset)
    stale = quote is not None and not math.isnan(quote.age_s) and scene.stale(quote)
    paint_of = _Paints(stale=stale and not scene.frozen)
    if columns < _TO_CHANGE:
        return _name_and_change(scene.glyphs, asset, quote, paint_of, columns)
    head = _to_change(scene.glyphs, asset, quote, paint_of)
    head += _middle(scene, asset, paint_of, columns, full)
    data = (head[2][0], head[3][0], stale, scene.frozen, columns)
    shown = scene.ages.shown((basket.name, asset.asset), data, scene.age(quote))
    aged = _aged(scene, asset, shown, columns - width(head), stale=stale)
    head.append((f"{aged:>{columns - width(head)}}", STALE if stale or scene.frozen else DIM))
    return tuple(head)


def _name_and_change(g: Glyphs, asset: AssetView, quote: QuoteRow | None, paint_of: "_Paints", columns: int) -> Line:
    """Return what never drops; a short keeps its side as a sign before the name."""
    change = text.change(g, quote.change_24h if quote else math.nan)
    sign = g.minus if asset.side is Side.SHORT else ""
    name = sign + text.name(g, clean(asset.asset), columns - 8 - len(sign))
    return (
        (name, paint_of(BOLD)),
        (f"{change:>{columns - len(name)}}", paint_of(_of_change(change, g))),
    )


def _to_change(g: Glyphs, asset: AssetView, quote: QuoteRow | None, paint_of: "_Paints") -> list[Span]:
    """Return name, side, last and change: 24 columns."""
    change = text.change(g, quote.change_24h if quote else math.nan)
    short = text.name(g, clean(asset.asset), 6)
    long = asset.side is Side.LONG
    return [
        (f"{short:<6}", paint_of(BOLD)),
        ("L" if long else "S", paint_of(DIM if long else ACCENT)),
        (f"{text.price(g, quote.last if quote else math.nan):>9}", paint_of(TEXT)),
        (f"{change:>8}", paint_of(_of_change(change, g))),
    ]


def _middle(scene: Scene, asset: AssetView, paint_of: "_Paints", columns: int, full: float) -> list[Span]:
    """Return bar and weight text, as far as there is room before the age."""
    g = scene.glyphs
    with_weights = columns >= _WEIGHTS_FROM
    long = min(_BAR_MAX, columns - _TO_CHANGE - 1 - _AGE - (_WEIGHTS if with_weights else 0))
    if long < _BAR_MIN:
        return []
    drawn = bar(g, asset.weight, asset.target_weight, long, full)
    spans: list[Span] = [(" ", TEXT)]
    spans += [(char, paint_of(paint)) for char, paint in drawn]
    if with_weights:
        gap = "  " if columns - _TO_CHANGE - 1 - long > _WEIGHTS + _AGE else " "
        spans.append((f"{gap}{weights(g, asset):<7}", paint_of(DIM)))
    return spans


def _aged(scene: Scene, asset: AssetView, seconds: float, room: int, *, stale: bool) -> str:
    g = scene.glyphs
    if room < _AGE:
        return g.stale if stale else ""
    if not asset.used and not math.isnan(asset.history_days):
        return f"{asset.history_days:.0f}d"  # too young for correlation: how many days it has
    aged = text.age(g, seconds)
    return g.stale + aged if (stale or scene.frozen) and aged != g.dash else aged


class _Paints:
    """Turn a row's paints into stale ones, where the row is stale: one color, never bold."""

    def __init__(self, *, stale: bool) -> None:
        self._stale = stale

    def __call__(self, paint: Paint) -> Paint:
        return STALE if self._stale and paint is not RULE else paint


def _of_change(change: str, g: Glyphs) -> Paint:
    if change.startswith(g.up):
        return _GAIN
    return _LOSS if change.startswith(g.down) else TEXT
