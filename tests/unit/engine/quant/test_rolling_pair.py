"""The course of a pair: equal to numpy on every window, undefined where too little is known."""

import numpy as np
import pytest

from engine.quant.clusters import cluster_labels, spanning_tree
from engine.quant.rolling_pair import rolling_correlation

RNG = np.random.default_rng(3)


def test_each_point_is_the_correlation_of_the_rows_before_it() -> None:
    x = RNG.normal(0.01, 0.02, 500)
    y = 0.5 * x + RNG.normal(0, 0.02, 500)
    x[[50, 51, 300]] = np.nan
    ends = np.arange(100, 501, 40)
    found = rolling_correlation(x, y, 100, ends)
    for end, rho in zip(ends, found, strict=True):
        rows = slice(end - 100, end)
        both = ~np.isnan(x[rows])
        assert rho == pytest.approx(np.corrcoef(x[rows][both], y[rows][both])[0, 1], abs=1e-9)


def test_too_little_or_flat_data_is_undefined() -> None:
    x = RNG.normal(size=200)
    thin = np.where(np.arange(200) % 2, x, np.nan)
    ends = np.array([50, 100, 200])
    assert np.isnan(rolling_correlation(x, thin, 100, ends)).all()
    assert np.isnan(rolling_correlation(x, np.zeros(200), 100, ends)).all()
    assert np.isnan(rolling_correlation(x, x, 100, ends)).tolist() == [True, False, False]


def test_clusters_hold_what_belongs_together_and_the_tree_connects_all_over_the_strongest_pairs() -> None:
    rho = np.full((6, 6), 0.2)
    rho[:3, :3] = rho[3:, 3:] = 0.8
    rho[0, 5] = rho[5, 0] = 0.4
    np.fill_diagonal(rho, 1.0)
    assert cluster_labels(rho, at_least=0.6) == (0, 0, 0, 1, 1, 1)
    assert cluster_labels(rho, at_least=0.9) == (0, 1, 2, 3, 4, 5)
    tree = spanning_tree(rho)
    assert len(tree) == 5
    assert tree[-1] == (0, 5)
    rho[2, :2] = rho[:2, 2] = np.nan
    assert len(spanning_tree(rho)) == 5
