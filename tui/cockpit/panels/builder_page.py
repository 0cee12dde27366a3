"""Owns the basket builder's page: the list of candidates, the ranking, and below it why the marked basket is there.

The ranking is the command's (`labs`); nothing is computed here. What is left out stands at the end with its reasons.
"""

from collections.abc import Sequence

from tui.cockpit import text
from tui.cockpit.glyphs import Glyphs, clean
from tui.cockpit.ink import BOLD, DIM, TEXT, Line, Paint, Role, Span, badge, crop
from tui.cockpit.key_names import Action
from tui.cockpit.keys import key_of
from tui.cockpit.lab_choice import MONEY, SHAPES, TYPED
from tui.cockpit.lab_marks import sources
from tui.cockpit.lab_views import BuildView, Ranked, known
from tui.cockpit.labs import BUILDER, WRITING
from tui.cockpit.panels.builder_reasons import reasons
from tui.cockpit.panels.lab_parts import Column, cash, failure, page, strip, table
from tui.cockpit.panels.wrapped import wrapped
from tui.cockpit.scene import Scene

_PLAIN = (
    Column("in band", 9),
    Column("year", 7, 2),
    Column("calm", 7),
    Column("stress", 8),
    Column("hidden", 8),
    Column("in stress", 11, 4),
    Column("cost", 8, 1),
    Column("  trades least", -20, 5),
    Column("  like", -24, 3),
)
_HEDGED = (
    Column("  against", -11),
    Column("steady", 8),
    Column("beta left", 11),
    Column("worst day", 11, 2),
    Column("hedge broken", 14),
    Column("in band", 9, 1),
    Column("cost", 8, 3),
    Column("  like", -24, 4),
)


def builder_page(scene: Scene, columns: int, rows: int) -> list[Line]:
    """Return the page."""
    return page(_head(scene, columns), _body(scene, columns), columns, rows, scene.choice.scrolled)


def past(scene: Scene, columns: int, rows: int) -> int:
    """Return how far the page can be scrolled."""
    return max(0, len(_body(scene, columns)) + len(_head(scene, columns)) - rows)


def _said(scene: Scene, source: str) -> str:
    if source == TYPED:
        return scene.choice.builder.typed
    return f"theme {source}" if source else "all assets of the prices"


def _head(scene: Scene, columns: int) -> list[Line]:
    g, choice, labs = scene.glyphs, scene.choice.builder, scene.labs
    said = f"{_said(scene, choice.source)}   {SHAPES[choice.shape]}   {cash(g, MONEY[choice.money])}"
    lines = [strip(scene, "basket builder", said, labs.job(BUILDER), columns)]
    writing = labs.job(WRITING)
    lines += [*failure(scene, labs.job(BUILDER), columns), *failure(scene, writing, columns)]
    if writing.running:
        lines.append(((f" writing {clean(writing.what)} into the config", DIM),))
    elif writing.done:
        told = wrapped(clean(writing.done), columns - 5)
        lines += [((f" {g.done if not at else ' '} {line}", BOLD),) for at, line in enumerate(told)]
    return lines


def _body(scene: Scene, columns: int) -> list[Line]:
    choice, found = scene.choice.builder, scene.labs.build
    if choice.choosing:
        return _list(scene, columns)
    failed = scene.labs.job(BUILDER).error
    if found is None or failed:
        return [(("" if failed else " the ranking is on its way: the command line makes it", DIM),)]
    room = columns - 2
    marked = choice.pick % len(found.baskets) if found.baskets else -1
    lines = _table(scene.glyphs, found, room, marked)
    if marked >= 0:
        lines += [(), *reasons(scene.glyphs, found, found.baskets[marked], marked, room)]
    return [((" ", TEXT), *line) if line else () for line in [*lines, *_left_out(scene.glyphs, found, room)]]


def _list(scene: Scene, columns: int) -> list[Line]:
    """Return the list of what candidates can be taken from."""
    choice, found = scene.choice.builder, sources(scene)
    marked = choice.row % len(found)
    lines: list[Line] = [
        ((f" whose assets are the candidates?  {_ways(scene)}", DIM),),
        (),
    ]
    lines += [
        crop([("  ", TEXT), (f" {clean(_said(scene, each))} ", badge(Role.SEL) if at == marked else TEXT)], columns)
        for at, each in enumerate(found)
    ]
    where = choice.prices or "the bars that the engine has stored"
    return [*lines, (), crop([(f" prices: {clean(where)}", DIM)], columns, scene.glyphs.ellipsis)]


def _ways(scene: Scene) -> str:
    """Return the keys that say whose assets are the candidates, in a sentence."""
    takes = scene.glyphs.enter if key_of(Action.TAKE) == "enter" else key_of(Action.TAKE)
    return f"{takes} takes, {key_of(Action.TYPE_ASSETS)} types a list, {key_of(Action.PRICE_FILE)} names a price file"


def _table(g: Glyphs, found: BuildView, room: int, marked: int) -> list[Line]:
    hedged = found.shape != SHAPES[0]
    rows: list[tuple[Span, Sequence[Span]]] = [
        (
            (f"{at:>2} {' '.join(clean(asset)[:6] for asset in each.assets)}", BOLD if at == marked + 1 else TEXT),
            values(g, each, hedged=hedged),
        )
        for at, each in enumerate(found.baskets, 1)
    ]
    if not rows:
        return [((f"no basket can be made of these, on the bars closed by {_at(found)}", TEXT),)]
    return table("baskets", _HEDGED if hedged else _PLAIN, rows, room, first=31, marked=marked)


def _at(found: BuildView) -> str:
    return found.at.replace("T", " ")[:16]


def values(g: Glyphs, each: Ranked, *, hedged: bool) -> list[Span]:
    """Return one basket's figures, in the order of the columns."""
    like: Span = (f"  {clean(each.overlap or '')}"[:24], DIM)
    band: Span = (text.share(g, known(each.share_calm)), TEXT)
    cost: Span = (cash(g, known(each.cost)), TEXT)
    hedge = each.hedge
    if hedged and hedge is not None:
        return [
            (f"  {clean(hedge.asset)[:8]}", Paint(Role.ACCENT)),
            (text.rho(g, known(hedge.correlation)), BOLD),
            (text.delta(g, known(hedge.residual_beta)), TEXT),
            (cash(g, known(hedge.es95_1d)), TEXT),
            (cash(g, known(hedge.hedge_break)), BOLD),
            band,
            cost,
            like,
        ]
    thin = (
        f"  {clean(each.thinnest)[:7]} {text.money(g, known(each.median_daily_volume))}"
        if each.thinnest
        else f"  {g.dash}"
    )
    return [
        band,
        (text.share(g, known(each.share_year)), TEXT),
        (text.rho(g, known(each.mean_calm)), TEXT),
        (text.rho(g, known(each.mean_stress)), BOLD),
        (text.factor(g, known(each.hidden_leverage)), TEXT),
        (text.factor(g, known(each.hidden_leverage_stress)), BOLD),
        cost,
        (thin, DIM),
        like,
    ]


def _left_out(g: Glyphs, found: BuildView, room: int) -> list[Line]:
    lines: list[Line] = []
    for each in found.refused:
        name: Span = (f"{clean(each.asset)[:10]:<11}", BOLD)
        blank: Span = (" " * 11, TEXT)
        why = "too thin" if g.mask and each.why.startswith("too thin") else clean(each.why)
        said = wrapped(why, room - 12)
        lines += [((name if not at else blank), (line, DIM)) for at, line in enumerate(said)]
    if found.pruned:
        lines += [
            ((line, DIM),) for line in wrapped(f"not searched, the search takes 40: {', '.join(found.pruned)}", room)
        ]
    return [(), (("left out", BOLD),), *lines] if lines else []
