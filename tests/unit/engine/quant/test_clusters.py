"""Alike assets stand together, and the order depends on names and correlations alone: it never flips."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.clusters import cluster_order
from support.quant_oracles import Floats

NAMES = ("ETH", "SOL", "AVAX", "NEAR", "UNI", "AAVE", "LTC", "XRP")


def _blocks() -> Floats:
    """Return three groups of alike assets, interleaved: 0 3 6, 1 4 7, 2 5."""
    rng = np.random.default_rng(1)
    group = np.arange(8) % 3
    rho = np.where(group[:, None] == group, 0.9, 0.2) + rng.uniform(-0.02, 0.02, (8, 8))
    rho = (rho + rho.T) / 2
    np.fill_diagonal(rho, 1.0)
    result: Floats = rho
    return result


@pytest.mark.parametrize("optimal", [False, True])
def test_alike_assets_stand_together(optimal: bool) -> None:
    order = cluster_order(_blocks(), NAMES, optimal=optimal)
    groups = [k % 3 for k in order]
    assert sum(a != b for a, b in pairwise(groups)) == 2


@settings(deadline=None, max_examples=50)
@given(order=st.permutations(range(8)), optimal=st.booleans(), gap=st.booleans())
def test_the_order_of_the_input_does_not_matter(order: list[int], optimal: bool, gap: bool) -> None:
    rho = _blocks()
    if gap:
        rho[2] = rho[:, 2] = np.nan
    shown = [NAMES[k] for k in cluster_order(rho, NAMES, optimal=optimal)]
    names = tuple(NAMES[k] for k in order)
    assert [names[k] for k in cluster_order(rho[np.ix_(order, order)], names, optimal=optimal)] == shown
    reverse = tuple(reversed(names))
    backwards = rho[np.ix_(order[::-1], order[::-1])]
    assert [reverse[k] for k in cluster_order(backwards, reverse, optimal=optimal)] == shown


def test_the_first_asset_by_name_comes_first_on_every_branch() -> None:
    shown = [NAMES[k] for k in cluster_order(_blocks(), NAMES)]
    assert shown[0] == "AAVE"
    assert shown.index("AVAX") < shown.index("ETH")
    small = np.ones((2, 2))
    assert cluster_order(small, ("SOL", "BTC")) == (1, 0)
    assert cluster_order(np.ones((1, 1)), ("SOL",)) == (0,)
    with pytest.raises(ValueError, match="names must differ"):
        cluster_order(small, ("SOL", "SOL"))
