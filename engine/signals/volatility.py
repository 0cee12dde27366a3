"""Owns VOL: which assets break out of their usual hour, how broad that is, and how long the fast cycle holds.

Pure: sizes in, breakouts out; a state and breakouts in, a state and a turn out. Never times a check: cadence does.
Reads closed bars, and in the fast cycle the rolling hour where somebody has finer prices.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from engine.domain.config import RulesConfig
from engine.domain.units import Asset, Ms
from engine.quant.arrays import Flags, Floats

LEAST_ASSETS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakouts:
    """The assets whose last hour went past mean + k sd of the 720 before, and the largest of them in sd.

    `breadth` is their share of the `judged`: the watched assets that have a usual hour at all.
    """

    hot: tuple[Asset, ...]
    judged: int
    breadth: float
    peak_sigma: float


NONE = Breakouts(hot=(), judged=0, breadth=0.0, peak_sigma=0.0)


class VolTurn(StrEnum):
    """What one look changed."""

    NONE = "none"
    ROSE = "rose"
    HELD = "held"
    FELL = "fell"


@dataclass(frozen=True, slots=True, kw_only=True)
class VolState:
    """The fast cycle: since when, until when, and the most that was seen; `until` is None where it is off."""

    since: Ms | None = None
    until: Ms | None = None
    breadth: float = 0.0
    peak_sigma: float = 0.0
    assets: tuple[Asset, ...] = ()

    def on(self, at: Ms) -> bool:
        """Return True while the fast cycle holds: half open, the instant `until` is not part of it."""
        return self.until is not None and at < self.until


QUIET = VolState()


def breakouts(assets: tuple[Asset, ...], returns: Floats, mean: Floats, sd: Floats, *, sigma: float) -> Breakouts:
    """Return who broke out: abs(r) > mean + sigma * sd, all [N]; NaN never breaks out. Source: CALIBRATION, "VOL"."""
    judged = int(np.count_nonzero(~np.isnan(mean)))
    return breakouts_of(assets, np.abs(returns) > mean + sigma * sd, returns, mean, sd, judged=judged)


def breakouts_of(
    assets: tuple[Asset, ...], past: Flags, returns: Floats, mean: Floats, sd: Floats, *, judged: int
) -> Breakouts:
    """Return the same where it is known who is `past` the limit [N], and how many are judged."""
    places = np.flatnonzero(past).tolist()
    if not places:
        return replace(NONE, judged=judged)
    beyond = [(abs(returns.item(k)) - mean.item(k)) / sd.item(k) for k in places if sd.item(k) > 0]
    return Breakouts(
        hot=tuple([assets[k] for k in places]),
        judged=judged,
        breadth=len(places) / judged,
        peak_sigma=max(beyond, default=float("inf")),
    )


def breadth_in(found: Breakouts, assets: Collection[Asset]) -> float:
    """Return the share of a basket's assets that broke out."""
    return len(set(found.hot) & set(assets)) / len(assets)


def take(state: VolState, rules: RulesConfig, found: Breakouts, at: Ms) -> tuple[VolState, VolTurn]:
    """Take in one look at `at`: start, extend or end the fast cycle."""
    broad = found.breadth >= rules.fast_breadth and len(found.hot) >= LEAST_ASSETS
    if broad:
        held = state.until is not None and at <= state.until  # one that comes as the hold ends goes on with it
        seen = state if held else VolState(since=at)
        return extended(seen, Ms(at + rules.fast_hold_ms), found), VolTurn.HELD if held else VolTurn.ROSE
    if state.until is not None and not state.on(at):
        return QUIET, VolTurn.FELL
    return state, VolTurn.NONE


def extended(state: VolState, until: Ms, found: Breakouts) -> VolState:
    """Return the state that holds until `until` and remembers the most that was seen."""
    fresh = tuple(asset for asset in found.hot if asset not in state.assets)
    return replace(
        state,
        until=until,
        breadth=max(state.breadth, found.breadth),
        peak_sigma=max(state.peak_sigma, found.peak_sigma),
        assets=state.assets + fresh,
    )
