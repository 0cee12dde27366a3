"""Owns the backtest's page: what it means first, in sentences, then every strategy, the curves, and the large falls.

The figures are the command's (`labs`); nothing is computed here. On a short screen the rest is scrolled.
"""

import math

from tui.cockpit import text
from tui.cockpit.glyphs import Glyphs, clean
from tui.cockpit.ink import ACCENT, BOLD, DIM, TEXT, Line, Paint, Role, Span
from tui.cockpit.lab_views import BacktestView, Episode, Fill, Strategy, known
from tui.cockpit.labs import BACKTEST
from tui.cockpit.panels.backtest_curves import drawdown_chart, equity_chart
from tui.cockpit.panels.lab_parts import Column, cash, failure, page, strip, table
from tui.cockpit.panels.wrapped import wrapped
from tui.cockpit.scene import Scene

_COLUMNS = (
    Column("return", 9),
    Column("drawdown", 10),
    Column("vol", 8, 2),
    Column("sharpe", 8),
    Column("gross", 7),
    Column("turnover", 10, 4),
    Column("cost", 9, 1),
    Column("trades", 8, 3),
    Column("liquidated", 12, 5),
)
_FALLS = (
    Column("until", 18),
    Column("fall", 9),
    Column("cut", 8),
    Column("done at half", 14, 1),
    Column("saved", 9),
)
_FILLS = (Column("traded", 12), Column("cost", 9), Column("equity", 12))
_BESIDE = 160  # columns from which both curves stand side by side
_LEAST_CHART = 10
_INKS = {"driftdeck": Paint(Role.GAIN, bold=True), "exposure_matched": ACCENT}


def backtest_page(scene: Scene, columns: int, rows: int) -> list[Line]:
    """Return the page."""
    return page(_head(scene, columns), _body(scene, columns, rows), columns, rows, scene.choice.scrolled)


def past(scene: Scene, columns: int, rows: int) -> int:
    """Return how far the page can be scrolled."""
    return max(0, len(_body(scene, columns, rows)) + len(_head(scene, columns)) - rows)


def _head(scene: Scene, columns: int) -> list[Line]:
    found, job = scene.labs.backtest, scene.labs.job(BACKTEST)
    where = scene.choice.backtest.prices or "the stored bars"
    span = f"   {_day(found.begin)} to {_day(found.end)}, {found.bars:,} bars" if found and not job.error else ""
    return [strip(scene, "backtest", f"{where}{span}", job, columns), *failure(scene, job, columns)]


def _day(stamp: str) -> str:
    return stamp[:10]


def _body(scene: Scene, columns: int, rows: int) -> list[Line]:
    found = scene.labs.backtest
    failed = scene.labs.job(BACKTEST).error
    if found is None or failed:
        said = "" if failed else "the past is being played: every check, every proposal approved, a bar later filled"
        return [((f" {line}", DIM),) for line in wrapped(said, columns - 2)]
    room = columns - 2
    lines = [*_words(found, room), (), *_strategies(scene.glyphs, found, room), ()]
    height = max(_LEAST_CHART, rows - len(_head(scene, columns)) - len(lines))
    lines += _charts(scene, found, room, height)
    if found.episodes:
        lines += [(), *_falls(scene.glyphs, found, room)]
    if found.fills:
        lines += [(), *_fills(scene.glyphs, found, room)]
    return [((" ", TEXT), *line) if line else () for line in lines]


def _words(found: BacktestView, room: int) -> list[Line]:
    """Return the sentences, the first one bold; warnings of the prices after them."""
    lines: list[Line] = []
    for at, sentence in enumerate(found.words):
        edge = "  " if sentence.startswith("  ") else ""  # goes on with the one before
        said = wrapped(clean(sentence), room - len(edge))
        lines += [((edge + line, BOLD if not at else TEXT),) for line in said]
    for warning in found.warnings:
        lines += [((line, DIM),) for line in wrapped(f"warning: {clean(warning)}", room)]
    return lines


def _strategies(g: Glyphs, found: BacktestView, room: int) -> list[Line]:
    rows = [((clean(name)[:17], _INKS.get(name, TEXT)), _figures(g, each)) for name, each in found.strategies.items()]
    return table("same money and costs", _COLUMNS, rows, room, first=21)


def _figures(g: Glyphs, each: Strategy) -> list[Span]:
    return [
        (text.change(g, known(each.total_return)), TEXT),
        (text.share(g, known(each.max_drawdown)), BOLD),
        (text.share(g, known(each.vol_ann)), TEXT),
        (_signed(g, known(each.sharpe)), TEXT),
        (text.decimals(g, known(each.avg_gross)), TEXT),
        (text.factor(g, known(each.turnover)), TEXT),
        (cash(g, known(each.cost)), TEXT),
        (f"{each.rebalances:,}", TEXT),
        (f"{each.liquidations.isolated}/{each.liquidations.cross}", TEXT),
    ]


def _signed(g: Glyphs, value: float) -> str:
    return g.dash if math.isnan(value) else f"{value:+.2f}".replace("-", g.minus)


def _charts(scene: Scene, found: BacktestView, room: int, height: int) -> list[Line]:
    """Return both curves side by side where there is room, else the chosen one."""
    if room < _BESIDE:
        chart = drawdown_chart if scene.choice.backtest.drawdown else equity_chart
        return chart(scene, found, room, height)
    half = (room - 2) // 2
    left, right = equity_chart(scene, found, half, height), drawdown_chart(scene, found, room - half - 2, height)
    return [(*one, ("  ", TEXT), *other) for one, other in zip(left, right, strict=True)]


def _falls(g: Glyphs, found: BacktestView, room: int) -> list[Line]:
    rows: list[tuple[Span, list[Span]]] = [((_minute(each.top), TEXT), _fall(g, each)) for each in found.episodes]
    return table("falls of 15% in a week", _FALLS, rows, room, first=24)


def _fills(g: Glyphs, found: BacktestView, room: int) -> list[Line]:
    """Return the rebalances, newest first."""
    rows: list[tuple[Span, list[Span]]] = [
        ((_minute(each.filled_at), TEXT), _fill(g, each)) for each in found.fills[::-1]
    ]
    return table("rebalances, newest first", _FILLS, rows, room, first=26)


def _fill(g: Glyphs, each: Fill) -> list[Span]:
    return [(cash(g, known(value)), TEXT) for value in (each.traded, each.cost, each.equity)]


def _minute(stamp: str) -> str:
    return stamp.replace("T", " ")[:16]


def _fall(g: Glyphs, each: Episode) -> list[Span]:
    return [
        (_minute(each.bottom), TEXT),
        (text.share(g, known(each.fall)), BOLD),
        (text.share(g, known(each.cut)), TEXT),
        (text.share(g, known(each.fall_done)), TEXT),
        (text.change(g, known(each.saved)), TEXT),
    ]
