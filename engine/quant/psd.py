"""Owns the repair of a correlation matrix that is not positive semidefinite (gaps, raised cells).

The blend R' = (1 - l) R + l T towards the constant-correlation matrix T stays positive semidefinite from the smallest
l on and keeps the diagonal at 1; overwriting single cells would not. Results go to the risk figures.
"""

import numpy as np

from engine.quant.arrays import Floats
from engine.quant.correlation import pairs_of

TOLERANCE = 1e-10  # a smallest eigenvalue above -TOLERANCE counts as not negative
_STEPS = 60


def smallest_eigenvalue(rho: Floats) -> float:
    """Return the smallest eigenvalue of the symmetric `rho` [N, N]. Raises ValueError where a cell is NaN."""
    if np.isnan(rho).any():
        raise ValueError("an undefined correlation has no eigenvalues: leave the asset out first")
    return float(np.linalg.eigvalsh(rho)[0])


def constant_correlation(rho: Floats) -> Floats:
    """Return T [N, N]: 1 on the diagonal, the mean pair correlation of `rho` elsewhere, lifted to -1 / (N - 1)."""
    size = len(rho)
    target = np.full_like(rho, max(float(pairs_of(rho).mean()), -1 / (size - 1)) if size > 1 else 1.0)
    np.fill_diagonal(target, 1.0)
    return target


def blend_to_psd(rho: Floats) -> Floats:
    """Return `rho` [N, N] unchanged where it is positive semidefinite, else its blend with the smallest l that is.

    Errors: ValueError where a cell is NaN. Source: DESIGN 6 / FACTS 1 (blend towards a PSD target stays PSD).

    >>> broken = np.array([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]])
    >>> smallest_eigenvalue(broken) < 0 <= smallest_eigenvalue(blend_to_psd(broken)) + TOLERANCE
    True
    """
    if smallest_eigenvalue(rho) >= -TOLERANCE:
        return rho
    target = constant_correlation(rho)
    low, high = 0.0, 1.0  # the blend is broken at `low`, sound at `high`; the smallest eigenvalue is concave in l
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if smallest_eigenvalue(_blend(rho, target, middle)) >= -TOLERANCE:
            high = middle
        else:
            low = middle
    return _blend(rho, target, high)


def _blend(rho: Floats, target: Floats, share: float) -> Floats:
    blended: Floats = (1 - share) * rho + share * target
    return blended
