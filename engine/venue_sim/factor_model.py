"""Owns the random model of one market day: market, themes and each asset's own noise, minute by minute.

A day is a pure function of (seed, day, volatility state at its start, influence of the timeline). Hourly returns have
Student-t tails (one chi-square mix per factor and hour over Gaussian minutes), volatility clusters (a slow common
log-volatility times one per asset), and the day has its busy hours. Levels and candles are made by `simulated`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.domain.units import DAY_MS, Ms
from engine.venue_sim.catalog import SimAsset
from engine.venue_sim.episode import DECOUPLED, FloatArray
from engine.venue_sim.influence import DAY_MINUTES, Influence

SmallArray = NDArray[np.float32]

_STREAM = 0xDA75
_MARKET_DF, _THEME_DF, _OWN_DF = 8.0, 8.0, 7.0
_COMMON_SD, _COMMON_HOURS = 0.20, 30.0  # log-volatility of everything, hours of memory
_OWN_SD, _OWN_HOURS = 0.12, 48.0


@dataclass(frozen=True, slots=True, kw_only=True)
class VolState:
    """Log-volatility at the start of a day: one for everything, one per asset."""

    common: float
    own: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Loadings:
    """The catalog as arrays: per asset the hourly sd of each part, the crash scale, and what it belongs to."""

    market: FloatArray
    theme: FloatArray
    own: FloatArray
    crash: FloatArray
    turnover: FloatArray
    theme_index: NDArray[np.intp]
    leads: NDArray[np.bool_]
    decouples: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """Minute log returns [1440, N], their sd [1440, N], hourly quote turnover [24, N], and the state after the day."""

    returns: FloatArray
    sigma: FloatArray
    turnover: FloatArray
    after: VolState


def loadings(catalog: tuple[SimAsset, ...]) -> Loadings:
    """Return the catalog's arrays, in its order."""
    themes = sorted({item.theme for item in catalog})
    vol = np.array([item.vol for item in catalog])
    market = np.array([item.market for item in catalog])
    theme = np.array([item.theme_share for item in catalog])
    return Loadings(
        market=vol * np.sqrt(market),
        theme=vol * np.sqrt(theme),
        own=vol * np.sqrt(1.0 - market - theme),
        crash=np.array([item.crash for item in catalog]),
        turnover=np.array([item.turnover for item in catalog]) / 24.0,
        theme_index=np.array([themes.index(item.theme) for item in catalog], dtype=np.intp),
        leads=np.array([item.asset == "BTC" for item in catalog]),
        decouples=np.array([item.asset == DECOUPLED for item in catalog]),
    )


def still(load: Loadings) -> VolState:
    """Return the state before the first day."""
    return VolState(common=0.0, own=np.zeros(len(load.own)))


def simulate_day(load: Loadings, seed: int, day: Ms, before: VolState, push: Influence) -> Day:
    """Return the minutes of the UTC day that begins at `day`."""
    assets, themes = len(load.own), int(load.theme_index.max()) + 1
    rng = np.random.default_rng([seed, _STREAM, day // DAY_MS])
    common, own_vol, after = _volatility(rng, before)
    market_mix = _mix(rng, _MARKET_DF, (24, 1))
    theme_mix = _mix(rng, _THEME_DF, (24, themes))
    own_mix = _mix(rng, _OWN_DF, (24, assets))
    busy = np.exp(0.35 * rng.standard_normal((24, assets)))
    z_market = rng.standard_normal((DAY_MINUTES, 1), dtype=np.float32)
    z_theme = rng.standard_normal((DAY_MINUTES, themes), dtype=np.float32)
    z_own = rng.standard_normal((DAY_MINUTES, assets), dtype=np.float32)

    level = common * _time_of_day() / np.sqrt(60.0)
    sd_market = _minutes(level * market_mix) * push.market[:, None] * load.market
    sd_theme = _minutes(level * theme_mix)[:, load.theme_index] * push.theme[:, None] * load.theme
    sd_own = _minutes(level * own_mix * own_vol) * push.idio[:, None] * load.own
    stays = 1.0 - push.alone[:, None] * load.decouples
    # A decoupled asset trades its share of the factors for noise of its own, and then some: news is its own.
    lone = np.sqrt(1.0 - stays**2) * np.hypot(load.market, load.theme) * _minutes(level)
    sd_own = np.sqrt(sd_own**2 + (1.5 * lone) ** 2)

    crash = np.where(load.leads, push.leader[:, None], push.follower[:, None]) * load.crash
    returns = stays * (sd_market * z_market + sd_theme * z_theme[:, load.theme_index] + crash) + sd_own * z_own
    sigma = np.sqrt(stays**2 * (sd_market**2 + sd_theme**2) + sd_own**2)
    heat = (push.market * push.idio)[::60][:, None]
    return Day(returns=returns, sigma=sigma, turnover=load.turnover * busy * common**1.5 * heat**2, after=after)


def _volatility(rng: np.random.Generator, before: VolState) -> tuple[FloatArray, FloatArray, VolState]:
    """Return the volatility multipliers of the 24 hours, [24, 1] and [24, N], and the state after them."""
    common_draws = rng.standard_normal(24)
    own_draws = rng.standard_normal((24, len(before.own)))
    keep_common, keep_own = np.exp(-1.0 / _COMMON_HOURS), np.exp(-1.0 / _OWN_HOURS)
    step_common = _COMMON_SD * np.sqrt(1.0 - keep_common**2)
    step_own = _OWN_SD * np.sqrt(1.0 - keep_own**2)
    common, own = before.common, before.own
    commons, owns = np.empty((24, 1)), np.empty((24, len(own)))
    for hour in range(24):
        common = float(keep_common * common + step_common * common_draws[hour])
        own = keep_own * own + step_own * own_draws[hour]
        commons[hour, 0], owns[hour] = common, own
    # E[exp(2v)] = exp(2 sd^2): taken off, so that the catalog's vol is the root mean square.
    scaled = np.exp(commons - _COMMON_SD**2), np.exp(owns - _OWN_SD**2)
    return *scaled, VolState(common=common, own=own)


def _mix(rng: np.random.Generator, df: float, shape: tuple[int, int]) -> FloatArray:
    """Return per-hour scales that make Gaussian minutes sum to Student-t hours of unit variance."""
    return np.sqrt((df - 2.0) / rng.chisquare(df, shape))


def _minutes(hourly: FloatArray) -> FloatArray:
    return np.repeat(hourly, 60, axis=0)


def _time_of_day() -> FloatArray:
    """Return the busy and quiet hours of the day, [24, 1], mean square one."""
    shape = 1.0 + 0.22 * np.cos((np.arange(24) - 15.0) * np.pi / 12.0)
    return np.asarray(shape / np.sqrt(np.mean(shape**2)))[:, None]
