"""Owns hierarchical risk parity: weights from clustering a correlation matrix and halving it by variance.

One of the sizing methods; never estimates anything. Positive weights that sum to 1 go to sizing.
"""

import numpy as np

from engine.quant.arrays import Floats


def hrp_weights(rho: Floats, sigma: Floats) -> Floats:
    """Return hierarchical risk parity weights [N] that sum to 1.

    Shapes: rho [N, N] correlations (signed by side), sigma [N] volatilities. No NaN allowed: ValueError, and for a
    volatility that is not positive. Distance sqrt((1 - rho) / 2), single linkage, halving of the leaf order by the
    inverse-variance weights of each half. Source: Lopez de Prado, "Building Diversified Portfolios that Outperform
    Out of Sample", 2016.

    >>> hrp_weights(np.eye(2), np.array([1.0, 2.0])).round(12).tolist()
    [0.8, 0.2]
    """
    if np.isnan(rho).any() or not (sigma > 0).all():
        raise ValueError("hierarchical risk parity needs defined correlations and positive volatilities")
    size = len(sigma)
    weights = np.ones(size)
    if size == 1:
        return weights
    cov = rho * np.outer(sigma, sigma)
    halves = [_leaf_order(rho)]
    while halves:
        cluster = halves.pop()
        if len(cluster) < 2:
            continue
        left, right = cluster[: len(cluster) // 2], cluster[len(cluster) // 2 :]
        risk_left, risk_right = _cluster_variance(cov, left), _cluster_variance(cov, right)
        share = 1 - risk_left / (risk_left + risk_right)
        weights[left] *= share
        weights[right] *= 1 - share
        halves += [left, right]
    return weights


def _leaf_order(rho: Floats) -> list[int]:
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    distance = np.sqrt(np.clip((1 - rho) / 2, 0.0, None))
    np.fill_diagonal(distance, 0.0)
    clusters = [[leaf] for leaf in range(len(rho))]
    for left, right in linkage(squareform(distance, checks=False), method="single")[:, :2].astype(int).tolist():
        clusters.append(clusters[left] + clusters[right])
    return clusters[-1]


def _cluster_variance(cov: Floats, cluster: list[int]) -> float:
    """Return the variance of a cluster held at inverse-variance weights."""
    if len(cluster) == 1:
        return max(float(cov[cluster[0], cluster[0]]), 1e-300)
    part = cov[np.ix_(cluster, cluster)]
    inverse = 1 / np.diag(part)
    weights = inverse / inverse.sum()
    return max(float(weights @ part @ weights), 1e-300)
