"""Owns turning stored closes into market state: states, courses and the regime's learning, in batches over all bars.

Pure and slow (a second for a large book): the runtime runs it off the loop and hands the result to the core.
What the signals have not judged yet is left over as a tail: the core commits it bar by bar, as if it had just come.
"""

import math
from dataclasses import dataclass

import numpy as np

from engine.core.baskets import BasketTrack, drift_snapshot
from engine.core.live_readings import LiveReader
from engine.core.past_course import fill_courses
from engine.core.regime_history import learn_silently
from engine.domain.config import Config
from engine.domain.units import DAY_MS, Asset, BasketName, Ms
from engine.market.correlation_state import CorrelationState
from engine.market.doorkeeper import REMEMBERED_SLOTS
from engine.market.return_streams import LIVE
from engine.market.usage import used_history
from engine.quant.arrays import Flags, Floats
from engine.quant.regime_correlation import RegimeCorrelation
from engine.quant.returns import log_returns
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
    present = ~np.isnan(closes)
    used = used_history(present, log_returns(closes), DAY_MS // rules.bar_ms)
    correlation = CorrelationState(tuple(config.symbols), rules)
    tracks, reader = new_tracks(config), LiveReader(config)
    _follow(config, first_open, closes[:kept], used[:kept], correlation, tracks, reader)
    samples, win = reader.past_samples(correlation)
    regime, held_from = RegimeFilter(), correlation.first_open or first_open
    return History(
        correlation=correlation,
        tracks=tracks,
        reader=reader,
        regime=regime,
        calm_and_stress=learn_silently(regime, samples, win, first_open=held_from, bar_ms=rules.bar_ms),
        tail_open=Ms(first_open + kept * rules.bar_ms),
        tail=closes[kept:].copy(),
        made_up=made_up,
        recent=closes[-REMEMBERED_SLOTS:].copy(),
        end=end,
        bars=int(np.count_nonzero(present)),
        short=_short(config, present, used),
    )


def _short(config: Config, present: Flags, used: Flags) -> tuple[tuple[Asset, float], ...]:
    """Return the assets that do not count with the last bar closed, and the days since the first bar of each."""
    if len(used) == 0:
        return tuple((asset, math.nan) for asset in config.symbols)
    slots = np.where(present.any(axis=0), len(present) - present.argmax(axis=0), np.nan)
    days = (slots * (config.rules.bar_ms / DAY_MS)).tolist()
    return tuple((asset, d) for asset, d, counts in zip(config.symbols, days, used[-1], strict=True) if not counts)


def _follow(
    config: Config,
    first_open: Ms,
    closes: Floats,
    used: Flags,
    correlation: CorrelationState,
    tracks: dict[BasketName, BasketTrack],
    reader: LiveReader,
) -> None:
    """Bring the states and the courses up to the closes in one batch; each basket reads the last bar itself."""
    correlation.warm_up(first_open, closes)
    if reader.portfolio is not None:
        reader.portfolio.warm_up(first_open, closes)
    if len(closes):
        before = {kind: correlation.returns(kind, len(closes))[:-1] for kind in LIVE}
        fill_courses(tuple(tracks.values()), before, used[:-1], config.rules)
        _read(config, correlation, tracks)


def append_row(
    config: Config,
    open_ms: Ms,
    closes: Floats,
    correlation: CorrelationState,
    tracks: dict[BasketName, BasketTrack],
    reader: LiveReader,
) -> None:
    """Add one slot's closes [N] to every state and let each basket read it."""
    correlation.append(open_ms, closes)
    if reader.portfolio is not None:
        reader.portfolio.append(open_ms, closes)
    _read(config, correlation, tracks)


def _read(config: Config, correlation: CorrelationState, tracks: dict[BasketName, BasketTrack]) -> None:
    snapshot = drift_snapshot(correlation, config.rules)
    for track in tracks.values():
        track.read(snapshot)
