"""Owns turning stored closes into market state: one batch step, then the last month bar by bar for the course.

Pure and slow (a second or two for a large book): the runtime runs it off the loop and hands the result to the core.
What the signals have not judged yet is left over as a tail: the core commits it bar by bar, as if it had just come.
"""

from dataclasses import dataclass

import numpy as np

from engine.core.baskets import COURSE_BARS, BasketTrack, DriftSnapshot, drift_snapshot
from engine.core.live_readings import LiveReader
from engine.core.past_course import PastCourse
from engine.core.regime_history import learn_silently
from engine.domain.config import Config
from engine.domain.units import Asset, BasketName, Ms
from engine.market.correlation_state import CorrelationState
from engine.market.doorkeeper import REMEMBERED_SLOTS
from engine.quant.arrays import Floats
from engine.quant.regime_correlation import RegimeCorrelation
from engine.signals.cadence import missed_check
from engine.signals.regime import RegimeFilter

__all__ = ["Floats", "History", "Known", "prepare_history"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the signals knew when the history was asked for: the last check, the last judged instant, the fast cycle."""

    last_check: Ms | None = None
    judged_until: Ms | None = None
    fast_until: Ms | None = None


NOTHING = Known()


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Market state built from stored bars, and the `tail` of closes [K, N] that the signals have yet to judge.

    `made_up` is the one check that was missed, None where none was; of the tail's bars before it only volatility is
    judged. `regime` has learned from all of it in silence, `calm_and_stress` holds its bars by regime.
    """

    correlation: CorrelationState
    tracks: dict[BasketName, BasketTrack]
    reader: LiveReader
    regime: RegimeFilter
    calm_and_stress: RegimeCorrelation
    tail_open: Ms
    tail: Floats
    made_up: Ms | None
    recent: Floats  # the newest closes [<= 72, N], for the door-keeper
    end: Ms
    bars: int
    short: tuple[tuple[Asset, float], ...]  # assets that are shown but not used, with their days of history


def new_tracks(config: Config) -> dict[BasketName, BasketTrack]:
    """Return one track per configured basket, empty."""
    index = {asset: row for row, asset in enumerate(config.symbols)}
    return {basket.name: BasketTrack(basket, index) for basket in config.baskets}


def prepare_history(config: Config, first_open: Ms, closes: Floats, *, known: Known = NOTHING) -> History:
    """Return the state after the closes [T, N] of consecutive slots from `first_open` on; NaN = no bar."""
    rules = config.rules
    end = Ms(first_open + len(closes) * rules.bar_ms)
    made_up = missed_check(known.last_check, end, rules, known.fast_until)
    judged = end if made_up is None else Ms(made_up - rules.fast_hold_ms)
    if known.judged_until is not None:
        judged = max(judged, known.judged_until) if made_up is not None else known.judged_until
    kept = int(np.clip((judged - first_open) // rules.bar_ms, 0, len(closes)))
    correlation = CorrelationState(tuple(config.symbols), rules)
    tracks, reader = new_tracks(config), LiveReader(config)
    _follow(config, first_open, closes[:kept], correlation, tracks, reader)
    samples, win = reader.past_samples(first_open, closes[:kept])
    regime = RegimeFilter()
    whole = correlation
    if kept < len(closes):
        whole = CorrelationState(tuple(config.symbols), rules)
        whole.warm_up(first_open, closes)
    days, used = whole.history_days(), whole.used()
    return History(
        correlation=correlation,
        tracks=tracks,
        reader=reader,
        regime=regime,
        calm_and_stress=learn_silently(regime, samples, win, first_open=first_open, bar_ms=rules.bar_ms),
        tail_open=Ms(first_open + kept * rules.bar_ms),
        tail=closes[kept:].copy(),
        made_up=made_up,
        recent=closes[-REMEMBERED_SLOTS:].copy(),
        end=end,
        bars=int(np.count_nonzero(~np.isnan(closes))),
        short=tuple((a, float(d)) for a, d, ok in zip(config.symbols, days, used, strict=True) if not ok),
    )


def _follow(
    config: Config,
    first_open: Ms,
    closes: Floats,
    correlation: CorrelationState,
    tracks: dict[BasketName, BasketTrack],
    reader: LiveReader,
) -> None:
    """Bring the states up to the closes: most of it in one batch, the last month bar by bar for the course."""
    batch = max(0, len(closes) - COURSE_BARS)
    correlation.warm_up(first_open, closes[:batch])
    if reader.portfolio is not None:
        reader.portfolio.warm_up(first_open, closes[:batch])
    course = PastCourse(tuple(tracks.values()))
    for row in range(batch, len(closes) - 1):
        snapshot = _take_row(config, Ms(first_open + row * config.rules.bar_ms), closes[row], correlation, reader)
        course.add(snapshot)
    for row in range(max(batch, len(closes) - 1), len(closes)):
        append_row(config, Ms(first_open + row * config.rules.bar_ms), closes[row], correlation, tracks, reader)


def append_row(
    config: Config,
    open_ms: Ms,
    closes: Floats,
    correlation: CorrelationState,
    tracks: dict[BasketName, BasketTrack],
    reader: LiveReader,
) -> None:
    """Add one slot's closes [N] to every state and let each basket read it."""
    snapshot = _take_row(config, open_ms, closes, correlation, reader)
    for track in tracks.values():
        track.read(snapshot)


def _take_row(
    config: Config, open_ms: Ms, closes: Floats, correlation: CorrelationState, reader: LiveReader
) -> DriftSnapshot:
    correlation.append(open_ms, closes)
    if reader.portfolio is not None:
        reader.portfolio.append(open_ms, closes)
    return drift_snapshot(correlation, config.rules)
