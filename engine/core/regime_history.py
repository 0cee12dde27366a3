"""Owns the regime's past: the samples of a whole history at once, and what the filter learns from them in silence.

Live warm-up and lab alike; the same numbers that the running engine measures every four hours, tested equal.
"""

from collections.abc import Mapping

import numpy as np

from engine.domain.alerts import Regime
from engine.domain.units import Ms
from engine.quant.arrays import Flags, Floats
from engine.quant.now_history import now_matrices
from engine.quant.regime_correlation import RegimeCorrelation
from engine.quant.rolling import rolling_sums
from engine.signals.regime import BREADTH_BARS, SAMPLE_MS, RegimeFilter, RegimeSample, sample_of


def sample_rows(first_open: Ms, bar_ms: int, rows: int) -> list[int]:
    """Return the rows whose close is an instant of the regime's grid."""
    return [row for row in range(rows) if (first_open + (row + 1) * bar_ms) % SAMPLE_MS == 0]


def regime_samples(
    rows: list[int], win: Floats, *, hot: Flags, judged: Flags, halflife_bars: float
) -> dict[int, RegimeSample]:
    """Return the sample of each of `rows`; arrays [T, N]: winsorized returns, who broke out, who is judged."""
    today = rolling_sums(hot.T.astype(np.float64), BREADTH_BARS).T > 0.5
    matrices = now_matrices(win, [row + 1 for row in rows], halflife_bars)
    return {row: sample_of(now, judged[row], today[row]) for row, now in zip(rows, matrices, strict=True)}


def learn_silently(
    regime: RegimeFilter, samples: Mapping[int, RegimeSample], win: Floats, *, first_open: Ms, bar_ms: int
) -> RegimeCorrelation:
    """Feed the filter with history and return the correlation per regime of its bars; nothing is said.

    A bar belongs to the regime that was known when it closed; bars from before the first are left out.
    """
    stress = np.zeros(len(win), dtype=np.bool_)
    known = np.zeros(len(win), dtype=np.bool_)
    regime.idle()
    for row in range(len(win)):
        if row in samples:
            regime.take(Ms(first_open + (row + 1) * bar_ms), samples[row])
        known[row] = regime.reading.regime is not Regime.UNKNOWN
        stress[row] = regime.reading.regime is Regime.STRESS
    regime.idle()
    kept = RegimeCorrelation(win.shape[1])
    kept.load(win[known], stress[known])
    return kept
