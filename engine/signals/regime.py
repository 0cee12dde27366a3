"""Owns the regime signal: calm or stress, a probability, and the two strongest reasons in words.

Samples every four hours on closed bars; once a UTC day it learns anew from its trailing ninety days, never from what
comes after. A gauge for the eye and for later sizing: it never rings and drafts nothing.
"""

import math
from collections import deque
from dataclasses import dataclass

import numpy as np

from engine.domain.alerts import Regime
from engine.domain.units import DAY_MS, HOUR_MS, Ms
from engine.quant.arrays import Flags, Floats
from engine.quant.regime import RegimeParameters, absorption_ratio, filtered, learn, log_odds, mean_fisher

SAMPLE_MS = 4 * HOUR_MS
LEARNED_FROM_DAYS = 90
BREADTH_BARS = 24
_ENTER, _LEAVE = 0.8, 0.2
_MOST_SAMPLES = LEARNED_FROM_DAYS * (DAY_MS // SAMPLE_MS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeSample:
    """What one closed bar says: mean Fisher correlation, share of assets that broke out in a day, absorption ratio."""

    correlation: float
    breadth: float
    absorption: float

    def values(self) -> Floats:
        """Return the features [3] as the filter takes them; a share is spread out at its ends."""
        spread = math.asin(math.sqrt(self.breadth)) if 0 <= self.breadth <= 1 else math.nan
        return np.array([self.correlation, spread, self.absorption])


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeReading:
    """Where the filter stands; `probability` is that of stress, NaN while nothing is learned."""

    regime: Regime
    probability: float
    reasons: tuple[str, ...]


UNKNOWN = RegimeReading(regime=Regime.UNKNOWN, probability=math.nan, reasons=())


def sample_of(now: Floats, judged: Flags, hot_today: Flags) -> RegimeSample:
    """Return the sample of one bar: `now` [N, N] winsorized and unsigned, over the assets that are `judged` [N].

    Judged are those with a usual hour (a month of bars), not only those of ninety days: a freshly loaded history
    would otherwise teach nothing for its first three months. `hot_today` [N] broke out at least once in 24 bars.
    """
    count = int(np.count_nonzero(judged))
    breadth = int(np.count_nonzero(hot_today & judged)) / count if count else math.nan
    rho = now[np.ix_(judged, judged)]
    return RegimeSample(correlation=mean_fisher(rho), breadth=breadth, absorption=absorption_ratio(rho))


class RegimeFilter:
    """The filter and what it learned from; the same samples in the same order always give the same readings."""

    def __init__(self) -> None:
        self._samples: deque[tuple[Ms, Floats]] = deque(maxlen=_MOST_SAMPLES)
        self._fitted: RegimeParameters | None = None
        self._learned_on = -1
        self._probability = math.nan
        self.reading = UNKNOWN

    def idle(self) -> None:
        """Forget which regime was said, keep what was learned."""
        self.reading = RegimeReading(regime=Regime.UNKNOWN, probability=self._probability, reasons=())

    def restore(self, regime: Regime) -> None:
        """Take over the regime that the journal says was told last."""
        self.reading = RegimeReading(regime=regime, probability=self.reading.probability, reasons=self.reading.reasons)

    def take(self, at: Ms, sample: RegimeSample) -> bool:
        """Take in the sample of the bars closed by `at`; return True where the regime changed.

        The first regime that is known counts as a change only where it is stress.
        """
        if self._samples and at <= self._samples[-1][0]:
            return self._settle(sample)  # known from the warm-up: only what is told can change
        values = sample.values()
        day = at // DAY_MS
        if day != self._learned_on:
            self._learned_on = day
            self._fitted = self._learned(at)
        self._samples.append((at, values))
        if self._fitted is not None:
            self._probability = filtered(self._fitted, self._probability, values)
        return self._settle(sample)

    def _settle(self, sample: RegimeSample) -> bool:
        if self._fitted is None:
            return False
        was = self.reading.regime
        regime = _settled(was, self._probability)
        reasons = _reasons(self._fitted, sample, stress=regime is Regime.STRESS)
        self.reading = RegimeReading(regime=regime, probability=self._probability, reasons=reasons)
        return regime is not was and not (was is Regime.UNKNOWN and regime is Regime.CALM)

    def _learned(self, at: Ms) -> RegimeParameters | None:
        """Return the parameters of the samples of the ninety days before `at`."""
        since = at - LEARNED_FROM_DAYS * DAY_MS
        rows = [values for taken, values in self._samples if taken >= since]
        return learn(np.array(rows)) if rows else None


def _settled(was: Regime, probability: float) -> Regime:
    """Return the regime with hysteresis."""
    if probability >= _ENTER:
        return Regime.STRESS
    if probability <= _LEAVE or was is Regime.UNKNOWN:
        return Regime.CALM
    return was


def _reasons(fitted: RegimeParameters, sample: RegimeSample, *, stress: bool) -> tuple[str, ...]:
    """Return the two features that speak most for the regime, each against what is usual in calm."""
    odds = log_odds(fitted, sample.values())
    order = np.argsort(-odds if stress else odds)[:2]
    calm = fitted.calm_mean
    said = (
        f"mean correlation {math.tanh(sample.correlation):.2f}, in calm {math.tanh(float(calm[0])):.2f}",
        f"{sample.breadth:.0%} of assets broke out within a day, in calm {math.sin(float(calm[1])) ** 2:.0%}",
        f"the strongest factors carry {sample.absorption:.0%} of the variance, in calm {float(calm[2]):.0%}",
    )
    return tuple(said[k] for k in order if not math.isnan(sample.values()[k]))
