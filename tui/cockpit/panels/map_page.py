"""Owns the page of the correlation lab: where matrix or network, the marked pair and the clusters stand, by size.

Computes nothing: the engine made the map and the pair; the parts are drawn by `map_matrix`, `map_pair`, `map_tree`.
"""

from engine.domain.units import Asset
from engine.domain.views import ALL_ASSETS, MatrixKind, Section
from tui.cockpit.deck import MAP, Want
from tui.cockpit.ink import DIM, Line, Span, pad
from tui.cockpit.map_choice import Triangles, triangles
from tui.cockpit.panels import map_matrix, map_pair, map_tree
from tui.cockpit.scene import Scene

SIDE = 40  # the least columns of the pair beside the matrix
TABLE = 54  # the least columns beside it: a small matrix leaves the head and the clusters their words
BELOW = 7  # rows of the pair under the matrix, where it does not fit beside


def map_page(scene: Scene, columns: int, rows: int) -> list[Line]:
    """Return the page, exactly `rows` lines."""
    shown = scene.deck.map
    if shown is None:
        return [((" the map of all assets is on its way", DIM),), *([()] * (rows - 1))]
    size = len(shown.order)
    whole = map_matrix.columns_for(size)
    beside = columns >= 100
    left = min(max(whole, TABLE), columns - SIDE - 1) if beside else columns
    deep = rows if beside else rows - BELOW - 1
    chosen = _shows(scene)
    under, over = _want(chosen.lower, chosen.lower_days), _want(chosen.upper, chosen.upper_days)
    known = scene.deck.matrices
    halves = map_matrix.Halves(shows=chosen, lower=known.get(under), upper=known.get(over))
    pair = scene.choice.map.pair(size)
    name = " ".join(_names(scene))
    found = scene.deck.pair(_pair_want(scene)) if name else None
    figured = min(len(shown.clusters) + 2, max(3, rows - size - map_matrix.HEAD - 2)) if beside else 0
    upper = min(deep - figured - 1, size + map_matrix.HEAD + 2) if figured else deep
    figured = deep - upper - 1 if figured else 0
    if scene.choice.map.tree:
        main = map_tree.tree(scene, shown, left, upper)
    else:
        main = map_matrix.matrix(scene, shown, halves, pair, left, upper)
    if not beside:
        return [*main, (), *map_pair.pair(scene, found, name, columns, BELOW)][:rows]
    table = map_tree.clusters(scene, shown, left, figured) if figured else []
    main = [*main, (), *table][:rows]
    side = map_pair.pair(scene, found, name, columns - left - 1, rows)
    gap: Span = (" ", DIM)
    return [(*pad(one, left), gap, *other) for one, other in zip(main, side, strict=True)]


def wants(scene: Scene) -> list[Want]:
    """Return what the page fetches."""
    chosen = _shows(scene)
    found = [MAP, _want(chosen.lower, chosen.lower_days), _want(chosen.upper, chosen.upper_days)]
    found.append(_want(MatrixKind.DELTA, 0))
    return [*dict.fromkeys(found), *([_pair_want(scene)] if _names(scene) else [])]


def reads(scene: Scene) -> tuple[object, ...]:
    """Return what the page depends on."""
    at, chosen = scene.deck.revisions, scene.choice.map
    return (at[Section.MAP], at[Section.PAIR], at[Section.MATRIX], chosen.row, chosen.column, chosen.view, chosen.tree)


def _shows(scene: Scene) -> Triangles:
    found = triangles(scene.health.windows_days if scene.health else (30, 60, 90))
    return found[scene.choice.map.view % len(found)]


def _names(scene: Scene) -> tuple[Asset, ...]:
    """Return the marked pair, empty while there is no map."""
    shown = scene.deck.map
    if shown is None or len(shown.order) < 2:
        return ()
    return tuple(shown.order[place] for place in scene.choice.map.pair(len(shown.order)))


def _want(kind: MatrixKind, days: int) -> Want:
    return Want(Section.MATRIX, ALL_ASSETS, kind, days)


def _pair_want(scene: Scene) -> Want:
    return Want(Section.PAIR, " ".join(_names(scene)))
