"""The regime speaks when it changes, with two reasons, and nothing that comes later changes what it said."""

import math

import numpy as np

from engine.domain.alerts import Regime
from engine.domain.units import Ms
from engine.signals.regime import SAMPLE_MS, RegimeFilter, RegimeReading, RegimeSample, sample_of


def samples(seed: int, count: int) -> list[RegimeSample]:
    """A calm market with a crisis of four days every forty."""
    rng = np.random.default_rng(seed)
    found = []
    for k in range(count):
        crisis = k % 240 >= 216
        noise = rng.normal(size=3) * 0.05
        found.append(
            RegimeSample(
                correlation=(1.3 if crisis else 0.8) + noise[0],
                breadth=float(np.clip((0.9 if crisis else 0.1) + noise[1], 0, 1)),
                absorption=(0.85 if crisis else 0.65) + noise[2] / 3,
            )
        )
    return found


def run(given: list[RegimeSample]) -> tuple[RegimeFilter, list[tuple[int, RegimeReading]]]:
    regime, changes = RegimeFilter(), []
    for k, sample in enumerate(given):
        if regime.take(Ms(k * SAMPLE_MS), sample):
            changes.append((k, regime.reading))
    return regime, changes


def test_a_crisis_is_named_and_its_end_too() -> None:
    _, changes = run(samples(0, 720))
    assert [reading.regime for _, reading in changes] == [Regime.STRESS, Regime.CALM] * 2 + [Regime.STRESS]
    at, first = changes[0]
    assert 216 <= at <= 225
    assert first.probability >= 0.8
    assert len(first.reasons) == 2
    assert any("in calm" in reason for reason in first.reasons)


def test_before_thirty_days_nothing_is_said() -> None:
    regime, changes = run(samples(0, 179))
    assert (changes, regime.reading.regime) == ([], Regime.UNKNOWN)
    assert math.isnan(regime.reading.probability)


def test_truncating_the_future_changes_nothing() -> None:
    whole = samples(1, 720)
    _, everything = run(whole)
    for cut in (230, 400, 500, 719):
        assert run(whole[:cut])[1] == [change for change in everything if change[0] < cut]


def test_a_restart_knows_which_regime_was_told() -> None:
    regime, _ = run(samples(0, 225))
    other, _ = run(samples(0, 225))
    other.idle()
    assert other.reading.regime is Regime.UNKNOWN
    other.restore(Regime.STRESS)
    following = samples(0, 240)[225:]
    for k, sample in enumerate(following, start=225):
        assert regime.take(Ms(k * SAMPLE_MS), sample) == other.take(Ms(k * SAMPLE_MS), sample)


def test_a_sample_counts_only_what_is_judged() -> None:
    now = np.full((4, 4), 0.5) + 0.5 * np.eye(4)
    now[3, :3] = now[:3, 3] = -0.9
    judged = np.array([True, True, True, False])
    found = sample_of(now, judged, np.array([True, False, False, True]))
    assert found.correlation == np.arctanh(0.5)
    assert found.breadth == 1 / 3
    nobody = np.zeros(4, dtype=np.bool_)
    assert math.isnan(sample_of(now, nobody, nobody).breadth)
    assert np.isnan(sample_of(now, nobody, nobody).values()).all()
