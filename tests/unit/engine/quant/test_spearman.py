"""Spearman against pandas: ties, gaps, flat columns."""

import numpy as np
import pandas as pd
import pytest

from engine.quant.arrays import Floats
from engine.quant.spearman import spearman


def returns(seed: int, *, gaps: float, ties: bool) -> Floats:
    rng = np.random.default_rng(seed)
    values: Floats = rng.standard_t(3, size=(300, 5)) + rng.standard_t(3, size=(300, 1))
    if ties:
        values = np.round(values, 0)
    values[rng.random(values.shape) < gaps] = np.nan
    return values


@pytest.mark.parametrize("gaps", [0.0, 0.05, 0.4])
@pytest.mark.parametrize("ties", [False, True])
def test_it_is_what_pandas_says(gaps: float, ties: bool) -> None:
    values = returns(4, gaps=gaps, ties=ties)
    values[:250, 4] = np.nan
    found = spearman(values, 200)
    expected = pd.DataFrame(values).corr(method="spearman", min_periods=200).to_numpy()
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert np.isnan(found[4]).all()


def test_a_flat_asset_is_undefined_on_the_diagonal_too() -> None:
    values = returns(5, gaps=0.0, ties=False)
    values[:, 2] = 0.0
    found = spearman(values, 100)
    assert np.isnan(found[2]).all()
    assert np.isnan(found[:, 2]).all()
    assert found[0, 0] == 1.0
