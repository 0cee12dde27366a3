"""Owns the order in which correlated assets stand side by side: average linkage on the distance 1 - rho.

For display only. The tree says who belongs together but not which side of a branch comes first; that is fixed here, so
that a matrix does not flip between two bars or when the config lists its assets differently.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
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
