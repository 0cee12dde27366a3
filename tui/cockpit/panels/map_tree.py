"""Owns the network of the correlation lab: the spanning tree of correlations as a tree, and the clusters in figures."""

import math
from collections.abc import Mapping

from engine.domain.lab_views import MapView
from engine.domain.units import Asset
from tui.cockpit import text
from tui.cockpit.glyphs import Glyphs, clean
from tui.cockpit.ink import ACCENT, BOLD, DIM, TEXT, Heat, Line, Ramp, Role, Span, crop
from tui.cockpit.panels.basket_card import strip_line
from tui.cockpit.scene import Scene


def tree(scene: Scene, shown: MapView, columns: int, rows: int) -> list[Line]:
    """Return the tree from its best connected asset outward, each with its baskets: exactly `rows` lines."""
    left: list[Span] = [(" network", BOLD.on(Role.RAISED)), ("  strongest ties", DIM.on(Role.RAISED))]
    right: list[Span] = [(f"{len(shown.clusters)} clusters at {text.rho(scene.glyphs, 0.6)} ", DIM.on(Role.RAISED))]
    lines = [strip_line(scene, left, right, columns)]
    near: dict[Asset, dict[Asset, float]] = {}
    for edge in shown.tree:
        near.setdefault(edge.first, {})[edge.second] = edge.rho
        near.setdefault(edge.second, {})[edge.first] = edge.rho
    if not near:
        return [*lines, ((" the network comes with the history", DIM),), *([()] * rows)][:rows]
    root = max(near, key=lambda asset: (len(near[asset]), sum(near[asset].values()), asset))
    baskets = _baskets(scene)
    body = [_named(scene, root, baskets, [(" ", TEXT)])]
    body += _below(scene, near, root, None, "", baskets)
    shown_rows = [crop(line, columns, scene.glyphs.ellipsis) for line in body[: rows - 1]]
    return [*lines, *shown_rows, *([()] * rows)][:rows]


def _below(
    scene: Scene,
    near: Mapping[Asset, Mapping[Asset, float]],
    asset: Asset,
    came_from: Asset | None,
    indent: str,
    baskets: Mapping[Asset, str],
) -> list[Line]:
    g = scene.glyphs
    children = sorted(((rho, child) for child, rho in near[asset].items() if child != came_from), reverse=True)
    lines: list[Line] = []
    for place, (rho, child) in enumerate(children):
        last = place == len(children) - 1
        level = scene.theme.level(Ramp.RHO, rho)
        front: list[Span] = [
            (f" {indent}{_branch(g, last=last)}", ACCENT),
            (f"{text.rho(g, rho):>4}", Heat(Ramp.RHO, level)),
            (" ", TEXT),
        ]
        lines.append(_named(scene, child, baskets, front))
        lines += _below(scene, near, child, asset, indent + ("   " if last else _stem(g)), baskets)
    return lines


def _branch(g: Glyphs, *, last: bool) -> str:
    if not g.braille:
        return "`- " if last else "|- "
    return "└─ " if last else "├─ "


def _stem(g: Glyphs) -> str:
    return "│  " if g.braille else "|  "


def _named(scene: Scene, asset: Asset, baskets: Mapping[Asset, str], front: list[Span]) -> Line:
    return (*front, (f"{clean(asset):<7}", BOLD), (baskets.get(asset, ""), DIM))


def _baskets(scene: Scene) -> dict[Asset, str]:
    """Return the names of the baskets that hold each asset."""
    found: dict[Asset, list[str]] = {}
    for basket in scene.books.baskets:
        for leg in basket.assets:
            found.setdefault(leg.asset, []).append(clean(basket.name))
    return {asset: " ".join(names) for asset, names in found.items()}


def clusters(scene: Scene, shown: MapView, columns: int, rows: int) -> list[Line]:
    """Return the clusters: mean within and to others, and how steady an equal mix is beside its calmest member."""
    g = scene.glyphs
    label = DIM.on(Role.RAISED)
    right: list[Span] = [("in   out   mix  calmest ", label)]
    lines = [strip_line(scene, [(" clusters", BOLD.on(Role.RAISED))], right, columns)]
    for cluster in shown.clusters:
        names = " ".join(clean(asset) for asset in cluster.assets)
        calm = text.decimals(g, cluster.calmest_vol)
        figures = (
            f"{text.rho(g, cluster.rho_within):>4}  {text.rho(g, cluster.rho_outside):>4}"
            f"  {text.decimals(g, cluster.vol_ann):>4}  {clean(cluster.calmest)[:5]:>5} {calm:>4} "
        )
        room = columns - len(figures) - 1
        left = crop([(f" {names}", TEXT if len(cluster.assets) > 1 else DIM)], room, g.ellipsis)
        gap = room - sum(len(said) for said, _ in left) + 1
        lines.append((*left, (" " * gap, TEXT), (figures, TEXT if len(cluster.assets) > 1 else DIM)))
    book = scene.books.portfolio
    calmest = min((c.calmest_vol for c in shown.clusters if not math.isnan(c.calmest_vol)), default=math.nan)
    steady = f"whole book {text.decimals(g, book.vol_ann)} a year, its calmest asset {text.decimals(g, calmest)}"
    lines.append(((f" {steady}", DIM),))
    return [*lines[: rows - 1], lines[-1]] if len(lines) > rows else [*lines, *([()] * (rows - len(lines)))]
