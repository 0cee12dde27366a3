"""Owns the shape of one episode: what a cascade, an overnight crash or a decoupling adds to the calm market.

An episode is a pure function of (kind, seed, start): minute arrays counted from its start. It never looks at the
calm path; the factor model adds the two. The recovery after the main part brings prices slowly back, so that a
demo that stays open all day does not end at zero.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.domain.units import HOUR_MS, Asset, Ms
from engine.venue_sim.scenario import LENGTH_HOURS, RECOVERY_HOURS, Phase

FloatArray = NDArray[np.float64]

_STREAM = 0xE915  # keeps the draws of episodes apart from those of days
_FOLLOW_MINUTES = 40  # alts follow BTC in an overnight crash
DECOUPLED = Asset("SOL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """Minute arrays of one episode, all of the same length (main part, then recovery).

    `leader` and `follower` are log returns of the crash factor for BTC and for everything else; the multipliers scale
    the calm factors; `alone` is the share (0..1) of a decoupled asset's factor moves that is replaced by its own.
    """

    leader: FloatArray
    follower: FloatArray
    market: FloatArray
    theme: FloatArray
    idio: FloatArray
    alone: FloatArray


@lru_cache(maxsize=8)
def episode(kind: Phase, seed: int, start: Ms) -> Episode:
    """Return the episode of `kind` that starts at `start`; a calm phase has none (ValueError)."""
    minutes = (LENGTH_HOURS[kind] + RECOVERY_HOURS[kind]) * 60
    rng = np.random.default_rng([seed, _STREAM, start // HOUR_MS, start % HOUR_MS])
    if kind is Phase.CASCADE:
        return _cascade(rng, minutes)
    if kind is Phase.OVERNIGHT:
        return _overnight(rng, minutes)
    if kind is Phase.DECOUPLE:
        return _decouple(minutes)
    raise ValueError(f"the phase {kind} has no episode")


def _noise(rng: np.random.Generator, minutes: int, hourly_vol: FloatArray) -> FloatArray:
    """Return minute returns with the hourly sd of each hour; within blocks of six hours they sum to about zero."""
    z: FloatArray = rng.standard_normal(minutes) * np.repeat(hourly_vol, 60)[:minutes] / np.sqrt(60.0)
    block = 6 * 60
    whole = minutes // block * block
    shaped = z[:whole].reshape(-1, block)
    # The fall is decided by the drift; wandering further than the draws of six hours would make it a lottery.
    z[:whole] = (shaped - 0.9 * shaped.mean(axis=1, keepdims=True)).ravel()
    return z


def _fall(minutes: int, *, depth: float, over_hours: float, half_hours: float) -> FloatArray:
    """Return minute returns that sum to log(1 - depth), fastest at the start, done after `over_hours`."""
    t = np.arange(minutes + 1) / 60.0
    done = -np.expm1(-np.log(2.0) * np.minimum(t, over_hours) / half_hours)
    return np.asarray(np.diff(np.log1p(-depth) * done / done[-1]))


def _recovery(minutes: int, start: int, total: float) -> FloatArray:
    drift = np.zeros(minutes)
    drift[start:] = total / max(minutes - start, 1)
    return drift


def _cascade(rng: np.random.Generator, minutes: int) -> Episode:
    main = LENGTH_HOURS[Phase.CASCADE] * 60
    hours = np.arange(minutes // 60)
    # Volatility jumps at once, stays for the fall, and halves every ten hours after it.
    vol = 0.029 * np.where(hours < 18, 1.0, 0.5 ** ((hours - 18) / 10.0))
    vol[hours >= main // 60] = 0.0
    depth = rng.uniform(0.25, 0.29)
    path = _fall(minutes, depth=depth, over_hours=16.0, half_hours=4.5)
    path += _noise(rng, minutes, vol) + _recovery(minutes, main, -np.log1p(-depth))
    heat = np.repeat(vol / vol[0], 60)
    return Episode(
        leader=path,
        follower=path,
        market=np.ones(minutes),
        theme=1.0 - 0.2 * heat,
        idio=1.0 - 0.45 * heat,
        alone=np.zeros(minutes),
    )


def _overnight(rng: np.random.Generator, minutes: int) -> Episode:
    main = LENGTH_HOURS[Phase.OVERNIGHT] * 60
    hours = np.arange(minutes // 60)
    shape = np.where(hours < 6, 1.0, 0.5 ** ((hours - 6) / 4.0))
    shape[hours >= main // 60] = 0.0
    noise = _noise(rng, minutes, shape)
    lead = _fall(minutes, depth=0.08, over_hours=5.0, half_hours=2.0) + 0.007 * noise
    follow = _fall(minutes, depth=0.40, over_hours=6.0 - _FOLLOW_MINUTES / 60, half_hours=2.5) + 0.03 * noise
    follow = np.concatenate((np.zeros(_FOLLOW_MINUTES), follow[:-_FOLLOW_MINUTES]))
    heat = np.repeat(shape, 60)
    return Episode(
        leader=lead + _recovery(minutes, main, -np.log1p(-0.08)),
        follower=follow + _recovery(minutes, main, -np.log1p(-0.40)),
        market=1.0 + 0.2 * heat,
        theme=1.0 + 0.2 * heat,
        idio=1.0 + 0.4 * heat,
        alone=np.zeros(minutes),
    )


def _decouple(minutes: int) -> Episode:
    still, ones = np.zeros(minutes), np.ones(minutes)
    return Episode(leader=still, follower=still, market=ones, theme=ones, idio=ones, alone=0.95 * ones)
