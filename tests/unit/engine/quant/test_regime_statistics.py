"""The regime filter finds two states that are there, stays in doubt where none is, and learns from the past alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.quant.regime import LEAST_SAMPLES, absorption_ratio, filtered, learn, log_odds, mean_fisher
from engine.quant.regime_correlation import RegimeCorrelation
from support.quant_oracles import Floats, exact_pearson, fat_returns, worst_difference

CALM, STRESS = np.array([0.8, 0.2, 0.6]), np.array([1.4, 1.0, 0.85])


def _samples(stressed: int, seed: int = 0) -> Floats:
    rng = np.random.default_rng(seed)
    rows = CALM + rng.normal(size=(540, 3)) * 0.08
    rows[:stressed] += STRESS - CALM
    return rows


def test_two_regimes_that_exist_are_found() -> None:
    fitted = learn(_samples(80))
    assert fitted is not None
    assert fitted.calm_mean == pytest.approx(CALM, abs=0.05)
    assert fitted.stress_mean == pytest.approx(STRESS, abs=0.1)
    probability = float("nan")
    for _ in range(6):
        probability = filtered(fitted, probability, STRESS)
    assert probability > 0.95
    for _ in range(12):
        probability = filtered(fitted, probability, CALM)
    assert probability < 0.1


def test_a_history_without_stress_calls_an_ordinary_day_calm() -> None:
    fitted = learn(_samples(0))
    assert fitted is not None
    assert (fitted.stress_mean >= fitted.calm_mean + 1.9 * fitted.calm_sd).all()
    probability = float("nan")
    for row in _samples(0, seed=1)[:100]:
        probability = filtered(fitted, probability, row)
    assert probability < 0.2


def test_too_little_history_teaches_nothing_and_undefined_rows_do_not_count() -> None:
    rows = _samples(40)[: LEAST_SAMPLES + 10]
    assert learn(rows) is not None
    rows[:11, 1] = np.nan
    assert learn(rows) is None


@given(values=st.lists(st.floats(-3, 3), min_size=3, max_size=3), before=st.floats(0, 1))
def test_a_probability_stays_one_and_an_undefined_feature_says_nothing(values: list[float], before: float) -> None:
    fitted = learn(_samples(80))
    assert fitted is not None
    assert 0 < filtered(fitted, before, np.array(values)) < 1
    assert log_odds(fitted, np.array([np.nan, np.nan, np.nan])).tolist() == [0, 0, 0]
    assert (log_odds(fitted, CALM - 5) == log_odds(fitted, fitted.calm_mean)).all()


def test_absorption_and_mean_fisher_of_known_matrices() -> None:
    rho = np.full((5, 5), 0.5) + 0.5 * np.eye(5)
    assert absorption_ratio(rho) == pytest.approx((1 + 4 * 0.5) / 5)
    assert mean_fisher(rho) == pytest.approx(np.arctanh(0.5))
    rho[2, :] = rho[:, 2] = np.nan
    assert absorption_ratio(rho) == pytest.approx((1 + 3 * 0.5) / 4)
    assert np.isnan(absorption_ratio(np.full((4, 4), np.nan)))
    assert np.isnan(mean_fisher(np.full((4, 4), np.nan)))


def test_correlation_per_regime_is_that_of_its_own_bars() -> None:
    rows = fat_returns(np.random.default_rng(2), 500, 3, missing=0.02)
    stress = np.arange(500) % 3 == 0
    at_once, one_by_one = RegimeCorrelation(3), RegimeCorrelation(3)
    at_once.load(rows[:300], stress[:300])
    for row, is_stress in zip(rows[300:], stress[300:], strict=True):
        at_once.add(row, stress=bool(is_stress))
    for row, is_stress in zip(rows, stress, strict=True):
        one_by_one.add(row, stress=bool(is_stress))
    for wanted in (False, True):
        rho, counts = at_once.matrix(stress=wanted)
        assert worst_difference(rho, exact_pearson(rows[stress == wanted], 72)) < 1e-12
        assert worst_difference(rho, one_by_one.matrix(stress=wanted)[0]) < 1e-12
        assert counts[0, 0] == np.count_nonzero(~np.isnan(rows[stress == wanted, 0]))
    empty, _ = RegimeCorrelation(2).matrix(stress=True)
    assert np.isnan(empty).all()
