"""Owns which correlated assets belong together: the order in which they stand side by side, clusters, spanning tree.

For display only. The tree says who belongs together but not which side of a branch comes first; that is fixed here, so
that a matrix does not flip between two bars or when the config lists its assets differently.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, leaves_list, linkage, optimal_leaf_ordering
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import squareform

from engine.quant.arrays import Floats

_OPTIMAL_UP_TO = 200  # the optimal order of 500 assets takes 35 ms, too long for a keypress


def cluster_order(rho: Floats, names: tuple[str, ...], *, optimal: bool = False) -> tuple[int, ...]:
    """Return the positions of the assets in cluster order.

    Shapes: `rho` [N, N]; an undefined cell counts as rho = 0. `names` [N] must differ from each other.
    Orientation: on every branch the side that holds the first asset by name comes first. With `optimal`, neighbors are
    as alike as the tree allows, and the end with the first asset by name comes first. Either way the order depends on
    names and correlations alone, not on the order of the input. Errors: ValueError where a name stands twice.

    >>> rho = np.array([[1.0, 0.1, 0.9], [0.1, 1.0, 0.2], [0.9, 0.2, 1.0]])
    >>> cluster_order(rho, ("SOL", "BTC", "AVAX"))
    (2, 0, 1)
    """
    if len(set(names)) != len(names):
        raise ValueError("names must differ from each other: the orientation of the order rests on them")
    by_name = np.array(sorted(range(len(names)), key=lambda k: names[k]), dtype=np.intp)
    if len(names) < 3:
        return tuple(int(k) for k in by_name)
    distance = 1.0 - np.nan_to_num(rho[np.ix_(by_name, by_name)], nan=0.0)
    np.fill_diagonal(distance, 0.0)
    condensed = squareform(distance, checks=False)
    tree = linkage(condensed, method="average")
    if optimal and len(names) <= _OPTIMAL_UP_TO:
        leaves = leaves_list(optimal_leaf_ordering(tree, condensed))
        leaves = leaves if leaves[0] < leaves[-1] else leaves[::-1]
    else:
        leaves = _oriented(tree)
    return tuple(int(k) for k in by_name[leaves])


def _oriented(tree: Floats) -> NDArray[np.intp]:
    """Return the leaves of a linkage [N - 1, 4], on every branch the side with the smallest leaf first."""
    branches: list[list[int]] = [[leaf] for leaf in range(len(tree) + 1)]
    for left, right, *_ in tree:
        one, other = branches[int(left)], branches[int(right)]
        # its first leaf is a branch's smallest one: that is how it was put together
        branches.append(one + other if one[0] < other[0] else other + one)
    return np.array(branches[-1], dtype=np.intp)


def cluster_labels(rho: Floats, *, at_least: float) -> tuple[int, ...]:
    """Return a cluster number per asset [N]: those whose mean correlation with a cluster is `at_least` belong to it.

    `rho` [N, N]; an undefined cell counts as rho = 0. Numbers start at 0 and have no order. Average linkage cut at the
    distance 1 - `at_least`.

    >>> rho = np.array([[1.0, 0.1, 0.9], [0.1, 1.0, 0.2], [0.9, 0.2, 1.0]])
    >>> cluster_labels(rho, at_least=0.6)
    (0, 1, 0)
    """
    if len(rho) < 2:
        return tuple(range(len(rho)))
    distance = 1.0 - np.nan_to_num(rho, nan=0.0)
    np.fill_diagonal(distance, 0.0)
    found = fcluster(linkage(squareform(distance, checks=False), method="average"), 1.0 - at_least, "distance")
    numbers = {label: number for number, label in enumerate(dict.fromkeys(found.tolist()))}
    return tuple(numbers[label] for label in found.tolist())


def spanning_tree(rho: Floats) -> tuple[tuple[int, int], ...]:
    """Return the N - 1 pairs that connect all assets over their strongest correlations, strongest first.

    `rho` [N, N]; an undefined cell counts as rho = 0. Distance sqrt(2 (1 - rho)) (Mantegna 1999).

    >>> rho = np.array([[1.0, 0.1, 0.9], [0.1, 1.0, 0.2], [0.9, 0.2, 1.0]])
    >>> spanning_tree(rho)
    ((0, 2), (1, 2))
    """
    known = np.nan_to_num(rho, nan=0.0)
    distance = np.sqrt(np.maximum(2.0 * (1.0 - known), 0.0)) + 1e-9  # a zero would be no edge
    np.fill_diagonal(distance, 0.0)
    tree = minimum_spanning_tree(distance).tocoo()
    pairs = [(min(a, b), max(a, b)) for a, b in zip(tree.row.tolist(), tree.col.tolist(), strict=True)]
    return tuple(sorted(pairs, key=lambda pair: (-known[pair], pair)))
